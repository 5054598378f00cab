#include "node/replica/workers.h"

#include <sys/resource.h>
#include <unistd.h>

namespace sanad::node {
namespace {

constexpr int kServeNice = 10;

// Whose turn it is first; otherwise, and for all other turns, in order of urgency.
WorkKind favoured(std::size_t turn) {
  if (turn % 8 == 3) return WorkKind::kSubmission;
  if (turn % 4 == 1) return WorkKind::kBatch;
  return WorkKind::kUrgent;
}

}  // namespace

Workers::Workers(unsigned general) {
  threads_.emplace_back([this] { run(Role::kUrgent); });
  for (unsigned i = 0; i < general; ++i) {
    threads_.emplace_back([this] { run(Role::kGeneral); });
  }
  threads_.emplace_back([this] {
    // Of this thread alone; where it is not granted, answers only cost the live ones more.
    static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kServeNice));
    run(Role::kServe);
  });
}

Workers::~Workers() { stop(); }

void Workers::add(WorkKind kind, Work work) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  queue(kind).push_back(std::move(work));
  if (kind == WorkKind::kUrgent) added(Role::kUrgent).notify_one();
  added(kind == WorkKind::kServe ? Role::kServe : Role::kGeneral).notify_one();
}

void Workers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    for (std::condition_variable& each : added_) each.notify_all();
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  // Dropped work may hold callbacks; they go without the lock.
  for (auto& queue : queues_) queue.clear();
}

std::deque<Workers::Work>* Workers::choose(std::size_t turn, Role role) {
  const auto unless_empty = [this](WorkKind kind) {
    return queue(kind).empty() ? nullptr : &queue(kind);
  };
  if (role == Role::kServe) return unless_empty(WorkKind::kServe);
  if (role == Role::kUrgent) return unless_empty(WorkKind::kUrgent);
  for (const WorkKind kind :
       {favoured(turn), WorkKind::kUrgent, WorkKind::kBatch, WorkKind::kSubmission}) {
    if (auto* found = unless_empty(kind)) return found;
  }
  return nullptr;
}

void Workers::run(Role role) {
  consensus::SignatureCache cache;
  std::size_t turn = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    if (stopped_) return;
    std::deque<Work>* ready = choose(turn, role);
    if (ready == nullptr) {
      added(role).wait(lock);
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
