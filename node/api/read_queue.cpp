#include "node/api/read_queue.h"

namespace sanad::node {

ReadQueue::ReadQueue() : thread_([this] { run(); }) {}
ReadQueue::~ReadQueue() { stop(); }

bool ReadQueue::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || waiting_.size() >= kWaitingMax) return false;
    waiting_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

void ReadQueue::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void ReadQueue::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
    if (stopped_) return;
    auto work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace sanad::node
