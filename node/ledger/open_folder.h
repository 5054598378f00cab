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

std::string segments_folder(const std::string& ledger_folder);
SegmentPlace segment_place(const LedgerOptions& options, Series series);

crypto::Result<OpenFolder> open_folder(const LedgerOptions& options);

}  // namespace sanad::node
