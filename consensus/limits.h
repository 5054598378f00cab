// Every bound and time of the protocol, with its unit. Defaults are those of docs/protocol.md.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sanad::consensus {

struct Limits {
  // Pace (W1, W2).
  std::uint64_t heartbeat_ms = 10'000;       // an empty block after this long without one
  std::uint64_t block_interval_min_ms = 10;  // between a parent and its child
  std::uint64_t status_interval_ms = 1'000;

  // Timeouts (T2, T3, L2). T = clamp(2 × p99 one-way delay, delay_min, delay_max).
  std::uint64_t delay_min_ms = 40;
  std::uint64_t delay_max_ms = 1'000;
  std::uint64_t delay_start_ms = 100;     // T until a delay was measured
  std::uint64_t timeout_max_ms = 20'000;  // T′ never exceeds it
  std::uint64_t skip_timeout_ms = 2'000;  // a leader silent for this long is skipped
  std::uint64_t resend_interval_min_ms = 250;
  std::uint64_t standstill_min_ms = 2'000;
  std::size_t resend_bytes_max = 128 * 1024;  // egress of one resend, to each member

  // Blocks (N4, B3, W2).
  std::uint64_t clock_ahead_max_ms = 500;
  std::size_t block_refs_max = 256;                // at most kBlockRefsMax
  std::uint64_t block_batch_bytes_max = 16 << 20;  // of its batches; at most kBlockBytesMax
  std::uint64_t author_pause_ms = 1'000;           // an author whose batches are missing elsewhere
  std::uint64_t checkpoint_lag_max = 64;           // blocks; above it proposals carry no batches

  // Admission (C2) and catch-up.
  std::uint64_t past_views_kept = 32;     // votes and certificates kept below the final view
  std::size_t requests_per_peer_max = 8;  // of ours, outstanding; one of them is for blocks alone
  std::size_t serves_per_peer_max = 64;   // of theirs, per status interval
  std::uint64_t request_timeout_min_ms = 250;
  std::uint64_t request_timeout_max_ms = 4'000;   // however often it was asked in vain
  std::uint64_t batch_request_interval_ms = 500;  // a batch still missing is asked for again
  std::size_t wanted_batches_max = 8'192;
  std::uint64_t catch_up_ahead_max = 256;  // finalised blocks not yet committed by the executor
  std::size_t ordered_remembered_max = 16'384;  // digests of finalised batches
};

}  // namespace sanad::consensus
