#include "chaincode/rules/evaluate.h"

#include <algorithm>

#include "chaincode/rules/machine.h"
#include "chaincode/rules/value_text.h"

namespace sanad::chaincode::rules {
namespace {

FiredRule describe(const CompiledSet& set, const Machine& machine, std::size_t position) {
  const CompiledRule& rule = set.rules[position];
  FiredRule fired;
  fired.rule = set.headings[position].id;
  fired.score = rule.score;
  fired.lane_at_least = rule.lane_at_least;
  fired.values.reserve(rule.explained.size());
  for (const Explained& explained : rule.explained) {
    fired.values.push_back({explained.name, value_text(set, machine, explained)});
  }
  return fired;
}

}  // namespace

Verdict evaluate(const RuleSet& rule_set, const Facts& facts, const Context& context) {
  const CompiledSet& set = rule_set.compiled();
  Machine machine(set, facts);
  machine.read_measures(context);
  Findings findings;
  machine.judge(findings);

  Verdict verdict;
  verdict.rule_set = set.id;
  verdict.cost = set.cost;
  verdict.fired.reserve(findings.fired_count);
  for (std::size_t i = 0; i < findings.fired_count; ++i) {
    const FiredRule& fired = verdict.fired.emplace_back(describe(set, machine, findings.fired[i]));
    verdict.score += fired.score;
    verdict.lane = std::max(verdict.lane, fired.lane_at_least);
  }
  for (const OutcomeStep& step : set.outcome) {
    if (verdict.score >= step.score) verdict.lane = std::max(verdict.lane, step.lane);
  }
  verdict.not_evaluated.reserve(findings.unknown_count);
  for (std::size_t i = 0; i < findings.unknown_count; ++i) {
    const Findings::Unknown& unknown = findings.unknown[i];
    verdict.not_evaluated.push_back({set.headings[unknown.rule].id, set.causes[unknown.cause]});
  }
  return verdict;
}

}  // namespace sanad::chaincode::rules
