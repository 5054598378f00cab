#include "node/ledger/segment_reader.h"

#include "node/ledger/open_folder.h"

namespace sanad::node {

using crypto::Error;
using crypto::Hash;
using crypto::Result;

namespace {

// The network is read from the first file, before anything can be checked against it.
Result<Hash> read_network(const SegmentPlace& place) {
  const SegmentFiles unchecked(place);
  auto frame = unchecked.read_head_bytes(0);
  if (!frame && frame.error().code == LedgerErrc::kNotFound) {
    return Error{LedgerErrc::kNoSuchFile, place.folder + " holds no ledger"};
  }
  if (!frame) return frame.error();
  SANAD_TRY(const auto head, crypto::decode<SegmentHead>(*frame));
  return head.network_id;
}

}  // namespace

Result<SegmentReader> SegmentReader::open(const std::string& folder, FileSystem& files) {
  LedgerOptions options{.folder = folder, .network_id = {}, .files = &files};
  SANAD_TRY(options.network_id, read_network(segment_place(options, Series::kBlocks)));
  SegmentReader reader;
  reader.network_id_ = options.network_id;
  reader.blocks_ = std::make_unique<SegmentFiles>(segment_place(options, Series::kBlocks));
  reader.records_ = std::make_unique<SegmentFiles>(segment_place(options, Series::kRecords));
  reader.bodies_ = std::make_unique<SegmentFiles>(segment_place(options, Series::kBodies));
  SANAD_TRY(const SegmentHead checked, reader.blocks_->head(0));
  static_cast<void>(checked);
  return reader;
}

Result<std::optional<SegmentBlock>> SegmentReader::next() {
  auto block = read_next();
  if (block) return std::optional<SegmentBlock>(std::move(*block));
  if (block.error().code == LedgerErrc::kNotFound) return std::optional<SegmentBlock>();
  return block.error();
}

// kNotFound: not all of the next block is there.
Result<SegmentBlock> SegmentReader::read_next() {
  SANAD_TRY(const auto first, blocks_->read_run(next_block_, 1));
  auto frame = crypto::decode<BlockFrame>(first.front().bytes);
  if (!frame || frame->committed.height != next_height_ ||
      frame->committed.first_record != next_record_ ||
      frame->committed.tree_size <= frame->committed.first_record) {
    return Error{LedgerErrc::kDamaged, blocks_->place().path(next_block_.segment) + " at offset " +
                                           std::to_string(next_block_.offset) +
                                           ": not the block of height " +
                                           std::to_string(next_height_)};
  }
  const CommittedBlock& committed = frame->committed;
  SANAD_TRY(auto batches, blocks_->read_run(first.front().next, frame->batches));
  SANAD_TRY(auto records, records_->read_run(frame->begins.records,
                                             committed.tree_size - committed.first_record));
  SANAD_TRY(const auto bodies, bodies_->read_run(frame->begins.bodies, frame->bodies));
  SegmentBlock block;
  block.block = {committed,
                 frame->epoch,
                 frame->committee_hash,
                 std::move(frame->header),
                 std::move(frame->finalization),
                 {}};
  for (Frame& batch : batches) block.block.batches.push_back(std::move(batch.bytes));
  for (Frame& record : records) block.records.push_back(std::move(record.bytes));
  for (const Frame& body : bodies) {
    SANAD_TRY(block.bodies.emplace_back(), parse_body_frame(body.bytes));
  }
  next_block_ = batches.empty() ? first.front().next : batches.back().next;
  next_record_ = committed.tree_size;
  ++next_height_;
  return block;
}

}  // namespace sanad::node
