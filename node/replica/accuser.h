// Keeps what convicts members, and submits it as this validator's statement until the ledger holds
// it. The journal keeps it meanwhile (recovery.h), so that a restart goes on where this ended.
//
// Every honest member finds much the same evidence. They begin one after another, a second apart,
// and whoever finds it on the ledger submits nothing: as a rule one accusation is recorded.
//
// One proof of each accusation is kept, the first: others of the same member, fault and view (or
// batch number) would be refused. Each accused has places of its own, so that no traitor takes
// another's.
//
// Deterministic. Not thread-safe: of the driver.
#pragma once

#include <vector>

#include "chaincode/accusation.h"
#include "chaincode/state.h"
#include "consensus/evidence.h"
#include "node/replica/batch.h"

namespace sanad::node {

class Accuser {
 public:
  static constexpr std::size_t kKeptMax = 8;       // about one member
  static constexpr std::size_t kSubmittedMax = 8;  // at a time: far below chaincode::kProofsMax

  struct Validator {
    crypto::Hash network;
    consensus::MemberIndex self = 0;
    std::size_t members = 0;
    std::uint64_t window_ms = 0;  // of submissions, as genesis has it
  };
  // `key`, the validator's consensus key, outlives the accuser.
  Accuser(const Validator& validator, const crypto::SigningKey& key)
      : validator_(validator), key_(key) {
    assert(validator_.window_ms > 0);
  }

  // False if such a proof is known already, or kKeptMax about the member wait for the ledger.
  bool keep(consensus::Evidence evidence, std::uint64_t now_ms);
  // What is to be submitted now. `state`: of the ledger's tip.
  [[nodiscard]] std::vector<SubmissionPtr> due(std::uint64_t now_ms, std::uint64_t wall_ms,
                                               const chaincode::StateReader& state);
  // False: due() has nothing, now or later.
  [[nodiscard]] bool waits() const;
  // What the ledger does not hold yet, as far as is known: to be kept in the journal.
  [[nodiscard]] std::vector<consensus::Evidence> unrecorded() const;

 private:
  struct Kept {
    consensus::Evidence evidence;
    chaincode::Accusation accusation;
    std::uint64_t next_ms = 0;
    bool recorded = false;
  };
  [[nodiscard]] std::uint64_t valid_for_ms() const;
  [[nodiscard]] SubmissionPtr submission(const consensus::Evidence& evidence,
                                         std::uint64_t wall_ms) const;

  Validator validator_;
  const crypto::SigningKey& key_;
  std::vector<Kept> kept_;
};

}  // namespace sanad::node
