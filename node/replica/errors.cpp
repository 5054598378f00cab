#include "node/replica/errors.h"

#include <array>

namespace sanad::node {
namespace {

constexpr std::array<std::string_view, 12> kReplicaTexts = {
    "success",
    "the node is busy, try again later",
    "the node is stopping",
    "the node is in quarantine: its result is not the network's, or it may have forgotten votes",
    "the journal is damaged",
    "the journal belongs to another network or member",
    "the journal was written by another version of this program",
    "the disk failed",
    "invalid batch",
    "not held here",
    "our checkpoint differs from a quorum's",
    "valid until later than this network allows",
};

}  // namespace

const std::error_category& replica_category() {
  static const crypto::TableCategory category("sanad.replica", kReplicaTexts);
  return category;
}

}  // namespace sanad::node
