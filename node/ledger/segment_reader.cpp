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

const SegmentFiles& SegmentReader::files(Series series) const {
  if (series == Series::kBlocks) return *blocks_;
  return series == Series::kRecords ? *records_ : *bodies_;
}

std::string SegmentReader::place(Series series, Position at) const {
  return files(series).place().path(at.segment) + " at offset " + std::to_string(at.offset);
}

void SegmentReader::resume(const CommittedBlock& tip, const SeriesEnds& ends) {
  ends_ = ends;
  next_height_ = tip.height + 1;
  next_record_ = tip.tree_size;
}

Result<StoredBody> SegmentReader::body(Position at) const {
  SANAD_TRY(const auto frames, bodies_->read_run(at, 1));
  return parse_body_frame(frames.front().bytes);
}

Error SegmentReader::not_the_block(const std::string& why) const {
  return {LedgerErrc::kDamaged, place(Series::kBlocks, ends_.blocks) +
                                    ": not the block of height " + std::to_string(next_height_) +
                                    why};
}

namespace {

void keep(Frame& frame, std::vector<crypto::Bytes>& bytes, std::vector<Position>& at) {
  at.push_back(frame.at);
  bytes.push_back(std::move(frame.bytes));
}

}  // namespace

// kNotFound: not all of the next block is there.
Result<SegmentBlock> SegmentReader::read_next() {
  SANAD_TRY(const auto first, blocks_->read_run(ends_.blocks, 1));
  auto frame = crypto::decode<BlockFrame>(first.front().bytes);
  if (!frame || frame->committed.height != next_height_) return not_the_block("");
  const CommittedBlock& committed = frame->committed;
  if (committed.first_record != next_record_ || committed.tree_size <= next_record_) {
    return not_the_block(": its records do not follow");
  }
  if (frame->begins != ends_) return not_the_block(": its frames do not follow those before");
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
  block.block_at = first.front().at;
  ends_.blocks = batches.empty() ? first.front().next : batches.back().next;
  ends_.records = records.back().next;
  if (!bodies.empty()) ends_.bodies = bodies.back().next;
  for (Frame& batch : batches) keep(batch, block.block.batches, block.batches_at);
  for (Frame& record : records) keep(record, block.records, block.records_at);
  for (const Frame& body : bodies) {
    block.bodies_at.push_back(body.at);
    SANAD_TRY(block.bodies.emplace_back(), parse_body_frame(body.bytes));
  }
  next_record_ = committed.tree_size;
  ++next_height_;
  return block;
}

Result<SegmentBlock> SegmentReader::read_at(const CommittedBlock& committed,
                                            const SeriesEnds& begins) {
  ends_ = begins;
  next_height_ = committed.height;
  next_record_ = committed.first_record;
  return read_next();
}

// ------------------------------------------------------------------------------------ the end

// Whole blocks of the series of blocks from `at` on, at most one more than a commit has.
Result<std::uint64_t> SegmentReader::whole_blocks_from(Position at, std::uint64_t height) const {
  for (std::uint64_t found = 0; found <= kGroupBlocksMax; ++found) {
    SANAD_TRY(const auto end, end_of_block(*blocks_, at, height + found));
    if (!end) return found;
    at = *end;
  }
  return kGroupBlocksMax + 1;
}

Result<SegmentTail> SegmentReader::tail() const {
  SegmentTail tail;
  for (const auto& [series, end] :
       {std::pair(Series::kBlocks, ends_.blocks), std::pair(Series::kRecords, ends_.records),
        std::pair(Series::kBodies, ends_.bodies)}) {
    SANAD_TRY(const std::uint64_t bytes, files(series).bytes_from(end));
    tail.bytes += bytes;
  }
  SANAD_TRY(tail.blocks, whole_blocks_from(ends_.blocks, next_height_));
  if (tail.blocks <= kGroupBlocksMax) return tail;
  return Error{LedgerErrc::kDamaged, "block " + std::to_string(next_height_) +
                                         " is not whole, but more blocks follow than one commit "
                                         "has: its records or bodies are missing from " +
                                         place(Series::kRecords, ends_.records) + " or " +
                                         place(Series::kBodies, ends_.bodies) + " on"};
}

}  // namespace sanad::node
