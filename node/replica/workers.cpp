#include "node/replica/workers.h"

namespace sanad::node {

Workers::Workers(unsigned general) {
  threads_.emplace_back([this] { run(true); });
  for (unsigned i = 0; i < general; ++i) {
    threads_.emplace_back([this] { run(false); });
  }
}

Workers::~Workers() { stop(); }

void Workers::add(WorkKind kind, Work work) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  queues_[static_cast<std::size_t>(kind)].push_back(std::move(work));
  if (kind == WorkKind::kUrgent) urgent_.notify_one();
  any_.notify_one();
}

void Workers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    urgent_.notify_all();
    any_.notify_all();
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  // Dropped work may hold callbacks; they go without the lock.
  for (auto& queue : queues_) queue.clear();
}

void Workers::run(bool urgent_only) {
  consensus::SignatureCache cache;
  const std::size_t kinds = urgent_only ? 1 : kKinds;
  std::unique_lock lock(mutex_);
  while (true) {
    std::deque<Work>* ready = nullptr;
    for (std::size_t kind = 0; kind < kinds && ready == nullptr; ++kind) {
      if (!queues_[kind].empty()) ready = &queues_[kind];
    }
    if (stopped_) return;
    if (ready == nullptr) {
      (urgent_only ? urgent_ : any_).wait(lock);
      continue;
    }
    Work work = std::move(ready->front());
    ready->pop_front();
    lock.unlock();
    work(cache);
    work = nullptr;
    lock.lock();
  }
}

}  // namespace sanad::node
