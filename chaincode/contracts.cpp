#include "chaincode/contracts.h"

#include <algorithm>
#include <set>

#include "chaincode/rules/diagnostic.h"
#include "chaincode/rules/program.h"

namespace sanad::chaincode {
namespace {

Error bad_set(const RuleSetText& set, const std::string& what) {
  return {Errc::kBadRuleSet, "rule set \"" + set.id + "\": " + what};
}

Result<rules::RuleSet> compile_set(const RuleSetText& source, std::uint64_t cost_max) {
  rules::Compilation compilation = rules::compile(crypto::as_text(source.text));
  if (!compilation.rule_set) {
    for (const rules::Diagnostic& diagnostic : compilation.diagnostics) {
      if (!diagnostic.is_error()) continue;
      return bad_set(source, diagnostic.code + " line " + std::to_string(diagnostic.line) + ": " +
                                 diagnostic.text);
    }
    return bad_set(source, "does not compile");
  }
  const rules::RuleSet& compiled = *compilation.rule_set;
  if (compiled.name() != source.id)
    return bad_set(source, "its text is of \"" + compiled.name() + "\"");
  if (compiled.cost() > cost_max) {
    return bad_set(source, "costs " + std::to_string(compiled.cost()) + " a declaration, at most " +
                               std::to_string(cost_max));
  }
  return compiled;
}

// Key fields, and whatever facts a filter's code touches.
void collect_fields(const rules::CompiledSet& set, std::set<FieldId>& fields) {
  const auto collect = [&set, &fields](std::uint16_t from) {
    for (const rules::Binding& binding : set.bindings) {
      if (binding.to == from && binding.term->extract != rules::Extract::kFact) {
        fields.insert(binding.term->field);
      }
    }
  };
  for (const rules::HistoryIndex& index : set.indexes) {
    std::for_each(index.keys.begin(), index.keys.end(), collect);
    collect(index.filter_result);  // a fact itself, where the filter takes no code
    for (std::uint32_t i = index.filter.begin; i < index.filter.end; ++i) {
      collect(set.code[i].a);
      collect(set.code[i].b);
    }
  }
}

std::vector<FieldId> fields_of(std::span<const rules::RuleSet> sets) {
  std::set<FieldId> fields;
  for (const rules::RuleSet& set : sets) collect_fields(set.compiled(), fields);
  return {fields.begin(), fields.end()};
}

}  // namespace

Result<Contracts> Contracts::create(Genesis genesis, crypto::NetworkSecret secret,
                                    const JudgeMaker& make_judge) {
  assert(make_judge);
  SANAD_TRY_STATUS(check(genesis));
  Contracts contracts;
  for (const RuleSetText& source : genesis.rule_sets) {
    SANAD_TRY(const rules::RuleSet compiled, compile_set(source, genesis.params.rule_cost_max));
    for (std::size_t flow = 0; flow < kFlowNames.size(); ++flow) {
      if (!compiled.applies_to(kFlowNames[flow])) continue;
      if (contracts.by_flow_[flow]) {
        return bad_set(source, "another set already judges " + std::string(kFlowNames[flow]));
      }
      contracts.by_flow_[flow] = contracts.rule_sets_.size();
    }
    contracts.rule_sets_.push_back(compiled);
  }
  contracts.history_ = rules::HistoryIndexes(contracts.rule_sets_);
  contracts.history_fields_ = fields_of(contracts.rule_sets_);
  contracts.registry_ = Registry(genesis);
  contracts.network_ = network_id(genesis);
  contracts.judge_ = make_judge(genesis, contracts.network_);
  contracts.genesis_ = std::move(genesis);
  contracts.secret_ = secret;
  return contracts;
}

const rules::RuleSet* Contracts::rule_set(Flow flow) const {
  const auto& index = by_flow_[static_cast<std::size_t>(flow)];
  return index ? &rule_sets_[*index] : nullptr;
}

}  // namespace sanad::chaincode
