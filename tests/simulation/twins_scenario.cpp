#include "simulation/twins_scenario.h"

#include <algorithm>
#include <cassert>

namespace sanad::simulation {
namespace {

constexpr std::uint8_t kSetsMin = 2;
constexpr std::uint8_t kSetsMax = 3;

using Sets = std::vector<std::uint8_t>;

// Each partition once: an instance joins a set of those before it or begins the next one.
void extend(Sets& sets, std::uint8_t used, std::size_t instances, std::vector<Sets>& all) {
  if (sets.size() == instances) {
    if (used >= kSetsMin) all.push_back(sets);
    return;
  }
  for (std::uint8_t set = 0; set <= used && set < kSetsMax; ++set) {
    sets.push_back(set);
    extend(sets, std::max<std::uint8_t>(used, set + 1), instances, all);
    sets.pop_back();
  }
}

void choose(std::vector<std::size_t>& chosen, std::size_t from, std::size_t n, std::size_t count,
            std::vector<std::vector<std::size_t>>& all) {
  if (chosen.size() == count) {
    all.push_back(chosen);
    return;
  }
  for (std::size_t place = from; place < n; ++place) {
    chosen.push_back(place);
    choose(chosen, place + 1, n, count, all);
    chosen.pop_back();
  }
}

}  // namespace

std::string TwinScenario::text() const {
  const auto name = [this](std::size_t instance) {
    return instance < n ? std::to_string(instance) : std::to_string(twins[instance - n]) + "'";
  };
  std::string text = "twin scenario " + std::to_string(number) + ", n = " + std::to_string(n) + ":";
  for (const auto& partition : sets) {
    const std::uint8_t count = *std::max_element(partition.begin(), partition.end());
    for (std::uint8_t set = 0; set <= count; ++set) {
      text += set == 0 ? "  " : " |";
      for (std::size_t i = 0; i < partition.size(); ++i) {
        if (partition[i] == set) text += " " + name(i);
      }
    }
  }
  return text;
}

TwinScenarios::TwinScenarios(std::size_t n) : n_(n) {
  assert(n >= 4 && n <= 7);
  std::vector<std::size_t> chosen;
  choose(chosen, 0, n, (n - 1) / 3, twins_);
  Sets sets;
  extend(sets, 0, n + (n - 1) / 3, partitions_);
}

std::uint64_t TwinScenarios::count() const {
  std::uint64_t count = twins_.size();
  for (std::size_t round = 0; round < kTwinRounds; ++round) count *= partitions_.size();
  return count;
}

TwinScenario TwinScenarios::at(std::uint64_t number) const {
  assert(number < count());
  TwinScenario scenario;
  scenario.number = number;
  scenario.n = n_;
  for (auto& sets : scenario.sets) {
    sets = partitions_[number % partitions_.size()];
    number /= partitions_.size();
  }
  scenario.twins = twins_[number];
  return scenario;
}

}  // namespace sanad::simulation
