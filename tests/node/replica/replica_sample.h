// Submissions, batches and votes of the sample network, for tests of the replica's parts.
#pragma once

#include "consensus/evidence.h"
#include "node/replica/batch.h"
#include "tests/chaincode/sample.h"

namespace sanad::tests {

// Makes submissions that no other one equals.
class Signer {
 public:
  Signer() : network_(network_id(sample_genesis())), committee_(make_committee(network_)) {}

  [[nodiscard]] const Hash& network() const { return network_; }
  [[nodiscard]] const consensus::Committee& committee() const { return committee_; }
  [[nodiscard]] node::BatchContext context() const { return {committee_, network_}; }

  node::SubmissionPtr submission(std::uint8_t member, std::size_t declarations = 1,
                                 std::uint64_t valid_until_ms = kGenesisMs + 3'000'000) {
    std::vector<StatementWithBody> statements;
    for (std::size_t i = 0; i < declarations; ++i) {
      Facts facts;
      facts.salt = ++made_;
      facts.id = "D-" + std::to_string(made_);
      facts.ucr = "UCR-" + std::to_string(made_);
      statements.push_back(declare(facts, kAuthorities[member]));
    }
    const SubmissionTerms terms{network_, valid_until_ms, ++nonce_};
    auto checked = check_submission(
        crypto::encode(build_submission(key_of(kSubmitterKey, member), terms, statements)),
        network_);
    if (!checked) FAIL(checked.error().message());
    return std::make_shared<const CheckedSubmission>(std::move(*checked));
  }

 private:
  static consensus::Committee make_committee(const Hash& network) {
    std::vector<PublicKey> keys;
    for (const chaincode::Member& member : sample_genesis().members) {
      keys.push_back(member.consensus_key);
    }
    return {consensus::kFirstEpoch, std::move(keys), network};
  }

  Hash network_;
  consensus::Committee committee_;
  std::uint64_t made_ = 0;
  std::uint64_t nonce_ = 0;
};

}  // namespace sanad::tests
