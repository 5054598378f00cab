#include "simulation/nodes/ballots.h"

#include "simulation/invariants.h"

namespace sanad::simulation::nodes {

using consensus::Subject;
using consensus::VoteKind;

void violate(const std::string& invariant, const std::string& what) {
  throw Violation(invariant + ": " + what);
}

bool Ballots::reached(const Subject& subject) const {
  const auto votes = by_subject_.find(subject);
  return votes != by_subject_.end() && votes->second.size() >= plan_.quorum();
}

void Ballots::cast(const consensus::Vote& vote) {
  if (!seen_.emplace(vote.subject, vote.voter).second) return;
  by_subject_[vote.subject].insert(vote.voter);
  by_view_[vote.subject.view].insert(vote.subject);
  if (plan_.honest(vote.voter)) check_voter(vote);
  if (reached(vote.subject)) check_quorums(vote.subject);
}

void Ballots::check_voter(const consensus::Vote& vote) const {
  for (const Subject& other : by_view_.at(vote.subject.view)) {
    if (other == vote.subject || !by_subject_.at(other).contains(vote.voter)) continue;
    const bool same_kind = other.kind == vote.subject.kind;
    const bool opposed =
        (other.kind == VoteKind::nullify && vote.subject.kind == VoteKind::finalize) ||
        (other.kind == VoteKind::finalize && vote.subject.kind == VoteKind::nullify);
    if (same_kind || opposed) {
      violate("I4", "member " + std::to_string(vote.voter) + " voted for two things in view " +
                        std::to_string(vote.subject.view));
    }
  }
}

void Ballots::check_quorums(const Subject& subject) const {
  for (const Subject& other : by_view_.at(subject.view)) {
    if (other == subject || !reached(other)) continue;
    const std::string view = "view " + std::to_string(subject.view);
    if (other.kind == subject.kind) violate("I3", view + " has two certificates of one kind");
    if (other.kind != VoteKind::notarize && subject.kind != VoteKind::notarize) {
      violate("I2", view + " is nullified and finalized");
    }
  }
}

}  // namespace sanad::simulation::nodes
