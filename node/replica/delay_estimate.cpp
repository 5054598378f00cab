#include "node/replica/delay_estimate.h"

#include <algorithm>

namespace sanad::node {

void DelayEstimate::add(consensus::MemberIndex peer, std::uint64_t round_trip_us) {
  std::deque<std::uint64_t>& kept = round_trips_us_[peer];
  kept.push_back(round_trip_us);
  if (kept.size() > kKept) kept.pop_front();
}

std::optional<std::uint64_t> DelayEstimate::one_way_us() const {
  std::vector<std::uint64_t> of_members;
  for (const std::deque<std::uint64_t>& kept : round_trips_us_) {
    if (kept.empty()) continue;
    std::vector<std::uint64_t> sorted(kept.begin(), kept.end());
    std::ranges::sort(sorted);
    of_members.push_back(sorted[sorted.size() * 99 / 100] / 2);
  }
  if (of_members.empty()) return std::nullopt;
  std::ranges::sort(of_members);
  return of_members[std::min(needed_, of_members.size()) - 1];
}

}  // namespace sanad::node
