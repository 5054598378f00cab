// Finalised block → contracts → ledger: the only writer of the ledger.
//
// Deterministic, no thread of its own; call it from one thread.
#pragma once

#include "chaincode/execute.h"
#include "node/ledger/ledger.h"
#include "node/replica/checkpointer.h"
#include "node/replica/sync.h"

namespace sanad::node {

// What executing a block made.
struct ExecutedBlock {
  CommittedBlock committed;
  std::vector<consensus::BatchRef> batches;
  std::vector<chaincode::SubmissionOutcome> outcomes;  // in block order
  std::vector<chaincode::Accused> accusations;
  std::size_t statements = 0;
  [[nodiscard]] BlockEnd end() const {
    return {committed.height, committed.tree_size, committed.root};
  }
};

class Executor {
 public:
  // Both outlive the executor. While membership is fixed, genesis' committee signs after every
  // block.
  Executor(const chaincode::Contracts& contracts, Ledger& ledger);

  // Commits block 0 to an empty ledger: the genesis' time, the network id as its hash, no records
  // but the commit record.
  crypto::Status prepare();

  // The next block, executed but not kept yet.
  struct Planned {
    CommitRequest request;
    ExecutedBlock executed;  // but for `committed`
  };
  // What executing a block on this state makes of it, but for its finalization and the committee:
  // the one rule for what is appended. Pure.
  [[nodiscard]] static Planned plan(const chaincode::Contracts& contracts,
                                    const CandidateBlock& block,
                                    const chaincode::StateReader& state, std::uint64_t tree_size);
  // REQUIRES: prepare() succeeded; block.header.height is the last appended one's + 1.
  [[nodiscard]] Planned execute(const FinalizedBlock& block);
  // A block that may become final soon. The newest counts.
  void expect(CandidateBlock block);
  // Executes it if it would be the next one: execute() then finds it done. Whether this is called
  // changes no result. True if there was something to do.
  bool execute_ahead();
  // Blocks that execute() found done.
  [[nodiscard]] std::uint64_t found_done() const { return found_done_; }
  // Errors are the ledger's and end this node. Until commit() returned a crash undoes what was
  // appended: it is executed again then, with the same result.
  crypto::Result<ExecutedBlock> append(Planned planned);
  crypto::Status commit();

 private:
  [[nodiscard]] Planned plan_next(const CandidateBlock& block) const;

  const chaincode::Contracts& contracts_;
  Ledger& ledger_;
  crypto::Hash committee_hash_;  // F10
  std::optional<CandidateBlock> expected_;
  std::optional<Planned> ahead_;  // of the next height
  std::uint64_t found_done_ = 0;
};

}  // namespace sanad::node
