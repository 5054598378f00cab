#include "node/ledger/segments.h"

#include <algorithm>
#include <cstdio>

#include "node/ledger/crc32c.h"

namespace sanad::node {
namespace {

using crypto::Bytes;
using crypto::ByteView;
using crypto::Error;
using crypto::Result;
using crypto::Status;

constexpr std::string_view kFormat = "sanad segment 1";
constexpr std::size_t kReadAheadBytes = 16 << 10;  // a run of 64 records of 250 bytes

void append_u32le(Bytes& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

std::uint32_t read_u32le(ByteView bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = (value << 8) | bytes[i];
  return value;
}

// Covers the length too, so that a flipped bit in it cannot pass for a longer or shorter frame.
std::uint32_t frame_checksum(ByteView length, ByteView bytes) {
  return crc32c(bytes, crc32c(length));
}

Error damaged(const SegmentPlace& place, Position at, const std::string& what) {
  return {LedgerErrc::kDamaged,
          place.path(at.segment) + " at offset " + std::to_string(at.offset) + ": " + what};
}

Position advanced(Position at, std::size_t frame_bytes) {
  at.offset += static_cast<std::uint32_t>(kFrameHeadBytes + frame_bytes);
  return at;
}

}  // namespace

std::string SegmentPlace::path(std::uint32_t segment) const {
  char number[16];
  std::snprintf(number, sizeof(number), "%08u", segment);
  return folder + "/" + std::string(kSeriesNames[static_cast<std::size_t>(series)]) + "-" + number +
         ".seg";
}

// ------------------------------------------------------------------------------------ reading

Result<std::shared_ptr<File>> SegmentFiles::file(std::uint32_t segment) const {
  const std::lock_guard lock(mutex_);
  if (const auto found = open_.find(segment); found != open_.end()) return found->second;
  auto opened = place_.files->open(place_.path(segment), OpenMode::kRead);
  if (!opened && opened.error().code == LedgerErrc::kNoSuchFile) {
    return Error{LedgerErrc::kNotFound, place_.path(segment) + " does not exist"};
  }
  if (!opened) return opened.error();
  if (open_.size() >= kOpenFilesMax) open_.erase(open_.begin());
  return open_.emplace(segment, std::shared_ptr<File>(std::move(*opened))).first->second;
}

Result<std::size_t> SegmentFiles::fill(Position at, std::span<std::uint8_t> out) const {
  SANAD_TRY(const auto opened, file(at.segment));
  return opened->read_at(at.offset, out);
}

Result<Bytes> SegmentFiles::read_head_bytes(std::uint32_t segment) const {
  SANAD_TRY(std::vector<Frame> frames, read_frames({segment, 0}, 1));
  return std::move(frames.front().bytes);
}

Result<SegmentHead> SegmentFiles::head(std::uint32_t segment) const {
  const Position at{segment, 0};
  SANAD_TRY(const Bytes bytes, read_head_bytes(segment));
  const auto head = crypto::decode<SegmentHead>(bytes);
  if (!head) return damaged(place_, at, "no segment head: " + head.error().message());
  if (head->format != kFormat) {
    return Error{LedgerErrc::kWrongNetwork, place_.path(segment) + ": format '" + head->format +
                                                "', this program reads '" + std::string(kFormat) +
                                                "'"};
  }
  if (head->network_id != place_.network_id) {
    return Error{LedgerErrc::kWrongNetwork,
                 place_.path(segment) + ": of network " + head->network_id.hex()};
  }
  if (head->series != place_.series || head->segment != segment) {
    return damaged(
        place_, at,
        "it is another file: " + std::to_string(head->segment) + " of " +
            std::string(enum_names(head->series)[static_cast<std::size_t>(head->series)]));
  }
  return *head;
}

Result<Position> SegmentFiles::cross(Position at) const {
  std::uint8_t probe = 0;
  SANAD_TRY(const std::size_t got, fill(at, {&probe, 1}));
  if (got == 1 || at.offset == 0) return at;
  const Position next{at.segment + 1, 0};
  const auto opened = file(next.segment);
  if (!opened && opened.error().code == LedgerErrc::kNotFound) return at;
  if (!opened) return opened.error();
  SANAD_TRY(const SegmentHead found, head(next.segment));
  if (found.previous_bytes != at.offset) {
    return damaged(place_, at,
                   "the file ends here, but had " + std::to_string(found.previous_bytes) +
                       " bytes when sealed");
  }
  return advanced(next, crypto::encode(found).size());
}

Result<Frame> SegmentFiles::read(Position at) const {
  SANAD_TRY(std::vector<Frame> frames, read_run(at, 1));
  return std::move(frames.front());
}

Result<std::vector<Frame>> SegmentFiles::read_run(Position at, std::size_t count) const {
  if (count == 0) return std::vector<Frame>();
  if (at.offset == 0) {
    SANAD_TRY(const SegmentHead first, head(at.segment));
    at = advanced(at, crypto::encode(first).size());
  }
  return read_frames(at, count);
}

Result<std::vector<Frame>> SegmentFiles::read_frames(Position at, std::size_t count) const {
  std::vector<Frame> frames;
  Bytes ahead;  // bytes of the file from `begin` on
  Position begin = at;
  std::size_t used = 0;  // of `ahead`
  const auto refill = [&](std::size_t needed) -> Result<bool> {
    if (ahead.size() - used >= needed) return true;
    begin = at;
    used = 0;
    ahead.resize(std::max(needed, count == 1 ? std::size_t{1024} : kReadAheadBytes));
    SANAD_TRY(const std::size_t got, fill(at, ahead));
    ahead.resize(got);
    return got >= needed;
  };
  while (frames.size() < count) {
    SANAD_TRY(bool enough, refill(kFrameHeadBytes));
    if (!enough && ahead.empty()) {
      SANAD_TRY(const Position crossed, cross(at));
      if (crossed != at) {
        at = crossed;
        continue;
      }
    }
    if (!enough) return Error{LedgerErrc::kNotFound, place_.path(at.segment) + " ends"};
    const ByteView head_bytes = ByteView(ahead).subspan(used, kFrameHeadBytes);
    const std::uint32_t length = read_u32le(head_bytes);
    if (length > kFrameBytesMax) {
      return damaged(place_, at, "frame length " + std::to_string(length));
    }
    SANAD_TRY(enough, refill(kFrameHeadBytes + length));
    if (!enough) {
      return Error{LedgerErrc::kNotFound, place_.path(at.segment) + " ends inside the frame at " +
                                              std::to_string(at.offset)};
    }
    const ByteView whole = ByteView(ahead).subspan(used, kFrameHeadBytes + length);
    const ByteView bytes = whole.subspan(kFrameHeadBytes);
    if (frame_checksum(whole.first(4), bytes) != read_u32le(whole.subspan(4))) {
      return damaged(place_, at, "checksum of a frame of " + std::to_string(length) + " bytes");
    }
    frames.push_back({Bytes(bytes.begin(), bytes.end()), at, advanced(at, length)});
    at = frames.back().next;
    used += whole.size();
  }
  return frames;
}

Result<std::uint32_t> SegmentFiles::count() const {
  SANAD_TRY(const auto names, place_.files->list(place_.folder));
  const std::string first = place_.path(0).substr(place_.folder.size() + 1);
  const std::string_view prefix = std::string_view(first).substr(0, first.find('-') + 1);
  std::uint32_t count = 0;
  for (const std::string& name : names) {  // numbers have a fixed width: they rise
    if (!name.starts_with(prefix) || name.size() != first.size()) continue;
    const Position end{count, 0};
    if (place_.folder + "/" + name != place_.path(count)) {
      return damaged(place_, end, "missing, but " + name + " is there");
    }
    const auto found = head(count);
    if (!found && found.error().code == LedgerErrc::kNotFound) break;  // it is just being made
    if (!found) return found.error();
    std::uint64_t before = 0;
    if (count > 0) {
      SANAD_TRY(before, size_of(count - 1));
    }
    if (found->previous_bytes != before) {
      return damaged(place_, {count - 1, 0},
                     "the file has " + std::to_string(before) + " bytes, but had " +
                         std::to_string(found->previous_bytes) + " when sealed");
    }
    ++count;
  }
  return count;
}

Result<std::uint64_t> SegmentFiles::size_of(std::uint32_t segment) const {
  SANAD_TRY(const auto opened, place_.files->open(place_.path(segment), OpenMode::kRead));
  return opened->size();  // as of now: it may grow
}

Result<std::uint64_t> SegmentFiles::bytes_from(Position at) const {
  SANAD_TRY(const std::uint32_t files, count());
  std::uint64_t bytes = 0;
  for (std::uint32_t segment = at.segment; segment < files; ++segment) {
    SANAD_TRY(const std::uint64_t size, size_of(segment));
    bytes += size;
  }
  return bytes - at.offset;
}

// ------------------------------------------------------------------------------------ writing

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::open(SegmentPlace place, Position committed) {
  std::unique_ptr<SegmentWriter> writer(new SegmentWriter(std::move(place)));
  SANAD_TRY_STATUS(writer->check_kept(committed));
  SANAD_TRY_STATUS(writer->cut(committed));
  return writer;
}

// Every file up to the committed end: there, ours, of the length it was sealed with; the last one
// frame by frame.
Status SegmentWriter::check_kept(Position committed) const {
  if (committed == Position{}) return {};
  const SegmentFiles files(place_);
  std::uint64_t previous_bytes = 0;
  for (std::uint32_t segment = 0; segment <= committed.segment; ++segment) {
    const Position start{segment, 0};
    const auto head = files.head(segment);
    if (!head && head.error().code == LedgerErrc::kNotFound) {
      return damaged(place_, start, "missing or shorter than its head");
    }
    if (!head) return head.error();
    if (head->previous_bytes != previous_bytes) {
      return damaged(place_, {segment - 1, 0},
                     "the file has " + std::to_string(previous_bytes) + " bytes, but had " +
                         std::to_string(head->previous_bytes) + " when sealed");
    }
    SANAD_TRY(const auto file, place_.files->open(place_.path(segment), OpenMode::kRead));
    previous_bytes = file->size();
  }
  if (previous_bytes < committed.offset) {
    return damaged(
        place_, {committed.segment, static_cast<std::uint32_t>(previous_bytes)},
        "the file ends, but " + std::to_string(committed.offset) + " bytes of it were committed");
  }
  for (Position at{committed.segment, 0}; at < committed;) {
    const auto frame = files.read(at);
    if (!frame && frame.error().code == LedgerErrc::kNotFound) {
      return damaged(place_, at, "a frame reaches beyond the end");
    }
    if (!frame) return frame.error();
    if (frame->next > committed) {
      return damaged(
          place_, at,
          "a frame reaches beyond the committed end at " + std::to_string(committed.offset));
    }
    at = frame->next;
  }
  return {};
}

Status SegmentWriter::remove_files_from(std::uint32_t segment) {
  const std::string prefix =
      std::string(kSeriesNames[static_cast<std::size_t>(place_.series)]) + "-";
  SANAD_TRY(const auto names, place_.files->list(place_.folder));
  const std::string first = place_.path(segment).substr(place_.folder.size() + 1);
  bool removed = false;
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    // Numbers have a fixed width: names order as numbers do. Files that are not ours stay.
    if (!name->starts_with(prefix) || name->size() != first.size() || *name < first) continue;
    SANAD_TRY_STATUS(place_.files->remove(place_.folder + "/" + *name));
    removed = true;
  }
  return removed ? place_.files->sync_directory(place_.folder) : Status{};
}

Status SegmentWriter::cut(Position committed) {
  if (committed == Position{}) return remove_files_from(0);
  SANAD_TRY_STATUS(remove_files_from(committed.segment + 1));
  segment_ = committed.segment;
  SANAD_TRY(file_, place_.files->open(place_.path(segment_), OpenMode::kAppend));
  if (file_->size() == committed.offset) return {};
  SANAD_TRY_STATUS(file_->truncate(committed.offset));
  return file_->sync();
}

Status SegmentWriter::start_file(std::uint32_t segment, std::uint64_t previous_bytes) {
  SANAD_TRY(file_, place_.files->open(place_.path(segment), OpenMode::kCreate));
  segment_ = segment;
  new_file_ = true;
  buffer_frame(crypto::encode(SegmentHead{std::string(kFormat), place_.network_id, place_.series,
                                          segment, previous_bytes}));
  return {};
}

void SegmentWriter::buffer_frame(ByteView bytes) {
  Bytes length;
  append_u32le(length, static_cast<std::uint32_t>(bytes.size()));
  crypto::append(buffer_, length);
  append_u32le(buffer_, frame_checksum(length, bytes));
  crypto::append(buffer_, bytes);
}

Result<Position> SegmentWriter::append(ByteView bytes) {
  if (stopped_) return Error{LedgerErrc::kStopped};
  if (bytes.size() > kFrameBytesMax) {
    return Error{LedgerErrc::kTooLarge, std::to_string(bytes.size()) + " bytes"};
  }
  if (file_ == nullptr) SANAD_TRY_STATUS(stop_if(start_file(0, 0)));
  const std::uint64_t file_bytes = file_->size() + buffer_.size();
  if (file_bytes + kFrameHeadBytes + bytes.size() > place_.segment_bytes_max) {
    SANAD_TRY_STATUS(sync());
    SANAD_TRY_STATUS(stop_if(start_file(segment_ + 1, file_bytes)));
  }
  const Position at = end();
  buffer_frame(bytes);
  return at;
}

Status SegmentWriter::flush() {
  if (stopped_) return Error{LedgerErrc::kStopped};
  if (buffer_.empty()) return {};
  dirty_ = true;
  SANAD_TRY_STATUS(stop_if(file_->append(buffer_)));
  buffer_.clear();
  return {};
}

Status SegmentWriter::sync() {
  SANAD_TRY_STATUS(flush());
  if (!dirty_) return {};
  SANAD_TRY_STATUS(stop_if(file_->sync()));
  if (new_file_) SANAD_TRY_STATUS(stop_if(place_.files->sync_directory(place_.folder)));
  dirty_ = false;
  new_file_ = false;
  return {};
}

Position SegmentWriter::end() const {
  if (file_ == nullptr) return {};
  return {segment_, static_cast<std::uint32_t>(file_->size() + buffer_.size())};
}

Status SegmentWriter::stop_if(Status failed) {
  if (!failed) stopped_ = true;
  return failed;
}

}  // namespace sanad::node
