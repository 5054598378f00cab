#include "node/ledger/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace sanad::node {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78;  // 0x1EDC6F41 with its bits reversed

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0);
    table[byte] = value;
  }
  return table;
}
constexpr auto kTable = make_table();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(crypto::ByteView bytes,
                                                             std::uint32_t before) {
  std::uint64_t value = ~before;
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, 8);
    value = _mm_crc32_u64(value, word);
  }
  auto rest = static_cast<std::uint32_t>(value);
  for (; at < bytes.size(); ++at) rest = _mm_crc32_u8(rest, bytes[at]);
  return ~rest;
}
#endif

}  // namespace

std::uint32_t crc32c_portable(crypto::ByteView bytes, std::uint32_t before) {
  std::uint32_t value = ~before;
  for (const std::uint8_t byte : bytes) value = (value >> 8) ^ kTable[(value ^ byte) & 0xFF];
  return ~value;
}

std::uint32_t crc32c(crypto::ByteView bytes, std::uint32_t before) {
#if defined(__x86_64__)
  static const bool has_sse42 = __builtin_cpu_supports("sse4.2") != 0;
  if (has_sse42) return crc32c_sse42(bytes, before);
#endif
  return crc32c_portable(bytes, before);
}

}  // namespace sanad::node
