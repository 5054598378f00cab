// Twins (Bano et al., "Twins: BFT Systems Made Robust"): f members run twice, under one key, and a
// network that is split anew in each of three rounds. Scenarios are numbered: who is doubled, and
// how the n + f instances fall apart in each round.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "consensus/types.h"

namespace sanad::simulation {

inline constexpr std::size_t kTwinRounds = 3;

struct TwinScenario {
  std::uint64_t number = 0;
  std::size_t n = 4;
  // Places in the order of leaders, from 0: who is doubled. The second instance of twins[i] is
  // instance n + i; the first n instances are the members in the order in which they lead.
  std::vector<std::size_t> twins;
  // By round and instance. Instances of one set hear each other.
  std::array<std::vector<std::uint8_t>, kTwinRounds> sets;

  [[nodiscard]] std::size_t instances() const { return n + twins.size(); }
  [[nodiscard]] std::string text() const;
};

class TwinScenarios {
 public:
  // f = ⌊(n−1)/3⌋ of n members are doubled. REQUIRES: 4 <= n <= 7.
  explicit TwinScenarios(std::size_t n);
  // Choices of twins × ways to make two or three sets of all instances, in each round.
  [[nodiscard]] std::uint64_t count() const;
  // REQUIRES: number < count().
  [[nodiscard]] TwinScenario at(std::uint64_t number) const;

 private:
  std::size_t n_;
  std::vector<std::vector<std::size_t>> twins_;
  std::vector<std::vector<std::uint8_t>> partitions_;
};

}  // namespace sanad::simulation
