// A member gone bad, against running nodes.
//
//   hostile_peer --list                                       every case, as JSON
//   hostile_peer --config FILE --case N... [--only MEMBER]... [--full | --endless]
//
// FILE is the node.toml of the first member of a development network whose own node is not running.
// Several cases at once are lies to a member that comes back (where: "lie"), told until standard
// input ends; "ready" on standard error says when the victim may go, a byte on standard input that
// it is gone. With --endless cases 38 and 44 last until then too. What was done, and what the
// victims' /metrics must now show, goes to standard output as JSON. Exit codes: 0 done, 1 the case
// could not happen, 2 wrong arguments.
#include <algorithm>
#include <boost/json.hpp>
#include <csignal>
#include <iostream>

#include "tests/hostile/catalogue.h"

namespace {

using namespace sanad;
using namespace sanad::hostile;
namespace json = boost::json;

struct Options {
  bool list = false;
  Attack::Size size = Attack::Size::kTest;
  std::string config;
  std::vector<int> numbers;
  std::vector<std::string> only;
};

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool has_value = i + 1 < argc;
    if (word == "--list") {
      options.list = true;
    } else if (word == "--full") {
      options.size = Attack::Size::kFull;
    } else if (word == "--endless") {
      options.size = Attack::Size::kEndless;
    } else if (word == "--config" && has_value) {
      options.config = argv[++i];
    } else if (word == "--case" && has_value) {
      options.numbers.push_back(std::atoi(argv[++i]));
    } else if (word == "--only" && has_value) {
      options.only.emplace_back(argv[++i]);
    } else {
      return std::nullopt;
    }
  }
  if (options.list == !options.config.empty()) return std::nullopt;
  return options;
}

json::object entry(const Case& one) {
  json::object said{{"case", one.number}, {"what", one.what}};
  if (const auto* here = std::get_if<Here>(&one.where)) {
    said["where"] = "here";
    said["reaction"] = here->reaction;
  } else if (const auto* lie = std::get_if<Lie>(&one.where)) {
    said["where"] = "lie";
    said["reaction"] = lie->reaction;
  } else if (const auto* elsewhere = std::get_if<Elsewhere>(&one.where)) {
    said["where"] = "elsewhere";
    said["file"] = elsewhere->file;
    said["test"] = elsewhere->test;
  } else {
    said["where"] = "does not apply";
    said["reason"] = std::get<DoesNotApply>(one.where).reason;
  }
  return said;
}

void list() {
  json::array all;
  for (const Case& one : catalogue()) all.push_back(entry(one));
  std::cout << json::serialize(all) << "\n";
}

json::array expectations(const Attack& attack) {
  static constexpr std::array<const char*, 4> kKinds = {"grows by", "grows at least", "is",
                                                        "is below"};
  json::array all;
  for (const Expectation& one : attack.expectations()) {
    json::object labels;
    for (const auto& [name, value] : one.labels) labels[name] = value;
    all.push_back({{"at", attack.member().name(one.at)},
                   {"metric", "sanad_" + one.metric},
                   {"labels", labels},
                   {"kind", kKinds[static_cast<std::size_t>(one.kind)]},
                   {"value", one.value}});
  }
  return all;
}

std::set<MemberIndex> victims(const Member& member, const std::vector<std::string>& only) {
  std::set<MemberIndex> chosen;
  for (const std::string& name : only) {
    const auto index = member.index(name);
    require(index.has_value(), "no member " + name);
    chosen.insert(*index);
  }
  if (!chosen.empty()) return chosen;
  for (std::size_t i = 0; i < member.committee.n(); ++i) {
    if (i != member.self()) chosen.insert(static_cast<MemberIndex>(i));
  }
  return chosen;
}

// The cases asked for; nothing where one is not of this program, or they do not go together.
std::vector<Case> chosen(const std::vector<int>& numbers) {
  std::vector<Case> cases;
  for (const Case& one : catalogue()) {
    if (std::ranges::find(numbers, one.number) != numbers.end()) cases.push_back(one);
  }
  const bool here = cases.size() == 1 && std::holds_alternative<Here>(cases[0].where);
  const bool lies = std::ranges::all_of(
      cases, [](const Case& one) { return std::holds_alternative<Lie>(one.where); });
  if (cases.size() != numbers.size() || (!here && !lies)) cases.clear();
  return cases;
}

void run(const std::vector<Case>& cases, Attack& attack) {
  if (const auto* here = std::get_if<Here>(&cases[0].where)) return here->run(attack);
  std::vector<Lie> lies;
  for (const Case& one : cases) lies.push_back(std::get<Lie>(one.where));
  tell_lies(attack, lies);
}

int run(const Options& options) {
  const std::vector<Case> cases = chosen(options.numbers);
  if (cases.empty()) {
    std::cerr << "not cases that this program does, or not together: see --list\n";
    return 2;
  }
  json::object said;
  json::array entries;
  for (const Case& one : cases) entries.push_back(entry(one));
  said["cases"] = entries;
  try {
    const Member member = load_member(options.config);
    Attack attack(member, victims(member, options.only), options.size);
    run(cases, attack);
    json::object done;
    for (const auto& [name, value] : attack.done) done[name] = value;
    said["done"] = done;
    said["expect"] = expectations(attack);
  } catch (const Failed& failed) {
    said["failed"] = failed.what();
  }
  std::cout << json::serialize(said) << "\n";
  return said.contains("failed") ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto options = parse(argc, argv);
  if (!options) {
    std::cerr << "hostile_peer --list | --config FILE --case N [--only MEMBER]... "
                 "[--full | --endless]\n";
    return 2;
  }
  if (options->list) {
    list();
    return 0;
  }
  return run(*options);
}
