#include "consensus/votes.h"

#include "consensus/mutant.h"

namespace sanad::consensus {
namespace {

std::size_t index_of(VoteKind kind) { return static_cast<std::size_t>(kind); }

}  // namespace

ViewTally::Outcome ViewTally::add(const Vote& vote, const Committee& committee) {
  Outcome outcome;
  Member& member = members_[vote.voter];
  std::optional<Vote>& place = member.votes[index_of(vote.subject.kind)];
  if (place && place->subject == vote.subject) return outcome;
  outcome.evidence = accuse(member, vote);
  if (place) return outcome;
  place = vote;
  bool& formed = formed_[index_of(vote.subject.kind)];
  if (!formed) outcome.certificate = form(vote.subject, committee);
  formed = formed || outcome.certificate.has_value();
  return outcome;
}

bool ViewTally::has(MemberIndex member, VoteKind kind) const {
  return members_[member].votes[index_of(kind)].has_value();
}

std::optional<ConflictingVotes> ViewTally::accuse(Member& member, const Vote& vote) const {
  if (member.accused) return std::nullopt;
  for (const std::optional<Vote>& earlier : member.votes) {
    if (earlier && conflict(*earlier, vote)) {
      member.accused = true;
      return ConflictingVotes{*earlier, vote};
    }
  }
  return std::nullopt;
}

std::optional<Certificate> ViewTally::form(const Subject& subject,
                                           const Committee& committee) const {
  Certificate certificate{subject, Bytes((committee.n() + 7) / 8, 0), {}};
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const std::optional<Vote>& vote = members_[i].votes[index_of(subject.kind)];
    const bool counts = vote && (vote->subject == subject || broken(Mutant::kSubjectsNotCompared));
    if (!counts) continue;
    certificate.signers[i / 8] =
        static_cast<std::uint8_t>(certificate.signers[i / 8] | 1U << i % 8);
    certificate.signatures.push_back(vote->signature);
  }
  if (certificate.signatures.size() < committee.quorum()) return std::nullopt;
  return certificate;
}

}  // namespace sanad::consensus
