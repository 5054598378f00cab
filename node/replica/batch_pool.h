// The batches that this member holds, and those that it makes (B1–B4).
//
// Holds every batch from the moment it is checked until the block that orders it is committed. A
// batch is lost to nothing else: what a block may still reference is never dropped. Bounds are kept
// at the door instead: an author's batches may be at most kSequenceWindow ahead of its newest
// committed one and author_bytes_max together. A batch that was committed is not taken again: its
// author may send it once more (its own ledger is behind, or it was away), and nobody would ever
// order it.
//
// Deterministic, no clock, no I/O. Not thread-safe. The driver makes what it takes durable.
#pragma once

#include <deque>
#include <map>
#include <set>

#include "consensus/evidence.h"
#include "node/replica/batch.h"

namespace sanad::node {

inline constexpr std::uint64_t kSequenceWindow = 64;
inline constexpr std::size_t kCommittedRemembered = 16'384;  // as the core does

struct BatchPoolLimits {
  std::size_t batch_bytes_full = std::size_t{64} << 10;  // packed at once when this much waits
  std::uint64_t batch_wait_ms = 30;                      // otherwise so long after the last one
  // A receiver's view of what is committed may lag behind the author's by some blocks.
  std::uint64_t received_window = 4 * kSequenceWindow;
  std::size_t author_bytes_max = std::size_t{48} << 20;
  std::size_t conflicts_max = 16;  // kept as evidence
};

enum class Taken {
  kNew,       // to be made durable, then told to the core
  kHeld,      // had it
  kConflict,  // another batch has this author and sequence number: new, and evidence of a fault
              // (B4)
  kRefused,   // committed already, outside the window or over the author's bytes
};

class BatchPool {
 public:
  // `next_seq`: the first sequence number that this member never used.
  BatchPool(consensus::MemberIndex self, std::uint64_t next_seq, BatchPoolLimits limits = {});

  // ---- making batches
  // Queues an admitted submission; false if it already waits or is in a held batch of this member.
  bool admit(SubmissionPtr submission, std::uint64_t now_ms);
  // When pack() next has something: now, or later; nothing while nothing may be packed.
  [[nodiscard]] std::optional<std::uint64_t> pack_at_ms() const;
  // The submissions of the next batch, with its sequence number; empty before pack_at_ms(). Packed
  // at once while no own batch is on its way or there is a hurry, else when enough waits or the
  // last one was packed a while ago.
  struct Packed {
    std::uint64_t seq = 0;
    std::vector<SubmissionPtr> submissions;
  };
  [[nodiscard]] std::optional<Packed> pack(std::uint64_t now_ms);
  [[nodiscard]] std::uint64_t next_seq() const { return next_seq_; }
  // Batches that are ordered: this member's own may have been forgotten, and their numbers with
  // them (R3).
  void ordered(std::span<const consensus::BatchRef> refs);
  // Goes on above those that were on their way when this member forgot them (R3): a window of held
  // ones, above numbers that power cuts skipped (Driver::reserve_sequence).
  void skip_sequence() { next_seq_ += 2 * kSequenceWindow; }
  // What was admitted up to then is packed without waiting: a leader can use it soon.
  void hurry(std::uint64_t until_ms) { hurry_until_ms_ = std::max(hurry_until_ms_, until_ms); }

  // ---- holding batches
  // `wanted`: asked for by digest, so no window applies. `segment`: of the journal, where it will
  // be.
  Taken add(BatchPtr batch, bool wanted, std::uint64_t segment);
  [[nodiscard]] BatchPtr find(const crypto::Hash& digest) const;
  // The batch that `batch` conflicts with. REQUIRES: add() just said kConflict.
  [[nodiscard]] BatchPtr conflicting_with(const CheckedBatch& batch) const;
  // A committed block ordered these: they go, and are remembered.
  void committed(std::span<const consensus::BatchRef> refs);
  // True for the newest kCommittedRemembered batches of committed blocks.
  [[nodiscard]] bool was_committed(const crypto::Hash& digest) const {
    return committed_.contains(digest);
  }

  // ---- for the journal
  // The oldest segment that holds a batch that is still needed, or nothing.
  [[nodiscard]] std::optional<std::uint64_t> oldest_segment() const;
  // Held batches in segments below `below`, which are about to be written again into `to`: one at
  // least, and no more than `bytes_max` of them at once. None: there are none.
  std::vector<BatchPtr> move_segments(std::uint64_t below, std::uint64_t to, std::size_t bytes_max);
  // All held batches, by digest.
  [[nodiscard]] std::vector<BatchPtr> held() const;

  [[nodiscard]] std::size_t held_count() const { return held_.size(); }
  [[nodiscard]] std::size_t held_bytes() const { return held_bytes_; }
  [[nodiscard]] std::size_t waiting_count() const { return waiting_.size(); }

 private:
  struct Held {
    BatchPtr batch;
    std::uint64_t segment = 0;
  };
  struct Author {
    // Highest sequence number seen in a committed block; nothing since the start.
    std::optional<std::uint64_t> floor;
    std::size_t bytes = 0;
    std::multimap<std::uint64_t, crypto::Hash> by_seq;
  };
  [[nodiscard]] bool may_pack() const;
  void drop(const crypto::Hash& digest);

  consensus::MemberIndex self_;
  std::uint64_t next_seq_;
  BatchPoolLimits limits_;
  struct Waiting {
    SubmissionPtr submission;
    std::uint64_t since_ms = 0;
  };
  std::deque<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::uint64_t next_pack_ms_ = 0;
  std::uint64_t hurry_until_ms_ = 0;
  std::set<crypto::Hash> own_ids_;  // waiting or in a held batch of this member
  std::map<crypto::Hash, Held> held_;
  std::size_t held_bytes_ = 0;
  std::map<consensus::MemberIndex, Author> authors_;
  std::set<crypto::Hash> committed_;
  std::deque<crypto::Hash> committed_fifo_;
};

}  // namespace sanad::node
