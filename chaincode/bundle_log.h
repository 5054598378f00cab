// First part of a bundle's check: the checkpoint, whom it is believed for, and the commit record
// that is its last leaf (LEDGER F10, F14, F18). Pure.
#pragma once

#include "chaincode/bundle.h"

namespace sanad::chaincode {

// What the bundle's checkpoint says, once it is believed.
struct LogFindings {
  crypto::Checkpoint checkpoint;
  CommitRecord commit;
  std::uint64_t cosigned_at_s = 0;
  std::vector<std::string> cosigned_by;
  std::vector<std::string> proved;
};

// The handovers from the trust file's committee on, then the bundle's checkpoint by the last one.
[[nodiscard]] Result<LogFindings> check_log(const Bundle& bundle, const Trust& trust);
// The bundle's checkpoint by a policy, which knows of no handovers.
[[nodiscard]] Result<LogFindings> check_log(const Bundle& bundle, const crypto::TlogPolicy& policy);

// The id of the network whose checkpoints have this origin; kOtherNetwork if it has none.
[[nodiscard]] Result<Hash> network_of(const std::string& origin);
// A policy's verdict on a checkpoint, refused for a reason of ours.
[[nodiscard]] Result<crypto::TlogPolicy::Verified> believe(const crypto::SignedNote& note,
                                                           const crypto::TlogPolicy& policy);

}  // namespace sanad::chaincode
