// A lost or damaged store made anew from the segment files (F20): every block is executed again
// into a ledger whose appended frames are compared with those that are there (node/ledger/
// rebuilding_files.h), then the new store takes the old one's place.
//
// Interrupted at any point, it is called again and begins anew: the segments stay as they are, and
// FOLDER/store.new counts for nothing until it is renamed.
#pragma once

#include <filesystem>
#include <functional>

#include "chaincode/contracts.h"
#include "node/ledger/ledger_types.h"

namespace sanad::tools {

struct RebuildFindings {
  std::uint64_t blocks = 0;    // read
  std::uint64_t records = 0;   // read
  std::uint64_t executed = 0;  // blocks: all but block 0
  // At the end, whole in the series of blocks and not in the others: left out. Either they were
  // under way when the node ended, or files lost their ends.
  std::uint64_t tail_blocks = 0;
  std::uint64_t certified_height = 0;
  node::CommittedBlock tip;
};

// Takes the folder's lock: kLocked while a node or another rebuild runs. kDamaged names the first
// thing in the segments that does not hold; the old store then stays as it is. `options`: where the
// ledger is, and its store's sizes.
crypto::Result<RebuildFindings> rebuild_store(
    const node::LedgerOptions& options, const chaincode::Contracts& contracts,
    const std::function<void(const RebuildFindings&)>& seen);

}  // namespace sanad::tools
