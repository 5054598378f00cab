// What happens in one run of whole nodes: who is hostile, which faults are on and how often they
// strike. Drawn from the seed alone.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "consensus/types.h"
#include "node/ledger/ledger_types.h"
#include "simulation/random.h"

namespace sanad::simulation::nodes {

using consensus::MemberIndex;
using Micros = std::uint64_t;  // virtual time since the start of the run

inline constexpr Micros kMillisecond = 1'000;
inline constexpr Micros kSecond = 1'000'000;

enum class Fault : std::uint8_t {
  kLinkBreak,        // a link goes down, what is on it is lost; it comes up again
  kPartition,        // some members hear nothing of the others, nor these of them
  kOneWay,           // the same in one direction
  kClog,             // one direction of a link stalls, takes no more, then bursts
  kPowerCut,         // a machine goes off between two turns; unsynced writes are lost in some way
  kPowerCutInWrite,  // in the middle of a write, a sync or a rename
  kCommonPowerCut,   // all machines at once
  kKill,             // kill -9: what was written to files stays
  kKillInWrite,      // in the middle of a write, a sync or a rename
  kDiskError,        // a step of the disk fails with EIO: the node stops by itself
  kDiskFull,         // the same with ENOSPC
  kSlowDisk,         // syncs take far longer for a while
  kJournalFlip,      // while a machine is off a bit of its journal changes
  kLedgerFlip,       // the same in a segment or in the store
  kOldJournal,       // an older copy of the journal is put back
  kClockSkew,        // a wall clock runs a little ahead or behind
  kClockJump,        // a wall clock is a day ahead or behind
  kClockFreeze,      // a wall clock stands still
};
inline constexpr std::size_t kFaults = 18;
[[nodiscard]] const char* name_of(Fault fault);

enum class Attack : std::uint8_t {
  kNone,
  kSilent,       // takes everything in, sends nothing
  kEquivocator,  // two proposals, two votes, two batches of one number
  kWithholder,   // shows its batches to leaders only
  kResultLiar,   // cosigns another root
  kSyncLiar,     // answers with other bytes, cuts blocks, claims heights that nobody has
  kTwin,         // two machines under one identity, with disks of their own
  kReplayer,     // says again what it said long ago, and runs from an old copy of its disk
};
inline constexpr std::size_t kAttacks = 8;
[[nodiscard]] const char* name_of(Attack attack);

struct Plan {
  std::uint64_t seed = 0;
  std::size_t n = 4;
  std::vector<Attack> traitors;  // by member
  std::array<bool, kFaults> faults{};

  // Links: either as TCP has them (in order, nothing lost while they are up), or worse.
  bool in_order = true;
  Micros delay_min = 2 * kMillisecond;
  Micros delay_max = 10 * kMillisecond;
  Micros notice_max = 800 * kMillisecond;     // until an end sees that its link is gone
  Micros reconnect_max = 300 * kMillisecond;  // then, until it is up again
  std::uint64_t loss_per_mille = 0;
  std::uint64_t duplicate_per_mille = 0;

  Micros sync_min = 500;
  Micros sync_max = 3 * kMillisecond;
  std::uint64_t skew_max_ms = 100;
  std::uint64_t group_max = node::kGroupBlocksMax;  // blocks in one commit

  Micros work_every = 100 * kMillisecond;  // mean time between two submissions of the whole network
  std::size_t declarations_max = 2;        // of a submission
  Micros fault_every = 2 * kSecond;        // mean
  Micros chaos_until = 20 * kSecond;       // faults end here; only traitors stay
  Micros settle_within = 120 * kSecond;    // after that

  [[nodiscard]] std::size_t f() const { return (n - 1) / 3; }
  [[nodiscard]] std::size_t quorum() const { return n - f(); }
  [[nodiscard]] bool honest(MemberIndex member) const { return traitors[member] == Attack::kNone; }
  [[nodiscard]] bool has(Fault fault) const { return faults[static_cast<std::size_t>(fault)]; }
  [[nodiscard]] std::size_t traitor_count() const;
  [[nodiscard]] std::string text() const;
};

// Four members, a good network, no faults.
Plan calm_plan(std::uint64_t seed);
Plan draw_plan(std::uint64_t seed);

}  // namespace sanad::simulation::nodes
