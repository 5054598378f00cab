#include "crypto/bytes.h"

namespace sanad::crypto {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void append_be(Bytes& out, std::uint64_t value, int byte_count) {
  for (int shift = 8 * (byte_count - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

std::uint64_t read_be(ByteView bytes, std::size_t byte_count) {
  assert(bytes.size() >= byte_count);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < byte_count; ++i) value = value << 8 | bytes[i];
  return value;
}

int base64_digit(char c) {
  const auto at = kBase64Digits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

void append_u16be(Bytes& out, std::uint16_t value) { append_be(out, value, 2); }
void append_u32be(Bytes& out, std::uint32_t value) { append_be(out, value, 4); }
void append_u64be(Bytes& out, std::uint64_t value) { append_be(out, value, 8); }
std::uint32_t read_u32be(ByteView bytes) { return static_cast<std::uint32_t>(read_be(bytes, 4)); }
std::uint64_t read_u64be(ByteView bytes) { return read_be(bytes, 8); }

std::string to_hex(ByteView bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text.push_back(kHexDigits[byte >> 4]);
    text.push_back(kHexDigits[byte & 15]);
  }
  return text;
}

Result<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return Error{Errc::kBadText, "hex with an odd number of digits"};
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = kHexDigits.find(text[i]);
    const auto low = kHexDigits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) {
      return Error{Errc::kBadText, "not a lower-case hex digit at " + std::to_string(i)};
    }
    bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return bytes;
}

std::string to_base64(ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) group = group << 8 | (j < count ? bytes[i + j] : 0U);
    for (std::size_t j = 0; j < 4; ++j) {
      text.push_back(j <= count ? kBase64Digits[group >> (18 - 6 * j) & 63] : '=');
    }
  }
  return text;
}

Result<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return Error{Errc::kBadText, "base64 whose length is not 4n"};
  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    const std::size_t padding = !last ? 0 : text[i + 2] == '=' ? 2 : text[i + 3] == '=' ? 1 : 0;
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const int digit = j < 4 - padding ? base64_digit(text[i + j]) : text[i + j] == '=' ? 0 : -1;
      if (digit < 0) return Error{Errc::kBadText, "not base64 at " + std::to_string(i + j)};
      group = group << 6 | static_cast<std::uint32_t>(digit);
    }
    for (std::size_t j = 0; j < 3 - padding; ++j) {
      bytes.push_back(static_cast<std::uint8_t>(group >> (16 - 8 * j)));
    }
    const std::uint32_t unused = padding == 2 ? group & 0xFFFF : padding == 1 ? group & 0xFF : 0;
    if (unused != 0) return Error{Errc::kBadText, "base64 with bits after its end"};
  }
  return bytes;
}

}  // namespace sanad::crypto
