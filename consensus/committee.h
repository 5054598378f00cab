// Who votes in an epoch, what a quorum is, and who leads which view.
//
// n members, f = ⌊(n−1)/3⌋ may be faulty, quorum q = n − f: any two quorums share f+1 members.
// Immutable; thread-safe.
#pragma once

#include <vector>

#include "consensus/mutant.h"
#include "consensus/types.h"

namespace sanad::consensus {

class Committee {
 public:
  // `root` is what the epoch starts from (the chain id for the first): it fixes the leaders' order.
  // REQUIRES: 1 <= keys.size() <= kMembersMax, keys distinct.
  Committee(Epoch epoch, std::vector<PublicKey> keys, const Hash& root);

  [[nodiscard]] Epoch epoch() const { return epoch_; }
  [[nodiscard]] std::size_t n() const { return keys_.size(); }
  [[nodiscard]] std::size_t f() const { return (n() - 1) / 3; }
  [[nodiscard]] std::size_t quorum() const {
    return n() - f() - (broken(Mutant::kQuorumTooSmall) ? 1 : 0);
  }
  [[nodiscard]] bool has(MemberIndex member) const { return member < n(); }
  // REQUIRES: has(member).
  [[nodiscard]] const PublicKey& key(MemberIndex member) const { return keys_[member]; }
  // L1: order[(view − 1) mod n]. REQUIRES: view >= 1.
  [[nodiscard]] MemberIndex leader(View view) const {
    return order_[broken(Mutant::kLeaderNeverChanges) ? 0 : (view - 1) % n()];
  }
  // How often the leader of `view` has led before in this epoch: its place in its beacon chain.
  [[nodiscard]] std::uint64_t turn(View view) const { return (view - 1) / n(); }

 private:
  Epoch epoch_;
  std::vector<PublicKey> keys_;
  std::vector<MemberIndex> order_;
};

}  // namespace sanad::consensus
