// The errors of tools. Texts are in errc.cpp; the detail of an error says what to do.
#pragma once

#include "crypto/result.h"

namespace sanad::tools {

enum class Errc {
  kNone,
  kBadDecimal,      // not a decimal number, or too large for its field
  kBadRow,          // a row of an input file that cannot be taken
  kBadFile,         // a file that cannot be opened, read or written
  kBadDeclaration,  // a declaration with an unknown field or a value its field cannot hold
  kVault,           // the vault cannot be opened, read or written
  kVaultDamaged,    // the vault holds something that it never wrote
  kNoAnswer,        // no node answered
  kRefused,         // a node answered with a problem
  kInvalid,         // a node found the submission itself wrong: it can never be accepted
  kNotFound,        // the ledger, or this node, has nothing of that name
  kBadAnswer,       // a node answered something that cannot be understood
  kExpired,         // a submission passed its valid_until without being executed
  kNetworkFolder,   // a development network's folder that is missing something
  kProcess,         // a process that did not start or stop
  kDiffers,         // a recomputation that gives something else
};
const std::error_category& error_category();
inline std::error_code make_error_code(Errc code) {
  return {static_cast<int>(code), error_category()};
}

}  // namespace sanad::tools

template <>
struct std::is_error_code_enum<sanad::tools::Errc> : std::true_type {};
