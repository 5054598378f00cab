// The first height at which two nodes' ledgers differ, and in what, from their segment files.
//
// What a block committed covers all that came before it (block hash, log root, state digest), so
// the height is found by bisection; whether a folder is what it says is verify's business.
#pragma once

#include <filesystem>
#include <functional>

#include "node/ledger/block_finder.h"

namespace sanad::tools {

struct DifferingRecord {
  std::uint64_t index = 0;
  std::array<std::optional<crypto::Bytes>, 2> bytes;  // none: that ledger's block has fewer
};

struct Comparison {
  std::array<std::optional<std::uint64_t>, 2> last;  // height of each ledger's last whole block
  std::optional<std::uint64_t> height;               // the first that differs, if one does
  std::array<node::CommittedBlock, 2> committed;     // there
  std::vector<std::string> differs;       // "block hash", "time", "records", "index root", …
  std::optional<DifferingRecord> record;  // the first
  [[nodiscard]] bool same() const { return !height; }
};

// Errors: those of reading; kNetworkFolder for ledgers of different networks.
crypto::Result<Comparison> compare_ledgers(const std::filesystem::path& one,
                                           const std::filesystem::path& other,
                                           const std::function<void(std::uint64_t)>& looked_at);

}  // namespace sanad::tools
