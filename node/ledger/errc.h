// The errors of node/ledger.
#pragma once

#include "crypto/result.h"

namespace sanad::node {

enum class LedgerErrc {
  kNone,
  kIo,       // the operating system refused a read, write, sync or open: detail has path and errno
  kNoSpace,  // the same, because the disk or a quota is full
  kNoSuchFile,    // a file that does not exist
  kLocked,        // another process holds the folder (F22)
  kDamaged,       // bytes on disk are not what was written: detail has file and offset
  kWrongNetwork,  // a folder of another network or of another format version
  kOutOfOrder,    // a commit whose height does not follow the tip's
  kStoreBehind,   // the store has lost commits that the segments hold: rebuild it
  kTooLarge,      // a frame over kFrameBytesMax
  kNotFound,      // no such height, record or body
  kStopped,       // an earlier failure ended this ledger's life as a writer
};
const std::error_category& ledger_error_category();
inline std::error_code make_error_code(LedgerErrc code) {
  return {static_cast<int>(code), ledger_error_category()};
}

}  // namespace sanad::node

template <>
struct std::is_error_code_enum<sanad::node::LedgerErrc> : std::true_type {};
