#include "node/replica/accuser.h"

#include "node/replica/evidence_judge.h"
#include "tests/chaincode/sample.h"
#include "tests/node/replica/sample_evidence.h"

namespace sanad::tests {
namespace {

using chaincode::Fault;
using consensus::Subject;
using consensus::VoteKind;
using node::Accuser;
using node::SubmissionPtr;

constexpr std::uint64_t kWallMs = kGenesisMs + 60'000;

Accuser accuser_of(const crypto::SigningKey& key, consensus::MemberIndex self) {
  const Genesis genesis = sample_genesis();
  return Accuser(
      {network_id(genesis), self, kAuthorities.size(), genesis.params.submission_window_ms}, key);
}

Chain chain_with_judge() { return Chain(kTestRules, node::evidence_judge); }

crypto::Result<Claim> claim_in(const Bytes& bytes) {
  const Genesis genesis = sample_genesis();
  return node::evidence_judge(genesis, network_id(genesis))(bytes);
}
crypto::Result<Claim> claim_in(const consensus::Evidence& evidence) {
  return claim_in(crypto::encode(evidence));
}

TEST_CASE("evidence: the judge names member, fault and view, and believes no signature unchecked") {
  const auto claim = claim_in(two_votes(2));
  REQUIRE(claim.ok());
  CHECK(claim->accusation == Accusation{2, Fault::kConflictingVotes, 1, 9});
  CHECK(claim->check().ok());

  auto forged = std::get<consensus::ConflictingVotes>(two_votes(2));
  forged.second.voter = forged.first.voter = 1;
  CHECK(claim_in(forged)->check().error() == consensus::Errc::kBadSignature);
  auto same = std::get<consensus::ConflictingVotes>(two_votes(2));
  same.second = same.first;
  CHECK(claim_in(same)->check().error() == consensus::Errc::kNotEvidence);
  CHECK_FALSE(claim_in(Bytes{}).ok());
  Bytes longer = crypto::encode(two_votes(2));
  longer.push_back(0);
  CHECK(claim_in(longer).error() == crypto::Errc::kTrailingBytes);
}

TEST_CASE("evidence: the judge knows two batches of one number") {
  const auto batch = [](std::uint8_t content) {
    const consensus::BatchHeader header{3, 1, 40, crypto::sha256(Bytes{content}), 100, 1};
    return consensus::sign_batch(network_id(sample_genesis()), header, key_of(kConsensusKey, 3));
  };
  const consensus::Evidence evidence = consensus::ConflictingBatches{batch(1), batch(2)};
  const auto claim = claim_in(evidence);
  REQUIRE(claim.ok());
  CHECK(claim->accusation == Accusation{3, Fault::kConflictingBatches, 1, 40});
  CHECK(claim->check().ok());
}

TEST_CASE("evidence: the largest proposal that convicts fits into a statement") {
  consensus::BlockHeader header;
  header.chain_id = network_id(sample_genesis());
  header.epoch = ~0ULL;
  header.height = header.origin_view = header.time_ms = ~0ULL;
  header.epoch_end = ~0ULL;
  header.checkpoint = consensus::CheckpointRef{~0ULL, ~0ULL, {}};
  for (std::size_t i = 0; i < consensus::kBlockRefsMax; ++i) {
    header.batches.push_back({0xFFFF, ~0ULL, crypto::sha256(Bytes{1}), 0xFFFFFFFF, 0xFFFFFFFF});
  }
  const Subject subject{VoteKind::notarize, ~0ULL, ~0ULL, ~0ULL, block_hash(header)};
  const consensus::Evidence evidence = consensus::InvalidProposal{sample_vote(1, subject), header};
  CHECK(crypto::encode(evidence).size() <= kEvidenceBytesMax);
}

TEST_CASE("evidence: it is submitted as a statement until the ledger holds it") {
  Chain chain = chain_with_judge();
  const auto key = key_of(kConsensusKey, 1);
  Accuser accuser = accuser_of(key, 1);
  CHECK_FALSE(accuser.waits());
  REQUIRE(accuser.keep(two_votes(0), 5'000));
  CHECK_FALSE(accuser.keep(two_votes(0), 5'000));  // known
  CHECK(accuser.waits());
  CHECK(accuser.unrecorded().size() == 1);

  CHECK(accuser.due(5'999, kWallMs, chain.state()).empty());
  const auto first = accuser.due(6'000, chain.now_ms(), chain.state());
  REQUIRE(first.size() == 1);
  CHECK(first[0]->key() == key.public_key());
  CHECK(accuser.due(60'000, chain.now_ms(), chain.state()).empty());  // on its way

  // Lost on the way: again, once the first can no longer be executed.
  const auto again = accuser.due(306'000, chain.now_ms() + 300'000, chain.state());
  REQUIRE(again.size() == 1);
  CHECK(again[0]->id() != first[0]->id());

  const Effects effects = chain.run({first[0]});
  REQUIRE(effects.outcomes.at(0).statements.at(0).code == Code::kAccepted);
  CHECK(std::get<Accused>(chain.records().at(0).content).accused == kAuthorities[0]);
  CHECK(accuser.waits());
  CHECK(accuser.due(700'000, chain.now_ms(), chain.state()).empty());
  CHECK_FALSE(accuser.waits());
  CHECK(accuser.unrecorded().empty());
  CHECK_FALSE(accuser.keep(two_votes(0), 700'000));  // still known
}

TEST_CASE("evidence: members accuse one after another, and not what is on the ledger") {
  Chain chain = chain_with_judge();
  std::vector<SubmissionPtr> sent;
  for (std::uint8_t member = 1; member < kAuthorities.size(); ++member) {
    const auto key = key_of(kConsensusKey, member);
    Accuser accuser = accuser_of(key, member);
    REQUIRE(accuser.keep(two_votes(0), 0));
    CHECK(accuser.due(member * 1'000 - 1, chain.now_ms(), chain.state()).empty());
    const auto due = accuser.due(member * 1'000, chain.now_ms(), chain.state());
    CHECK(due.size() == (member == 1 ? 1 : 0));
    if (!due.empty()) chain.run({due[0]});
  }
  CHECK(chain.records().size() == 2);  // accused, commit
}

TEST_CASE("evidence: a flood of it is bounded, and what is on the ledger makes room") {
  Chain chain = chain_with_judge();
  const auto key = key_of(kConsensusKey, 1);
  Accuser accuser = accuser_of(key, 1);
  for (std::size_t i = 0; i < Accuser::kKeptMax; ++i) {
    REQUIRE(accuser.keep(two_votes(0, 10 + i), 0));
  }
  CHECK_FALSE(accuser.keep(two_votes(0, 500), 0));
  const auto due = accuser.due(1'000, chain.now_ms(), chain.state());
  REQUIRE(due.size() == Accuser::kKeptMax);
  chain.run({due[0]});
  CHECK(accuser.due(400'000, chain.now_ms(), chain.state()).size() == Accuser::kKeptMax - 1);
  CHECK(accuser.keep(two_votes(0, 500), 0));
  CHECK_FALSE(accuser.keep(two_votes(0, 501), 0));
}

TEST_CASE("evidence: no traitor takes the places of another's proof") {
  Chain chain = chain_with_judge();
  const auto key = key_of(kConsensusKey, 1);
  Accuser accuser = accuser_of(key, 1);
  for (consensus::View view = 10; view < 200; ++view) accuser.keep(two_votes(0, view), 0);
  CHECK(accuser.keep(two_votes(2, 10), 0));
  CHECK(accuser.keep(two_votes(3, 10), 0));
  CHECK(accuser.unrecorded().size() == Accuser::kKeptMax + 2);
  // What is due is not all said at once.
  const auto first = accuser.due(10'000, chain.now_ms(), chain.state());
  CHECK(first.size() == Accuser::kSubmittedMax);
  CHECK(accuser.due(11'000, chain.now_ms(), chain.state()).size() == 2);
  CHECK(accuser.due(12'000, chain.now_ms(), chain.state()).empty());
}

TEST_CASE("evidence: what is accused counts, not which proof of it") {
  Chain chain = chain_with_judge();
  const auto key = key_of(kConsensusKey, 1);
  Accuser accuser = accuser_of(key, 1);
  const auto proposal = [](std::uint64_t time_ms, consensus::View view) {
    consensus::BlockHeader header;
    header.time_ms = time_ms;
    const Subject subject{VoteKind::notarize, 1, view, view - 1, block_hash(header)};
    return consensus::InvalidProposal{sample_vote(0, subject), header};
  };
  const auto batches = [](std::uint8_t second, std::uint64_t seq) {
    const auto batch = [seq](std::uint8_t content) {
      const consensus::BatchHeader header{0, 1, seq, crypto::sha256(Bytes{content}), 100, 1};
      return consensus::sign_batch(network_id(sample_genesis()), header, key_of(kConsensusKey, 0));
    };
    return consensus::ConflictingBatches{batch(1), batch(second)};
  };
  CHECK(accuser.keep(proposal(1, 9), 0));
  CHECK_FALSE(accuser.keep(proposal(2, 9), 0));
  CHECK(accuser.keep(batches(2, 9), 0));
  CHECK_FALSE(accuser.keep(batches(3, 9), 0));
  CHECK(accuser.keep(two_votes(0, 9), 0));
  CHECK(accuser.keep(proposal(2, 13), 0));
  CHECK(accuser.keep(batches(3, 10), 0));
  CHECK(accuser.due(1'000, chain.now_ms(), chain.state()).size() == 5);
}

TEST_CASE("evidence: however short the submission window, an accusation lands in it") {
  const std::uint64_t window_ms = GENERATE(1'000U, 60'000U, 450'000U, 86'400'000U);
  Chain chain(kTestRules, node::evidence_judge, window_ms);
  const auto key = key_of(kConsensusKey, 1);
  const Hash& network = chain.contracts().network();
  Accuser accuser({network, 1, kAuthorities.size(), window_ms}, key);
  REQUIRE(accuser.keep(two_votes(0, 9, network), 0));
  const auto due = accuser.due(1'000, chain.now_ms(), chain.state());
  REQUIRE(due.size() == 1);
  CHECK(due[0]->valid_until_ms() - chain.now_ms() <= 300'000);
  const Effects effects = chain.run({due[0]});
  REQUIRE(effects.outcomes.at(0).result == SubmissionResult::kExecuted);
  CHECK(effects.outcomes[0].statements.at(0).code == Code::kAccepted);
}

}  // namespace
}  // namespace sanad::tests
