// Finds blocks by height in the segment files alone, where SegmentReader goes from the first to the
// last: bisects over the files of the series of blocks, then walks within one of them.
#pragma once

#include "node/ledger/segment_reader.h"

namespace sanad::node {

// Not thread-safe. Remembers the blocks that it has met, about 400 bytes each.
class BlockFinder {
 public:
  // As SegmentReader::open().
  static crypto::Result<BlockFinder> open(const std::string& folder,
                                          FileSystem& files = real_file_system());
  [[nodiscard]] const crypto::Hash& network_id() const { return reader_.network_id(); }
  // The last height whose block is all there; nothing in an empty ledger.
  crypto::Result<std::optional<std::uint64_t>> last();
  // kNotFound beyond the last block-frame, kDamaged where another block stands there.
  crypto::Result<CommittedBlock> committed(std::uint64_t height);
  crypto::Result<SegmentBlock> block(std::uint64_t height);

 private:
  explicit BlockFinder(SegmentReader reader) : reader_(std::move(reader)) {}
  struct Met {
    CommittedBlock committed;
    SeriesEnds begins;
    Position next;  // block-frame
  };
  using MetAt = std::map<std::uint64_t, Met>::const_iterator;
  crypto::Result<std::optional<MetAt>> meet(Position at);
  crypto::Result<std::optional<MetAt>> first_in(std::uint32_t file);
  crypto::Status open_file_of(std::uint64_t height);
  crypto::Result<MetAt> walk_to(std::uint64_t height);

  SegmentReader reader_;
  std::map<std::uint64_t, Met> met_;
  std::map<std::uint32_t, std::optional<std::uint64_t>> first_heights_;  // by file
};

}  // namespace sanad::node
