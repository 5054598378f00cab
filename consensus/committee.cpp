#include "consensus/committee.h"

#include <algorithm>
#include <utility>

namespace sanad::consensus {
namespace {

struct LeaderDraw {
  Hash root;
  MemberIndex member = 0;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(root), SANAD_FIELD(member));
  }
};

}  // namespace

Committee::Committee(Epoch epoch, std::vector<PublicKey> keys, const Hash& root)
    : epoch_(epoch), keys_(std::move(keys)) {
  assert(!keys_.empty() && keys_.size() <= kMembersMax);
  std::vector<std::pair<Hash, MemberIndex>> draws;
  for (MemberIndex member = 0; member < keys_.size(); ++member) {
    draws.emplace_back(crypto::tagged_hash("leader-order", LeaderDraw{root, member}), member);
  }
  std::sort(draws.begin(), draws.end());
  for (const auto& draw : draws) order_.push_back(draw.second);
}

}  // namespace sanad::consensus
