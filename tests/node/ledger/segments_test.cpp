// F19: frames, files, tails and damage, without a ledger around them.
#include "node/ledger/segments.h"

#include <catch2/catch.hpp>

#include "node/ledger/crc32c.h"
#include "tests/node/ledger/sample_blocks.h"
#include "tests/node/ledger/simulated_disk.h"

namespace sanad::tests {

using crypto::Bytes;
using node::crc32c;
using node::crc32c_portable;
using node::LedgerErrc;
using node::Position;
using node::SegmentFiles;
using node::SegmentPlace;
using node::SegmentWriter;
using node::Series;

namespace {

SegmentPlace place_on(SimulatedDisk& disk, std::uint64_t bytes_max = 1024) {
  REQUIRE(disk.create_folders("s").ok());
  return {&disk, "s", sample_network(), Series::kRecords, bytes_max};
}

Bytes sample_frame(std::uint64_t number) {
  return Bytes(17 + number % 50, static_cast<std::uint8_t>(number));
}

// Writes frames [0, count); their positions, and at the end that of the series' end.
std::vector<Position> write_frames(const SegmentPlace& place, std::uint64_t count) {
  auto writer = SegmentWriter::open(place, {});
  REQUIRE(writer.ok());
  std::vector<Position> positions;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto at = (*writer)->append(sample_frame(i));
    REQUIRE(at.ok());
    positions.push_back(*at);
  }
  REQUIRE((*writer)->sync().ok());
  positions.push_back((*writer)->end());
  return positions;
}

}  // namespace

TEST_CASE("F19: CRC-32C has the vectors of RFC 3720 B.4, in hardware and without") {
  Bytes rising(32);
  Bytes falling(32);
  for (std::uint8_t i = 0; i < 32; ++i) {
    rising[i] = i;
    falling[i] = static_cast<std::uint8_t>(31 - i);
  }
  const std::vector<std::pair<Bytes, std::uint32_t>> vectors = {
      {Bytes(32, 0x00), 0x8A9136AA},
      {Bytes(32, 0xFF), 0x62A8AB43},
      {rising, 0x46DD794E},
      {falling, 0x113FDB5C},
      {{'1', '2', '3', '4', '5', '6', '7', '8', '9'}, 0xE3069283},
      {{}, 0},
  };
  for (const auto& [bytes, expected] : vectors) {
    CHECK(crc32c(bytes) == expected);
    CHECK(crc32c_portable(bytes) == expected);
  }
  const Bytes long_bytes = sample_frame(49);
  for (std::size_t cut = 0; cut <= long_bytes.size(); ++cut) {
    const crypto::ByteView view(long_bytes);
    CHECK(crc32c(view.subspan(cut), crc32c_portable(view.first(cut))) == crc32c(view));
  }
}

TEST_CASE("F19: frames come back singly and in runs, across files") {
  SimulatedDisk disk;
  const SegmentPlace place = place_on(disk);
  const auto positions = write_frames(place, 100);
  CHECK(positions.back().segment >= 5);
  const SegmentFiles files(place);
  for (std::uint64_t i = 0; i < 100; ++i) {
    const auto frame = files.read(positions[i]);
    REQUIRE(frame.ok());
    CHECK(frame->bytes == sample_frame(i));
    const auto run = files.read_run(positions[i], 100 - i);
    REQUIRE(run.ok());
    for (std::uint64_t k = i; k < 100; ++k) CHECK((*run)[k - i].bytes == sample_frame(k));
  }
  const auto whole = files.read_run({}, 100);
  REQUIRE(whole.ok());
  CHECK(whole->back().next == positions.back());
  CHECK(files.read(positions.back()).error().code == LedgerErrc::kNotFound);
  CHECK(files.read_run({}, 101).error().code == LedgerErrc::kNotFound);
  CHECK(files.read({99, 0}).error().code == LedgerErrc::kNotFound);
}

TEST_CASE("F19: a frame over the limit is refused, one over a file's size is not") {
  SimulatedDisk disk;
  const SegmentPlace place = place_on(disk);
  auto writer = SegmentWriter::open(place, {});
  REQUIRE(writer.ok());
  const auto too_large = (*writer)->append(Bytes(node::kFrameBytesMax + 1));
  REQUIRE_FALSE(too_large.ok());
  CHECK(too_large.error().code == LedgerErrc::kTooLarge);
  const Bytes large(5000, 9);
  const auto first = (*writer)->append(large);
  const auto empty = (*writer)->append({});
  REQUIRE((*writer)->sync().ok());
  const SegmentFiles files(place);
  CHECK(files.read(*first)->bytes == large);
  CHECK(files.read(*empty)->bytes.empty());
}

