// Plays twin scenarios (twins_scenario.h): some members run twice while the network falls apart.
//
//   twins --all                    every scenario, in order
//   twins --sample N [--seed S]    N of them, drawn from the seed
//   twins --scenario K [--trace]   replays one, with a log of what is decided
//   --members N                    of the committee, 4 (the default) to 7
//
// A violation prints the scenario, the invariant and the command that replays it; the exit code is
// then 1. So it is if no twin ever contradicted itself: then nothing was tried.
#include <cstdlib>
#include <iostream>

#include "simulation/random.h"
#include "simulation/twins_world.h"

namespace {

using namespace sanad::simulation;

struct Options {
  std::size_t members = 4;
  std::uint64_t sample = 0;  // 0: all
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> scenario;
  bool trace = false;
};

bool parse(int argc, char** argv, Options& options) {
  bool chosen = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool more = i + 1 < argc;
    const auto number = [&] { return std::strtoull(argv[++i], nullptr, 10); };
    if (word == "--trace") {
      options.trace = true;
    } else if (word == "--all") {
      chosen = true;
    } else if (word == "--sample" && more) {
      options.sample = number();
      chosen = options.sample > 0;
    } else if (word == "--scenario" && more) {
      options.scenario = number();
      chosen = true;
    } else if (word == "--seed" && more) {
      options.seed = number();
    } else if (word == "--members" && more) {
      options.members = number();
    } else {
      return false;
    }
  }
  return chosen && options.members >= 4 && options.members <= 7;
}

bool play(const TwinScenario& scenario, TwinKeys& keys, bool trace, TwinTally& tally) {
  const TwinWorld::Trace log =
      trace ? TwinWorld::Trace([](const std::string& line) { std::cout << line << "\n"; })
            : TwinWorld::Trace();
  if (trace) std::cout << scenario.text() << "\n";
  TwinWorld world(scenario, keys, log);
  try {
    world.run(tally);
    return true;
  } catch (const Violation& violation) {
    std::cout << "VIOLATION in " << scenario.text() << "\n  " << violation.what()
              << "\nreplay: twins --members " << scenario.n << " --scenario " << scenario.number
              << " --trace\n";
    return false;
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::cerr << "usage: twins --all | --sample N [--seed S] | --scenario K [--trace]"
                 " [--members N]\n";
    return 2;
  }
  const TwinScenarios scenarios(options.members);
  if (options.scenario && *options.scenario >= scenarios.count()) {
    std::cerr << "there are " << scenarios.count() << " scenarios\n";
    return 2;
  }
  TwinKeys keys(options.members);
  TwinTally tally;
  std::uint64_t failed = 0;
  const auto one = [&](std::uint64_t number) {
    if (!play(scenarios.at(number), keys, options.trace, tally)) ++failed;
  };
  Random random(options.seed);
  if (options.scenario) {
    one(*options.scenario);
  } else if (options.sample > 0) {
    for (std::uint64_t i = 0; i < options.sample; ++i) one(random.below(scenarios.count()));
  } else {
    for (std::uint64_t number = 0; number < scenarios.count(); ++number) one(number);
  }
  std::cout << tally.scenarios + failed << " of " << scenarios.count()
            << " scenarios at n = " << options.members << ", " << failed << " violations; "
            << tally.conflicts << " views in which a twin voted two ways (" << tally.proposals
            << " pairs of proposals), " << tally.evidence << " pieces of evidence, " << tally.split
            << " scenarios with final blocks before the network healed, " << tally.heights
            << " heights, " << tally.steps << " steps\n";
  const bool tried = tally.conflicts > 0 || options.scenario.has_value();
  return failed == 0 && tried ? 0 : 1;
}
