// Jittered exponential waits between attempts. Pure: the seed is an argument.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <random>

namespace sanad::network {

// Not thread-safe.
class Backoff {
 public:
  // REQUIRES: 0 < first_ms ≤ max_ms.
  Backoff(std::uint64_t first_ms, std::uint64_t max_ms, std::uint64_t seed)
      : first_ms_(first_ms), max_ms_(max_ms), step_ms_(first_ms), random_(seed) {
    assert(first_ms > 0 && first_ms <= max_ms);
  }

  // The next wait: 50–100 % of a step that doubles each time, from first_ms up to max_ms.
  std::uint64_t next_ms() {
    const std::uint64_t least = (step_ms_ + 1) / 2;
    const std::uint64_t wait = least + random_() % (step_ms_ - least + 1);
    step_ms_ = step_ms_ > max_ms_ / 2 ? max_ms_ : step_ms_ * 2;
    return wait;
  }
  void reset() { step_ms_ = first_ms_; }

 private:
  std::uint64_t first_ms_;
  std::uint64_t max_ms_;
  std::uint64_t step_ms_;
  std::mt19937_64 random_;
};

}  // namespace sanad::network
