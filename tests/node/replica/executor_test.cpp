// Executing ahead (decision 0011) changes no result.
#include "node/replica/executor.h"

#include <catch2/catch.hpp>

#include "node/replica/evidence_judge.h"
#include "tests/node/ledger/simulated_disk.h"
#include "tests/node/replica/replica_sample.h"

namespace sanad::tests {
namespace {

// A chain of blocks and an executor on an empty ledger.
class Chain {
 public:
  Chain()
      : contracts_(checked(chaincode::Contracts::create(signer_.genesis(), sample_secret(),
                                                        node::evidence_judge))) {
    node::LedgerOptions options{.folder = "ledger", .network_id = signer_.network()};
    options.files = &disk_;
    ledger_ = checked(node::Ledger::open(options));
    executor.emplace(contracts_, *ledger_);
    REQUIRE(executor->prepare().ok());
  }

  // The next height on top of `parent`, with one submission.
  static node::CandidateBlock block(Signer& signer, const node::CandidateBlock* parent) {
    node::CandidateBlock made;
    made.header.chain_id = signer.network();
    made.header.height = parent == nullptr ? 1 : parent->header.height + 1;
    made.header.parent = parent == nullptr ? signer.network() : parent->hash;
    made.header.origin_view = made.header.height;
    made.header.time_ms = kGenesisMs + made.header.height;
    made.batches = {node::make_batch(signer.context(), 0, made.header.height,
                                     {signer.submission(0)}, key_of(kConsensusKey, 0))};
    made.header.batches = {made.batches[0]->ref()};
    made.hash = consensus::block_hash(made.header);
    return made;
  }
  node::CommittedBlock commit(const node::CandidateBlock& block) {
    node::FinalizedBlock final_one;
    static_cast<node::CandidateBlock&>(final_one) = block;
    const auto done = checked(executor->append(executor->execute(final_one)));
    REQUIRE(executor->commit().ok());
    REQUIRE(done.outcomes.at(0).result == chaincode::SubmissionResult::kExecuted);
    return done.committed;
  }

  std::optional<node::Executor> executor;

 private:
  Signer signer_;
  SimulatedDisk disk_;
  chaincode::Contracts contracts_;
  std::unique_ptr<node::Ledger> ledger_;
};

TEST_CASE("executor: what is executed ahead has the result that it has when its turn comes") {
  Signer signer;
  const auto first = Chain::block(signer, nullptr);
  const auto second = Chain::block(signer, &first);
  Chain plain;
  const auto plain_first = plain.commit(first);
  const auto plain_second = plain.commit(second);

  Chain ahead;
  CHECK_FALSE(ahead.executor->execute_ahead());
  ahead.executor->expect(first);
  CHECK(ahead.executor->execute_ahead());
  CHECK_FALSE(ahead.executor->execute_ahead());  // once
  ahead.executor->expect(second);
  CHECK_FALSE(ahead.executor->execute_ahead());  // its parent comes first
  CHECK(ahead.commit(first) == plain_first);
  CHECK(ahead.executor->execute_ahead());
  CHECK(ahead.commit(second) == plain_second);
  CHECK(ahead.executor->found_done() == 2);
  CHECK(plain.executor->found_done() == 0);
}

TEST_CASE("executor: a candidate that another block took the place of leaves nothing") {
  Signer signer;
  const auto first = Chain::block(signer, nullptr);
  const auto rival = Chain::block(signer, nullptr);
  const auto child_of_rival = Chain::block(signer, &rival);
  const auto second = Chain::block(signer, &first);
  Chain plain;
  const auto plain_first = plain.commit(first);
  const auto plain_second = plain.commit(second);

  Chain ahead;
  ahead.executor->expect(rival);
  REQUIRE(ahead.executor->execute_ahead());
  CHECK(ahead.commit(first) == plain_first);
  ahead.executor->expect(child_of_rival);
  CHECK_FALSE(ahead.executor->execute_ahead());  // beside the chain
  ahead.executor->expect(first);
  CHECK_FALSE(ahead.executor->execute_ahead());  // there already
  CHECK(ahead.commit(second) == plain_second);
  CHECK(ahead.executor->found_done() == 0);
}

}  // namespace
}  // namespace sanad::tests
