#include "node/ledger/block_finder.h"

#include "node/ledger/open_folder.h"

namespace sanad::node {

using crypto::Error;
using crypto::Result;
using crypto::Status;

Result<BlockFinder> BlockFinder::open(const std::string& folder, FileSystem& files) {
  SANAD_TRY(SegmentReader reader, SegmentReader::open(folder, files));
  return BlockFinder(std::move(reader));
}

// The block whose frame begins at `at`; nothing where the frame there is no block's.
Result<std::optional<BlockFinder::MetAt>> BlockFinder::meet(Position at) {
  const SegmentFiles& blocks = reader_.files(Series::kBlocks);
  SANAD_TRY(const auto first, blocks.read_run(at, 1));
  const auto frame = crypto::decode<BlockFrame>(first.front().bytes);
  if (!frame) return std::optional<MetAt>();
  Position next = first.front().next;
  if (frame->batches > 0) {
    SANAD_TRY(const auto batches, blocks.read_run(next, frame->batches));
    next = batches.back().next;
  }
  const std::uint64_t height = frame->committed.height;
  const MetAt met = met_.insert_or_assign(height, Met{frame->committed, frame->begins, next}).first;
  return std::optional(met);
}

// The first block that begins in this file of the series of blocks; none where it holds nothing but
// batches of a block that began before.
Result<std::optional<BlockFinder::MetAt>> BlockFinder::first_in(std::uint32_t file) {
  if (const auto known = first_heights_.find(file); known != first_heights_.end()) {
    return known->second ? std::optional<MetAt>(met_.find(*known->second)) : std::nullopt;
  }
  const SegmentFiles& blocks = reader_.files(Series::kBlocks);
  std::optional<MetAt> found;
  for (Position at{file, 0}; !found && at.segment == file;) {
    const auto frame = blocks.read_run(at, 1);
    if (!frame && frame.error().code == LedgerErrc::kNotFound) return std::optional<MetAt>();
    if (!frame) return frame.error();
    if (frame->front().at.segment != file) break;
    const auto met = meet(frame->front().at);
    if (!met && met.error().code == LedgerErrc::kNotFound) return std::optional<MetAt>();
    if (!met) return met.error();
    found = *met;
    at = frame->front().next;
  }
  first_heights_[file] = found ? std::optional((*found)->first) : std::nullopt;
  return found;
}

// Meets a block at or below this height, in the file where the walk to it is short.
Status BlockFinder::open_file_of(std::uint64_t height) {
  SANAD_TRY(const std::uint32_t files, reader_.files(Series::kBlocks).count());
  std::uint32_t low = 0;  // its first block is not above the height
  std::uint32_t high = files;
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    std::optional<MetAt> first;
    std::uint32_t probe = middle;
    for (; probe > low && !first; --probe) {
      SANAD_TRY(first, first_in(probe));
    }
    if (!first) {
      low = middle;
      continue;
    }
    if ((*first)->first <= height) {
      low = middle;
    } else {
      high = probe + 1;
    }
  }
  SANAD_TRY(const auto first, first_in(0));
  return first ? Status() : Error{LedgerErrc::kNotFound, "the ledger is empty"};
}

Result<BlockFinder::MetAt> BlockFinder::walk_to(std::uint64_t height) {
  SANAD_TRY_STATUS(open_file_of(height));
  auto at = met_.upper_bound(height);
  if (at == met_.begin()) return Error{LedgerErrc::kNotFound, "no block before that height"};
  MetAt found = std::prev(at);
  while (found->first < height) {
    SANAD_TRY(const auto next, meet(found->second.next));
    if (!next || (*next)->first != found->first + 1) {
      return Error{LedgerErrc::kDamaged, reader_.place(Series::kBlocks, found->second.next) +
                                             ": not the block of height " +
                                             std::to_string(found->first + 1)};
    }
    found = *next;
  }
  return found;
}

Result<std::optional<std::uint64_t>> BlockFinder::last() {
  const auto end = walk_to(~std::uint64_t{0});
  if (end) return Error{LedgerErrc::kDamaged, "a block of the greatest height"};
  if (end.error().code != LedgerErrc::kNotFound) return end.error();
  // What was appended and not committed is whole in the series of blocks first.
  for (auto at = met_.rbegin(); at != met_.rend(); ++at) {
    const auto whole = block(at->first);
    if (whole) return std::optional(at->first);
    if (whole.error().code != LedgerErrc::kNotFound) return whole.error();
  }
  return std::optional<std::uint64_t>();
}

Result<CommittedBlock> BlockFinder::committed(std::uint64_t height) {
  SANAD_TRY(const MetAt found, walk_to(height));
  return found->second.committed;
}

Result<SegmentBlock> BlockFinder::block(std::uint64_t height) {
  SANAD_TRY(const MetAt found, walk_to(height));
  return reader_.read_at(found->second.committed, found->second.begins);
}

}  // namespace sanad::node
