// The simulator's only source of chance: everything in a run follows from its seed.
#pragma once

#include <cassert>
#include <cstdint>

#include "crypto/bytes.h"

namespace sanad::simulation {

// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  // In [0, bound). REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound) {
    assert(bound > 0);
    return next() % bound;
  }
  // In [low, high].
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + below(high - low + 1);
  }
  bool chance(std::uint64_t per_mille) { return below(1000) < per_mille; }

 private:
  std::uint64_t state_;
};

inline crypto::Hash random_hash(Random& random) {
  crypto::Hash hash;
  for (auto& byte : hash.bytes) byte = static_cast<std::uint8_t>(random.next());
  return hash;
}

}  // namespace sanad::simulation
