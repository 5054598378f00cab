// What this member voted, and what it may still vote: the rules that hold across restarts.
// Not thread-safe.
#pragma once

#include <limits>
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

  // R3: none of the three in views up to this one, or in any.
  void silence_through(View view) { silent_through_ = view; }
  void silence() { silent_through_ = kEveryView; }
  [[nodiscard]] bool silent() const { return silent_through_ == kEveryView; }
  [[nodiscard]] View silent_through() const { return silent_through_; }

  // REQUIRES: the vote may be cast.
  void cast(const Subject& subject);
  // REQUIRES: nothing was cast yet.
  void restore(std::map<View, ViewVotes> votes) { votes_ = std::move(votes); }
  // Forgets views up to `view`: at and below the final view nothing is voted again.
  void forget_through(View view) { votes_.erase(votes_.begin(), votes_.upper_bound(view)); }

 private:
  static constexpr View kEveryView = std::numeric_limits<View>::max();

  std::map<View, ViewVotes> votes_;
  View silent_through_ = 0;
};

}  // namespace sanad::consensus
