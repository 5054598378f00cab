// A member's own database against the ledger: every declaration that the member's keys filed is
// looked for in the vault, and every field's digest is computed again from the value and salt
// stored there. The ledger holds commitments only: no second copy of the facts is needed, or
// compared.
#pragma once

#include "tools/node_client.h"
#include "tools/vault.h"

namespace sanad::tools {

enum class Difference : std::uint8_t {
  kAltered,     // a field whose stored value or salt is not what was declared
  kAdded,       // a field in the vault that was not declared
  kRemoved,     // a declared field that the vault does not have
  kDeleted,     // a declaration of which the vault holds nothing
  kUnreadable,  // an entry of the vault that cannot be decoded
  kUndeclared,  // an entry marked as accepted that the ledger does not know
};

struct Finding {
  Difference fault = Difference::kAltered;
  std::string declaration_id;  // empty where nothing is left that knows it
  crypto::Hash commitment;
  std::uint64_t record = 0;  // of the declared or amended record
  std::string field;         // for kAltered, kAdded, kRemoved; empty where fields cannot be told
};

struct Reconciliation {
  std::uint64_t records = 0;       // read from the log
  std::uint64_t declarations = 0;  // of this member, amendments counted
  std::vector<Finding> findings;
};

// Reads the whole log from the member's node. Errors are the node's; what is wrong with the vault
// is a finding. `progress` gets the records read so far and their number.
crypto::Result<Reconciliation> reconcile(
    NodeClient& node, const Vault& vault, const std::string& member,
    const std::function<void(std::uint64_t, std::uint64_t)>& progress);

// The fields in which a vault's body differs from the digests that were declared. Both ascending.
std::vector<std::pair<Difference, std::uint8_t>> compare_fields(
    const std::vector<std::pair<std::uint8_t, crypto::Hash>>& stored,
    const std::vector<std::pair<std::uint8_t, crypto::Hash>>& declared);

std::string describe(const Finding& finding);

}  // namespace sanad::tools
