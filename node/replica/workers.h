// The replica's workers: pure work off the driver's thread. Opens peers' frames and clients'
// submissions; answers peers that are behind.
//
//   urgent     consensus messages and small words: a thread of their own, and the others first
//   batches    frames with batches
//   submit     clients' submissions
//   serve      answers from the ledger: a thread of their own with less of the processor (nice 10),
//              so that catching-up members hardly slow live ones
//
// None of them starves: of 8 pieces that a general thread takes, one is a submission and two are
// batches, if there are any. Bounded by those who add: bytes of frames per peer, reservations of
// submissions, answers per peer.
#pragma once

#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "consensus/verify.h"

namespace sanad::node {

enum class WorkKind : std::uint8_t { kUrgent, kBatch, kSubmission, kServe };

// Thread-safe.
class Workers {
 public:
  // Runs on a worker's thread, with the signatures that this thread has seen.
  using Work = std::function<void(consensus::SignatureCache&)>;

  // `general` threads for all but answers, one more for urgent work alone, and one for answers.
  explicit Workers(unsigned general);
  // stop().
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void add(WorkKind kind, Work work);
  // Waits for what runs; drops what waits. Idempotent.
  void stop();

 private:
  static constexpr std::size_t kKinds = 4;
  enum class Role : std::uint8_t { kUrgent, kGeneral, kServe };
  void run(Role role);
  // The queue from which the `turn`-th piece of a thread comes; null if all of its are empty.
  std::deque<Work>* choose(std::size_t turn, Role role);
  [[nodiscard]] std::condition_variable& added(Role role) {
    return added_[static_cast<std::size_t>(role)];
  }
  [[nodiscard]] std::deque<Work>& queue(WorkKind kind) {
    return queues_[static_cast<std::size_t>(kind)];
  }

  std::mutex mutex_;
  std::array<std::condition_variable, 3> added_;  // by role
  std::array<std::deque<Work>, kKinds> queues_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace sanad::node
