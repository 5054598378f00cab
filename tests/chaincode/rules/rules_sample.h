// Small rule sets and facts for tests of the rule language.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "chaincode/rules/evaluate.h"
#include "chaincode/rules/history.h"
#include "chaincode/rules/vocabulary.h"

namespace sanad::tests {

namespace rules = chaincode::rules;
using namespace chaincode::rules;
using chaincode::FieldId;
using chaincode::Lane;
using chaincode::MemoryState;
using chaincode::State;

inline const std::string kHeading = "rule set \"t\" version 1 for all\n";

inline std::string rule_text(const std::string& id, const std::string& when,
                             const std::string& then = "lane at least red",
                             const std::string& explain = "") {
  return "rule " + id + " \"a title\" owner \"o\" legal basis \"l\" review by 2027-06-30\n  when " +
         when + "\n  then " + then + (explain.empty() ? "" : "\n  explain " + explain) + "\n";
}

// The compiled set; fails the test with the diagnostics if there is none.
inline RuleSet compiled(const std::string& text) {
  const Compilation result = compile(text);
  std::string why;
  for (const Diagnostic& each : result.diagnostics) why += format_diagnostic(text, each);
  INFO(why);
  REQUIRE(result.rule_set.has_value());
  return *result.rule_set;
}

inline RuleSet one_rule(const std::string& when, const std::string& before = "") {
  return compiled(kHeading + before + rule_text("R", when));
}

inline Verdict judge(const RuleSet& rule_set, const rules::Facts& facts) {
  const MemoryState empty;
  return evaluate(rule_set, facts, Context{20'000, empty});
}

// "fires", "does not" or the reason why the only rule was not evaluated.
inline std::string outcome(const RuleSet& rule_set, const rules::Facts& facts) {
  const Verdict verdict = judge(rule_set, facts);
  if (!verdict.not_evaluated.empty()) return verdict.not_evaluated[0].reason;
  return verdict.fired.empty() ? "does not" : "fires";
}

}  // namespace sanad::tests
