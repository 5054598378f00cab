// Second part of a bundle's check: that its records are the subject's history, all of it (LEDGER
// F16). Pure.
#pragma once

#include "chaincode/bundle.h"

namespace sanad::chaincode {

// Fills in what `found` says of the history. REQUIRES: `commit` is that of a believed checkpoint.
[[nodiscard]] Status check_history(const Bundle& bundle, const CommitRecord& commit,
                                   BundleFindings& found);

}  // namespace sanad::chaincode
