// Blocks read from segment files alone.
#include "node/ledger/segment_reader.h"

#include <catch2/catch.hpp>

#include "tests/node/ledger/sample_blocks.h"
#include "tests/node/ledger/simulated_disk.h"

namespace sanad::tests {

using node::LedgerErrc;
using node::SegmentBlock;
using node::SegmentReader;

namespace {

// Reads to the end; the count of blocks, all checked against what was committed.
std::uint64_t read_all(SegmentReader& reader, const std::vector<node::CommittedBlock>& expected) {
  for (std::uint64_t count = 0;; ++count) {
    const auto next = reader.next();
    if (!next) FAIL(next.error().message());
    if (!*next) return count;
    const SegmentBlock& found = **next;
    const auto height = found.block.committed.height;
    REQUIRE(height < expected.size());
    REQUIRE(found.block.committed == expected[height]);
    const auto request = sample_block(height);
    REQUIRE(found.block.header == request.header);
    REQUIRE(found.block.finalization == request.finalization);
    REQUIRE(found.block.batches == request.batches);
    REQUIRE(found.bodies.size() == request.bodies.size());
    for (std::size_t i = 0; i < request.bodies.size(); ++i) {
      REQUIRE(found.bodies[i].digest == request.bodies[i].digest);
      REQUIRE(found.bodies[i].bytes == request.bodies[i].bytes);
    }
    REQUIRE(found.records.size() == request.effects.records.size() + 1);
    for (std::size_t i = 0; i < request.effects.records.size(); ++i) {
      REQUIRE(found.records[i] == chaincode::encode_record(request.effects.records[i]));
    }
  }
}

}  // namespace

TEST_CASE("F20: the segments hold every block whole, beside a running ledger and after it") {
  const TemporaryFolder folder;
  const auto expected = reference_blocks(25);
  auto ledger = open_or_fail(sample_options(folder.path()));
  CHECK(SegmentReader::open(folder.path()).error().code == LedgerErrc::kNoSuchFile);
  commit_to(*ledger, 9);
  auto reader = SegmentReader::open(folder.path());
  REQUIRE(reader.ok());
  CHECK(reader->network_id() == sample_network());
  CHECK(read_all(*reader, expected) == 10);
  commit_to(*ledger, 15);
  for (std::uint64_t height = 10; height <= 15; ++height) {  // it goes on where it ended
    const auto next = reader->next();
    REQUIRE(next.ok());
    REQUIRE(next->has_value());
    CHECK((*next)->block.committed == expected[height]);
  }
  ledger.reset();
  std::filesystem::remove_all(folder.path() + "/store");
  auto again = SegmentReader::open(folder.path());
  REQUIRE(again.ok());
  CHECK(read_all(*again, expected) == 16);
}

TEST_CASE("a segment reader ends before a block that is not all there") {
  const auto expected = reference_blocks(6);
  SimulatedDisk disk;
  auto options = sample_options("ledger");
  options.files = &disk;
  options.segment_bytes_max = 1 << 20;
  const auto ledger = open_or_fail(options);
  commit_to(*ledger, 6);
  for (const std::string series : {"blocks", "records", "bodies"}) {
    crypto::Bytes& bytes = *disk.bytes("ledger/segments/" + series + "-00000000.seg");
    const crypto::Bytes good = bytes;
    for (std::size_t cut = 1; cut < 200; cut += 13) {
      bytes.resize(good.size() - cut);
      auto reader = SegmentReader::open("ledger", disk);
      REQUIRE(reader.ok());
      CHECK(read_all(*reader, expected) == 6);
    }
    bytes = good;
    bytes[good.size() - 1] ^= 1;  // whole, but not what was written
    auto reader = SegmentReader::open("ledger", disk);
    REQUIRE(reader.ok());
    auto next = reader->next();
    while (next && *next) next = reader->next();
    REQUIRE_FALSE(next.ok());
    CHECK(next.error().code == LedgerErrc::kDamaged);
    CHECK(next.error().detail.find(series) != std::string::npos);
    bytes = good;
  }
}

}  // namespace sanad::tests
