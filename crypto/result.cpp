#include "crypto/result.h"

#include <array>

namespace sanad::crypto {
namespace {

constexpr std::array<std::string_view, 23> kTexts = {
    "no error",
    "wrong length",
    "malformed text",
    "the bytes end too early",
    "bytes after the end",
    "not in canonical form",
    "another type than expected",
    "wrong number of fields",
    "longer than allowed",
    "nested too deeply",
    "text is not clean UTF-8",
    "number out of range",
    "unknown enumerator",
    "the same name twice",
    "unknown field",
    "missing field",
    "signature does not verify",
    "unusable key",
    "wrong passphrase",
    "proof does not hold",
    "too few valid cosignatures",
    "not in strictly ascending order",
    "a stored tree node is missing or damaged",
};
static_assert(kTexts.size() == static_cast<std::size_t>(Errc::kDamagedNode) + 1);

}  // namespace

const std::error_category& error_category() {
  static const TableCategory category("sanad.crypto", kTexts);
  return category;
}

}  // namespace sanad::crypto
