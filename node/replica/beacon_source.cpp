#include "node/replica/beacon_source.h"

namespace sanad::node {

BeaconSource::BeaconSource(const crypto::Hash& seed, std::uint32_t length, std::size_t members)
    : length_(length), members_(members), waypoints_{seed} {
  for (std::uint64_t at = kStride; at <= length; at += kStride) {
    waypoints_.push_back(chaincode::beacon_chain(waypoints_.back(), kStride));
  }
  anchor_ = chaincode::beacon_chain(waypoints_.back(), length % kStride);
}

crypto::Hash BeaconSource::reveal(std::uint64_t view) const {
  const std::uint64_t turn = chaincode::beacon_turn(view, members_);
  if (turn > length_) return {};
  const std::uint64_t steps = length_ - turn;
  return chaincode::beacon_chain(waypoints_[steps / kStride], steps % kStride);
}

}  // namespace sanad::node
