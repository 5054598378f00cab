// This member's reveals (RULES C10) by view, from waypoints of its hash chain kept in memory.
#pragma once

#include <vector>

#include "chaincode/beacon.h"

namespace sanad::node {

// Immutable; thread-safe. Making one costs the whole chain once (0.15 µs a link); a reveal costs at
// most kStride links. 32 bytes of memory per kStride links.
class BeaconSource {
 public:
  static constexpr std::uint64_t kStride = 1024;

  BeaconSource(const crypto::Hash& seed, std::uint32_t length, std::size_t members);
  // The other end of the chain, which genesis names.
  [[nodiscard]] const crypto::Hash& anchor() const { return anchor_; }
  // Zeros when the chain is used up. REQUIRES: this member leads `view`.
  [[nodiscard]] crypto::Hash reveal(std::uint64_t view) const;

 private:
  std::uint32_t length_;
  std::size_t members_;
  std::vector<crypto::Hash> waypoints_;  // [i] is step^(i · kStride)(seed)
  crypto::Hash anchor_;
};

}  // namespace sanad::node