TEST_CASE("F19: what lies beyond the committed end is cut off, durably") {
  SimulatedDisk disk;
  const SegmentPlace place = place_on(disk);
  const auto positions = write_frames(place, 60);
  const Bytes before = *disk.bytes(place.path(0));
  for (const std::size_t keep : {40U, 20U, 5U, 1U}) {
    const Position end = keep == 60 ? positions.back() : positions[keep];
    auto writer = SegmentWriter::open(place, end);
    REQUIRE(writer.ok());
    CHECK((*writer)->end() == end);
    const auto after = disk.after_power_cut(Unsynced::kDropped, 1);
    SegmentPlace again = place;
    again.files = after.get();
    const SegmentFiles files(again);
    CHECK(files.read_run({}, keep).ok());
    CHECK_FALSE(files.read_run({}, keep + 1).ok());
  }
  auto writer = SegmentWriter::open(place, {});
  REQUIRE(writer.ok());
  CHECK(disk.paths().empty());
  // Written again after the cut, the files are as if nothing had been there.
  writer->reset();
  CHECK(write_frames(place, 60) == positions);
  CHECK(*disk.bytes(place.path(0)) == before);
}

TEST_CASE("F19: files that are not segments are left alone") {
  SimulatedDisk disk;
  const SegmentPlace place = place_on(disk);
  REQUIRE(node::replace_file(disk, "s/records-note.txt", crypto::as_bytes("mine")).ok());
  REQUIRE(node::replace_file(disk, "s/zzz", crypto::as_bytes("mine too")).ok());
  write_frames(place, 30);
  REQUIRE(SegmentWriter::open(place, {}).ok());
  CHECK(disk.paths() == std::vector<std::string>{"s/records-note.txt", "s/zzz"});
}

TEST_CASE("113: every flipped bit of a segment file is found, with file and offset") {
  SimulatedDisk disk;
  const SegmentPlace place = place_on(disk);
  const auto positions = write_frames(place, 30);
  std::uint64_t found = 0;
  for (std::uint32_t segment = 0; segment <= positions.back().segment; ++segment) {
    Bytes& bytes = *disk.bytes(place.path(segment));
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      const auto read = SegmentFiles(place).read_run({}, 30);
      // A length that reaches beyond the end reads as an end: the opener knows the committed end.
      const auto opened = SegmentWriter::open(place, positions.back());
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      INFO("segment " << segment << " bit " << bit);
      REQUIRE_FALSE(read.ok());
      const bool is_last = segment == positions.back().segment;
      if (!is_last) continue;
      REQUIRE_FALSE(opened.ok());
      REQUIRE(opened.error().code == LedgerErrc::kDamaged);
      REQUIRE(opened.error().detail.find(place.path(segment)) != std::string::npos);
      REQUIRE(opened.error().detail.find("offset") != std::string::npos);
      ++found;
    }
  }
  CHECK(found > 1000);
  CHECK(SegmentWriter::open(place, positions.back()).ok());
}

TEST_CASE("114: a missing, empty, cut or swapped segment file is found") {
  SimulatedDisk disk;
  const SegmentPlace place = place_on(disk);
  const auto positions = write_frames(place, 60);
  REQUIRE(positions.back().segment >= 2);
  const auto refused = [&](std::uint32_t segment) {
    const auto opened = SegmentWriter::open(place, positions.back());
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().code == LedgerErrc::kDamaged);
    CHECK(opened.error().detail.find(place.path(segment)) != std::string::npos);
  };
  for (std::uint32_t segment = 0; segment <= positions.back().segment; ++segment) {
    Bytes& bytes = *disk.bytes(place.path(segment));
    const Bytes good = bytes;
    bytes.clear();
    refused(segment);
    bytes = good;
    bytes.pop_back();
    refused(segment);
    bytes = *disk.bytes(place.path(segment == 0 ? 1 : segment - 1));
    refused(segment);
    bytes = good;
    REQUIRE(disk.rename(place.path(segment), "s/aside").ok());
    refused(segment);
    REQUIRE(disk.rename("s/aside", place.path(segment)).ok());
  }
  CHECK(SegmentWriter::open(place, positions.back()).ok());
  SegmentPlace other = place;
  other.network_id = sample_hash("network", 1);
  const auto foreign = SegmentWriter::open(other, positions.back());
  REQUIRE_FALSE(foreign.ok());
  CHECK(foreign.error().code == LedgerErrc::kWrongNetwork);
}

TEST_CASE("109: a segment writer never tries again after a failed sync") {
  SimulatedDisk disk;
  const SegmentPlace place = place_on(disk);
  auto writer = SegmentWriter::open(place, {});
  REQUIRE(writer.ok());
  REQUIRE((*writer)->append(sample_frame(1)).ok());
  REQUIRE((*writer)->flush().ok());
  disk.set_fault(SimulatedDisk::Fault{disk.steps() + 1, LedgerErrc::kIo, false});
  CHECK((*writer)->sync().error().code == LedgerErrc::kIo);
  const std::uint64_t steps = disk.steps();
  CHECK((*writer)->sync().error().code == LedgerErrc::kStopped);
  CHECK((*writer)->append(sample_frame(2)).error().code == LedgerErrc::kStopped);
  CHECK(disk.steps() == steps);
}

}  // namespace sanad::tests
