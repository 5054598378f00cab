#include "node/replica/journal.h"

#include <sodium.h>

#include <algorithm>

#include "node/crash_point.h"
#include "node/ledger/file_system.h"
#include "node/replica/journal_format.h"

namespace sanad::node {
namespace {

using crypto::Bytes;
using crypto::ByteView;
using crypto::Error;
using crypto::Hash;
using crypto::Result;
using crypto::Status;
using journal_format::Generation;
using journal_format::Scanned;
using journal_format::Tail;

constexpr std::string_view kWhatToDo =
    "; this node may have forgotten votes and must not vote with this key again from here: put "
    "back the undamaged folder, or start in quarantine (sanad node run --quarantine)";
// One group beyond the size at which a segment is left.
constexpr std::uint64_t kSegmentReadMax = std::uint64_t{1} << 30;

Error damaged(const std::string& path, std::uint64_t offset, std::string_view what) {
  return Error{ReplicaErrc::kJournalDamaged, path + ", offset " + std::to_string(offset) + ": " +
                                                 std::string(what) + std::string(kWhatToDo)};
}

std::string generation_path(const JournalOptions& options) {
  return options.folder + ".generation";
}

std::string parent_of(const std::string& folder) {
  const std::size_t slash = folder.rfind('/');
  return slash == std::string::npos ? "." : folder.substr(0, slash);
}

std::string segment_path(const JournalOptions& options, std::uint64_t number) {
  return options.folder + "/" + journal_format::segment_name(number);
}

Result<std::optional<Generation>> read_generation(FileSystem& files,
                                                  const JournalOptions& options) {
  const std::string path = generation_path(options);
  if (!files.exists(path)) return std::optional<Generation>{};
  SANAD_TRY(const Bytes bytes, read_file(files, path, 4096));
  if (bytes.size() < Hash::kSize) return damaged(path, 0, "too short");
  const ByteView body = ByteView(bytes).first(bytes.size() - Hash::kSize);
  if (!std::ranges::equal(crypto::sha256(body).view(), ByteView(bytes).last(Hash::kSize))) {
    return damaged(path, 0, "its checksum does not hold");
  }
  auto generation = crypto::decode<Generation>(body);
  if (!generation) return damaged(path, 0, generation.error().message());
  if (generation->version != journal_format::kVersion) {
    return Error{ReplicaErrc::kJournalVersion,
                 path + ": format " + std::to_string(generation->version) +
                     ", this program reads format " + std::to_string(journal_format::kVersion) +
                     ": run the build that wrote it, or make the network anew"};
  }
  if (generation->owner != options.owner) return Error{ReplicaErrc::kJournalForeign, path};
  return std::optional<Generation>{std::move(*generation)};
}

Result<std::vector<std::uint64_t>> list_segments(FileSystem& files, const JournalOptions& options) {
  SANAD_TRY(const std::vector<std::string> names, files.list(options.folder));
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : names) {
    if (const auto number = journal_format::segment_number(name)) numbers.push_back(*number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

// No segment may be missing between those that the generation file names.
Status check_numbers(const JournalOptions& options, const std::vector<std::uint64_t>& numbers,
                     const std::optional<Generation>& generation) {
  const std::uint64_t newest = numbers.empty() ? 0 : numbers.back();
  if (!generation) {
    // Only the very first segment can exist before its generation is written.
    if (newest <= 1) return {};
    return damaged(generation_path(options), 0, "the file is missing");
  }
  if (newest < generation->newest) {
    return damaged(segment_path(options, generation->newest), 0,
                   "the segment is missing: an older copy of the journal was put back, or a file "
                   "was removed");
  }
  if (newest > generation->newest + 1) {
    return damaged(generation_path(options), 0, "an older copy of the file was put back");
  }
  for (std::uint64_t number = generation->first; number <= newest; ++number) {
    if (!std::ranges::binary_search(numbers, number)) {
      return damaged(segment_path(options, number), 0, "the segment is missing");
    }
  }
  return {};
}

// What reading the segments one after another gathers.
struct Recovery {
  FileSystem& files;
  const JournalOptions& options;
  const std::optional<Generation>& generation;
  std::vector<JournalEntry> entries;
  std::optional<Hash> link;
  std::uint64_t cut_bytes = 0;

  // A process that was killed may have written what it never synced: what is read here is relied on
  // from now on, so it must not go with the power.
  Status make_durable(std::uint64_t newest) {
    if (newest == 0 || !files.exists(segment_path(options, newest))) return {};
    SANAD_TRY(const auto file, files.open(segment_path(options, newest), OpenMode::kAppend));
    SANAD_TRY_STATUS(file->sync());
    return files.sync_directory(options.folder);
  }

  Status cut(const std::string& path, const Scanned& scanned, std::uint64_t size) {
    cut_bytes += size - scanned.good_bytes;
    if (!scanned.opening) {
      // The segment was being made: nobody has been told anything that is in it.
      SANAD_TRY_STATUS(files.remove(path));
      return files.sync_directory(options.folder);
    }
    SANAD_TRY(const auto file, files.open(path, OpenMode::kAppend));
    return file->truncate(scanned.good_bytes);
  }

  Status read(std::uint64_t number, bool newest) {
    const std::string path = segment_path(options, number);
    SANAD_TRY(const Bytes bytes, read_file(files, path, kSegmentReadMax));
    Scanned scanned = journal_format::scan(bytes);
    if (scanned.opening && scanned.opening->owner != options.owner) {
      return Error{ReplicaErrc::kJournalForeign, path};
    }
    const bool closed = generation && generation->closed_link && generation->newest == number;
    const bool unnamed = newest && (!generation || generation->newest < number);
    const bool tail_may_be_torn = newest && !closed && (scanned.opening || unnamed);
    if (bytes.size() > scanned.good_bytes || bytes.empty()) {
      if (!tail_may_be_torn || scanned.tail == Tail::kDamaged) {
        return damaged(path, scanned.damage_at, "the bytes are not what was written");
      }
      SANAD_TRY_STATUS(cut(path, scanned, bytes.size()));
      if (!scanned.opening) return {};
    }
    if (scanned.opening->number != number || (link && scanned.opening->previous_link != *link)) {
      return damaged(path, 0, "the segment does not continue the one before");
    }
    if (closed && scanned.link != *generation->closed_link) {
      return damaged(path, scanned.good_bytes, "the end that was closed is missing");
    }
    link = scanned.link;
    for (JournalEntry& entry : scanned.entries) {
      entry.segment = number;
      entries.push_back(std::move(entry));
    }
    return {};
  }
};

}  // namespace

Journal::Journal(FileSystem& files, JournalOptions options)
    : files_(files), options_(std::move(options)) {}

Journal::~Journal() = default;

Result<Journal::Opened> Journal::open(FileSystem& files, JournalOptions options) {
  SANAD_TRY_STATUS(files.create_folders(options.folder));
  SANAD_TRY(const auto generation, read_generation(files, options));
  SANAD_TRY(const auto numbers, list_segments(files, options));
  SANAD_TRY_STATUS(check_numbers(options, numbers, generation));

  Recovery recovery{files, options, generation, {}, {}, 0};
  const std::uint64_t newest = numbers.empty() ? 0 : numbers.back();
  const std::uint64_t first = generation ? generation->first : 1;
  // What it names may have been renamed into place and no more, by a process that was killed.
  if (generation) SANAD_TRY_STATUS(files.sync_directory(parent_of(recovery.options.folder)));
  for (const std::uint64_t number : numbers) {
    // A crash between naming a new first segment and removing the ones before leaves them behind.
    if (number < first) {
      SANAD_TRY_STATUS(files.remove(segment_path(options, number)));
      continue;
    }
    SANAD_TRY_STATUS(recovery.read(number, number == newest));
  }
  SANAD_TRY_STATUS(recovery.make_durable(newest));

  std::unique_ptr<Journal> journal(new Journal(files, std::move(options)));
  journal->first_segment_ = first;
  journal->stats_.cut_bytes = recovery.cut_bytes;
  // A newest segment that was cut off whole is made again under its number.
  const bool remade = newest > 0 && !files.exists(segment_path(journal->options_, newest));
  if (!remade && newest > (generation ? generation->newest : 0)) {
    // The crash came before the newest was named: now, so that never two are unnamed.
    journal->segment_ = newest;
    SANAD_TRY_STATUS(journal->write_generation({}));
  }
  SANAD_TRY_STATUS(
      journal->begin_segment(remade ? newest : newest + 1, recovery.link.value_or(Hash{})));
  return Opened{std::move(journal), std::move(recovery.entries)};
}

Status Journal::begin_segment(std::uint64_t number, const Hash& previous_link) {
  failed_ = true;  // until all of it is durable
  SANAD_TRY(file_, files_.open(segment_path(options_, number), OpenMode::kCreate));
  segment_ = number;
  journal_format::Opening opening;
  opening.owner = options_.owner;
  opening.number = number;
  opening.previous_link = previous_link;
  randombytes_buf(opening.secret.bytes.data(), opening.secret.bytes.size());
  writer_ = std::make_unique<journal_format::SegmentWriter>(opening);
  SANAD_TRY_STATUS(write_group());
  SANAD_TRY_STATUS(files_.sync_directory(options_.folder));
  SANAD_TRY_STATUS(write_generation({}));
  failed_ = false;
  return {};
}

Status Journal::write_generation(std::optional<Hash> closed_link) {
  const Generation generation{journal_format::kVersion, options_.owner, first_segment_, segment_,
                              closed_link};
  Bytes bytes = crypto::encode(generation);
  crypto::append(bytes, crypto::sha256(bytes).view());
  stats_.segments = segment_ - first_segment_ + 1;
  return replace_file(files_, generation_path(options_), bytes);
}

void Journal::append(std::uint8_t kind, ByteView bytes) {
  assert(kind >= kJournalKindFirst && bytes.size() <= kJournalEntryMax);
  assert(!closed_);
  writer_->add(kind, bytes);
}

std::size_t Journal::pending_bytes() const { return writer_->pending_bytes(); }

std::uint64_t Journal::segment_size() const { return writer_->size(); }

Status Journal::write_group() {
  const Bytes group = writer_->end_group();
  SANAD_TRY_STATUS(file_->append(group));
  crash_point("journal.before_persist");
  SANAD_TRY_STATUS(file_->sync());
  crash_point("journal.persisted");
  stats_.bytes_written += group.size();
  return {};
}

Status Journal::sync() {
  if (failed_) return Error{ReplicaErrc::kDiskFailed, "the journal failed before"};
  if (!dirty()) return {};
  failed_ = true;
  SANAD_TRY_STATUS(write_group());
  failed_ = false;
  return {};
}

Status Journal::rotate() {
  if (failed_) return Error{ReplicaErrc::kDiskFailed, "the journal failed before"};
  assert(!dirty());
  return begin_segment(segment_ + 1, writer_->link());
}

Status Journal::prune_below(std::uint64_t segment) {
  if (failed_) return Error{ReplicaErrc::kDiskFailed, "the journal failed before"};
  assert(!dirty() && segment <= segment_);
  if (segment <= first_segment_) return {};
  const std::uint64_t old_first = std::exchange(first_segment_, segment);
  // Named first, removed then: a crash in between leaves files that open() removes.
  SANAD_TRY_STATUS(write_generation({}));
  for (std::uint64_t number = old_first; number < segment; ++number) {
    SANAD_TRY_STATUS(files_.remove(segment_path(options_, number)));
  }
  return {};
}

Status Journal::close() {
  if (failed_) return Error{ReplicaErrc::kDiskFailed, "the journal failed before"};
  assert(!dirty());
  closed_ = true;
  return write_generation(writer_->link());
}

}  // namespace sanad::node
