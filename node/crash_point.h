// Named places at which a test may end the process as a power cut would: SIGKILL to itself.
//
//   SANAD_CRASH_AT=ledger.segments_synced:3 sanad node run …
//
// ends the process the third time it passes the point `ledger.segments_synced`. Without the
// variable a point costs one load and one branch. A malformed value, or a name that is not in
// kCrashPoints, ends the process at the first point with a message: a crash test that never crashes
// must not pass.
//
// Thread-safe.
#pragma once

#include <array>
#include <string_view>

namespace sanad::node {

// journal.before_persist    own votes and batches are written to the journal, not yet synced
// journal.persisted         the journal is synced, nothing has been sent
// ledger.before_append      a block is executed, nothing of it is on disk
// ledger.segments_appended  the frames of a group of blocks are written, not synced
// ledger.segments_synced    they are durable, the store knows nothing of them
// ledger.committed          the store's batch is durable, nobody has been told
inline constexpr std::array<std::string_view, 6> kCrashPoints = {
    "journal.before_persist",   "journal.persisted",      "ledger.before_append",
    "ledger.segments_appended", "ledger.segments_synced", "ledger.committed"};

// REQUIRES: `name` is one of kCrashPoints.
void crash_point(std::string_view name);

}  // namespace sanad::node
