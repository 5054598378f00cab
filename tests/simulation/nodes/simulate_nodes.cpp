// Runs seeds of the simulator of whole nodes.
//
//   simulate_nodes                      50 seeds, fixed for a commit (what CI runs)
//   simulate_nodes --seeds N --first S  N seeds from S on
//   simulate_nodes --repeat N           N seeds, each twice: the traces must be equal
//   simulate_nodes SEED [--trace]       replays one seed, with a log of every event
//
// A violation prints the seed, the step, the invariant, the last events and the command that
// replays it; the exit code is then 1. So it is where many seeds together show too little: under 5
// heights a busy second, or members that contradicted themselves and no ledger that accuses one.
#include <sodium.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <iostream>

#include "simulation/invariants.h"
#include "simulation/nodes/run.h"

namespace {

using namespace sanad::simulation::nodes;
using sanad::simulation::Random;
using sanad::simulation::Violation;

constexpr std::size_t kLastLines = 60;
// A campaign in which less is decided while something is wrong shows little.
constexpr std::uint64_t kHeightsPerBusySecond = 5;
constexpr std::uint64_t kCampaign = 20;  // seeds
constexpr std::uint64_t kAccusingCampaign = 30;

struct Options {
  std::uint64_t first = 1;
  std::uint64_t seeds = 50;
  bool single = false;
  bool trace = false;
  bool repeat = false;
};

// The node's own secrets (the journal's) come from the seed too.
Random secrets(0);
std::uint32_t secret_word() { return static_cast<std::uint32_t>(secrets.next()); }
void secret_bytes(void* bytes, std::size_t size) {
  auto* out = static_cast<std::uint8_t*>(bytes);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(secrets.next());
}

std::uint64_t seed_now = 0;
void on_abort(int) {
  std::cout << "an assertion does not hold at seed " << seed_now << "\nreplay: simulate_nodes "
            << seed_now << " --trace" << std::endl;
}

// Gathers a trace: the last lines, their number and a checksum of all.
struct Lines {
  std::deque<std::string> last;
  std::uint64_t count = 0;
  std::uint64_t sum = 0xCBF29CE484222325ULL;
  bool print = false;

  void add(const std::string& line) {
    ++count;
    for (const char c : line) sum = (sum ^ static_cast<std::uint8_t>(c)) * 0x100000001B3ULL;
    last.push_back(line);
    if (last.size() > kLastLines) last.pop_front();
    if (print) std::cout << line << "\n";
  }
};

bool run_seed(std::uint64_t seed, const Options& options, Report& total, Lines& lines) {
  const Plan plan = draw_plan(seed);
  seed_now = seed;
  secrets = Random(seed);
  if (options.single) std::cout << "seed " << seed << ": " << plan.text() << std::endl;
  lines.print = options.trace;
  try {
    total.add(run(plan, [&lines](const std::string& line) { lines.add(line); }));
    return true;
  } catch (const Violation& violation) {
    std::cout << "VIOLATION at seed " << seed << ", step " << lines.count << ": "
              << violation.what() << "\n"
              << plan.text() << "\nlast events:\n";
    for (const std::string& line : lines.last) std::cout << "  " << line << "\n";
    std::cout << "replay: simulate_nodes " << seed << " --trace" << std::endl;
    return false;
  }
}

// Whether the campaign was worth its name.
bool shows_enough(const Report& total) {
  const bool idle = total.seeds >= kCampaign &&
                    total.tally.busy_heights * kSecond < kHeightsPerBusySecond * total.tally.busy;
  if (idle) std::cout << "too little was decided in busy time" << std::endl;
  const auto of = [&total](Attack attack) {
    return total.attacks[static_cast<std::size_t>(attack)];
  };
  const bool unpunished = total.seeds >= kAccusingCampaign && total.accusations == 0 &&
                          of(Attack::kEquivocator) + of(Attack::kTwin) > 0;
  if (unpunished) std::cout << "members contradicted themselves, none is accused" << std::endl;
  return !idle && !unpunished;
}

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto number = [&]() { return std::strtoull(argv[++i], nullptr, 10); };
    if (word == "--trace") {
      options.trace = true;
    } else if (word == "--seeds" && i + 1 < argc) {
      options.seeds = number();
    } else if (word == "--repeat" && i + 1 < argc) {
      options.repeat = true;
      options.seeds = number();
    } else if (word == "--first" && i + 1 < argc) {
      options.first = number();
    } else if (word.find_first_not_of("0123456789") == std::string::npos) {
      options.first = std::strtoull(argv[i], nullptr, 10);
      options.seeds = 1;
      options.single = true;
    } else {
      std::cerr << "usage: simulate_nodes [SEED] [--seeds N] [--repeat N] [--first S] [--trace]\n";
      return false;
    }
  }
  return options.seeds > 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) return 2;
  randombytes_implementation source{};
  source.implementation_name = [] { return "the seed"; };
  source.random = secret_word;
  source.buf = secret_bytes;
  randombytes_set_implementation(&source);
  spdlog::set_level(spdlog::level::off);
  std::signal(SIGABRT, on_abort);
  Report total;
  std::uint64_t failed = 0;
  for (std::uint64_t seed = options.first; seed < options.first + options.seeds; ++seed) {
    Lines lines;
    bool good = run_seed(seed, options, total, lines);
    if (good && options.repeat) {
      Lines again;
      good = run_seed(seed, options, total, again) && again.sum == lines.sum &&
             again.count == lines.count;
      if (!good) std::cout << "seed " << seed << " runs differently the second time\n";
    }
    if (!good) ++failed;
  }
  std::cout << failed << " violations; " << total.text() << std::endl;
  const bool enough = shows_enough(total);
  return failed == 0 && enough ? 0 : 1;
}
