// Bytes and numbers that look random and are the same in every run (SplitMix64 from a seed).
#pragma once

#include <cstdint>

#include "crypto/bytes.h"

namespace sanad::crypto::tests {

class Seeded {
 public:
  explicit Seeded(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return z ^ z >> 31;
  }
  // Below `bound`, at least 1.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(next()); }
  Bytes bytes(std::size_t count) {
    Bytes out(count);
    for (auto& value : out) value = byte();
    return out;
  }
  template <class Value>
  Value fixed() {
    Value value;
    for (auto& each : value.bytes) each = byte();
    return value;
  }
  // The bytes with one change: a bit flipped, a byte put in, taken out or doubled, or the end cut
  // off.
  Bytes mutated(Bytes bytes) {
    if (bytes.empty()) return {byte()};
    const auto at = static_cast<std::ptrdiff_t>(below(bytes.size()));
    switch (below(5)) {
      case 0:
        bytes[static_cast<std::size_t>(at)] ^= static_cast<std::uint8_t>(1U << below(8));
        break;
      case 1:
        bytes.insert(bytes.begin() + at, byte());
        break;
      case 2:
        bytes.erase(bytes.begin() + at);
        break;
      case 3:
        bytes[static_cast<std::size_t>(at)] = byte();
        break;
      default:
        bytes.resize(static_cast<std::size_t>(at));
    }
    return bytes;
  }

 private:
  std::uint64_t state_;
};

}  // namespace sanad::crypto::tests
