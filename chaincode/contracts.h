// What every validator executes with: the genesis, the network secret, the compiled rule sets.
#pragma once

#include "chaincode/accusation.h"
#include "chaincode/fields.h"
#include "chaincode/registry.h"
#include "chaincode/rules/history.h"
#include "crypto/handle.h"

namespace sanad::chaincode {

// Immutable; thread-safe; outlives every use.
class Contracts {
 public:
  // Checks the genesis and compiles its rule sets: kBadGenesis; kBadRuleSet with the first
  // diagnostic, a cost over rule_cost_max, a name that is not its entry's id, or two sets for one
  // flow. REQUIRES: a maker; every validator of a network has the same.
  static Result<Contracts> create(Genesis genesis, crypto::NetworkSecret secret,
                                  const JudgeMaker& make_judge);

  [[nodiscard]] const Genesis& genesis() const { return genesis_; }
  [[nodiscard]] const Hash& network() const { return network_; }
  [[nodiscard]] const crypto::NetworkSecret& secret() const { return secret_; }
  [[nodiscard]] const Registry& registry() const { return registry_; }
  [[nodiscard]] const EvidenceJudge& judge() const { return judge_; }
  [[nodiscard]] std::span<const rules::RuleSet> rule_sets() const { return rule_sets_; }
  [[nodiscard]] const rules::HistoryIndexes& history() const { return history_; }
  // The fields that the history reads of a declaration, ascending.
  [[nodiscard]] std::span<const FieldId> history_fields() const { return history_fields_; }
  // The set that judges declarations of a flow; nullptr where none does.
  [[nodiscard]] const rules::RuleSet* rule_set(Flow flow) const;

 private:
  Contracts() = default;

  Genesis genesis_;
  Hash network_;
  crypto::NetworkSecret secret_;
  Registry registry_;
  EvidenceJudge judge_;
  std::vector<rules::RuleSet> rule_sets_;
  std::array<std::optional<std::size_t>, kFlowNames.size()> by_flow_;
  rules::HistoryIndexes history_;
  std::vector<FieldId> history_fields_;
};

}  // namespace sanad::chaincode
