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
  // Where the frames of each of these begin.
  Position block_at;
  std::vector<Position> batches_at;
  std::vector<Position> records_at;
  std::vector<Position> bodies_at;
};

// What lies beyond the last whole block: of a commit that is under way or was cut short.
struct SegmentTail {
  std::uint64_t bytes = 0;
  std::uint64_t blocks = 0;  // whole in the series of blocks, but not in the others
};

// Not thread-safe. Verifies each frame's checksum, and that heights, record indices and frames
// follow each other without a gap; not signatures, roots or digests.
class SegmentReader {
 public:
  // kNoSuchFile where the folder holds no ledger, kDamaged, kWrongNetwork (a foreign format).
  static crypto::Result<SegmentReader> open(const std::string& folder,
                                            FileSystem& files = real_file_system());
  [[nodiscard]] const crypto::Hash& network_id() const { return network_id_; }
  // The next block from height 0 on, or nothing at the end.
  crypto::Result<std::optional<SegmentBlock>> next();
  // Goes on after a block that was read before, where its frames ended.
  void resume(const CommittedBlock& tip, const SeriesEnds& ends);
  // REQUIRES: next() gave nothing. kDamaged where that was not the end of the files, or more blocks
  // follow than one commit has: then something is missing.
  [[nodiscard]] crypto::Result<SegmentTail> tail() const;
  // A body of a block that next() gave.
  [[nodiscard]] crypto::Result<StoredBody> body(Position at) const;
  // "<path> at offset <n>", of a position in a block that next() gave.
  [[nodiscard]] std::string place(Series series, Position at) const;
  [[nodiscard]] const SeriesEnds& ends() const { return ends_; }

 private:
  friend class BlockFinder;
  SegmentReader() = default;
  // The block that begins there.
  crypto::Result<SegmentBlock> read_at(const CommittedBlock& committed, const SeriesEnds& begins);
  crypto::Result<SegmentBlock> read_next();
  [[nodiscard]] const SegmentFiles& files(Series series) const;
  [[nodiscard]] crypto::Error not_the_block(const std::string& why) const;
  crypto::Result<std::uint64_t> whole_blocks_from(Position at, std::uint64_t height) const;

  crypto::Hash network_id_;
  std::unique_ptr<SegmentFiles> blocks_;
  std::unique_ptr<SegmentFiles> records_;
  std::unique_ptr<SegmentFiles> bodies_;
  SeriesEnds ends_;  // of the blocks given so far
  std::uint64_t next_height_ = 0;
  std::uint64_t next_record_ = 0;
};

}  // namespace sanad::node
