// Judging one declaration: facts and history in, verdict out. Total and deterministic (C1–C5).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chaincode/lane.h"
#include "chaincode/rules/facts.h"
#include "chaincode/rules/rule_set.h"
#include "chaincode/state.h"
#include "crypto/codec.h"

namespace sanad::chaincode::rules {

struct Context {
  // Days since 1970-01-01 of the block's time: time_ms / 86'400'000.
  std::int64_t ledger_day = 0;
  // The state as of the end of the previous block (C2).
  const StateReader& history;
};

// A value as the analyst writes it: "hit rate …" = "53.3 % (8 of 15)", "net_mass" = "12.5 kg".
struct ValueRead {
  std::string name;
  std::string value;  // "unknown" where it is

  friend bool operator==(const ValueRead&, const ValueRead&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(name), SANAD_FIELD_MAX(value, 4096));
  }
};

struct FiredRule {
  std::string rule;
  std::int64_t score = 0;
  Lane lane_at_least = Lane::kGreen;
  std::vector<ValueRead> values;  // what its `explain` names, in that order

  friend bool operator==(const FiredRule&, const FiredRule&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(rule), SANAD_FIELD(score), SANAD_FIELD(lane_at_least), SANAD_FIELD(values));
  }
};

struct NotEvaluated {
  std::string rule;
  std::string reason;  // "origin is missing", "fewer than 10 inspections in: hit rate of …"

  friend bool operator==(const NotEvaluated&, const NotEvaluated&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(rule), SANAD_FIELD(reason));
  }
};

// The verdict's detail (C13). Lists are in the order of rule ids (C3).
struct Verdict {
  crypto::Hash rule_set;
  Lane lane = Lane::kGreen;
  std::int64_t score = 0;
  std::vector<FiredRule> fired;
  std::vector<NotEvaluated> not_evaluated;
  std::uint64_t cost = 0;

  friend bool operator==(const Verdict&, const Verdict&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(rule_set), SANAD_FIELD(lane), SANAD_FIELD(score), SANAD_FIELD(fired),
       SANAD_FIELD(not_evaluated), SANAD_FIELD(cost));
  }
};

// Cannot fail. Thread-safe.
Verdict evaluate(const RuleSet& rule_set, const Facts& facts, const Context& context);

}  // namespace sanad::chaincode::rules
