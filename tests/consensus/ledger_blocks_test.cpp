#include "consensus/ledger_blocks.h"

#include <catch2/catch.hpp>
#include <set>

namespace sanad::consensus {
namespace {

// Final blocks 1 … `heights`; those named in `certified` carry their own finalization, the others
// that of the next one that does.
std::vector<Finalized> ledger_of(Height heights, const std::set<Height>& certified,
                                 std::size_t refs = 0) {
  std::vector<Finalized> ledger;
  Hash parent;
  for (Height height = 1; height <= heights; ++height) {
    Finalized block;
    block.header.height = height;
    block.header.parent = parent;
    block.header.batches.resize(refs);
    block.hash = parent = block_hash(block.header);
    ledger.push_back(std::move(block));
  }
  const Finalized* end = nullptr;
  for (auto at = ledger.rbegin(); at != ledger.rend(); ++at) {
    Finalized& block = *at;
    if (certified.contains(block.header.height)) end = &block;
    if (end != nullptr) block.finalization.subject.block = end->hash;
  }
  return ledger;
}

std::optional<Blocks> ask(const std::vector<Finalized>& ledger, const Hash& tip, Height above) {
  const auto read = [&](Height height) -> Result<Finalized> { return ledger.at(height - 1); };
  const auto blocks = blocks_from({tip, above}, ledger.size(), read);
  REQUIRE(blocks.ok());
  if (!*blocks) return std::nullopt;
  for (std::size_t i = 1; i < (*blocks)->headers.size(); ++i) {
    REQUIRE((*blocks)->headers[i].parent == block_hash((*blocks)->headers[i - 1]));
  }
  REQUIRE(crypto::encode(Message(**blocks)).size() <= kMessageBytesMax);
  return *blocks;
}

const Hash kFarTip = crypto::sha256({});

TEST_CASE(
    "final blocks are answered from where the asker ends to the last finalization that fits") {
  const auto ledger = ledger_of(300, {10, 30, 64, 90, 300});
  const auto blocks = ask(ledger, kFarTip, 5);
  REQUIRE(blocks.has_value());
  CHECK(blocks->headers.front().height == 6);
  CHECK(blocks->headers.back().height == 64);
  CHECK(blocks->finalization->subject.block == ledger[63].hash);
  CHECK(blocks->tip == kFarTip);
}

TEST_CASE("a run of blocks longer than an answer is walked from its end down") {
  const auto ledger = ledger_of(500, {10, 160, 170, 500});
  auto blocks = ask(ledger, kFarTip, 10);
  REQUIRE(blocks.has_value());
  CHECK(blocks->headers.back().height == 160);
  CHECK(blocks->headers.size() == kBlocksPerReplyMax);
  CHECK(blocks->finalization->subject.block == ledger[159].hash);
  Height lowest = blocks->headers.front().height;
  while (lowest > 11) {
    const Hash tip = blocks->headers.front().parent;
    blocks = ask(ledger, tip, 10);
    REQUIRE(blocks.has_value());
    CHECK(block_hash(blocks->headers.back()) == tip);
    CHECK_FALSE(blocks->finalization.has_value());
    REQUIRE(blocks->headers.back().height == lowest - 1);
    lowest = blocks->headers.front().height;
  }
  CHECK(lowest == 11);
}

TEST_CASE("an answer fits a message however large its headers are") {
  const auto ledger = ledger_of(200, {199}, kBlockRefsMax);
  const auto blocks = ask(ledger, kFarTip, 0);
  REQUIRE(blocks.has_value());
  CHECK(blocks->headers.back().height == 199);
  CHECK(blocks->headers.size() > 20);
}

TEST_CASE("without a finalization above the asker's there is no answer") {
  CHECK_FALSE(ask(ledger_of(100, {20}), kFarTip, 20).has_value());
  CHECK_FALSE(ask(ledger_of(100, {20}), kFarTip, 100).has_value());
  CHECK_FALSE(ask(ledger_of(100, {20}), kFarTip, ~Height{0}).has_value());
  const auto unread = blocks_from(
      {kFarTip, 3}, 9, [](Height) -> Result<Finalized> { return Error(Errc::kBadSubject); });
  CHECK(unread.error() == Errc::kBadSubject);
}

}  // namespace
}  // namespace sanad::consensus
