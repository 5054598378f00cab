// A record for other programs, as `sanad export` and `sanad trace --json` print it.
#pragma once

#include <optional>
#include <string>

#include "chaincode/record.h"

namespace sanad::tools {

// The opened fields of a declaration's body by their names; numbers in the fields' units.
std::string facts_json(const crypto::Body& body);

// What stands beside a record; each is left out of the JSON where it is absent.
struct BesideRecord {
  std::optional<crypto::Body> body;  // of its statement
  crypto::ByteView detail;           // the bytes of a verdict's StoredDetail; empty: none
};
// {"index","leaf": the record's bytes in base64,"record","facts","verdict"}
std::string record_json(std::uint64_t index, crypto::ByteView leaf, const chaincode::Record& record,
                        const BesideRecord& beside);

}  // namespace sanad::tools
