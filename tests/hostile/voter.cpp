#include "tests/hostile/voter.h"

namespace sanad::hostile {

void Voter::cast(const consensus::Subject& subject) {
  attack_.say_up(consensus::Message(attack_.member().vote(subject)));
}

void Voter::finalize(const Certificate& notarization) {
  const consensus::Subject& subject = notarization.subject;
  if (subject.kind != VoteKind::notarize || subject.view <= above_) return;
  if (nullified_.contains(subject.view)) return;
  if (!finalized_.insert(subject.view).second) return;
  cast(consensus::finalize(subject.epoch, subject.view, subject.block));
}

void Voter::take(const node::NodeMessage& said) {
  const auto* envelope = std::get_if<node::ConsensusMessage>(&said);
  if (envelope == nullptr) return;
  const auto message = crypto::decode<consensus::Message>(envelope->message);
  require(message.ok(), "what was read once cannot be read again");
  if (const auto* proposal = std::get_if<consensus::Proposal>(&*message)) {
    const consensus::Subject& subject = proposal->vote.subject;
    if (proposal->entry) finalize(*proposal->entry);
    if (is_open(subject.view) && !nullified_.contains(subject.view) &&
        notarized_.insert(subject.view).second)
      cast(subject);
  } else if (const auto* certificate = std::get_if<Certificate>(&*message)) {
    finalize(*certificate);
  } else if (const auto* vote = std::get_if<consensus::Vote>(&*message)) {
    const consensus::Subject& subject = vote->subject;
    if (subject.kind != VoteKind::nullify || !is_open(subject.view)) return;
    if (!finalized_.contains(subject.view) && nullified_.insert(subject.view).second) cast(subject);
  }
}

}  // namespace sanad::hostile
