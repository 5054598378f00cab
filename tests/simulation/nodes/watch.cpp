#include "simulation/nodes/watch.h"

#include <algorithm>

namespace sanad::simulation::nodes {

using consensus::Proposal;
using consensus::Vote;

namespace {

std::string who(MemberIndex member) { return "member " + std::to_string(member); }

// The signed vote in a message, and its header where it is a proposal.
std::pair<std::optional<Vote>, std::optional<consensus::BlockHeader>> vote_in(
    const node::NodeMessage& message) {
  const auto* said = std::get_if<node::ConsensusMessage>(&message);
  if (said == nullptr) return {};
  const auto inner = crypto::decode<consensus::Message>(said->message);
  if (!inner) return {};
  if (const auto* vote = std::get_if<Vote>(&*inner)) return {*vote, std::nullopt};
  if (const auto* own = std::get_if<Proposal>(&*inner)) return {own->vote, own->header};
  return {};
}

}  // namespace

void Watch::leaves(const node::NodeMessage& message) {
  if (const auto [vote, header] = vote_in(message); vote) ballots_.cast(*vote);
  if (const auto* batch = std::get_if<node::Batch>(&message)) {
    batches_left_.insert(batch->signature);
  }
}

// A batch of a final block may come from others, to be given on: the ledgers of a quorum hold it.
bool Watch::is_final(const node::Batch& batch) const {
  return final_batches_.contains({batch.author, batch.seq});
}

void Watch::says(MemberIndex member, const node::NodeMessage& message,
                 const DurableJournal& journal) {
  const auto require = [&](bool durable, const std::string& what) {
    if (!durable) violate("I9", who(member) + " says " + what + " that its disk may lose");
    ++durable_sends_;
  };
  const auto [vote, header] = vote_in(message);
  if (vote) {
    require(journal.has_vote(vote->subject),
            "a vote in view " + std::to_string(vote->subject.view));
  }
  if (header) require(journal.has_header(consensus::block_hash(*header)), "a proposal");
  const auto* batch = std::get_if<node::Batch>(&message);
  if (batch != nullptr && batch->author == member && !is_final(*batch)) {
    // In quarantine it gives on what came back to it from others, made before it forgot.
    const bool came_back = journal.in_quarantine() && batches_left_.contains(batch->signature);
    require(
        came_back || journal.has_batch(batch->signature) || batch->seq < journal.numbers_reserved(),
        "the number of batch " + std::to_string(batch->seq));
  }
  const auto* end = std::get_if<node::CheckpointVote>(&message);
  if (end != nullptr) {
    require(journal.has_end({end->height, end->tree_size, end->root}), "a cosignature");
  }
  const auto* status = std::get_if<node::LedgerStatus>(&message);
  const bool cosigns = end != nullptr || (status != nullptr && status->newest);
  if (cosigns && journal.in_quarantine()) {
    violate("R3", who(member) + " cosigns although its journal says that it is in quarantine");
  }
}

bool Watch::finalized(MemberIndex member, const node::FinalizedBlock& block) {
  const std::uint64_t height = block.header.height;
  const auto [at, first] = final_.try_emplace(height, Final{block.hash, block.header.time_ms});
  if (at->second.hash != block.hash) {
    violate("I1", who(member) + " finalised another block at height " + std::to_string(height));
  }
  if (!first) return false;
  const auto below = final_.find(height - 1);
  if (below != final_.end() && below->second.time_ms >= block.header.time_ms) {
    violate("I8", "the time of block " + std::to_string(height) + " is not above its parent's");
  }
  for (const consensus::BatchRef& ref : block.header.batches) {
    final_batches_.emplace(ref.author, ref.seq);
  }
  return true;
}

void Watch::committed(MemberIndex member, const node::ExecutedBlock& block) {
  const std::uint64_t height = block.committed.height;
  const auto [at, first] = blocks_.try_emplace(height, block.committed);
  if (at->second != block.committed) {
    violate("I1", who(member) + " has another result at height " + std::to_string(height));
  }
  if (!first) return;
  for (const chaincode::SubmissionOutcome& outcome : block.outcomes) {
    if (outcome.result != chaincode::SubmissionResult::kExecuted) continue;
    if (!executed_.emplace(outcome.id, height).second) {
      violate("I10", "a submission was executed twice: " + outcome.id.hex());
    }
  }
}

std::uint64_t Watch::executed_at(const crypto::Hash& submission) const {
  const auto found = executed_.find(submission);
  return found == executed_.end() ? 0 : found->second;
}

void Watch::stands(MemberIndex member, std::uint64_t life, const consensus::CoreStatus& status) {
  Standing& before = standings_[member];
  if (before.life == life && (status.view < before.view || status.final_height < before.height)) {
    violate("I8", who(member) + " went back to view " + std::to_string(status.view) + ", height " +
                      std::to_string(status.final_height));
  }
  before = {life, status.view, status.final_height};
}

void Watch::accuses(MemberIndex member, MemberIndex accused) const {
  if (plan_.honest(accused)) {
    violate("I15", who(member) + " has evidence against " + who(accused));
  }
}

}  // namespace sanad::simulation::nodes
