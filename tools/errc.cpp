#include "tools/errc.h"

#include <array>

namespace sanad::tools {
namespace {

constexpr std::array<std::string_view, 16> kTexts = {
    "no error",
    "not a number that fits",
    "row refused",
    "file problem",
    "declaration refused",
    "vault problem",
    "vault damaged",
    "no answer from the node",
    "refused by the node",
    "not a valid submission",
    "nothing of that name",
    "answer not understood",
    "submission expired",
    "network folder problem",
    "process problem",
    "results differ",
};
static_assert(kTexts.size() == static_cast<std::size_t>(Errc::kDiffers) + 1);

}  // namespace

const std::error_category& error_category() {
  static const crypto::TableCategory category("sanad.tools", kTexts);
  return category;
}

}  // namespace sanad::tools
