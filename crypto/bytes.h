// Byte strings: views, owned buffers, fixed-size values that cannot be mixed up, and text forms.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/result.h"

namespace sanad::crypto {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

// N bytes with a meaning; two Tags never convert into each other.
template <class Tag, std::size_t N>
struct Fixed {
  static constexpr std::size_t kSize = N;
  std::array<std::uint8_t, N> bytes{};

  friend auto operator<=>(const Fixed&, const Fixed&) = default;
  [[nodiscard]] ByteView view() const { return bytes; }
  [[nodiscard]] bool is_zero() const { return *this == Fixed{}; }
  // Copies exactly N bytes; kWrongLength otherwise.
  static Result<Fixed> from(ByteView source);
  // Lower-case hex of exactly 2N characters; kBadText otherwise.
  static Result<Fixed> from_hex(std::string_view text);
  [[nodiscard]] std::string hex() const;
};

using Hash = Fixed<struct HashTag, 32>;
using Salt = Fixed<struct SaltTag, 16>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline void append(Bytes& out, ByteView more) { out.insert(out.end(), more.begin(), more.end()); }

// Big-endian integers, for the formats that ask for them.
void append_u16be(Bytes& out, std::uint16_t value);
void append_u32be(Bytes& out, std::uint32_t value);
void append_u64be(Bytes& out, std::uint64_t value);
// REQUIRES: at least 4 (8) bytes.
std::uint32_t read_u32be(ByteView bytes);
std::uint64_t read_u64be(ByteView bytes);

std::string to_hex(ByteView bytes);
// Lower-case digits only, an even number of them; kBadText otherwise.
Result<Bytes> from_hex(std::string_view text);
// RFC 4648 §4 with padding; decoding refuses anything but the one canonical form (kBadText).
std::string to_base64(ByteView bytes);
Result<Bytes> from_base64(std::string_view text);

template <class Tag, std::size_t N>
Result<Fixed<Tag, N>> Fixed<Tag, N>::from(ByteView source) {
  if (source.size() != N) {
    return Error{Errc::kWrongLength,
                 "expected " + std::to_string(N) + " bytes, got " + std::to_string(source.size())};
  }
  Fixed value;
  std::copy(source.begin(), source.end(), value.bytes.begin());
  return value;
}

template <class Tag, std::size_t N>
Result<Fixed<Tag, N>> Fixed<Tag, N>::from_hex(std::string_view text) {
  SANAD_TRY(const Bytes decoded, crypto::from_hex(text));
  return from(decoded);
}

template <class Tag, std::size_t N>
std::string Fixed<Tag, N>::hex() const {
  return to_hex(bytes);
}

}  // namespace sanad::crypto
