// A verdict recomputed (`sanad explain`): the block is executed again, and the verdict of one
// statement is shown with what it was computed from, or computed anew with one fact changed.
#pragma once

#include "chaincode/execute.h"

namespace sanad::chaincode {

// One field as it might have been declared: another value, or left out.
struct ChangedField {
  FieldId id = FieldId::kDeclarationId;
  std::optional<crypto::FieldValue> value;
};

struct Explanation {
  rules::Verdict verdict;
  DetailBody detail;                 // as the body store keeps it
  std::uint64_t verdict_record = 0;  // index of the record as executed
  rules::Facts facts;                // what the rules were given
};

// Which declare or amend statement, of which block, on which state (as of the end of the block
// before).
struct ExplainRequest {
  const OrderedBlock& block;
  const StateReader& previous;
  std::uint64_t first_record_index = 0;
  StatementOrigin statement;
  std::optional<ChangedField> change;
};

// kUnknownStatement if the block holds no such statement or it got no verdict (refused, or no rule
// set for its flow). kFieldKind, kFieldValue, kBadUtf8 for a change that no declaration could hold.
// Without a change the detail's digest is the verdict record's, bit for bit.
Result<Explanation> explain(const Contracts& contracts, const ExplainRequest& request);

}  // namespace sanad::chaincode
