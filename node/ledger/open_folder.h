// Opening a ledger folder: the lock, the store, and what the segments may hold beyond it.
//
//   FOLDER/LOCK                    pid of the process that holds it (F22)
//   FOLDER/store/                  LevelDB
//   FOLDER/segments/*.seg          three series (F19)
#pragma once

#include "node/ledger/storage.h"

namespace sanad::node {

struct OpenFolder {
  std::shared_ptr<Storage> storage;
  std::optional<TipEntry> tip;                            // nothing: no commit yet
  std::array<std::unique_ptr<SegmentWriter>, 3> writers;  // by Series; cut back to the tip
};

std::string store_folder(const std::string& ledger_folder);
std::string segments_folder(const std::string& ledger_folder);
SegmentPlace segment_place(const LedgerOptions& options, Series series);

// Where the block at `at` ends in the series of blocks; nothing where it is not all there. kDamaged
// where another block stands there.
crypto::Result<std::optional<Position>> end_of_block(const SegmentFiles& blocks, Position at,
                                                     std::uint64_t height);

// The last commit, or nothing in a store that never had one.
crypto::Result<std::optional<TipEntry>> read_tip(Store& store);

crypto::Result<OpenFolder> open_folder(const LedgerOptions& options);

}  // namespace sanad::node
