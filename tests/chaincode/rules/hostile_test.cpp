// HOSTILE 81–85 as they meet the language: what is too much is refused with a diagnostic, and no
// bytes make the compiler or the machine fail.
#include "../../shared_data.h"
#include "chaincode/rules/rule_tests.h"
#include "rules_sample.h"

namespace sanad::tests {
namespace {

std::string first_error(const std::string& text) {
  const Compilation result = compile(text);
  CHECK_FALSE(result.rule_set.has_value());
  for (const Diagnostic& each : result.diagnostics) {
    if (each.is_error()) return each.code;
  }
  return "none";
}

std::string repeated(const std::string& piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

TEST_CASE("hostile: a source over its limit, and one of a single kind of byte") {
  CHECK(first_error(std::string(kSourceBytesMax + 1, ' ')) == "E0501");
  for (const char byte : std::string("(\"a0#\n\xff, x", 10)) {
    const Compilation result = compile(std::string(kSourceBytesMax, byte));
    CHECK_FALSE(result.rule_set.has_value());
    CHECK(result.diagnostics.size() <= kDiagnosticsMax);
  }
}

TEST_CASE("hostile 82: nesting is bounded, and deep logic at one level is not nesting") {
  const auto nested = [](std::size_t depth) {
    return kHeading + rule_text("R", repeated("(", depth) + "origin is CN" + repeated(")", depth));
  };
  CHECK(compile(nested(kNestingMax - 1)).rule_set.has_value());
  CHECK(first_error(nested(kNestingMax)) == "E0502");
  CHECK(first_error(nested(100'000)) == "E0502");
  CHECK(compile(kHeading + rule_text("R", repeated("not ", 50'000) + "origin is CN"))
            .rule_set.has_value());
  rules::Facts facts;
  facts.set(FieldId::kOrigin, std::string("CN"));
  const RuleSet wide = one_rule(repeated("origin is JP or ", 10'000) + "origin is CN");
  CHECK(outcome(wide, facts) == "fires");
  // A filter within a filter within a filter.
  CHECK(
      first_error(kHeading +
                  rule_text("R", repeated("count of declarations with same origin where ", 5'000) +
                                     "origin is CN")) == "E0502");
}

TEST_CASE("hostile 81: more rules, definitions, histories, list items or tests than allowed") {
  std::string rules;
  std::string lists;
  std::string measures;
  for (std::size_t i = 0; i <= kRulesMax; ++i) {
    const std::string n = std::to_string(i);
    rules += rule_text("R" + n, "origin is CN");
    lists += "list l" + n + " of country is CN\n";
  }
  for (std::size_t i = 1; i <= kMeasuresMax + 1; ++i) {
    measures += (i == 1 ? "" : " or ") + ("count of declarations with same origin in the last " +
                                          std::to_string(i) + " days > 1");
  }
  CHECK(first_error(kHeading + rules) == "E0501");
  CHECK(first_error(kHeading + lists) == "E0501");
  CHECK(first_error(kHeading + rule_text("R", measures)) == "E0501");
  CHECK(first_error(kHeading + "list l of hs is 01" + repeated(",01", kListItemsMax)) == "E0501");
  CHECK(first_error(kHeading + rule_text("R", "origin is CN") +
                    repeated("test \"t\" given expect green\n", kTestsMax + 1)) == "E0501");
  const std::string past = "test \"t\" given origin CN" +
                           repeated(" history 10,000 x 1 days ago", 11) + " expect green\n";
  CHECK(first_error(kHeading + rule_text("R", "origin is CN") + past) == "E0501");
}

TEST_CASE("hostile 83: numbers beyond 64 bits are refused where they stand") {
  const auto code = [](const std::string& when) {
    return first_error(kHeading + rule_text("R", when));
  };
  CHECK(code("packages > 9,223,372,036,854,775,808") == "E0401");
  CHECK(code("net_mass > 9223372036854775807 t") == "E0401");
  CHECK(code("duty_rate > 99999999999999999999999999999999 %") == "E0401");
  CHECK(code("count of declarations with same origin in the last 1,831 days > 1") == "E0203");
  CHECK(code("count of declarations with same origin in the last 0 days > 1") == "E0205");
  CHECK(first_error(kHeading + rule_text("R", "origin is CN", "score 1,000,001")) == "E0203");
  // All rules at their highest score together stay far from the limit.
  std::string rules;
  for (std::size_t i = 0; i < kRulesMax; ++i) {
    rules += rule_text("R" + std::to_string(i), "origin is missing", "score -1,000,000");
  }
  CHECK(judge(compiled(kHeading + rules + "outcome score >= 1 -> red\n"), rules::Facts{}).score ==
        -256'000'000);
}

TEST_CASE("hostile 84: what refuses is bounded too") {
  const Compilation result = compile(kHeading + repeated("rule R \"t\"\n", kSourceBytesMax / 16));
  CHECK_FALSE(result.rule_set.has_value());
  CHECK(result.diagnostics.size() == kDiagnosticsMax);
  const std::string name(100'000, 'a');
  for (const Diagnostic& each : compile(kHeading + rule_text("R", name + " is CN")).diagnostics) {
    CHECK(each.text.size() < 500);
    CHECK(format_diagnostic(kHeading + name, each).size() < 1'500);
  }
}

TEST_CASE(
    "hostile: diagnostics of changed rule files can be formatted, and what compiles can judge") {
  const std::string source = file_text(source_folder() / "chaincode/rules/gcc-dev.rules");
  // Shorter pieces of it reach deeper: most changes to a whole file are refused at once.
  const std::size_t tests_at = source.find("test \"");
  const std::vector<std::string> pieces = {"(",
                                           ")",
                                           ",",
                                           " or else ",
                                           " not ",
                                           " and ",
                                           "%",
                                           " 5 kg",
                                           " 0",
                                           "\"",
                                           " is ",
                                           " in ",
                                           "-",
                                           " origin",
                                           " value",
                                           " hit_ratio",
                                           " large_value",
                                           " documents",
                                           " KP",
                                           "\n",
                                           "9223372036854775807",
                                           " where ",
                                           " at least 7 ",
                                           "rule ",
                                           "define a as ",
                                           "history 3 x ",
                                           " missing",
                                           "\xe2",
                                           "#"};
  std::uint64_t seed = 1;
  const auto below = [&seed](std::uint64_t bound) {
    seed = seed * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    return static_cast<std::size_t>((seed >> 33U) % bound);
  };
  std::size_t refused = 0;
  std::size_t accepted = 0;
  rules::Facts facts;
  facts.set(FieldId::kOrigin, std::string("KP"));
  facts.set(FieldId::kHs, std::string("930200"));
  for (int round = 0; round < 1'500; ++round) {
    std::string text = round % 2 == 0 ? source : source.substr(0, tests_at);
    for (std::size_t changes = 1 + below(2); changes > 0; --changes) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text.erase(at, 1 + below(12));
          break;
        case 1:
          text.insert(at, pieces[below(pieces.size())]);
          break;
        case 2:
          text[at] = static_cast<char>(below(256));
          break;
        default:
          text.insert(at, text.substr(below(text.size()), below(60)));
      }
    }
    INFO("round " << round);
    const Compilation result = compile(text);
    if (!result.rule_set) {
      ++refused;
      REQUIRE_FALSE(result.diagnostics.empty());
      for (const Diagnostic& each : result.diagnostics) {
        REQUIRE_FALSE(format_diagnostic(text, each).empty());
      }
      continue;
    }
    ++accepted;
    const Verdict verdict = judge(*result.rule_set, facts);
    REQUIRE(verdict.cost == result.rule_set->cost());
    if (round % 8 == 0) REQUIRE(run_tests(*result.rule_set).results.size() < 100);
  }
  CHECK(refused > 100);
  CHECK(accepted > 100);
}

}  // namespace
}  // namespace sanad::tests
