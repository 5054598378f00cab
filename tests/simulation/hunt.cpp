// Breaks one rule of the core after the other and looks for the seed that shows it.
//
//   simulate_mutants --mutants        fresh seeds for each mutant until an invariant is violated
//   simulate_mutants --mutant NAME    the same for one; with --minimize SEED, the fewest faults of
//                                     the seed's plan that show it
//   simulate_mutants --known          each mutant on the seed known to catch it (what CI runs)
//   simulate_mutants --rules DOC      every [S] and [L] rule of the protocol's page has a mutant
//   --refinement                      by the abstract protocol of refinement.h, before any other
//                                     invariant; without this it is off
//   --at-least N                      that many caught are enough
//   --first S --bound N --json        where fresh seeds begin, how many are tried, for programs
//
// Caught means: an invariant over honest members, and the same seed passes with nothing broken. A
// process that dies by an assertion is not a catch. The exit code is 1 if a mutant survives.
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <regex>
#include <set>
#include <sstream>

#include "simulation/mutants.h"
#include "simulation/outcome.h"

namespace {

using namespace sanad::simulation;

struct Options {
  std::uint64_t first = 1;
  std::uint64_t bound = 400;
  bool known = false;
  bool json = false;
  bool refinement = false;
  std::size_t at_least = 0;  // 0: all
  std::string only;
  std::string document;
  std::uint64_t minimize = 0;
  std::vector<std::string> without;  // faults of that seed's plan
};

// The seed's run with the mutant's rules broken, or with none.
Outcome run(std::uint64_t seed, const MutantEntry* mutant, bool refinement) {
  Plan plan = draw_plan(seed);
  plan.refinement = refinement;
  return run_apart(plan, [mutant] { break_rules(mutant); });
}

struct Catch {
  const MutantEntry* mutant = nullptr;
  Outcome outcome;
  std::uint64_t seed = 0;
  std::uint64_t seeds = 0;  // tried
  std::uint64_t died = 0;   // of them, by an assertion
  bool clean = true;        // the seed tried last passes with nothing broken
};

Catch hunt(const MutantEntry& mutant, const Options& options) {
  Catch result;
  result.mutant = &mutant;
  const std::uint64_t first = options.known ? mutant.seed : options.first;
  const std::uint64_t bound = options.known ? 1 : options.bound;
  for (std::uint64_t seed = first; seed < first + bound; ++seed) {
    ++result.seeds;
    const Outcome outcome = run(seed, &mutant, options.refinement);
    if (outcome.kind == Outcome::Kind::kDied) ++result.died;
    if (outcome.kind != Outcome::Kind::kCaught) continue;
    if (outcome.by_refinement != options.refinement) continue;
    if (outcome.invariant == "run") continue;  // a traitor without occasion is no member's fault
    result.clean = run(seed, nullptr, true).kind == Outcome::Kind::kPassed;
    if (!result.clean) continue;  // this seed shows nothing of the mutant
    result.outcome = outcome;
    result.seed = seed;
    break;
  }
  return result;
}

std::string twins_of(const MutantEntry& mutant) {
  std::string names;
  for (const auto twin : mutant.twins) {
    names += (names.empty() ? "" : ", ");
    names += mutants()[static_cast<std::size_t>(twin)].name;
  }
  return names;
}

void print_json(const Catch& result) {
  const MutantEntry& mutant = *result.mutant;
  std::cout << "{\"mutant\":\"" << mutant.name << "\",\"rule\":\"" << mutant.rule
            << "\",\"what\":\"" << mutant.what << "\",\"with\":\"" << twins_of(mutant)
            << "\",\"caught\":" << (result.seed != 0 ? "true" : "false") << ",\"invariant\":\""
            << result.outcome.invariant << "\",\"seed\":" << result.seed
            << ",\"seeds\":" << result.seeds << ",\"step\":" << result.outcome.step
            << ",\"at_ms\":" << result.outcome.at / kMillisecond << ",\"died\":" << result.died
            << ",\"clean\":" << (result.clean ? "true" : "false") << "}" << std::endl;
}

void print_line(const Catch& result) {
  const MutantEntry& mutant = *result.mutant;
  std::cout << std::left << std::setw(28) << mutant.name << std::setw(9) << mutant.rule;
  if (result.seed == 0) {
    std::cout << "SURVIVES " << result.seeds << " seeds";
  } else {
    std::cout << std::setw(9) << result.outcome.invariant << "seed " << std::setw(7) << result.seed
              << "seeds " << std::setw(5) << result.seeds << "step " << std::setw(8)
              << result.outcome.step << "at " << result.outcome.at / kMillisecond << " ms";
  }
  if (result.died > 0) std::cout << ", died " << result.died << " times";
  if (!mutant.twins.empty()) std::cout << ", with " << twins_of(mutant);
  if (!result.clean) std::cout << ", BUT A SEED FAILS WITHOUT IT";
  std::cout << std::endl;
}

// Rules marked [S] or [L] without a mutant.
int check_rules(const std::string& document) {
  std::ifstream file(document);
  std::set<std::string> known;
  for (const MutantEntry& mutant : mutants()) known.insert(std::string(mutant.rule));
  const std::regex mark(R"(\*\*([A-Z]+[0-9]+) \[[SL]\]\*\*)");
  std::size_t count = 0;
  int missing = 0;
  for (std::string line; std::getline(file, line);) {
    for (std::sregex_iterator at(line.begin(), line.end(), mark), end; at != end; ++at) {
      ++count;
      if (known.contains((*at)[1].str())) continue;
      std::cout << "no mutant breaks " << (*at)[1].str() << "\n";
      ++missing;
    }
  }
  std::cout << count << " rules are marked [S] or [L], " << missing << " without a mutant\n";
  return count > 0 && missing == 0 ? 0 : 1;
}

// 0 where the seed shows the mutant.
int minimize(const Options& options) {
  const MutantEntry* mutant = options.only.empty() ? nullptr : find_mutant(options.only);
  const std::string program = "simulate_mutants --mutant " + options.only + " --minimize";
  Plan plan = draw_plan(options.minimize);
  if (!leave_out(options.without, plan)) return 2;
  return report_minimized(
             plan, [mutant] { break_rules(mutant); }, program)
             ? 0
             : 1;
}

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool more = i + 1 < argc;
    if (word == "--known") {
      options.known = true;
    } else if (word == "--json") {
      options.json = true;
    } else if (word == "--refinement") {
      options.refinement = true;
    } else if (word == "--at-least" && more) {
      options.at_least = std::strtoull(argv[++i], nullptr, 10);
    } else if (word == "--mutant" && more) {
      options.only = argv[++i];
    } else if (word == "--minimize" && more) {
      options.minimize = std::strtoull(argv[++i], nullptr, 10);
    } else if (word == "--without" && more) {
      std::istringstream words(argv[++i]);
      for (std::string fault; std::getline(words, fault, ',');) options.without.push_back(fault);
    } else if (word == "--rules" && more) {
      options.document = argv[++i];
    } else if (word == "--first" && more) {
      options.first = std::strtoull(argv[++i], nullptr, 10);
    } else if (word == "--bound" && more) {
      options.bound = std::strtoull(argv[++i], nullptr, 10);
    } else if (word != "--mutants") {
      return false;
    }
  }
  return argc > 1 && (options.only.empty() || find_mutant(options.only) != nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::cerr << "usage: simulate_mutants --mutants | --mutant NAME | --known | --rules DOC"
                 " [--refinement] [--at-least N] [--first S] [--bound N]"
                 " [--minimize SEED [--without FAULTS]] [--json]\n";
    return 2;
  }
  if (!options.document.empty()) return check_rules(options.document);
  if (options.minimize != 0) return minimize(options);
  std::size_t tried = 0;
  std::size_t caught = 0;
  for (const MutantEntry& mutant : mutants()) {
    if (!options.only.empty() && mutant.name != options.only) continue;
    const Catch result = hunt(mutant, options);
    (options.json ? print_json : print_line)(result);
    ++tried;
    if (result.seed != 0 && result.clean) ++caught;
  }
  if (!options.json) std::cout << caught << " of " << tried << " mutants caught\n";
  const std::size_t enough = options.at_least > 0 ? options.at_least : tried;
  return caught >= enough ? 0 : 1;
}
