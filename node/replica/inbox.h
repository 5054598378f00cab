// A queue between two threads of a replica, bounded in items and in bytes.
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
  Inbox(std::size_t items_max, std::size_t bytes_max)
      : items_max_(items_max), bytes_max_(bytes_max) {}

  // Waits for room; an item larger than the queue finds it once the queue is empty. False: closed,
  // the item is dropped.
  bool push(T item, std::size_t bytes) {
    std::unique_lock lock(mutex_);
    not_full_.wait(lock, [this, bytes] { return closed_ || has_room(bytes); });
    return put(std::move(item), bytes);
  }
  // Never waits: for the few producers whose items are bounded elsewhere.
  bool push_over(T item) {
    const std::lock_guard lock(mutex_);
    return put(std::move(item), 0);
  }
  // The same for several, which are taken together if there is room in one take().
  void push_all_over(std::vector<T> items) {
    const std::lock_guard lock(mutex_);
    for (T& item : items) put(std::move(item), 0);
  }
  // Up to `max` items: as soon as there is one, or none at the deadline or when closed.
  std::vector<T> take(std::size_t max, std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    not_empty_.wait_until(lock, deadline, [this] { return closed_ || !items_.empty(); });
    std::vector<T> taken;
    if (closed_) return taken;
    while (!items_.empty() && taken.size() < max) {
      taken.push_back(std::move(items_.front().item));
      bytes_ -= items_.front().bytes;
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
  struct Entry {
    T item;
    std::size_t bytes = 0;
  };
  [[nodiscard]] bool has_room(std::size_t bytes) const {
    return items_.size() < items_max_ &&
           (bytes_ == 0 || (bytes_ <= bytes_max_ && bytes <= bytes_max_ - bytes_));
  }
  bool put(T item, std::size_t bytes) {
    if (closed_) return false;
    items_.push_back({std::move(item), bytes});
    bytes_ += bytes;
    not_empty_.notify_one();
    return true;
  }

  std::size_t items_max_;
  std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::condition_variable not_empty_;
  std::condition_variable not_full_;
  std::deque<Entry> items_;
  std::size_t bytes_ = 0;
  bool closed_ = false;
};

}  // namespace sanad::node
