// Whether a delivered list of records is all there was: compared with a proved history.
#pragma once

#include "crypto/bytes.h"
#include "tools/errc.h"

namespace sanad::tools {

inline constexpr std::size_t kListBytesMax = 1U << 30U;

// One line of a list: what `sanad export` prints, or a record's bytes in base64 alone.
struct ListedRecord {
  std::uint64_t line = 0;  // from 1
  crypto::Bytes leaf;
};
// kBadRow with the line's number for a line that is neither. Empty lines are passed over.
crypto::Result<std::vector<ListedRecord>> parse_list(std::string_view text);

struct ListFault {
  enum class Kind { kMissing, kExtra, kTwice } kind = Kind::kMissing;
  std::uint64_t at = 0;  // missing: number in the proved history, from 1; else the list's line
  crypto::Bytes leaf;
};
// What is wrong with the list; empty where it has each proved record once, and no other. Its order
// does not matter.
std::vector<ListFault> compare_list(const std::vector<crypto::Bytes>& proved,
                                    const std::vector<ListedRecord>& listed);

}  // namespace sanad::tools
