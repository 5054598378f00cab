// HOSTILE 113–115: what is on disk is not what was written. Never a wrong read: the ledger refuses
// to open, or a read says so and commits end.
#include <catch2/catch.hpp>
#include <iostream>
#include <random>

#include "tests/node/ledger/sample_blocks.h"
#include "tests/node/ledger/simulated_disk.h"

namespace sanad::tests {

using crypto::Bytes;
using node::CommittedBlock;
using node::Ledger;
using node::LedgerErrc;

namespace {

constexpr std::uint64_t kDamageHeight = 12;

std::unique_ptr<SimulatedDisk> disk_with(std::uint64_t height, std::uint64_t blocks = 1) {
  auto disk = std::make_unique<SimulatedDisk>();
  const auto ledger = open_or_fail(options_on(*disk));
  while (!ledger->tip() || ledger->tip()->height < height) {
    REQUIRE(commit_group(*ledger, blocks, height).ok());
  }
  return disk;
}

bool is_refusal(const crypto::Error& error) {
  return error.code == LedgerErrc::kDamaged || error.code == LedgerErrc::kStoreBehind ||
         error.code == LedgerErrc::kWrongNetwork || error.code == LedgerErrc::kIo;
}

// Reads everything; false where the ledger said that it is damaged, a failed test where it lied.
bool reads_true(const Ledger& ledger, const std::vector<CommittedBlock>& expected) {
  const auto view = ledger.view();
  bool whole = true;
  const auto tell = [&](const auto& result, const auto& good) {
    if (result) {
      REQUIRE(*result == good);
    } else {
      REQUIRE(is_refusal(result.error()));
      whole = false;
    }
  };
  REQUIRE(view.tip() == expected[view.tip().height]);
  for (std::uint64_t height = 0; height <= view.tip().height; ++height) {
    const CommittedBlock& block = expected[height];
    tell(view.committed(height), block);
    tell(view.root_at(block.tree_size), block.root);
    const auto request = sample_block(height);
    for (const auto& body : request.bodies) tell(view.body(body.digest), body.bytes);
    for (std::size_t i = 0; i < request.effects.records.size(); ++i) {
      tell(view.record(block.first_record + i),
           chaincode::encode_record(request.effects.records[i]));
    }
    for (const auto& [key, value] : request.effects.writes) {
      const auto found = view.state().read(key);
      if (!found || !value) continue;
      REQUIRE(*found == *value);
    }
  }
  return whole && ledger.health().ok();
}

}  // namespace

TEST_CASE("113: bit flips in any file at rest are never read as truth") {
  const std::uint64_t blocks = GENERATE(1U, 5U);
  const auto expected = reference_blocks(kDamageHeight);
  const auto paths = disk_with(kDamageHeight, blocks)->paths();
  std::mt19937_64 random(113);
  std::map<std::string, std::uint64_t> tally;
  for (const std::string& path : paths) {
    if (path.ends_with("LOCK")) continue;
    for (int flip = 0; flip < 24; ++flip) {
      const auto disk = disk_with(kDamageHeight, blocks);
      Bytes& bytes = *disk->bytes(path);
      REQUIRE_FALSE(bytes.empty());
      const std::size_t bit = random() % (bytes.size() * 8);
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      INFO(path << " bit " << bit);
      const auto ledger = Ledger::open(options_on(*disk));
      if (!ledger) {
        INFO(ledger.error().message());
        REQUIRE(is_refusal(ledger.error()));
        ++tally["refused to open"];
        continue;
      }
      const auto tip = (*ledger)->tip();
      REQUIRE(tip.has_value());
      // LevelDB drops a last log entry whose length was damaged: one commit, executed again.
      REQUIRE(tip->height + blocks >= kDamageHeight);
      ++tally[reads_true(**ledger, expected) ? "harmless" : "found by a read"];
    }
  }
  for (const auto& [what, count] : tally)
    std::cout << "bit flips, " << what << ": " << count << "\n";
  CHECK(tally["refused to open"] > 0);
  CHECK(tally["found by a read"] > 0);
}

TEST_CASE("HOSTILE 118: bytes written to, or read from, another place are never read as truth") {
  const auto expected = reference_blocks(kDamageHeight);
  const auto paths = disk_with(kDamageHeight)->paths();
  std::mt19937_64 random(118);
  std::map<std::string, std::uint64_t> tally;
  for (int swap = 0; swap < 300; ++swap) {
    const auto disk = disk_with(kDamageHeight);
    Bytes& from = *disk->bytes(paths[random() % paths.size()]);
    Bytes& to = *disk->bytes(paths[random() % paths.size()]);
    const std::size_t size = std::min<std::size_t>({512, from.size(), to.size()});
    if (size == 0) continue;
    const auto source = static_cast<std::ptrdiff_t>(random() % (from.size() - size + 1));
    const auto target = static_cast<std::ptrdiff_t>(random() % (to.size() - size + 1));
    const Bytes moved(from.begin() + source, from.begin() + source + static_cast<long>(size));
    std::copy(moved.begin(), moved.end(), to.begin() + target);
    const auto ledger = Ledger::open(options_on(*disk));
    if (!ledger) {
      INFO(ledger.error().message());
      REQUIRE(is_refusal(ledger.error()));
      ++tally["refused to open"];
      continue;
    }
    const auto tip = (*ledger)->tip();
    REQUIRE(tip.has_value());
    REQUIRE(tip->height + 1 >= kDamageHeight);
    ++tally[reads_true(**ledger, expected) ? "harmless" : "found by a read"];
  }
  for (const auto& [what, count] : tally)
    std::cout << "misplaced bytes, " << what << ": " << count << "\n";
  CHECK(tally["refused to open"] > 0);
  CHECK(tally["found by a read"] > 0);
}

TEST_CASE("113: a commit that reads damage stops, and every later one too") {
  const auto disk = disk_with(kDamageHeight);
  auto ledger = open_or_fail(options_on(*disk));
  Bytes& bytes = *disk->bytes("ledger/segments/records-00000000.seg");
  bytes[bytes.size() / 2] ^= 0x10;
  const auto view = ledger->view();
  crypto::Status seen;
  for (std::uint64_t i = 0; i < 20 && seen.ok(); ++i) {
    const auto record = view.record(i);
    if (!record) seen = record.error();
  }
  REQUIRE_FALSE(seen.ok());
  CHECK(seen.error().code == LedgerErrc::kDamaged);
  CHECK(seen.error().detail.find("records-00000000.seg at offset ") != std::string::npos);
  const auto commit = ledger->commit(sample_block(kDamageHeight + 1));
  REQUIRE_FALSE(commit.ok());
  CHECK(commit.error().code == LedgerErrc::kStopped);
  CHECK(commit.error().detail.find("records-00000000.seg") != std::string::npos);
}

TEST_CASE("114: a store without its files is refused, never begun anew over full segments") {
  for (const char* file : {"CURRENT", "MANIFEST", ".log"}) {
    INFO(file);
    const auto disk = std::make_unique<SimulatedDisk>();
    auto options = options_on(*disk);
    options.write_buffer_bytes = 8 << 20;  // all that was committed is in one log
    commit_to(*open_or_fail(options), kDamageHeight + node::kGroupBlocksMax);
    std::uint64_t removed = 0;
    for (const std::string& path : disk->paths()) {
      if (path.find("/store/") == std::string::npos || path.find(file) == std::string::npos)
        continue;
      REQUIRE(disk->remove(path).ok());
      ++removed;
    }
    REQUIRE(removed > 0);
    const auto paths_before = disk->paths();
    const auto ledger = Ledger::open(options_on(*disk));
    REQUIRE_FALSE(ledger.ok());
    CHECK((ledger.error().code == LedgerErrc::kStoreBehind ||
           ledger.error().code == LedgerErrc::kDamaged));
    for (const std::string& path : paths_before) {
      if (path.ends_with(".seg")) CHECK(disk->bytes(path) != nullptr);
    }
  }
}

// One that is older by less looks like a commit that never happened; the journal knows better
// (tests/node/replica/driver_test.cpp, R1).
TEST_CASE("115: a store that is older by more than one commit is refused") {
  const auto old = disk_with(kDamageHeight - 4);
  const auto disk = disk_with(kDamageHeight - 3 + node::kGroupBlocksMax);
  for (const std::string& path : disk->paths()) {
    if (path.find("/store/") != std::string::npos) REQUIRE(disk->remove(path).ok());
  }
  for (const std::string& path : old->paths()) {
    if (path.find("/store/") == std::string::npos) continue;
    auto file = disk->open(path, node::OpenMode::kCreate);
    REQUIRE((*file)->append(*old->bytes(path)).ok());
  }
  const auto ledger = Ledger::open(options_on(*disk));
  REQUIRE_FALSE(ledger.ok());
  CHECK(ledger.error().code == LedgerErrc::kStoreBehind);
}

TEST_CASE("114: segments of another network, or cut below the commit, are refused") {
  const auto disk = disk_with(kDamageHeight);
  auto options = options_on(*disk);
  options.network_id = sample_hash("network", 1);
  const auto foreign = Ledger::open(options);
  REQUIRE_FALSE(foreign.ok());
  CHECK(foreign.error().code == LedgerErrc::kWrongNetwork);
  for (const std::string& path : disk->paths()) {
    if (!path.ends_with(".seg")) continue;
    INFO(path);
    Bytes& bytes = *disk->bytes(path);
    const Bytes good = bytes;
    bytes.pop_back();
    const auto cut = Ledger::open(options_on(*disk));
    REQUIRE_FALSE(cut.ok());
    CHECK(cut.error().code == LedgerErrc::kDamaged);
    CHECK(cut.error().detail.find(path) != std::string::npos);
    bytes = good;
  }
  CHECK(Ledger::open(options_on(*disk)).ok());
}

}  // namespace sanad::tests
