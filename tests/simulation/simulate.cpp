// Runs seeds of the consensus simulator.
//
//   simulate                      200 fresh-looking seeds, fixed for a commit (what CI runs)
//   simulate --seeds N --first S  N seeds from S on
//   simulate SEED [--trace]       replays one seed, with a log of every event
//
// A violation prints the seed, the step, the invariant, the last events and the command that
// replays it; the exit code is then 1.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "simulation/world.h"

namespace {

using sanad::simulation::draw_plan;
using sanad::simulation::Plan;
using sanad::simulation::Tally;
using sanad::simulation::Violation;
using sanad::simulation::World;

struct Options {
  std::uint64_t first = 1;
  std::uint64_t seeds = 200;
  bool single = false;
  bool trace = false;
};

bool run_seed(std::uint64_t seed, const Options& options, Tally& total) {
  const Plan plan = draw_plan(seed);
  if (options.single) std::cout << "seed " << seed << ": " << plan.text() << "\n";
  World world(plan, options.trace ? [](const std::string& line) { std::cout << line << "\n"; }
                                  : std::function<void(const std::string&)>());
  try {
    const Tally tally = world.run();
    total.steps += tally.steps;
    total.messages += tally.messages;
    total.lost += tally.lost;
    total.crashes += tally.crashes;
    total.records_lost += tally.records_lost;
    total.attacks += tally.attacks;
    total.refused += tally.refused;
    total.batches += tally.batches;
    total.heights += tally.heights;
    total.sent_max = std::max(total.sent_max, tally.sent_max);
    total.views_max = std::max(total.views_max, tally.views_max);
    total.blocks_max = std::max(total.blocks_max, tally.blocks_max);
    return true;
  } catch (const Violation& violation) {
    std::cout << "VIOLATION at seed " << seed << ": " << violation.what() << "\n"
              << plan.text() << "\nlast events:\n";
    for (const std::string& line : world.last_lines()) std::cout << "  " << line << "\n";
    std::cout << "replay: simulate " << seed << " --trace\n";
    return false;
  }
}

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto number = [&]() { return std::strtoull(argv[++i], nullptr, 10); };
    if (word == "--trace") {
      options.trace = true;
    } else if (word == "--seeds" && i + 1 < argc) {
      options.seeds = number();
    } else if (word == "--first" && i + 1 < argc) {
      options.first = number();
    } else if (word.find_first_not_of("0123456789") == std::string::npos) {
      options.first = std::strtoull(argv[i], nullptr, 10);
      options.seeds = 1;
      options.single = true;
    } else {
      std::cerr << "usage: simulate [SEED] [--seeds N] [--first S] [--trace]\n";
      return false;
    }
  }
  return options.seeds > 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) return 2;
  Tally total;
  std::uint64_t failed = 0;
  for (std::uint64_t seed = options.first; seed < options.first + options.seeds; ++seed) {
    if (!run_seed(seed, options, total)) ++failed;
  }
  std::cout << options.seeds << " seeds, " << failed << " violations; " << total.heights
            << " heights, " << total.batches << " batches, " << total.steps << " steps, "
            << total.messages << " messages (" << total.lost << " lost, " << total.refused
            << " refused), " << total.crashes << " crashes (" << total.records_lost
            << " journal records lost), " << total.attacks << " attacks; at most " << total.sent_max
            << " messages of a member in a second, " << total.blocks_max
            << " blocks above the final tip, " << total.views_max << " views above the final one\n";
  return failed == 0 ? 0 : 1;
}
