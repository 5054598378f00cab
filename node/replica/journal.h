// The replica's journal (R1): what must survive a power cut before it is said to anyone. Own votes
// with the headers they name, certificates, batches held and checkpoints about to be signed share
// one file and one fdatasync per turn.
//
// Files `journal-<16 hex digits>.log` in one folder, numbered from 1 without gaps; a segment is a
// sequence of frames
//
//     u32be length | u8 kind | length bytes | 32 bytes link
//
// where link = SHA-256(previous link | kind | bytes), over segment ends too. Kind 0 opens a segment
// (format version, owner, number, previous link, a secret), kind 1 fills up and ends a group; the
// others are the caller's. `sync` writes one group and makes it durable. Beside the folder,
// `<folder>.generation` keeps the newest segment's number and, after a clean close, the last link:
// the second copy that shows an older folder put back.
//
// What open() finds:
//   bytes after the last whole group of the newest segment, as a power cut leaves them   cut off
//   any other damage, a missing segment, an older copy                       kJournalDamaged
// and the error names file, offset and what to do. Never repaired by guessing: votes that are
// forgotten can be contradicted.
//
// Not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/bytes.h"
#include "node/replica/errors.h"

namespace sanad::node {

class File;
class FileSystem;
namespace journal_format {
class SegmentWriter;
}

// Kinds of the caller, stored as they are.
inline constexpr std::uint8_t kJournalKindFirst = 2;
inline constexpr std::size_t kJournalEntryMax = std::size_t{4} << 20;

struct JournalEntry {
  std::uint8_t kind = 0;
  crypto::Bytes bytes;
  std::uint64_t segment = 0;
};

struct JournalOptions {
  std::string folder;                                 // created if it is not there
  crypto::Hash owner;                                 // network and member; another's is refused
  std::size_t segment_bytes = std::size_t{16} << 20;  // after which wants_rotation()
};

struct JournalStats {
  std::uint64_t bytes_written = 0;
  std::uint64_t segments = 0;   // on disk now
  std::uint64_t cut_bytes = 0;  // of a torn tail, at open
};

class Journal {
 public:
  struct Opened;
  // Reads every entry of every segment, then begins a new segment.
  static crypto::Result<Opened> open(FileSystem& files, JournalOptions options);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Adds to the group; nothing is written before sync(). REQUIRES: kind ≥ kJournalKindFirst,
  // size ≤ kJournalEntryMax.
  void append(std::uint8_t kind, crypto::ByteView bytes);
  [[nodiscard]] bool dirty() const { return pending_bytes() > 0; }
  // Appended and not yet written.
  [[nodiscard]] std::size_t pending_bytes() const;
  // Writes the group and makes it durable. After an error the journal refuses everything: what the
  // disk holds is unknown, and a sync that failed must never be retried (HOSTILE 109).
  crypto::Status sync();

  // The segment that the next group goes to.
  [[nodiscard]] std::uint64_t segment() const { return segment_; }
  [[nodiscard]] std::size_t segment_bytes() const { return options_.segment_bytes; }
  [[nodiscard]] bool wants_rotation() const { return segment_size() >= options_.segment_bytes; }
  // Begins a new segment. REQUIRES: !dirty(). The caller then appends whatever it still needs of
  // older segments, syncs, and may prune them.
  crypto::Status rotate();
  // Removes the segments below `segment`. REQUIRES: segment ≤ segment(), !dirty().
  crypto::Status prune_below(std::uint64_t segment);
  // Marks a clean end. Nothing may be appended afterwards. REQUIRES: !dirty().
  crypto::Status close();

  [[nodiscard]] const JournalStats& stats() const { return stats_; }

 private:
  Journal(FileSystem& files, JournalOptions options);
  crypto::Status begin_segment(std::uint64_t number, const crypto::Hash& previous_link);
  // `closed_link`: the last one, at a clean end.
  crypto::Status write_generation(std::optional<crypto::Hash> closed_link);
  crypto::Status write_group();
  [[nodiscard]] std::uint64_t segment_size() const;

  FileSystem& files_;
  JournalOptions options_;
  std::unique_ptr<File> file_;
  std::unique_ptr<journal_format::SegmentWriter> writer_;
  std::uint64_t first_segment_ = 1;
  std::uint64_t segment_ = 0;
  bool failed_ = false;
  bool closed_ = false;
  JournalStats stats_;
};

struct Journal::Opened {
  std::unique_ptr<Journal> journal;
  std::vector<JournalEntry> entries;  // oldest first
};

}  // namespace sanad::node
