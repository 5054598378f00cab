#include "chaincode/rules/rule_tests.h"

#include <algorithm>
#include <set>

#include "chaincode/rules/evaluate.h"
#include "chaincode/rules/history.h"
#include "chaincode/rules/program.h"

namespace sanad::chaincode::rules {
namespace {

// The ledger day on which the tests' declarations are judged: 2025-07-01, wide of the first day.
constexpr std::int64_t kToday = 20'270;

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "no rule" : text;
}

Verdict judge(const RuleSet& rule_set, const HistoryIndexes& indexes, const TestCase& test) {
  MemoryState empty;
  State state(empty);
  for (const PastCase& past : test.history) {
    const std::int64_t day = kToday - past.days_ago;
    for (std::int64_t i = 0; i < past.count; ++i) {
      indexes.record_declaration(state, past.facts, day);
      if (past.inspected) indexes.record_inspection(state, past.facts, day, i < past.offences);
    }
  }
  return evaluate(rule_set, test.given, Context{kToday, state});
}

// Empty if the verdict is as expected.
std::string difference(const TestCase& test, const Verdict& verdict) {
  std::vector<std::string> fired;
  for (const FiredRule& rule : verdict.fired) fired.push_back(rule.rule);
  std::string message;
  const auto add = [&message](const std::string& more) {
    message += (message.empty() ? "" : "; ") + more;
  };
  if (verdict.lane != test.lane) {
    add("expected " + std::string(lane_name(test.lane)) + ", came " +
        std::string(lane_name(verdict.lane)));
  }
  if (test.has_score && verdict.score != test.score) {
    add("expected score " + std::to_string(test.score) + ", came " + std::to_string(verdict.score));
  }
  if (fired != test.because) {
    add("expected because of " + joined(test.because) + ", fired: " + joined(fired));
  }
  for (const std::string& rule : test.not_evaluated) {
    const bool found = std::any_of(verdict.not_evaluated.begin(), verdict.not_evaluated.end(),
                                   [&rule](const NotEvaluated& each) { return each.rule == rule; });
    if (!found) add(rule + " was expected not to be evaluated, but was");
  }
  if (message.empty()) return message;
  for (const NotEvaluated& each : verdict.not_evaluated) {
    add(each.rule + " was not evaluated: " + each.reason);
  }
  return message;
}

}  // namespace

std::size_t TestReport::failed() const {
  return static_cast<std::size_t>(std::count_if(
      results.begin(), results.end(), [](const TestResult& result) { return !result.passed; }));
}

TestReport run_tests(const RuleSet& rule_set) {
  const CompiledSet& set = rule_set.compiled();
  const HistoryIndexes indexes(std::span(&rule_set, 1));
  TestReport report;
  std::set<std::string> fired;
  for (const TestCase& test : set.tests) {
    const Verdict verdict = judge(rule_set, indexes, test);
    for (const FiredRule& rule : verdict.fired) fired.insert(rule.rule);
    TestResult& result = report.results.emplace_back();
    result.name = test.name;
    result.line = test.line;
    result.message = difference(test, verdict);
    result.passed = result.message.empty();
  }
  for (const RuleHeading& heading : set.headings) {
    if (!fired.contains(heading.id)) report.never_fired.push_back(heading.id);
  }
  return report;
}

}  // namespace sanad::chaincode::rules
