// The operating errors of a replica, beside crypto's for bytes that do not decode.
#pragma once

#include "crypto/result.h"

namespace sanad::node {

enum class ReplicaErrc {
  kNone,
  kBusy,         // a bounded queue is full: try again later
  kStopping,     // the node is draining or stopped
  kQuarantined,  // this node does not vote: its result is not a quorum's, or it may have forgotten
                 // votes
  kJournalDamaged,  // the journal cannot be trusted (R1): the node must not vote
  kJournalForeign,  // the journal belongs to another network or member
  kJournalVersion,  // another version of this program wrote the journal
  kDiskFailed,      // our own disk refused a write or a sync: the node stops
  kBatchInvalid,    // a batch that breaks a limit or is not its author's
  kNotHeld,         // asked for a block or batch that is not here
  kDiverged,        // our checkpoint differs from a quorum's
  kTooFarAhead,     // a submission's valid_until beyond the window of any block so far (LEDGER F8)
};
const std::error_category& replica_category();
inline std::error_code make_error_code(ReplicaErrc code) {
  return {static_cast<int>(code), replica_category()};
}

}  // namespace sanad::node

template <>
struct std::is_error_code_enum<sanad::node::ReplicaErrc> : std::true_type {};
