// Submissions, batches and votes of the sample network, for tests of the replica's parts.
#pragma once

#include "consensus/evidence.h"
#include "node/replica/batch.h"
#include "node/replica/member_keys.h"
#include "tests/chaincode/sample_network.h"

namespace sanad::tests {

inline node::MemberKeys member_keys(std::uint8_t member) {
  return {key_of(kConsensusKey, member), key_of(kLogKey, member), key_of(kCosignerKey, member),
          *crypto::Seed::from(beacon_seed(member).view())};
}

// Makes submissions that no other one equals.
class Signer {
 public:
  explicit Signer(std::size_t members = kAuthorities.size())
      : genesis_(sample_genesis(kTestRules, members)),
        network_(network_id(genesis_)),
        committee_(make_committee()) {}

  [[nodiscard]] const Genesis& genesis() const { return genesis_; }
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
      statements.push_back(declare(facts, kManyAuthorities[member]));
    }
    const SubmissionTerms terms{network_, valid_until_ms, ++nonce_};
    return std::make_shared<const CheckedSubmission>(checked(check_submission(
        crypto::encode(build_submission(key_of(kSubmitterKey, member), terms, statements)),
        network_)));
  }

 private:
  [[nodiscard]] consensus::Committee make_committee() const {
    std::vector<PublicKey> keys;
    for (const chaincode::Member& member : genesis_.members) {
      keys.push_back(member.consensus_key);
    }
    return {consensus::kFirstEpoch, std::move(keys), network_};
  }

  Genesis genesis_;
  Hash network_;
  consensus::Committee committee_;
  std::uint64_t made_ = 0;
  std::uint64_t nonce_ = 0;
};

}  // namespace sanad::tests
