// What all machines of a run share: genesis, contracts, committee, and the clients' submissions.
#pragma once

#include "node/replica/evidence_judge.h"
#include "node/replica/start_driver.h"
#include "tests/node/replica/replica_sample.h"

namespace sanad::simulation::nodes {

class Realm {
 public:
  explicit Realm(std::size_t n)
      : signer_(n),
        contracts_(tests::checked(chaincode::Contracts::create(
            signer_.genesis(), tests::sample_secret(), node::evidence_judge))),
        committee_(node::committee_of(contracts_)) {}

  [[nodiscard]] const chaincode::Contracts& contracts() const { return contracts_; }
  [[nodiscard]] const crypto::Hash& network() const { return contracts_.network(); }
  [[nodiscard]] const consensus::Committee& committee() const { return committee_; }
  [[nodiscard]] node::BatchContext batches() const { return {committee_, network()}; }
  [[nodiscard]] node::CheckpointOptions checkpoint(consensus::MemberIndex self) const {
    return node::checkpoint_options(contracts_, self, committee_.quorum());
  }
  // One that no other equals.
  [[nodiscard]] node::SubmissionPtr submission(consensus::MemberIndex member,
                                               std::size_t declarations,
                                               std::uint64_t valid_until_ms) {
    return signer_.submission(static_cast<std::uint8_t>(member), declarations, valid_until_ms);
  }

 private:
  tests::Signer signer_;
  chaincode::Contracts contracts_;
  consensus::Committee committee_;
};

}  // namespace sanad::simulation::nodes
