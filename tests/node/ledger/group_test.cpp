// F20: several blocks in one commit are the same blocks, and happen together or not at all.
#include <algorithm>
#include <catch2/catch.hpp>

#include "simulation/random.h"
#include "tests/node/ledger/sample_blocks.h"
#include "tests/node/ledger/simulated_disk.h"

namespace sanad::tests {

using crypto::Bytes;
using node::CommitRequest;
using node::CommittedBlock;
using node::kGroupBlocksMax;
using node::Ledger;
using node::LedgerErrc;
using simulation::Random;

namespace {

constexpr std::uint64_t kGroupHeight = 90;

// Blocks of one shape that change few keys again and again, and add to few histories.
struct Work {
  explicit Work(Random& random)
      : shape{random.between(1, 4), random.between(1, 9), random.between(20, 400)},
        keys(random.between(1, 12)) {}

  [[nodiscard]] CommitRequest block(std::uint64_t height) const {
    CommitRequest block = sample_block(height, shape);
    for (std::uint64_t i = 0; i < 3; ++i) {
      const auto key = static_cast<std::uint8_t>((height * 5 + i) % keys);
      auto& value = block.effects.writes[Bytes{0x01, key}];
      value = (height + i) % 4 == 0 ? std::nullopt : std::optional(Bytes(9, std::uint8_t(height)));
    }
    return block;
  }

  SampleShape shape;
  std::uint64_t keys;
};

std::map<std::string, Bytes> segments_of(const SimulatedDisk& disk) {
  std::map<std::string, Bytes> files;
  for (const auto& file : disk.durable_files("ledger/segments")) files[file.path] = *file.bytes;
  return files;
}

// What contract state holds after the blocks so far.
struct Model {
  void apply(const CommitRequest& block) {
    for (const auto& [key, value] : block.effects.writes) values[key] = value;
  }
  void check(const chaincode::StateReader& state) const {
    for (const auto& [key, value] : values) REQUIRE(state.read(key) == value);
  }
  std::map<Bytes, std::optional<Bytes>> values;
};

}  // namespace

TEST_CASE("F20: blocks in groups of any size leave what they leave one by one") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    const Work work(random);
    SimulatedDisk single_disk;
    std::vector<CommittedBlock> expected;
    {
      const auto single = open_or_fail(options_on(single_disk));
      for (std::uint64_t height = 0; height <= kGroupHeight; ++height) {
        const auto committed = single->commit(work.block(height));
        REQUIRE(committed.ok());
        expected.push_back(*committed);
      }
    }
    SimulatedDisk disk;
    auto ledger = open_or_fail(options_on(disk));
    Model model;
    for (std::uint64_t height = 0; height <= kGroupHeight;) {
      const std::uint64_t last = std::min(kGroupHeight, height + random.below(kGroupBlocksMax));
      for (; height <= last; ++height) {
        const CommitRequest block = work.block(height);
        const auto appended = ledger->append(block);
        REQUIRE(appended.ok());
        REQUIRE(*appended == expected[height]);
        REQUIRE(ledger->head().tip == expected[height]);
        model.apply(block);
        model.check(ledger->head().state);
      }
      REQUIRE(ledger->commit().ok());
      REQUIRE(*ledger->tip() == expected[last]);
      model.check(ledger->view().state());
      if (random.chance(300)) {
        ledger.reset();
        ledger = open_or_fail(options_on(disk));
      }
    }
    check_whole(*ledger, expected, work.shape);
    const auto view = ledger->view();
    for (std::uint64_t i = 0; i < work.shape.consignments; ++i) {
      const auto key = crypto::index_key("consignment", sample_handle(i).view());
      const auto proof = view.index_proof(key);
      REQUIRE(proof.ok());
      REQUIRE(crypto::verify_index(view.tip().index_root, key, *proof).ok());
    }
    REQUIRE(segments_of(disk) == segments_of(single_disk));
  }
}

TEST_CASE("F20: nobody sees a block between append and commit, and a power cut undoes it") {
  SimulatedDisk disk;
  const auto expected = reference_blocks(kGroupHeight);
  auto ledger = open_or_fail(options_on(disk));
  commit_to(*ledger, 5);
  const std::uint64_t last = 5 + kGroupBlocksMax;
  for (std::uint64_t height = 6; height <= last; ++height) {
    REQUIRE(ledger->append(sample_block(height)).ok());
  }
  CHECK(ledger->head().tip == expected[last]);
  CHECK(ledger->tip()->height == 5);
  const auto view = ledger->view();
  CHECK(view.tip() == expected[5]);
  CHECK(view.committed(6).error().code == LedgerErrc::kNotFound);
  CHECK(view.record(expected[6].first_record).error().code == LedgerErrc::kNotFound);
  const auto written = sample_block(last).effects.writes;
  const auto added = std::ranges::find_if(written, [](const auto& one) { return !!one.second; });
  CHECK_FALSE(view.state().read(added->first).has_value());
  CHECK(ledger->head().state.read(added->first) == added->second);
  check_whole(*ledger, expected);
  for (const auto unsynced : {Unsynced::kDropped, Unsynced::kSubset, Unsynced::kTorn}) {
    const auto next = disk.after_power_cut(unsynced, 7);
    const auto again = open_or_fail(options_on(*next));
    REQUIRE(again->tip()->height == 5);
    commit_to(*again, kGroupHeight);
    check_whole(*again, expected);
  }
  REQUIRE(ledger->commit().ok());
  CHECK(ledger->tip()->height == last);
  check_whole(*ledger, expected);
}

TEST_CASE(
    "F20: the frames of a whole group beyond the store's end are cut off, those of more not") {
  const auto expected = reference_blocks(kGroupHeight);
  SimulatedDisk disk;
  {
    const auto ledger = open_or_fail(options_on(disk));
    commit_to(*ledger, 3);
  }
  const auto old = disk.after_power_cut(Unsynced::kDropped, 1);
  // The same store with the segments of later commits: as many blocks as one commit may hold.
  const auto with_segments_up_to = [&](std::uint64_t height) {
    auto mixed = old->after_power_cut(Unsynced::kDropped, 1);
    SimulatedDisk later;
    commit_to(*open_or_fail(options_on(later)), height);
    for (const std::string& path : later.paths()) {
      if (path.ends_with(".seg")) mixed->put(path, *later.bytes(path));
    }
    return mixed;
  };
  const auto torn = with_segments_up_to(3 + kGroupBlocksMax);
  const auto ledger = open_or_fail(options_on(*torn));
  CHECK(ledger->tip()->height == 3);
  commit_to(*ledger, kGroupHeight);
  check_whole(*ledger, expected);
  const auto behind = Ledger::open(options_on(*with_segments_up_to(4 + kGroupBlocksMax)));
  REQUIRE_FALSE(behind.ok());
  CHECK(behind.error().code == LedgerErrc::kStoreBehind);
}

TEST_CASE("F20: an empty commit is no commit") {
  SimulatedDisk disk;
  const auto ledger = open_or_fail(options_on(disk));
  commit_to(*ledger, 2);
  const std::uint64_t steps = disk.steps();
  CHECK(ledger->commit().ok());
  CHECK(disk.steps() == steps);
}

}  // namespace sanad::tests
