#include "tests/hostile/knowledge.h"

namespace sanad::hostile {
namespace {

constexpr std::size_t kBatchesKept = 32;

}  // namespace

bool Knowledge::take(MemberIndex from, crypto::ByteView frame) {
  auto said = crypto::decode<node::NodeMessage>(frame);
  if (!said) return false;
  if (const auto* consensus = std::get_if<node::ConsensusMessage>(&*said)) {
    const auto message = crypto::decode<consensus::Message>(consensus->message);
    if (!message) return false;
    take_message(from, *message);
  } else if (auto* batch = std::get_if<node::Batch>(&*said)) {
    batches_.push_back(std::move(*batch));
    if (batches_.size() > kBatchesKept) batches_.pop_front();
  } else if (const auto* vote = std::get_if<node::CheckpointVote>(&*said)) {
    checkpoint_ = *vote;
  }
  return true;
}

void Knowledge::take_message(MemberIndex from, const consensus::Message& message) {
  if (const auto* vote = std::get_if<consensus::Vote>(&message)) {
    take_vote(from, *vote);
  } else if (const auto* certificate = std::get_if<Certificate>(&message)) {
    take_certificate(*certificate);
  } else if (const auto* proposal = std::get_if<consensus::Proposal>(&message)) {
    headers_.emplace(proposal->vote.subject.block, proposal->header);
    proposals_.emplace(proposal->vote.subject.view, *proposal);
    take_vote(from, proposal->vote);
    if (proposal->entry) take_certificate(*proposal->entry);
  } else if (const auto* status = std::get_if<consensus::MemberStatus>(&message)) {
    if (status->finalization) take_certificate(*status->finalization);
  } else if (const auto* blocks = std::get_if<consensus::Blocks>(&message)) {
    for (const auto& header : blocks->headers) headers_.emplace(block_hash(header), header);
    if (blocks->finalization) take_certificate(*blocks->finalization);
  }
}

// A leader that waited for the others' certificate would be a sync and a way behind them.
void Knowledge::take_vote(MemberIndex from, const consensus::Vote& vote) {
  votes_.insert_or_assign(from, vote);
  const consensus::ViewTally empty(committee_.n());
  auto& tally = tallies_.try_emplace(vote.subject.view, empty).first->second;
  const auto outcome = tally.add(vote, committee_);
  if (outcome.certificate) take_certificate(*outcome.certificate);
}

void Knowledge::take_certificate(const Certificate& certificate) {
  const auto& subject = certificate.subject;
  certificates_.emplace(std::pair(subject.view, subject.kind), certificate);
  view_ = std::max(view_, subject.view + 1);
  if (subject.kind == VoteKind::finalize) final_view_ = std::max(final_view_, subject.view);
}

const Certificate* Knowledge::certificate(View view, VoteKind kind) const {
  const auto found = certificates_.find({view, kind});
  return found == certificates_.end() ? nullptr : &found->second;
}

const consensus::BlockHeader* Knowledge::header(const Hash& block) const {
  const auto found = headers_.find(block);
  return found == headers_.end() ? nullptr : &found->second;
}

const consensus::Proposal* Knowledge::proposal(View view) const {
  const auto found = proposals_.find(view);
  return found == proposals_.end() ? nullptr : &found->second;
}

std::optional<Knowledge::Place> Knowledge::place(View view) const {
  for (View below = view - 1; below > 0; --below) {
    for (const VoteKind kind : {VoteKind::finalize, VoteKind::notarize}) {
      const Certificate* held = certificate(below, kind);
      if (held == nullptr) continue;
      const auto* parent = header(held->subject.block);
      if (parent == nullptr) return std::nullopt;
      return Place{below, held->subject.block, *parent};
    }
    if (certificate(below, VoteKind::nullify) == nullptr) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace sanad::hostile
