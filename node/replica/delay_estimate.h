// T2: how long a message takes one way, as far as it matters for a quorum.
//
// The f slowest members are left out: they may take as long as they like to answer, and would
// otherwise set the pace of all. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "consensus/committee.h"

namespace sanad::node {

class DelayEstimate {
 public:
  explicit DelayEstimate(const consensus::Committee& committee)
      : needed_(committee.quorum() - 1), round_trips_us_(committee.n()) {}

  void add(consensus::MemberIndex peer, std::uint64_t round_trip_us);
  // Its link is down: what it took before says nothing of the next one.
  void forget(consensus::MemberIndex peer) { round_trips_us_[peer].clear(); }
  // Half of the round trip within which 99 of 100 answers of the slowest member came that a quorum
  // needs beside this one. Nothing while nobody has answered.
  [[nodiscard]] std::optional<std::uint64_t> one_way_us() const;

 private:
  static constexpr std::size_t kKept = 64;  // round trips of a member

  std::size_t needed_;  // others
  std::vector<std::deque<std::uint64_t>> round_trips_us_;
};

}  // namespace sanad::node
