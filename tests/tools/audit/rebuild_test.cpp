// sanad ledger rebuild: a lost store comes back from the segments, whatever interrupts it (F20).
#include "tools/audit/rebuild.h"

#include "node/ledger/rebuilding_files.h"
#include "tests/tools/audit/real_ledger.h"

namespace sanad::tests {

using node::LedgerErrc;
using tools::RebuildFindings;

namespace {

std::filesystem::path store_of(const RealLedger& ledger) {
  return std::filesystem::path(ledger.options().folder) / "store";
}

crypto::Result<RebuildFindings> rebuilt(const RealLedger& ledger) {
  return tools::rebuild_store(ledger.options(), ledger.contracts(), [](const RebuildFindings&) {});
}

RebuildFindings rebuilt_well(const RealLedger& ledger) {
  auto found = rebuilt(ledger);
  if (!found) FAIL(found.error().message());
  return std::move(*found);
}

node::CommittedBlock tip_of(const RealLedger& ledger) {
  const auto opened = checked(node::Ledger::open(ledger.options()));
  CHECK(opened->health().ok());
  return opened->tip().value();
}

// Everything that is looked up in the store, read once.
void read_all(const RealLedger& ledger) {
  const auto opened = checked(node::Ledger::open(ledger.options()));
  const auto view = opened->view();
  for (std::uint64_t height = 0; height <= view.tip().height; ++height) {
    const auto block = checked(view.block(height));
    REQUIRE(checked(view.root_at(block.committed.tree_size)) == block.committed.root);
  }
  for (std::uint64_t index = 0; index < view.tip().tree_size; ++index) {
    const auto record = checked(decode_record(checked(view.record(index))));
    for (const Handle& handle : record.consignments) {
      const auto history = checked(view.consignment(handle));
      REQUIRE(history.at(record.n - 1) == index);
      const Hash key = crypto::index_key("consignment", handle.view());
      const auto proof = checked(view.index_proof(key));
      const auto value = checked(crypto::verify_index(view.tip().index_root, key, proof));
      REQUIRE(value->n == history.size());
    }
  }
}

}  // namespace

TEST_CASE("F20: a store that was deleted is made anew, and the ledger goes on") {
  for (const std::uint64_t segment_bytes : {node::kSegmentBytesMax, std::uint64_t{4096}}) {
    RealLedger ledger(segment_bytes);
    ledger.grow(9);
    const auto before = tip_of(ledger);
    const Bytes blocks = bytes_of_file(ledger.file("blocks"));
    std::filesystem::remove_all(store_of(ledger));
    CHECK(node::Ledger::open(ledger.options()).error().code == LedgerErrc::kStoreBehind);
    const RebuildFindings found = rebuilt_well(ledger);
    CHECK(found.blocks == 10);
    CHECK(found.executed == 9);
    CHECK(found.tip == before);
    CHECK(tip_of(ledger) == before);
    CHECK(bytes_of_file(ledger.file("blocks")) == blocks);
    CHECK_FALSE(std::filesystem::exists(store_of(ledger).string() + ".new"));
    read_all(ledger);
    ledger.grow(12);
    CHECK(tip_of(ledger).height == 12);
    read_all(ledger);
  }
}

TEST_CASE("F20: an older store, or one in use, is rebuilt or refused") {
  RealLedger ledger;
  ledger.grow(3);
  std::filesystem::copy(store_of(ledger), store_of(ledger).string() + ".kept");
  ledger.grow(80);
  std::filesystem::remove_all(store_of(ledger));
  std::filesystem::rename(store_of(ledger).string() + ".kept", store_of(ledger));
  CHECK(node::Ledger::open(ledger.options()).error().code == LedgerErrc::kStoreBehind);
  CHECK(rebuilt_well(ledger).tip.height == 80);
  const auto running = checked(node::Ledger::open(ledger.options()));
  const auto refused = rebuilt(ledger);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == LedgerErrc::kLocked);
}

TEST_CASE("F20: a rebuild that was cut short is begun again, at each of its steps") {
  RealLedger ledger(4096);
  ledger.grow(70);  // more than one commit
  const auto before = tip_of(ledger);
  const auto store = store_of(ledger);
  const std::string made = store.string() + ".new";
  const std::string old = store.string() + ".old";
  {
    node::RebuildingFiles files(node::real_file_system(), ledger.options().folder);
    auto options = ledger.options();
    options.files = &files;
    const auto partly = checked(node::Ledger::open(options));
    node::Executor executor(ledger.contracts(), *partly);
    REQUIRE(executor.prepare().ok());
  }
  CHECK(rebuilt_well(ledger).executed == 70);
  CHECK(tip_of(ledger) == before);

  std::filesystem::rename(store, made);  // between the two renames
  std::filesystem::create_directory(old);
  const RebuildFindings found = rebuilt_well(ledger);
  CHECK(found.executed == 70);
  CHECK(found.tip == before);
  CHECK(tip_of(ledger) == before);
  CHECK_FALSE(std::filesystem::exists(old));

  std::filesystem::rename(store, made);
  std::filesystem::create_directory(store);  // a node was started in between
  CHECK(rebuilt_well(ledger).executed == 70);
  CHECK(tip_of(ledger) == before);

  std::filesystem::create_directory(made);  // damaged: begun again
  write_bytes(made + "/CURRENT", Bytes(7, 0xAA));
  CHECK(rebuilt_well(ledger).executed == 70);
  CHECK(tip_of(ledger) == before);
}

TEST_CASE("F20: where files lost their ends, it is said and the old store is kept") {
  RealLedger ledger;
  ledger.grow(6);
  auto records = frames_of_file(ledger.file("records"));
  records.pop_back();  // the commit record of block 6
  write_frames(ledger.file("records"), records);
  const RebuildFindings found = rebuilt_well(ledger);
  CHECK(found.tip.height == 5);
  CHECK(found.tail_blocks == 1);
  CHECK(std::filesystem::exists(store_of(ledger).string() + ".old"));
  CHECK(tip_of(ledger) == found.tip);
}

TEST_CASE("F20: a block without a certificate of its own is rebuilt, and not said to be final") {
  RealLedger ledger;
  end_in_what_is_not_proved(ledger, 4);
  const RebuildFindings found = rebuilt_well(ledger);
  CHECK(found.tip.height == 4);
  CHECK(found.certified_height == 3);
}

TEST_CASE("F20: damaged segments are named, and the old store is left alone") {
  RealLedger ledger;
  ledger.grow(6);
  const auto before = tip_of(ledger);
  for (const std::string series : {"blocks", "records", "bodies"}) {
    const Bytes good = bytes_of_file(ledger.file(series));
    Bytes bad = good;
    bad[bad.size() / 2] ^= 1;
    write_bytes(ledger.file(series), bad);
    const auto refused = rebuilt(ledger);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == LedgerErrc::kDamaged);
    CHECK(refused.error().detail.find(series + "-00000000.seg") != std::string::npos);
    write_bytes(ledger.file(series), good);
  }
  const auto records = frames_of_file(ledger.file("records"));
  auto frames = records;
  std::swap(frames[1 + 9], frames[1 + 12]);
  write_frames(ledger.file("records"), frames);
  const auto refused = rebuilt(ledger);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().detail.find("records-00000000.seg at offset") != std::string::npos);
  write_frames(ledger.file("records"), records);
  CHECK(tip_of(ledger) == before);
  CHECK(rebuilt_well(ledger).tip == before);
}

}  // namespace sanad::tests
