// A bounded queue between two threads of a replica.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

namespace sanad::node {

// Thread-safe. After close() nothing more goes in or comes out.
template <class T>
class Inbox {
 public:
  explicit Inbox(std::size_t limit) : limit_(limit) {}

  // Waits for room. False: closed, the item is dropped.
  bool push(T item) {
    std::unique_lock lock(mutex_);
    not_full_.wait(lock, [this] { return closed_ || items_.size() < limit_; });
    return put(std::move(item));
  }
  // Never waits: for the few producers whose items are bounded elsewhere.
  bool push_over(T item) {
    const std::lock_guard lock(mutex_);
    return put(std::move(item));
  }
  // Up to `max` items: as soon as there is one, or none at the deadline or when closed.
  std::vector<T> take(std::size_t max, std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    not_empty_.wait_until(lock, deadline, [this] { return closed_ || !items_.empty(); });
    std::vector<T> taken;
    if (closed_) return taken;
    while (!items_.empty() && taken.size() < max) {
      taken.push_back(std::move(items_.front()));
      items_.pop_front();
    }
    not_full_.notify_all();
    return taken;
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    not_full_.notify_all();
    not_empty_.notify_all();
  }
  [[nodiscard]] bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

 private:
  bool put(T item) {
    if (closed_) return false;
    items_.push_back(std::move(item));
    not_empty_.notify_one();
    return true;
  }

  std::size_t limit_;
  mutable std::mutex mutex_;
  std::condition_variable not_empty_;
  std::condition_variable not_full_;
  std::deque<T> items_;
  bool closed_ = false;
};

}  // namespace sanad::node
