// Which facts a proof shows (LEDGER F5): its holder may seal more of them, and a member may open
// sealed ones to one party with the salts in its vault. The proof holds either way.
#pragma once

#include "chaincode/bundle.h"
#include "tools/vault.h"

namespace sanad::tools {

// Replaces opened facts by their digests, in every record that has them. The reasons of verdicts
// quote the values that were read: whoever seals leaves them out too. kBadDeclaration for a name
// that is no field's.
crypto::Status seal_fields(chaincode::Bundle& bundle, const std::vector<std::string>& names);

// Puts the vault's value and salt in place of each sealed digest of these fields. Says how many it
// opened. kDiffers where the vault's value is not the one that was declared, kNotFound where the
// vault has none, or no record seals such a field.
crypto::Result<std::size_t> open_fields(chaincode::Bundle& bundle, const Vault& vault,
                                        const std::vector<std::string>& names);

}  // namespace sanad::tools
