// The tests that stand beside the rules in a rule file, run by the same engine that judges.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chaincode/rules/rule_set.h"

namespace sanad::chaincode::rules {

struct TestResult {
  std::string name;
  std::uint32_t line = 0;
  bool passed = false;
  std::string message;  // of a failed test: what was expected, what came and why
};

struct TestReport {
  std::vector<TestResult> results;       // in the order of the file
  std::vector<std::string> never_fired;  // rules that fired in no test
  [[nodiscard]] std::size_t failed() const;
};

TestReport run_tests(const RuleSet& rule_set);

}  // namespace sanad::chaincode::rules
