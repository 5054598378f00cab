// One declaration judged: facts from its body and the live identifiers, verdict by the rule set of
// its flow, detail for the body store. Pure.
#pragma once

#include "chaincode/declaration.h"
#include "chaincode/execute.h"
#include "chaincode/rules/evaluate.h"

namespace sanad::chaincode {

struct JudgeInput {
  const Contracts& contracts;
  const StateReader& history;  // as of the end of the previous block (RULES C2)
  // As it is now, within the block: which identifiers are live. The declaration's own are not.
  const StateReader& now;
  std::uint64_t time_ms = 0;  // the block's
  std::uint64_t cause = 0;    // index of the declared or amended record: the verdict's origin
  LiveKeys identifiers;       // live_keys() of the body
};

struct Judgement {
  rules::Facts facts;
  rules::Verdict verdict;
  DetailBody detail;
};

// 86,400,000 ms each, from 1970-01-01.
std::int64_t ledger_day(std::uint64_t time_ms);

// The opened fields, and whether the identifiers are borne by another live declaration.
rules::Facts gather_facts(const StateReader& now, const Body& body, const LiveKeys& identifiers);

// Nothing where no rule set is for the body's flow. REQUIRES: check_body(body).ok().
std::optional<Judgement> judge(const JudgeInput& input, const Body& body);

}  // namespace sanad::chaincode
