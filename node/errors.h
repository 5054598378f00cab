// The operating errors of a node, for logs, exit codes and problem documents.
#pragma once

#include "crypto/result.h"

namespace sanad::node {

enum class Errc {
  kNone,
  kConfig,    // the configuration is wrong; the detail names every fault
  kFile,      // a file cannot be opened, read or written
  kDamaged,   // a file is not what was written; the detail names file and offset
  kLocked,    // another process has the folder
  kBusy,      // a queue is full: try again
  kStopped,   // the node is stopping, or has stopped itself
  kNotFound,  // no such thing in the ledger
  kNetwork,   // an address cannot be bound or reached
  kDiverged,  // this node's result differs from a quorum's
  kRefused,   // what a peer sent does not hold
};
const std::error_category& error_category();
inline std::error_code make_error_code(Errc code) {
  return {static_cast<int>(code), error_category()};
}

}  // namespace sanad::node

template <>
struct std::is_error_code_enum<sanad::node::Errc> : std::true_type {};
