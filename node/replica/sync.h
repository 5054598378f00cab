// From "final" to "can be executed": fetches the batches that are missing, and hands finalised
// blocks over in order of height once all their batches are held.
//
// Which blocks are final the core finds out by itself (consensus/core.h); batches travel outside
// it. Those of blocks that are not final yet are asked of the members that the core names (B3);
// those of final blocks of everybody, since a member that has let them go serves them from its
// ledger. Outstanding requests are bounded in bytes per peer, so that a node that was away fills
// the links without flooding anybody; one that does not answer in time, or has not got it, is
// passed over.
//
// Deterministic, no clock, no I/O. Not thread-safe.
#pragma once

#include <deque>
#include <map>
#include <set>

#include "consensus/core.h"
#include "node/replica/batch_pool.h"
#include "node/replica/final_batches.h"
#include "node/replica/wire.h"

namespace sanad::node {

struct SyncLimits {
  std::uint64_t first_wait_ms = 20;  // an author's own copy may be on its way or being checked
  std::uint64_t answer_timeout_ms = 500;
  std::uint64_t retry_wait_ms = 100;                        // after everybody was asked in vain
  std::uint64_t room_wait_ms = 5;                           // while nobody has room for a request
  std::size_t peer_bytes_max = std::size_t{4} << 20;        // asked of one peer, unanswered
  std::size_t window_bytes_max = std::size_t{64} << 20;     // fetched for final blocks ahead
  std::size_t window_blocks_max = 32;                       // the same; one member for a block
  std::size_t executing_blocks_max = 64;                    // handed over, not yet committed
  std::size_t executing_bytes_max = std::size_t{64} << 20;  // the same
  std::uint64_t forget_after_ms = 5'000;                    // what the core does not ask for again
  std::size_t wanted_max = 8192;                            // batches asked for by the core
  std::size_t late_max = 16'384;  // batches whose request may still be answered
};

// A block with everything that executing it takes.
struct CandidateBlock {
  consensus::BlockHeader header;
  crypto::Hash hash;
  std::vector<BatchPtr> batches;  // in the header's order
};
struct FinalizedBlock : CandidateBlock {
  consensus::Certificate finalization;
};

class Sync {
 public:
  Sync(consensus::MemberIndex self, std::size_t members, std::uint64_t committed_height,
       SyncLimits limits = {});

  // ---- what is known of the others
  void link(consensus::MemberIndex peer, bool up);
  void claims(consensus::MemberIndex peer, std::uint64_t ledger_height);
  // The greatest ledger height that more than `faulty` other members claim: one of them is honest.
  [[nodiscard]] std::uint64_t credible_claim(std::size_t faulty) const;
  // Other members that have claimed any height since the start.
  [[nodiscard]] std::size_t heard() const;
  [[nodiscard]] bool is_up(consensus::MemberIndex peer) const { return peers_[peer].up; }

  // ---- what is wanted
  // The core misses a batch; the candidates are asked in order.
  void want(const consensus::BatchRef& ref, std::span<const consensus::MemberIndex> candidates,
            std::uint64_t now_ms);
  // Finalised blocks, parent first.
  void finalized(const consensus::Finalized& block, const BatchPool& pool, std::uint64_t now_ms);
  // True if this batch was asked for, or is in a final block.
  [[nodiscard]] bool wants(const crypto::Hash& digest) const { return wanted_.contains(digest); }
  // True if it was asked for lately and is wanted no more: an honest member may answer yet.
  [[nodiscard]] bool is_late(const crypto::Hash& digest) const { return late_.contains(digest); }
  // True if a final block names it, so that it need not be journalled.
  [[nodiscard]] bool is_final(const crypto::Hash& digest) const;
  void arrived(const crypto::Hash& digest);
  // It has not got them, or could not be asked.
  void missing_at(consensus::MemberIndex peer, std::span<const crypto::Hash> digests,
                  std::uint64_t now_ms);

  struct Request {
    consensus::MemberIndex to = 0;
    GetBatches ask;
  };
  // What to ask now. Call at next_due_ms() and after every input.
  std::vector<Request> due(std::uint64_t now_ms);
  [[nodiscard]] std::optional<std::uint64_t> next_due_ms() const;

  // ---- what can be executed
  // The next final block if its batches are held and the executor has room for it.
  [[nodiscard]] std::optional<FinalizedBlock> next_ready(const BatchPool& pool,
                                                         std::uint64_t now_ms);
  void committed(std::uint64_t height);
  [[nodiscard]] std::uint64_t final_height() const;
  // Those that are asked for and final; it lives as long as anybody holds it.
  [[nodiscard]] std::shared_ptr<const FinalBatches> final_batches() const { return final_batches_; }
  [[nodiscard]] std::size_t executing() const { return executing_.size(); }

 private:
  struct Peer {
    bool up = false;
    bool heard = false;
    std::uint64_t ledger_height = 0;
    std::size_t asked_bytes = 0;
  };
  struct Wanted {
    consensus::BatchRef ref;
    std::uint64_t height = 0;  // of the final block that names it; 0: none yet
    std::vector<consensus::MemberIndex> candidates;
    std::size_t next = 0;  // candidate
    std::uint64_t due_ms = 0;
    std::uint64_t wanted_ms = 0;  // when the core asked last
    std::optional<consensus::MemberIndex> asked;
    bool was_asked = false;  // of anybody
  };
  using WantedAt = std::map<crypto::Hash, Wanted>::iterator;
  std::vector<WantedAt> take_late(std::uint64_t now_ms);
  void open_window(const BatchPool& pool, std::uint64_t now_ms);
  [[nodiscard]] std::vector<consensus::MemberIndex> all_candidates(std::uint64_t height,
                                                                   std::uint64_t spread) const;
  void unask(Wanted& wanted);
  WantedAt forget(WantedAt at);
  [[nodiscard]] std::optional<consensus::MemberIndex> pick(Wanted& wanted, std::uint64_t now_ms);

  consensus::MemberIndex self_;
  SyncLimits limits_;
  std::vector<Peer> peers_;
  std::map<crypto::Hash, Wanted> wanted_;
  std::shared_ptr<FinalBatches> final_batches_ = std::make_shared<FinalBatches>();
  std::set<crypto::Hash> late_;
  std::deque<crypto::Hash> late_order_;     // the same, the newest last
  std::uint64_t handed_over_;               // height
  std::deque<consensus::Finalized> queue_;  // heights handed_over_ + 1 …
  std::size_t opened_ = 0;                  // blocks of queue_ whose batches are being fetched
  std::size_t opened_bytes_ = 0;
  std::set<crypto::Hash> closed_;  // batches of the other blocks of queue_
  std::uint64_t spread_ = 0;
  struct Executing {
    std::uint64_t height = 0;
    std::size_t bytes = 0;
  };
  std::deque<Executing> executing_;
  std::size_t executing_bytes_ = 0;
};

}  // namespace sanad::node
