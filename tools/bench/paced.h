// An open loop: declarations fall due at a fixed rate, whether earlier ones are final or not, and
// each is timed from when it fell due. A network that stalls is charged for all that had to wait.
#pragma once

#include <atomic>
#include <optional>

#include "tools/importers/input.h"
#include "tools/member.h"
#include "tools/node_client.h"

namespace sanad::tools {

struct PacedPlan {
  std::uint64_t per_s = 500;   // declarations, all members together
  std::uint64_t seconds = 30;  // for how long they fall due
  std::size_t batch = 1;       // declarations in one submission
  std::size_t in_flight = 64;  // submissions of one member on their way at once
  std::filesystem::path log;   // a line of JSON for each submission that became final; empty: none
  Patience patience{.total_ms = 600'000, .pause_ms = 20, .pause_max_ms = 200};
};

struct PacedReport {
  std::uint64_t declared = 0;  // final
  std::uint64_t expired = 0;   // their ten minutes passed before any block took them
  std::uint64_t elapsed_ms = 0;
  std::vector<std::uint64_t> latencies_us;  // one a submission: due to final, sorted
  std::uint64_t longest_gap_us = 0;         // between two answers "final", of any members
};

// Runs all members at once and returns when everything that fell due is final. Nothing more falls
// due once `ending` is set. A line of the log:
//   {"member":"KW","submission":"<id>","due_us":…,"sent_us":…,"final_us":…,"height":…,
//    "statements":[["accepted",<record>],…]}
// with times of the machine's monotonic clock. The first error of a member ends the run.
crypto::Result<PacedReport> run_paced(const NetworkFolder& network, Input& input,
                                      const PacedPlan& plan, const std::atomic<bool>& ending);

}  // namespace sanad::tools
