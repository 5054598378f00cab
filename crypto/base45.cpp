#include "crypto/base45.h"

namespace sanad::crypto {
namespace {

constexpr std::string_view kAlphabet45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

// Least significant digit first: three for two bytes, two for a last byte alone.
void append_digits(std::string& text, unsigned value, int digits) {
  for (int i = 0; i < digits; ++i, value /= 45) text.push_back(kAlphabet45[value % 45]);
}

}  // namespace

std::string to_base45(ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() * 3 + 1) / 2);
  std::size_t i = 0;
  for (; i + 1 < bytes.size(); i += 2) append_digits(text, bytes[i] * 256U + bytes[i + 1], 3);
  if (i < bytes.size()) append_digits(text, bytes[i], 2);
  return text;
}

Result<Bytes> from_base45(std::string_view text) {
  if (text.size() % 3 == 1) return Error{Errc::kBadText, "base45: its length"};
  Bytes bytes;
  bytes.reserve(text.size() * 2 / 3);
  while (!text.empty()) {
    const std::string_view group = text.substr(0, 3);
    unsigned value = 0;
    unsigned weight = 1;
    for (const char c : group) {
      const std::size_t digit = kAlphabet45.find(c);
      if (digit == std::string_view::npos) return Error{Errc::kBadText, "base45: a character"};
      value += static_cast<unsigned>(digit) * weight;
      weight *= 45;
    }
    if (value > (group.size() == 3 ? 0xFFFFU : 0xFFU)) {
      return Error{Errc::kBadText, "base45: a group over its range"};
    }
    if (group.size() == 3) bytes.push_back(static_cast<std::uint8_t>(value / 256));
    bytes.push_back(static_cast<std::uint8_t>(value % 256));
    text.remove_prefix(group.size());
  }
  return bytes;
}

}  // namespace sanad::crypto
