#include "consensus/own_votes.h"

#include "consensus/mutant.h"

namespace sanad::consensus {

const ViewVotes* OwnVotes::find(View view) const {
  const auto found = votes_.find(view);
  return found == votes_.end() ? nullptr : &found->second;
}

bool OwnVotes::may_notarize(View view) const {
  if (view <= silent_through_) return false;
  const ViewVotes* votes = find(view);
  return votes == nullptr ||
         (!votes->notarize && (!votes->nullify || broken(Mutant::kNotarizesAfterNullify)));
}

bool OwnVotes::may_nullify(View view) const {
  if (view <= silent_through_) return false;
  const ViewVotes* votes = find(view);
  return votes == nullptr ||
         (!votes->nullify && (!votes->finalize || broken(Mutant::kNullifiesAfterFinalize)));
}

bool OwnVotes::may_finalize(View view) const {
  if (view <= silent_through_) return false;
  const ViewVotes* votes = find(view);
  return votes == nullptr ||
         (!votes->finalize && (!votes->nullify || broken(Mutant::kFinalizesAfterNullify)));
}

void OwnVotes::cast(const Subject& subject) {
  const View view = subject.view;
  switch (subject.kind) {
    case VoteKind::notarize:
      assert(may_notarize(view) || broken(Mutant::kProposesTwice));
      votes_[view].notarize = subject;
      break;
    case VoteKind::nullify:
      assert(may_nullify(view));
      votes_[view].nullify = true;
      break;
    case VoteKind::finalize:
      assert(may_finalize(view));
      votes_[view].finalize = subject;
      break;
  }
}

}  // namespace sanad::consensus
