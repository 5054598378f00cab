// What a replica counts, as plain numbers; node/metrics names them for Prometheus.
#pragma once

#include <cstdint>
#include <vector>

#include "network/result.h"

namespace sanad::node {

// A distribution in few numbers: count, sum and the largest, in microseconds.
struct Duration {
  std::uint64_t count = 0;
  std::uint64_t sum_us = 0;
  std::uint64_t max_us = 0;

  void add(std::uint64_t us) {
    ++count;
    sum_us += us;
    if (us > max_us) max_us = us;
  }
};

// Totals since start unless said. A snapshot; fields may be a turn apart.
struct ReplicaCounters {
  // consensus
  std::uint64_t view = 0;             // now
  bool leads = false;                 // now: this member is the leader of `view`
  std::uint64_t view_timeout_ms = 0;  // now: T'
  std::uint64_t nullified_views = 0;
  std::uint64_t finalized_height = 0;  // now
  std::uint64_t turns = 0;
  std::uint64_t evidence = 0;
  std::uint64_t censorship_alarms = 0;
  // messages
  std::uint64_t sends_refused = 0;  // the link's queue was full or down
  // by the member that sent them
  std::vector<network::ReasonCounts> frames_invalid;  // undecodable, forged or out of limits (C4)
  std::vector<network::ReasonCounts> frames_useless;  // early, late or known: honest ones do it too
  std::vector<std::uint64_t> batches_unasked;         // of other authors, and not asked for
  std::vector<std::uint64_t> batches_refused;         // its own, over its bounds (B1)
  std::vector<std::uint64_t> checkpoints_differing;   // cosignatures of another result than ours
  // journal
  std::uint64_t journal_bytes = 0;
  std::uint64_t journal_segments = 0;  // now
  Duration journal_sync;
  // batches
  std::uint64_t batches_made = 0;
  std::uint64_t batches_received = 0;
  std::uint64_t batches_held = 0;      // now
  std::uint64_t batch_bytes_held = 0;  // now
  std::uint64_t batches_requested = 0;
  std::uint64_t batches_late = 0;         // asked for, and come when another member had answered
  std::uint64_t submissions_waiting = 0;  // now: admitted and not yet packed
  std::uint64_t submissions_admitted = 0;
  std::uint64_t submissions_refused = 0;
  std::uint64_t submissions_busy = 0;
  // execution
  std::uint64_t committed_height = 0;  // now
  std::uint64_t blocks_committed = 0;
  std::uint64_t statements_executed = 0;
  std::uint64_t execution_queue = 0;  // now, blocks
  std::uint64_t accusations_recorded = 0;
  Duration execute;             // contracts
  Duration commit;              // ledger
  Duration admission_to_final;  // of submissions admitted here
  // checkpoints and catch-up
  std::uint64_t checkpoint_height = 0;  // now
  std::uint64_t blocks_synced = 0;
  std::uint64_t sync_requests = 0;
  std::uint64_t sync_served = 0;
};

}  // namespace sanad::node
