// One run from a plan: all faults, then a healthy network in which everything must become final,
// then an audit of every disk.
#pragma once

#include "simulation/nodes/faults.h"
#include "simulation/nodes/traitors.h"

namespace sanad::simulation::nodes {

// What it did, so that a run in which nothing happened can be told from a good one.
struct Report {
  Tally tally;
  NetworkTally network;
  std::array<std::uint64_t, kFaults> faults{};
  std::array<std::uint64_t, kAttacks> attacks{};
  std::uint64_t quarantines = 0;
  std::uint64_t emptied = 0;
  std::uint64_t refused = 0;
  std::uint64_t accusations = 0;  // that ledgers hold
  std::uint64_t votes = 0;
  std::uint64_t durable_sends = 0;
  std::uint64_t seeds = 0;

  void add(const Report& other);
  [[nodiscard]] std::string text() const;
};

// Throws Violation.
Report run(const Plan& plan, const World::Trace& trace);

}  // namespace sanad::simulation::nodes
