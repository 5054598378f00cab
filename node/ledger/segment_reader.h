// Reads whole blocks from a ledger folder's segment files alone: no LevelDB, no lock, so it works
// beside a running node and on a copy. For explain, export and audits.
//
//   auto reader = SegmentReader::open(folder);
//   while (true) {
//     auto block = reader->next();
//     if (!block) return block.error();        // damage: file and offset
//     if (!*block) break;                      // the end: the last whole block
//     …
//   }
//
// The end is the last block whose frames are all there: on a running node it may be one that is
// being committed at this moment, which is final all the same. next() may be called again later.
#pragma once

#include <memory>
#include <optional>

#include "node/ledger/ledger_types.h"

namespace sanad::node {

struct SegmentBlock {
  StoredBlock block;
  std::vector<crypto::Bytes> records;  // block.committed.first_record …, the commit record last
  std::vector<StoredBody> bodies;
};

// Not thread-safe. Verifies each frame's checksum, and that heights, record indices and block
// boundaries follow each other; not signatures, roots or digests.
class SegmentReader {
 public:
  // kNoSuchFile where the folder holds no ledger, kDamaged, kWrongNetwork (a foreign format).
  static crypto::Result<SegmentReader> open(const std::string& folder,
                                            FileSystem& files = real_file_system());
  [[nodiscard]] const crypto::Hash& network_id() const { return network_id_; }
  // The next block from height 0 on, or nothing at the end.
  crypto::Result<std::optional<SegmentBlock>> next();

 private:
  SegmentReader() = default;
  crypto::Result<SegmentBlock> read_next();

  crypto::Hash network_id_;
  std::unique_ptr<SegmentFiles> blocks_;
  std::unique_ptr<SegmentFiles> records_;
  std::unique_ptr<SegmentFiles> bodies_;
  Position next_block_;
  std::uint64_t next_height_ = 0;
  std::uint64_t next_record_ = 0;
};

}  // namespace sanad::node
