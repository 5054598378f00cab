#include "node/replica/workers.h"

namespace sanad::node {
namespace {

// Whose turn it is first; otherwise, and for all other turns, in order of urgency.
WorkKind favoured(std::size_t turn) {
  if (turn % 16 == 15) return WorkKind::kServe;
  if (turn % 8 == 3) return WorkKind::kSubmission;
  if (turn % 4 == 1) return WorkKind::kBatch;
  return WorkKind::kUrgent;
}

}  // namespace

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

std::deque<Workers::Work>* Workers::choose(std::size_t turn, bool urgent_only) {
  if (!urgent_only) {
    auto& first = queues_[static_cast<std::size_t>(favoured(turn))];
    if (!first.empty()) return &first;
  }
  for (std::size_t kind = 0; kind < (urgent_only ? 1 : kKinds); ++kind) {
    if (!queues_[kind].empty()) return &queues_[kind];
  }
  return nullptr;
}

void Workers::run(bool urgent_only) {
  consensus::SignatureCache cache;
  std::size_t turn = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    if (stopped_) return;
    std::deque<Work>* ready = choose(turn, urgent_only);
    if (ready == nullptr) {
      (urgent_only ? urgent_ : any_).wait(lock);
      continue;
    }
    ++turn;
    Work work = std::move(ready->front());
    ready->pop_front();
    lock.unlock();
    work(cache);
    work = nullptr;
    lock.lock();
  }
}

}  // namespace sanad::node
