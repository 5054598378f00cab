#include "node/errors.h"

#include <array>

namespace sanad::node {
namespace {

constexpr std::array<std::string_view, 11> kNodeTexts = {
    "no error",      "configuration",
    "file",          "damaged data",
    "folder in use", "too busy",
    "stopped",       "not found",
    "network",       "this node's result differs from the quorum's",
    "refused",
};
static_assert(kNodeTexts.size() == static_cast<std::size_t>(Errc::kRefused) + 1);

}  // namespace

const std::error_category& error_category() {
  static const crypto::TableCategory category("sanad.node", kNodeTexts);
  return category;
}

}  // namespace sanad::node
