// The replica's workers: pure work off the driver's thread. Opens peers' frames and clients'
// submissions; answers peers that are behind.
//
//   urgent     consensus messages and small words: a thread of their own, and the others first
//   batches    frames with batches
//   submit     clients' submissions
//   serve      answers from the ledger: last, so that catching-up members hardly slow live ones
//
// None of them starves: of 16 pieces that a general thread takes, one is an answer, two are
// submissions and four are batches, if there are any. Bounded by those who add: bytes of frames per
// peer, reservations of submissions, answers per peer.
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

  // `general` threads for everything, and one more for urgent work alone.
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
  void run(bool urgent_only);
  // The queue from which the `turn`-th piece of a thread comes; null if all are empty.
  std::deque<Work>* choose(std::size_t turn, bool urgent_only);

  std::mutex mutex_;
  std::condition_variable urgent_;
  std::condition_variable any_;
  std::array<std::deque<Work>, kKinds> queues_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace sanad::node
