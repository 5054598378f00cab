// The votes of one view: a tally that yields a certificate at a quorum, and evidence where one
// member contradicts itself. Votes count whenever they arrive (F3). Not thread-safe.
#pragma once

#include <vector>

#include "consensus/committee.h"
#include "consensus/evidence.h"

namespace sanad::consensus {

class ViewTally {
 public:
  struct Outcome {
    std::optional<Certificate> certificate;    // formed by this vote; once per kind
    std::optional<ConflictingVotes> evidence;  // found by this vote; once per member
  };

  explicit ViewTally(std::size_t members) : members_(members) {}

  // O(members). A member's first vote of a kind counts, later ones never (C41).
  // REQUIRES: verified or own, of this view.
  Outcome add(const Vote& vote, const Committee& committee);
  [[nodiscard]] bool has(MemberIndex member, VoteKind kind) const;

 private:
  struct Member {
    std::array<std::optional<Vote>, 3> votes;  // by kind
    bool accused = false;
  };
  [[nodiscard]] std::optional<Certificate> form(const Subject& subject,
                                                const Committee& committee) const;
  [[nodiscard]] std::optional<ConflictingVotes> accuse(Member& member, const Vote& vote) const;

  std::vector<Member> members_;
  std::array<bool, 3> formed_{};
};

}  // namespace sanad::consensus
