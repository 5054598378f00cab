// Waiting for what other threads do: on a condition, with a generous deadline, never for a time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace sanad::tests {

inline constexpr std::chrono::seconds kDeadline{20};

// True as soon as `condition` holds; false if it does not within kDeadline. The condition is asked
// again and again: it must be cheap and thread-safe.
inline bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  std::mutex mutex;
  std::condition_variable never;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::unique_lock lock(mutex);
    never.wait_for(lock, std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace sanad::tests
