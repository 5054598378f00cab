// What a run did, so that one in which nothing happened can be told from a good one.
#pragma once

#include <iosfwd>

#include "simulation/plan.h"

namespace sanad::simulation {

struct Tally {
  // ---- what members did
  std::uint64_t steps = 0;
  std::uint64_t messages = 0;
  std::uint64_t refused = 0;  // that the verifier refused
  std::uint64_t batches = 0;
  consensus::Height heights = 0;
  std::uint64_t evidence = 0;
  std::uint64_t sent_max = 0;    // by one honest member in a second, to all
  std::uint64_t blocks_max = 0;  // kept above the final tip
  std::uint64_t views_max = 0;   // above the final one

  // ---- faults injected
  std::uint64_t crashes = 0;         // of a plan
  std::uint64_t deaths_in_sync = 0;  // by chance
  std::uint64_t records_lost = 0;    // journal records that either took
  std::uint64_t segments = 0;        // of journals, begun with a snapshot
  std::uint64_t journals_lost = 0;
  std::uint64_t old_disks = 0;  // put back with a journal's loss
  std::uint64_t partitions = 0;
  std::uint64_t lost = 0;                          // messages, by chance
  std::uint64_t cut_off = 0;                       // messages, by a partition or a deaf spell
  std::uint64_t duplicated = 0;                    // messages
  std::uint64_t unsent = 0;                        // batches
  std::array<std::uint64_t, kTraitors> attacks{};  // that a traitor did what it is there for

  // ---- time with work pending and a fault active
  Micros busy = 0;
  // Of it, that in which a quorum of honest members ran and reached each other; nothing can become
  // final in the rest.
  Micros busy_connected = 0;
  consensus::Height busy_heights = 0;  // that became final in busy_connected
};

Tally& operator+=(Tally& sum, const Tally& tally);
// Faults and attacks of which there was none: a campaign has them all. In one run a planned fault
// may be impossible, such as the crash of a member that is down.
[[nodiscard]] std::vector<std::string> missing_in(const Tally& tally);
// Several lines, without the number of seeds.
std::ostream& operator<<(std::ostream& out, const Tally& tally);

}  // namespace sanad::simulation
