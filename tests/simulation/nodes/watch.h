// What must hold at every step of a run of whole nodes, whatever happens: asked at each send, each
// finalised block and each commit of an honest member. Only honest members' words come here, but
// votes of all.
#pragma once

#include "node/replica/executor.h"
#include "node/replica/wire.h"
#include "simulation/nodes/ballots.h"
#include "simulation/nodes/durable_journal.h"

namespace sanad::simulation::nodes {

class Watch {
 public:
  explicit Watch(const Plan& plan) : plan_(plan), ballots_(plan) {}

  // Any frame that leaves a machine, hostile ones included (I2, I3, I4).
  void leaves(const node::NodeMessage& message);
  // I9, R3: a member says this now. `journal` is what its disk would still know.
  void says(MemberIndex member, const node::NodeMessage& message, const DurableJournal& journal);
  // I1, I8: a member hands a final block to its executor. True: the first member to do so.
  bool finalized(MemberIndex member, const node::FinalizedBlock& block);
  // I1, I8, I10, I11: it has executed and committed the block.
  void committed(MemberIndex member, const node::ExecutedBlock& block);
  // I8: of one life of a process.
  void stands(MemberIndex member, std::uint64_t life, const consensus::CoreStatus& status);
  // I15.
  void accuses(MemberIndex member, MemberIndex accused) const;

  // Highest block that any honest member committed.
  [[nodiscard]] std::uint64_t height() const {
    return blocks_.empty() ? 0 : blocks_.rbegin()->first;
  }
  // Where a submission was executed; 0: nowhere yet.
  [[nodiscard]] std::uint64_t executed_at(const crypto::Hash& submission) const;
  [[nodiscard]] const std::map<crypto::Hash, std::uint64_t>& executed() const { return executed_; }
  [[nodiscard]] const node::CommittedBlock& block(std::uint64_t height) const {
    return blocks_.at(height);
  }
  [[nodiscard]] std::uint64_t durable_sends() const { return durable_sends_; }
  [[nodiscard]] std::size_t votes() const { return ballots_.count(); }

 private:
  struct Final {
    crypto::Hash hash;
    std::uint64_t time_ms = 0;
  };
  struct Standing {
    std::uint64_t life = 0;
    consensus::View view = 0;
    consensus::Height height = 0;
  };
  [[nodiscard]] bool is_final(const node::Batch& batch) const;

  const Plan& plan_;
  Ballots ballots_;
  std::map<std::uint64_t, Final> final_;
  std::set<std::pair<MemberIndex, std::uint64_t>> final_batches_;  // author and number
  std::set<crypto::Signature> batches_left_;  // some member's machine, each once
  std::map<std::uint64_t, node::CommittedBlock> blocks_;
  std::map<crypto::Hash, std::uint64_t> executed_;
  std::map<MemberIndex, Standing> standings_;
  std::uint64_t durable_sends_ = 0;
};

}  // namespace sanad::simulation::nodes
