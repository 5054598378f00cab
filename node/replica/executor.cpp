#include "node/replica/executor.h"

#include "chaincode/trust.h"

namespace sanad::node {
namespace {

chaincode::OrderedBlock ordered_block(const CandidateBlock& block) {
  chaincode::OrderedBlock ordered{.height = block.header.height,
                                  .block_hash = block.hash,
                                  .time_ms = block.header.time_ms,
                                  .epoch = block.header.epoch,
                                  .view = block.header.origin_view,
                                  .proposer = block.header.proposer,
                                  .beacon_reveal = block.header.beacon_reveal,
                                  .submissions = {}};
  for (const BatchPtr& batch : block.batches) {
    ordered.submissions.insert(ordered.submissions.end(), batch->submissions().begin(),
                               batch->submissions().end());
  }
  return ordered;
}

}  // namespace

Executor::Executor(const chaincode::Contracts& contracts, Ledger& ledger)
    : contracts_(contracts),
      ledger_(ledger),
      committee_hash_(chaincode::signers_hash(chaincode::signers_of(contracts.genesis()))) {}

crypto::Status Executor::prepare() {
  if (ledger_.tip()) return {};
  CommitRequest genesis;
  genesis.block_hash = contracts_.network();
  genesis.time_ms = contracts_.genesis().time_ms;
  genesis.epoch = consensus::kFirstEpoch;
  genesis.committee_hash = committee_hash_;
  if (auto committed = ledger_.commit(std::move(genesis)); !committed) return committed.error();
  return {};
}

Executor::Planned Executor::execute(const FinalizedBlock& block) {
  assert(block.header.height == ledger_.head().tip.height + 1);
  const bool done = ahead_ && ahead_->request.block_hash == block.hash;
  Planned planned = done ? std::move(*ahead_) : plan_next(block);
  if (done) ++found_done_;
  ahead_.reset();
  planned.request.finalization = crypto::encode(block.finalization);
  return planned;
}

void Executor::expect(CandidateBlock block) { expected_ = std::move(block); }

bool Executor::execute_ahead() {
  if (!expected_) return false;
  const CommittedBlock& tip = ledger_.head().tip;
  if (expected_->header.height > tip.height + 1) return false;  // when those before it are there
  // The ledger's tip is final: a block beside it never will be.
  const bool is_next =
      expected_->header.height == tip.height + 1 && expected_->header.parent == tip.block_hash;
  if (is_next) ahead_ = plan_next(*expected_);
  expected_.reset();
  return is_next;
}

Executor::Planned Executor::plan_next(const CandidateBlock& block) const {
  const Ledger::Head head = ledger_.head();
  Planned planned = plan(contracts_, block, head.state, head.tip.tree_size);
  planned.request.committee_hash = committee_hash_;
  return planned;
}

Executor::Planned Executor::plan(const chaincode::Contracts& contracts, const CandidateBlock& block,
                                 const chaincode::StateReader& state, std::uint64_t tree_size) {
  const chaincode::OrderedBlock ordered = ordered_block(block);
  Planned planned;
  CommitRequest& request = planned.request;
  request.effects = chaincode::execute(contracts, ordered, state, tree_size);
  request.height = block.header.height;
  request.block_hash = block.hash;
  request.time_ms = block.header.time_ms;
  request.epoch = block.header.epoch;
  request.header = crypto::encode(block.header);
  for (const BatchPtr& batch : block.batches) request.batches.push_back(batch->stored());

  ExecutedBlock& executed = planned.executed;
  for (std::size_t i = 0; i < ordered.submissions.size(); ++i) {
    const chaincode::CheckedSubmission& submission = *ordered.submissions[i];
    executed.statements += submission.statements().size();
    // A duplicate's bodies are there already. Whatever else is kept with its bodies, even what did
    // not execute: peers that are behind get whole batches from here.
    if (request.effects.outcomes[i].result == chaincode::SubmissionResult::kDuplicate) continue;
    for (const auto& body : submission.stored_bodies()) {
      request.bodies.push_back({body.digest, {body.bytes.begin(), body.bytes.end()}});
    }
  }
  for (chaincode::DetailBody& detail : request.effects.details) {
    request.bodies.push_back({detail.digest, std::move(detail.bytes)});
  }
  for (const chaincode::Record& record : request.effects.records) {
    if (const auto* accused = std::get_if<chaincode::Accused>(&record.content)) {
      executed.accusations.push_back(*accused);
    }
  }
  executed.outcomes = request.effects.outcomes;
  executed.batches = block.header.batches;
  return planned;
}

crypto::Result<ExecutedBlock> Executor::append(Planned planned) {
  SANAD_TRY(planned.executed.committed, ledger_.append(std::move(planned.request)));
  return std::move(planned.executed);
}

crypto::Status Executor::commit() { return ledger_.commit(); }

}  // namespace sanad::node
