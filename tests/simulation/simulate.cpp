// Runs seeds of the consensus simulator.
//
//   simulate                            200 fresh-looking seeds, fixed for a commit
//   simulate --seeds N --first S        N seeds from S on
//   simulate --hours H --first S        seeds from S on until H busy cluster-hours are over
//   simulate SEED [--trace]             replays one seed, with a log of every event
//   simulate SEED --without A,B         the same without these faults of its plan
//   simulate --twice --seeds N          each seed two times: all that happens must be the same
//   simulate --minimize SEED            the fewest faults of its plan that still break it
//
// A violation prints the seed, the step, the invariant, the last events and the command that
// replays it; the exit code is then 1. So it is where a campaign is too quiet: under 5 heights a
// busy second in which a quorum was connected, or a kind of fault or attack that never happened.
// That holds for many seeds together. One seed may be slower: in some the way from member to member
// takes a third of a second.
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <sstream>

#include "simulation/fast_signature.h"
#include "simulation/outcome.h"
#include "simulation/world.h"

namespace {

using namespace sanad::simulation;

constexpr double kHeightsPerSecondMin = 5;
constexpr std::uint64_t kCampaign = 1'000;  // seeds from which on it must be lively

struct Options {
  std::uint64_t first = 1;
  std::uint64_t seeds = 200;
  double hours = 0;  // 0: as many seeds as said
  bool single = false;
  bool trace = false;
  bool minimize = false;
  bool twice = false;
  std::vector<std::string> without;
};

// For the handler of an assertion's signal.
volatile std::sig_atomic_t seed_now = 0;

void name_seed(int) {
  static const char kText[] = "assertion failed at seed ";
  char digits[24];
  std::size_t at = sizeof digits;
  digits[--at] = '\n';
  for (auto rest = static_cast<unsigned long>(seed_now); at > 0;) {
    digits[--at] = static_cast<char>('0' + rest % 10);
    if ((rest /= 10) == 0) break;
  }
  (void)!write(STDERR_FILENO, kText, sizeof kText - 1);
  (void)!write(STDERR_FILENO, digits + at, sizeof digits - at);
}

bool run_seed(std::uint64_t seed, const Options& options, Tally& total) {
  Plan plan = draw_plan(seed);
  if (!leave_out(options.without, plan)) {
    std::cerr << "the plan of seed " << seed << " has no such fault; it has:";
    for (const std::string& fault : faults_of(plan)) std::cerr << " " << fault;
    std::cerr << "\n";
    return false;
  }
  seed_now = static_cast<std::sig_atomic_t>(seed);
  use_fast_signatures(plan.fast_signatures);
  if (options.single) std::cout << "seed " << seed << ": " << plan.text() << "\n";
  World world(plan, options.trace ? [](const std::string& line) { std::cout << line << "\n"; }
                                  : std::function<void(const std::string&)>());
  try {
    total += world.run();
    return true;
  } catch (const Violation& violation) {
    std::cout << "VIOLATION at seed " << seed << ", step " << world.steps() << ": "
              << violation.what() << "\n"
              << plan.text() << "\nlast events:\n";
    for (const std::string& line : world.last_lines()) std::cout << "  " << line << "\n";
    std::cout << "replay: simulate " << seed << " --trace\n"
              << "shrink: simulate --minimize " << seed << std::endl;
    return false;
  }
}

// A number for all lines of the seed's trace.
std::uint64_t print_of_trace(std::uint64_t seed) {
  const Plan plan = draw_plan(seed);
  use_fast_signatures(plan.fast_signatures);
  std::uint64_t print = 14695981039346656037ULL;  // FNV-1a
  World world(plan, [&print](const std::string& line) {
    for (const char letter : line) {
      print = (print ^ static_cast<unsigned char>(letter)) * 1099511628211ULL;
    }
  });
  try {
    (void)world.run();
  } catch (const Violation&) {  // is as good as any end
  }
  return print;
}

bool runs_alike(std::uint64_t seed) {
  if (print_of_trace(seed) == print_of_trace(seed)) return true;
  std::cout << "seed " << seed << " did not run twice in the same way\n";
  return false;
}

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool more = i + 1 < argc;
    const auto number = [&]() { return std::strtoull(argv[++i], nullptr, 10); };
    const auto one = [&](std::uint64_t seed) {
      options.first = seed;
      options.seeds = 1;
      options.single = true;
    };
    if (word == "--trace") {
      options.trace = true;
    } else if (word == "--twice") {
      options.twice = true;
    } else if (word == "--seeds" && more) {
      options.seeds = number();
    } else if (word == "--first" && more) {
      options.first = number();
    } else if (word == "--hours" && more) {
      options.hours = std::strtod(argv[++i], nullptr);
    } else if (word == "--minimize" && more) {
      options.minimize = true;
      one(number());
    } else if (word == "--without" && more) {
      std::istringstream words(argv[++i]);
      for (std::string fault; std::getline(words, fault, ',');) options.without.push_back(fault);
    } else if (word.find_first_not_of("0123456789") == std::string::npos) {
      one(std::strtoull(argv[i], nullptr, 10));
    } else {
      return false;
    }
  }
  return options.seeds > 0 && !(options.twice && options.hours > 0);
}

// Whether the campaign was worth its name.
bool is_lively(const Tally& total, std::uint64_t seeds) {
  if (seeds < kCampaign) return true;
  for (const std::string& kind : missing_in(total)) std::cout << "TOO QUIET: no " << kind << "\n";
  const double seconds = static_cast<double>(total.busy_connected) / kSecond;
  const bool fast = static_cast<double>(total.busy_heights) >= kHeightsPerSecondMin * seconds;
  if (!fast) std::cout << "TOO QUIET: under " << kHeightsPerSecondMin << " heights a busy second\n";
  return fast && missing_in(total).empty();
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::cerr << "usage: simulate [SEED] [--seeds N] [--hours H] [--first S] [--trace]"
                 " [--twice] [--without FAULTS] | --minimize SEED\n";
    return 2;
  }
  if (options.minimize) return report_minimized(draw_plan(options.first), {}, "simulate") ? 1 : 0;
  std::signal(SIGABRT, name_seed);
  Tally total;
  std::uint64_t failed = 0;
  std::uint64_t seed = options.first;
  const auto goes_on = [&]() {
    if (options.hours <= 0) return seed < options.first + options.seeds;
    return static_cast<double>(total.busy) < options.hours * 3600 * kSecond;
  };
  for (; goes_on(); ++seed) {
    if (!(options.twice ? runs_alike(seed) : run_seed(seed, options, total))) ++failed;
  }
  const std::uint64_t seeds = seed - options.first;
  std::cout << seeds << " seeds from " << options.first << ", " << failed << " violations\n";
  if (options.twice) return failed == 0 ? 0 : 1;
  std::cout << total;
  if (options.hours > 0) std::cout << "to go on: --first " << seed << "\n";
  return is_lively(total, seeds) && failed == 0 ? 0 : 1;
}
