// What this member voted, and what it may still vote: the rules that hold across restarts.
// Not thread-safe.
#pragma once

#include <map>

#include "consensus/journal_record.h"

namespace sanad::consensus {

class OwnVotes {
 public:
  // N1, N2: no notarize and no nullify of this view yet.
  [[nodiscard]] bool may_notarize(View view) const;
  // T1: no finalize, and not nullified already.
  [[nodiscard]] bool may_nullify(View view) const;
  // F1: no nullify, and not finalized already.
  [[nodiscard]] bool may_finalize(View view) const;
  [[nodiscard]] const ViewVotes* find(View view) const;
  [[nodiscard]] const std::map<View, ViewVotes>& all() const { return votes_; }
  [[nodiscard]] View highest() const { return votes_.empty() ? 0 : votes_.rbegin()->first; }

  // REQUIRES: the vote may be cast.
  void cast(const Subject& subject);
  // REQUIRES: nothing was cast yet.
  void restore(std::map<View, ViewVotes> votes) { votes_ = std::move(votes); }
  // Forgets views up to `view`: at and below the final view nothing is voted again.
  void forget_through(View view) { votes_.erase(votes_.begin(), votes_.upper_bound(view)); }

 private:
  std::map<View, ViewVotes> votes_;
};

}  // namespace sanad::consensus
