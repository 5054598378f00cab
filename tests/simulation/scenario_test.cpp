// The scenario language: what a bad script is told, that no check is empty; and that every numbered
// rule of docs/protocol.md has a scenario.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "simulation/play.h"
#include "tests/folders.h"

namespace sanad::simulation {
namespace {

namespace fs = std::filesystem;

std::string outcome_of(const std::string& commands) {
  try {
    const Script script = parse_script("x.txt", "# A test.\n" + commands);
    Play(script, {}).run();
    return "passes";
  } catch (const ScriptError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("scenario: a script that holds passes, the same way each time") {
  const std::string script = "members 4\nbatch 1\nexpect ordered batch b1 within 200\n";
  REQUIRE(outcome_of(script) == "passes");
  REQUIRE(outcome_of(script) == outcome_of(script));
}

TEST_CASE("scenario: what is wrong is named with its line and with what was expected") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"run 5\nparttion 0 1 | 2 3\n",
       "x.txt:3: expected a command, not \"parttion\"; nearest is \"partition\""},
      {"run\n", "x.txt:2: expected milliseconds, a number"},
      {"run -5\n", "x.txt:2: expected milliseconds, a number, not -5"},
      {"run 5 6\n", "x.txt:2: expected the end of the line, not \"6\""},
      {"run 5 to=1\n", "x.txt:2: expected the end of the line, not \"to=\""},
      {"crash 4\n", "x.txt:2: expected a member from 0 to 3, not 4"},
      {"crash 1\ncrash 1\n", "x.txt:3: expected a member that runs, not a dead one"},
      {"heal\n", "x.txt:2: expected a partition above this line"},
      {"release\n", "x.txt:2: expected hold above this line"},
      {"deliver everything\n", "x.txt:2: expected drop= or late= above this line"},
      {"restart 1\n", "x.txt:2: expected a member that is down"},
      {"run 5\nmembers 7\n", "x.txt:3: expected \"members\" above all that runs"},
      {"members 3\n", "x.txt:2: expected 4 to 7 members"},
      {"partition 0 1 | 2\n", "x.txt:2: expected every member on one of the sides"},
      {"partition 0 1 | 1 2 3\n", "x.txt:2: expected each member once"},
      {"deliver drop=notarise\n",
       "x.txt:2: expected what travels, not \"notarise\"; nearest is \"notarize\""},
      {"deliver late=status\n", "x.txt:2: expected by=MS beside late="},
      {"traitor 1 silnt\n", "x.txt:2: expected a traitor, not \"silnt\"; nearest is \"silent\""},
      {"traitor 1 silent\ntraitor 2 silent\n", "x.txt:3: expected at most 1 traitors"},
      {"forge vote nullify 1 by=2\n", "x.txt:2: expected a member that is a silent traitor"},
      {"expect finl 3\n", "x.txt:2: expected what is expected, not \"finl\"; nearest is \"final\""},
      {"batch 1\nexpect ordered b2\n", "x.txt:3: expected a batch, not \"b2\"; nearest is \"b1\""},
      {"batch 1 as x\nbatch 1 as x\n", "x.txt:3: expected a new name, not \"x\""},
  };
  for (const auto& [commands, error] : cases) CHECK(outcome_of(commands) == error);
}

TEST_CASE("scenario: a script without a reason, a command or an expectation fails") {
  REQUIRE_THROWS_WITH(parse_script("x.txt", "run 5\n"),
                      "x.txt:1: expected a comment that says why it is there");
  REQUIRE_THROWS_WITH(parse_script("x.txt", "# Why.\n\n"), "x.txt:1: expected a command");
  CHECK(outcome_of("run 5\n") == "x.txt:2: expected at least one \"expect\"");
}

TEST_CASE("scenario: a fault that hits nothing fails, at its line") {
  const std::string idle = "x.txt:2: this fault never hit anything";
  const std::string work = "batch 1\nexpect ordered b1 within 5000\n";
  CHECK(outcome_of("deliver drop=blocks\n" + work) == idle);
  CHECK(outcome_of("deliver drop=blocks\n" + work + "deliver everything\n") == idle);
  CHECK(outcome_of("deliver late=blocks by=5\n" + work) == idle);
  CHECK(outcome_of("hold blocks\n" + work + "release\n") == idle);
  CHECK(outcome_of("partition 0 | 1 2 3\nheal\n" + work) == idle);
  CHECK(outcome_of("traitor 3 silent\nexpect final exactly 0\n") ==
        "x.txt:3: traitor 3 never attacked");
  CHECK(outcome_of("deliver drop=notarize to=3\n" + work) == "passes");
}

TEST_CASE("scenario: every kind of expectation can fail") {
  const std::string begin = "batch 1\nrun 500\n";
  const std::vector<std::string> wrong = {"final 2",
                                          "final at-most 0",
                                          "final exactly 2",
                                          "view 9",
                                          "timeout 101",
                                          "missing 1",
                                          "nullified 1",
                                          "notarized 2",
                                          "finalized 2",
                                          "not nullified 1x",
                                          "not notarized 1",
                                          "not finalized 1",
                                          "not ordered b1",
                                          "block 1 empty",
                                          "block 1 view 2",
                                          "block 2 empty",
                                          "vote nullify 1 by 0",
                                          "not vote notarize 1 by 0 1",
                                          "sent announce by 1",
                                          "not sent notarize by 1",
                                          "refused bad-signature",
                                          "evidence against 1",
                                          "alarm",
                                          "stalled 20000",
                                          "quiet 20000"};
  for (const std::string& each : wrong) {
    CHECK(outcome_of(begin + "expect " + each + "\n").starts_with("x.txt:4: "));
  }
  CHECK(outcome_of("deliver drop=batch,announce\nbatch 1\nrun 500\nexpect ordered b1\n")
            .starts_with("x.txt:5: not so; member 0: final 0"));
}

// ---------------------------------------------------------------------------- the rules

TEST_CASE("scenario: every numbered rule has a scenario, or a reason why it has none") {
  const std::map<std::string, std::string> exceptions = {
      {"B1", "packing, sizes and bounds of batches are the node's pool; the core sees references"},
  };
  std::ostringstream text;
  text << std::ifstream(tests::source_folder() / "docs/protocol.md").rdbuf();
  const std::string page = text.str();
  std::set<std::string> rules;
  const std::regex rule(R"(\*\*([LBWPNFTCRE][0-9]+|E-enter)( \[[SLD]\])?\*\*)");
  for (std::sregex_iterator it(page.begin(), page.end(), rule), end; it != end; ++it) {
    rules.insert((*it)[1]);
  }
  CHECK(rules.size() >= 35);
  std::set<std::string> shown;
  for (const auto& entry : fs::directory_iterator(tests::source_folder() / "tests/scenarios")) {
    const std::string name = entry.path().stem();
    shown.insert(name.substr(0, name.find('_')));
  }
  for (const std::string& each : rules) {
    INFO(each);
    CHECK((shown.contains(each) || exceptions.contains(each)));
  }
  for (const auto& [each, reason] : exceptions) {
    INFO(each);
    CHECK((rules.contains(each) && !shown.contains(each)));
  }
}

}  // namespace sanad::simulation
