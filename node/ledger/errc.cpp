#include "node/ledger/errc.h"

#include <array>

namespace sanad::node {
namespace {

constexpr std::array<std::string_view, 12> kLedgerTexts = {
    "no error",
    "the disk refused",
    "no space left",
    "no such file",
    "the folder is in use by another process",
    "data on disk is damaged",
    "the folder belongs to another network or version",
    "block height out of order",
    "the store has lost commits that its segments hold: `sanad ledger rebuild` makes it anew",
    "too large for one frame",
    "not found",
    "the ledger stopped after an earlier failure",
};
static_assert(kLedgerTexts.size() == static_cast<std::size_t>(LedgerErrc::kStopped) + 1);

}  // namespace

const std::error_category& ledger_error_category() {
  static const crypto::TableCategory category("sanad.ledger", kLedgerTexts);
  return category;
}

}  // namespace sanad::node
