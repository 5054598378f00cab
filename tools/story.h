// A consignment's records in plain words.
#pragma once

#include "chaincode/record.h"
#include "chaincode/rules/evaluate.h"

namespace sanad::tools {

// One line: number, time, who did what.
std::string tell(const chaincode::Record& record);
// The reasons of a verdict, a line each, indented; from the bytes of a StoredDetail. An error's
// text where they cannot be read.
std::string tell_reasons(crypto::ByteView stored_detail);
// The same of a verdict in hand.
std::string tell_verdict(const chaincode::rules::Verdict& verdict);

// The opened fields of a body, "name=value", and how many are sealed.
std::string tell_body(const crypto::Body& body);

}  // namespace sanad::tools
