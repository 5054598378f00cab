// One thread for the API's reads, so that no disk is waited for on the I/O thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace sanad::node {

// Thread-safe. At most kWaitingMax pieces of work wait.
class ReadQueue {
 public:
  static constexpr std::size_t kWaitingMax = 256;

  ReadQueue();
  // stop().
  ~ReadQueue();
  ReadQueue(const ReadQueue&) = delete;
  ReadQueue& operator=(const ReadQueue&) = delete;

  // False when the queue is full or stopped; `work` then never runs.
  [[nodiscard]] bool post(std::function<void()> work);
  // Finishes the piece that runs, drops the rest. Idempotent.
  void stop();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace sanad::node
