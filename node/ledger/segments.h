// Append-only segment files (LEDGER F19): `<series>-<8 digits>.seg`, numbered from 0, each a run of
// frames
//
//   frame := length u32le, crc32c u32le (of length and bytes), bytes
//
// The first frame of a file is its head: SegmentHead in canonical CBOR. It names the network, the
// series and the file's own number, so that files cannot be swapped, and the length of the file
// before it, so that a sealed file that was cut is noticed without reading it. A frame never spans
// files.
//
// Writing is for one thread. Reading is for any thread, of positions that were durable when the
// reader learned them. A failed write or sync makes every later append and sync kStopped.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "crypto/codec.h"
#include "node/ledger/errc.h"
#include "node/ledger/file_system.h"

namespace sanad::node {

enum class Series : std::uint8_t { kBlocks, kRecords, kBodies };
inline constexpr std::array<std::string_view, 3> kSeriesNames = {"blocks", "records", "bodies"};
constexpr auto enum_names(Series) { return kSeriesNames; }

inline constexpr std::uint64_t kSegmentBytesMax = 64ULL << 20;
inline constexpr std::uint64_t kFrameHeadBytes = 8;
inline constexpr std::uint64_t kFrameBytesMax = 32ULL << 20;  // of a frame's own bytes

// Where a frame begins. Ordered as written.
struct Position {
  std::uint32_t segment = 0;
  std::uint32_t offset = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(segment), SANAD_FIELD(offset));
  }
};

// Where each series ends.
struct SeriesEnds {
  Position blocks;
  Position records;
  Position bodies;
  friend bool operator==(const SeriesEnds&, const SeriesEnds&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(blocks), SANAD_FIELD(records), SANAD_FIELD(bodies));
  }
};

struct SegmentHead {
  std::string format;  // "sanad segment 1"
  crypto::Hash network_id;
  Series series = Series::kBlocks;
  std::uint32_t segment = 0;
  std::uint64_t previous_bytes = 0;  // length of the file before; 0 for file 0
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(format), SANAD_FIELD(network_id), SANAD_FIELD(series), SANAD_FIELD(segment),
       SANAD_FIELD(previous_bytes));
  }
};

struct SegmentPlace {
  FileSystem* files = nullptr;
  std::string folder;
  crypto::Hash network_id;
  Series series = Series::kBlocks;
  std::uint64_t segment_bytes_max = kSegmentBytesMax;

  [[nodiscard]] std::string path(std::uint32_t segment) const;
};

// A frame read back, where it begins, and where the next one does.
struct Frame {
  crypto::Bytes bytes;
  Position at;
  Position next;
};

// Reads frames of one series. Offset 0 of a file means its first frame after the head; the very end
// of a file means the first one of the next file. Thread-safe; keeps at most kOpenFilesMax files
// open.
class SegmentFiles {
 public:
  static constexpr std::size_t kOpenFilesMax = 16;

  explicit SegmentFiles(SegmentPlace place) : place_(std::move(place)) {}

  // The frame at `at`, its checksum verified. kNotFound where the files end before the frame does,
  // kDamaged, with file and offset, where its length or checksum does not hold.
  [[nodiscard]] crypto::Result<Frame> read(Position at) const;
  // `count` frames in a row from `at` on, in few reads.
  [[nodiscard]] crypto::Result<std::vector<Frame>> read_run(Position at, std::size_t count) const;
  // The bytes of a file's head, unchecked but for their checksum: to learn what they say.
  [[nodiscard]] crypto::Result<crypto::Bytes> read_head_bytes(std::uint32_t segment) const;
  // The head of one file. kNotFound where there is no whole one, kDamaged, kWrongNetwork.
  [[nodiscard]] crypto::Result<SegmentHead> head(std::uint32_t segment) const;
  // Numbers 0 … of the files that are there. kDamaged where one of them is missing, or a sealed one
  // has not the length that the next one says.
  [[nodiscard]] crypto::Result<std::uint32_t> count() const;
  // Bytes of all files from `at` on. REQUIRES: a position that this series had.
  [[nodiscard]] crypto::Result<std::uint64_t> bytes_from(Position at) const;
  [[nodiscard]] const SegmentPlace& place() const { return place_; }

 private:
  crypto::Result<std::shared_ptr<File>> file(std::uint32_t segment) const;
  crypto::Result<std::vector<Frame>> read_frames(Position at, std::size_t count) const;
  crypto::Result<std::uint64_t> size_of(std::uint32_t segment) const;
  crypto::Result<std::size_t> fill(Position at, std::span<std::uint8_t> out) const;
  // `at`, or the first frame of the next file where this one ends exactly there.
  crypto::Result<Position> cross(Position at) const;

  SegmentPlace place_;
  mutable std::mutex mutex_;
  mutable std::map<std::uint32_t, std::shared_ptr<File>> open_;
};

// The writer of one series.
class SegmentWriter {
 public:
  // Opens the series as of `committed`, the end after the last commit ({} for an empty series).
  // What lies beyond is the tail of a commit that never happened: it is cut off, durably. What lies
  // before must be whole: missing or short files are kDamaged, and so is any bad frame in the last
  // file; sealed files are checked by head and length here, and by checksum when read.
  static crypto::Result<std::unique_ptr<SegmentWriter>> open(SegmentPlace place,
                                                             Position committed);

  // Buffers one frame; where it will begin. Starts a new file where this one is full. kTooLarge.
  crypto::Result<Position> append(crypto::ByteView bytes);
  // Writes what is buffered.
  crypto::Status flush();
  // flush(), then makes everything durable. Does nothing where nothing was appended.
  crypto::Status sync();
  // Where the series ends: the position of the next frame, or the end of a file that is full.
  [[nodiscard]] Position end() const;

 private:
  explicit SegmentWriter(SegmentPlace place) : place_(std::move(place)) {}
  crypto::Status cut(Position committed);
  crypto::Status remove_files_from(std::uint32_t segment);
  crypto::Status check_kept(Position committed) const;
  crypto::Status start_file(std::uint32_t segment, std::uint64_t previous_bytes);
  void buffer_frame(crypto::ByteView bytes);
  crypto::Status stop_if(crypto::Status failed);

  SegmentPlace place_;
  std::unique_ptr<File> file_;  // nothing before the first frame
  std::uint32_t segment_ = 0;
  crypto::Bytes buffer_;   // what follows the bytes of file_
  bool dirty_ = false;     // written since the last sync
  bool new_file_ = false;  // its name is not durable yet
  bool stopped_ = false;
};

}  // namespace sanad::node
