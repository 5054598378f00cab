#include "consensus/errors.h"

#include <array>

namespace sanad::consensus {
namespace {

constexpr std::array<std::string_view, 16> kTexts = {
    "no error",
    "message too large",
    "another epoch than the committee's",
    "view outside the window",
    "certificate not needed",
    "signed by another member than the sender",
    "no such member",
    "malformed vote subject",
    "malformed bitmap of signers",
    "wrong number of signers",
    "signature does not verify",
    "the proposer does not lead the view",
    "the vote names another header",
    "headers do not link",
    "answer to no request",
    "the objects do not contradict each other",
};
static_assert(kTexts.size() == static_cast<std::size_t>(Errc::kNotEvidence) + 1);

}  // namespace

const std::error_category& error_category() {
  static const crypto::TableCategory category("sanad.consensus", kTexts);
  return category;
}

}  // namespace sanad::consensus
