// The operating errors of the contracts: why bytes are not a submission, or a genesis cannot be
// used. What the contracts refuse after ordering is not an error but history: refusal.h.
#pragma once

#include "crypto/result.h"

namespace sanad::chaincode {

using crypto::Error;
using crypto::Result;
using crypto::Status;

enum class Errc {
  kNone,
  kTooLarge,          // a submission over kSubmissionBytesMax
  kStatementCount,    // none, too many, or another number than the payload says
  kOtherNetwork,      // a payload for another network
  kWrongRoot,         // statements that do not hash to the signed root
  kBodyMissing,       // a statement that needs its body came without
  kBodyUnexpected,    // a body beside a statement that names none
  kBodyMismatch,      // a body whose digest or commitment is not the statement's
  kUnknownField,      // a field id that the schema does not have
  kFieldKind,         // a field with a value of another kind
  kFieldValue,        // a field outside its bounds or characters
  kFieldMissing,      // a required field that is absent or sealed
  kUnknownSchema,     // a body of a schema that we do not know
  kBadGenesis,        // a genesis that contradicts itself
  kBadRuleSet,        // a rule set that does not compile
  kUnknownStatement,  // explain: no such statement in the block, or it got no verdict
  kUnknownVersion,    // a record of a later version
};
const std::error_category& error_category();
inline std::error_code make_error_code(Errc code) {
  return {static_cast<int>(code), error_category()};
}

}  // namespace sanad::chaincode

template <>
struct std::is_error_code_enum<sanad::chaincode::Errc> : std::true_type {};
