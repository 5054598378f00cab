// sanad ledger compare: the first block that differs, and what differs in it.
#include "tools/audit/compare.h"

#include "node/ledger/storage.h"
#include "tests/tools/audit/real_ledger.h"

namespace sanad::tests {

using tools::Comparison;

namespace {

Comparison compared(const RealLedger& one, const RealLedger& other) {
  auto found = tools::compare_ledgers(one.data(), other.data(), [](std::uint64_t) {});
  if (!found) FAIL(found.error().message());
  return std::move(*found);
}

// From this height on the folder says what a node would that executes otherwise.
void diverge(const RealLedger& ledger, std::uint64_t from, std::uint64_t to) {
  auto frames = frames_of_file(ledger.file("blocks"));
  for (std::uint64_t height = from; height <= to; ++height) {
    Bytes& bytes = frames[2 * height];
    auto frame = checked(crypto::decode<node::BlockFrame>(bytes));
    frame.committed.state_digest.bytes[0] ^= 1;
    bytes = crypto::encode(frame);
  }
  write_frames(ledger.file("blocks"), frames);
}

}  // namespace

TEST_CASE("compare: ledgers of one history are the same, whatever their files and lengths") {
  RealLedger one;
  one.grow(11);
  RealLedger many(4096);
  many.grow(8);
  const Comparison found = compared(one, many);
  CHECK(found.same());
  CHECK(found.last[0] == 11);
  CHECK(found.last[1] == 8);
  CHECK(compared(many, one).same());
}

TEST_CASE("compare: the first height that differs is found, and what differs") {
  RealLedger good;
  good.grow(12);
  for (const std::uint64_t from : {1U, 5U, 11U, 12U}) {
    RealLedger other;
    other.grow(12);
    diverge(other, from, 12);
    const Comparison found = compared(good, other);
    REQUIRE(found.height.has_value());
    CHECK(*found.height == from);
    CHECK(found.differs == std::vector<std::string>{"state digest"});
    CHECK_FALSE(found.record);
  }
}

TEST_CASE("compare: a record that differs is named with both its forms") {
  RealLedger good;
  good.grow(6);
  RealLedger other;
  other.grow(6);
  auto records = frames_of_file(other.file("records"));
  auto verdict = checked(decode_record(records[1 + 16]));
  std::get<VerdictGiven>(verdict.content).lane = Lane::kRed;
  records[1 + 16] = encode_record(verdict);
  write_frames(other.file("records"), records);
  auto blocks = frames_of_file(other.file("blocks"));
  for (std::uint64_t height = 3; height <= 6; ++height) {
    auto frame = checked(crypto::decode<node::BlockFrame>(blocks[2 * height]));
    frame.committed.root.bytes[0] ^= 1;
    blocks[2 * height] = crypto::encode(frame);
  }
  write_frames(other.file("blocks"), blocks);
  const Comparison found = compared(good, other);
  REQUIRE(found.height == 3U);
  CHECK(found.differs == std::vector<std::string>{"records", "log root"});
  REQUIRE(found.record.has_value());
  CHECK(found.record->index == 16);
  CHECK(found.record->bytes[0] != found.record->bytes[1]);
  CHECK(found.record->bytes[1] == encode_record(verdict));
}

}  // namespace sanad::tests
