#include "node/ledger/open_folder.h"

namespace sanad::node {

using crypto::Bytes;
using crypto::Error;
using crypto::Result;
using crypto::Status;

namespace {

constexpr std::array<Series, 3> kAllSeries = {Series::kBlocks, Series::kRecords, Series::kBodies};

Result<bool> has_segments(const LedgerOptions& options) {
  SANAD_TRY(const auto names, options.files->list(segments_folder(options.folder)));
  for (const std::string& name : names) {
    if (name.ends_with(".seg")) return true;
  }
  return false;
}

// The store is made, durably, before the first segment file: segments without a store mean that the
// store was lost, never that nothing was committed.
Result<std::shared_ptr<Store>> open_store(const LedgerOptions& options) {
  const std::string folder = store_folder(options.folder);
  const bool exists = options.files->exists(folder + "/CURRENT");
  if (!exists) {
    SANAD_TRY(const bool behind, has_segments(options));
    if (behind) return Error{LedgerErrc::kStoreBehind, folder + " has no CURRENT file"};
  }
  return Store::open({.files = options.files,
                      .folder = folder,
                      .create = !exists,
                      .cache_bytes = options.cache_bytes,
                      .write_buffer_bytes = options.write_buffer_bytes,
                      .later = options.later});
}

// What a torn tail may look like; a disk that does not answer is another matter.
bool is_tail_error(const Error& error) {
  return error.code == LedgerErrc::kNotFound || error.code == LedgerErrc::kDamaged ||
         error.code == LedgerErrc::kWrongNetwork;
}

// A crash leaves at most the frames of one group beyond the tip. More mean that the store has lost
// commits (an old copy, a damaged log): cutting them off would destroy the only copy. Fewer that it
// lost are known to the journal (node/replica/recovery.cpp).
Status check_tail(const SegmentFiles& blocks, const std::optional<TipEntry>& tip) {
  Position at = tip ? tip->ends.blocks : Position{};
  const std::uint64_t first = tip ? tip->committed.height + 1 : 0;
  for (std::uint64_t height = first; height <= first + kGroupBlocksMax; ++height) {
    SANAD_TRY(const auto end, end_of_block(blocks, at, height));
    if (!end) return {};
    at = *end;
  }
  return Error{LedgerErrc::kStoreBehind, "the store ends before height " + std::to_string(first) +
                                             ", the segments hold more than one commit from there"};
}

}  // namespace

std::string store_folder(const std::string& ledger_folder) { return ledger_folder + "/store"; }

std::string segments_folder(const std::string& ledger_folder) {
  return ledger_folder + "/segments";
}

SegmentPlace segment_place(const LedgerOptions& options, Series series) {
  return {options.files, segments_folder(options.folder), options.network_id, series,
          options.segment_bytes_max};
}

Result<std::optional<TipEntry>> read_tip(Store& store) {
  SANAD_TRY(const auto bytes, store.snapshot()->read(Family::kTip, {}));
  if (!bytes) return std::optional<TipEntry>();
  auto tip = crypto::decode<TipEntry>(*bytes);
  if (!tip) return Error{LedgerErrc::kDamaged, "the store's tip: " + tip.error().message()};
  return std::optional<TipEntry>(std::move(*tip));
}

Result<std::optional<Position>> end_of_block(const SegmentFiles& blocks, Position at,
                                             std::uint64_t height) {
  const auto torn = [](const Error& error) -> Result<std::optional<Position>> {
    if (is_tail_error(error)) return std::optional<Position>();
    return error;
  };
  const auto first = blocks.read_run(at, 1);
  if (!first) return torn(first.error());
  const auto frame = crypto::decode<BlockFrame>(first->front().bytes);
  if (!frame || frame->committed.height != height) {
    return Error{LedgerErrc::kDamaged, blocks.place().path(at.segment) + " at offset " +
                                           std::to_string(at.offset) +
                                           ": not the block of height " + std::to_string(height)};
  }
  if (frame->batches == 0) return std::optional(first->front().next);
  const auto batches = blocks.read_run(first->front().next, frame->batches);
  if (!batches) return torn(batches.error());
  return std::optional(batches->back().next);
}

Result<OpenFolder> open_folder(const LedgerOptions& options) {
  FileSystem& files = *options.files;
  SANAD_TRY_STATUS(files.create_folders(segments_folder(options.folder)));
  SANAD_TRY_STATUS(files.create_folders(store_folder(options.folder)));
  SANAD_TRY(auto lock, files.lock(options.folder + "/LOCK"));
  SANAD_TRY(auto store, open_store(options));
  OpenFolder opened;
  SANAD_TRY(opened.tip, read_tip(*store));
  std::array<SegmentPlace, 3> places;
  for (const Series series : kAllSeries) {
    places[static_cast<std::size_t>(series)] = segment_place(options, series);
  }
  opened.storage = std::make_shared<Storage>(std::move(lock), std::move(store), places);
  const SeriesEnds ends = opened.tip ? opened.tip->ends : SeriesEnds{};
  SANAD_TRY_STATUS(check_tail(SegmentFiles(places[0]), opened.tip));
  SANAD_TRY(opened.writers[0], SegmentWriter::open(places[0], ends.blocks));
  SANAD_TRY(opened.writers[1], SegmentWriter::open(places[1], ends.records));
  SANAD_TRY(opened.writers[2], SegmentWriter::open(places[2], ends.bodies));
  return opened;
}

}  // namespace sanad::node
