// Commits, reads and proofs of an undamaged ledger.
#include "node/ledger/ledger.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <deque>
#include <thread>

#include "node/ledger/store.h"
#include "tests/node/ledger/sample_blocks.h"
#include "tests/node/ledger/simulated_disk.h"

namespace sanad::tests {

using crypto::Bytes;
using crypto::Hash;
using node::Ledger;
using node::LedgerErrc;

TEST_CASE("F20: commits survive reopening, whole") {
  const TemporaryFolder folder;
  const auto expected = reference_blocks(30);
  {
    const auto ledger = open_or_fail(sample_options(folder.path()));
    CHECK_FALSE(ledger->tip());
    commit_to(*ledger, 17);
    check_whole(*ledger, expected);
  }
  for (const std::uint64_t height : {17U, 18U, 30U}) {
    const auto ledger = open_or_fail(sample_options(folder.path()));
    commit_to(*ledger, height);
    REQUIRE(ledger->tip()->height == height);
    check_whole(*ledger, expected);
  }
}

TEST_CASE("F20: only the next height can be committed, and a refused one changes nothing") {
  const TemporaryFolder folder;
  const auto ledger = open_or_fail(sample_options(folder.path()));
  const auto early = ledger->commit(sample_block(1));
  REQUIRE_FALSE(early.ok());
  CHECK(early.error().code == LedgerErrc::kOutOfOrder);
  commit_to(*ledger, 2);
  const auto tip = *ledger->tip();
  for (const std::uint64_t height : {0U, 1U, 2U, 4U}) {
    const auto refused = ledger->commit(sample_block(height));
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == LedgerErrc::kOutOfOrder);
  }
  CHECK(*ledger->tip() == tip);
  commit_to(*ledger, 3);
  check_whole(*ledger, reference_blocks(3));
}

TEST_CASE("F19: whoever is given the store's compactions does them when it likes") {
  SimulatedDisk disk;
  std::deque<std::function<void()>> waiting;
  std::size_t done = 0;
  const auto tables = [&disk] {
    const auto paths = disk.paths();
    return std::ranges::count_if(paths, [](const auto& path) { return path.ends_with(".ldb"); });
  };
  auto options = sample_options("ledger");
  options.files = &disk;
  options.write_buffer_bytes = 64 << 10;
  options.later = [&waiting](std::function<void()> work) { waiting.push_back(std::move(work)); };
  {
    const auto ledger = open_or_fail(options);
    for (std::uint64_t height = 0; height <= 400; ++height) {
      while (!waiting.empty()) {
        const auto before = tables();
        const auto work = std::move(waiting.front());
        waiting.pop_front();
        work();
        ++done;
        if (done == 1) CHECK(tables() > before);  // nobody else did it
      }
      commit_to(*ledger, height);
    }
    check_whole(*ledger, reference_blocks(400));
  }
  CHECK(done > 2);
}

TEST_CASE("F19: a store closes though nobody did its compactions") {
  SimulatedDisk disk;
  auto options = sample_options("ledger");
  options.files = &disk;
  options.write_buffer_bytes = 64 << 10;
  std::deque<std::function<void()>> waiting;
  options.later = [&waiting](std::function<void()> work) { waiting.push_back(std::move(work)); };
  std::uint64_t height = 0;
  {
    const auto ledger = open_or_fail(options);
    for (; waiting.empty(); ++height) commit_to(*ledger, height);
  }
  // What comes too late has nothing to do.
  for (const auto& work : waiting) work();
  check_whole(*open_or_fail(options), reference_blocks(height - 1));
}

TEST_CASE("F10: every block ends with a commit record that leads to its roots") {
  SimulatedDisk disk;
  auto options = sample_options("ledger");
  options.files = &disk;
  const auto ledger = open_or_fail(options);
  commit_to(*ledger, 12);
  const auto view = ledger->view();
  Hash digest;
  for (std::uint64_t height = 0; height <= 12; ++height) {
    const auto block = view.committed(height);
    REQUIRE(block.ok());
    CHECK(block->commit_record == block->tree_size - 1);
    const auto bytes = view.record(block->commit_record);
    REQUIRE(bytes.ok());
    const auto record = chaincode::decode_record(*bytes);
    REQUIRE(record.ok());
    const auto& commit = std::get<chaincode::CommitRecord>(record->content);
    const auto request = sample_block(height);
    // F21, as its rule says it and not as the ledger computes it.
    digest = chaincode::state_digest(digest, request.effects.writes);
    CHECK(commit.state_digest == digest);
    CHECK(commit.index_root == block->index_root);
    CHECK(commit.block_hash == request.block_hash);
    CHECK(commit.committee_hash == request.committee_hash);
    CHECK(commit.beacon == request.effects.beacon);
    CHECK(commit.height == height);
  }
}

TEST_CASE("F13, F15: every record is in the log of every later block end") {
  SimulatedDisk disk;
  auto options = sample_options("ledger");
  options.files = &disk;
  const auto ledger = open_or_fail(options);
  commit_to(*ledger, 40);  // 281 records: four full runs and a part of one
  const auto view = ledger->view();
  crypto::MemoryTree tree;
  std::vector<Hash> leaves;
  for (std::uint64_t i = 0; i < view.tip().tree_size; ++i) {
    leaves.push_back(crypto::leaf_hash(*view.record(i)));
    tree.append(leaves.back());
  }
  CHECK(tree.root() == view.tip().root);
  for (std::uint64_t height = 0; height <= 40; height += 4) {
    const auto block = *view.committed(height);
    for (std::uint64_t i = 0; i < block.tree_size; i += 3) {
      const auto proof = view.inclusion_proof(i, block.tree_size);
      REQUIRE(proof.ok());
      REQUIRE(crypto::verify_inclusion(leaves[i], i, block.tree_size, *proof, block.root).ok());
    }
    const auto consistency = view.consistency_proof(block.tree_size, view.tip().tree_size);
    REQUIRE(consistency.ok());
    REQUIRE(crypto::verify_consistency(block.tree_size, block.root, view.tip().tree_size,
                                       view.tip().root, *consistency)
                .ok());
  }
  for (unsigned level = 0; level <= 8; ++level) {
    const std::uint64_t count = view.tip().tree_size >> level;
    const auto nodes = view.log_nodes(level, 0, count);
    REQUIRE(nodes.ok());
    for (std::uint64_t i = 0; i < count; ++i) REQUIRE((*nodes)[i] == *tree.read(level, i));
    const auto beyond = view.log_nodes(level, count, 1);
    REQUIRE_FALSE(beyond.ok());
    CHECK(beyond.error().code == LedgerErrc::kNotFound);
  }
}

TEST_CASE("F14: only sizes that end a block have a height") {
  SimulatedDisk disk;
  auto options = sample_options("ledger");
  options.files = &disk;
  const auto ledger = open_or_fail(options);
  commit_to(*ledger, 9);
  const auto view = ledger->view();
  std::map<std::uint64_t, std::uint64_t> ends;
  for (std::uint64_t height = 0; height <= 9; ++height) {
    ends[view.committed(height)->tree_size] = height;
  }
  for (std::uint64_t size = 0; size <= view.tip().tree_size + 2; ++size) {
    const auto height = view.height_of_size(size);
    REQUIRE(height.ok() == ends.contains(size));
    if (height) {
      CHECK(*height == ends[size]);
    } else {
      CHECK(height.error().code == LedgerErrc::kNotFound);
    }
  }
}

TEST_CASE("F16: a consignment's records are proved complete, an unknown one absent") {
  SimulatedDisk disk;
  auto options = sample_options("ledger");
  options.files = &disk;
  auto ledger = open_or_fail(options);
  const SampleShape shape{.declarations = 10, .consignments = 3};
  commit_to(*ledger, 8, shape);  // 80 declarations: a history of 81 records spans two runs
  ledger.reset();
  ledger = open_or_fail(options);
  commit_to(*ledger, 11, shape);
  const auto view = ledger->view();
  check_whole(*ledger, reference_blocks(11, shape), shape);
  for (std::uint64_t number = 0; number < 6; ++number) {
    const crypto::Handle handle = sample_handle(number);
    const Hash key = crypto::index_key("consignment", handle.view());
    const auto proof = view.index_proof(key);
    REQUIRE(proof.ok());
    const auto value = crypto::verify_index(view.tip().index_root, key, *proof);
    REQUIRE(value.ok());
    const auto indices = view.consignment(handle);
    REQUIRE(indices.ok());
    CHECK(value->has_value() == (number < 3));
    if (!*value) {
      CHECK(indices->empty());
      continue;
    }
    crypto::MemoryTree history;
    for (const std::uint64_t index : *indices) {
      history.append(crypto::leaf_hash(*view.record(index)));
    }
    CHECK(indices->size() > 100);
    CHECK((*value)->n == indices->size());
    CHECK((*value)->root == history.root());
  }
}

TEST_CASE("F16: a network without a consignment proves any of them absent") {
  SimulatedDisk disk;
  auto options = sample_options("ledger");
  options.files = &disk;
  const auto ledger = open_or_fail(options);
  commit_to(*ledger, 0);
  const Hash key = crypto::index_key("consignment", sample_handle(0).view());
  const auto proof = ledger->view().index_proof(key);
  REQUIRE(proof.ok());
  const auto value = crypto::verify_index(ledger->tip()->index_root, key, *proof);
  REQUIRE(value.ok());
  CHECK_FALSE(value->has_value());
}

TEST_CASE("a view keeps its block while the ledger goes on") {
  SimulatedDisk disk;
  auto options = sample_options("ledger");
  options.files = &disk;
  auto ledger = open_or_fail(options);
  commit_to(*ledger, 4);
  const auto old = ledger->view();
  const auto tip = old.tip();
  const crypto::Handle handle = sample_handle(1);
  const Hash key = crypto::index_key("consignment", handle.view());
  const auto before = *old.consignment(handle);
  const Hash declaration = sample_hash("declaration", 6);
  const Bytes removed_later(declaration.bytes.begin(), declaration.bytes.end());
  REQUIRE(old.state().read(removed_later));
  commit_to(*ledger, 20);
  CHECK(old.tip() == tip);
  CHECK(*old.consignment(handle) == before);
  CHECK(old.state().read(removed_later));
  CHECK_FALSE(ledger->view().state().read(removed_later));
  const auto proof = old.index_proof(key);
  REQUIRE(proof.ok());
  const auto value = crypto::verify_index(tip.index_root, key, *proof);
  REQUIRE(value.ok());
  CHECK((*value)->n == before.size());
  CHECK_FALSE(old.record(tip.tree_size).ok());
  CHECK_FALSE(old.committed(5).ok());
  ledger.reset();  // a view outlives its ledger
  CHECK(old.record(0).ok());
}

TEST_CASE("views are read from other threads while blocks are committed") {
  const TemporaryFolder folder;
  const auto ledger = open_or_fail(sample_options(folder.path()));
  commit_to(*ledger, 1);
  std::atomic<bool> done{false};
  std::atomic<std::uint64_t> proofs{0};
  std::atomic<std::uint64_t> failures{0};
  const auto read = [&](std::uint64_t salt) {
    do {
      const auto view = ledger->view();
      const std::uint64_t size = view.tip().tree_size;
      const std::uint64_t index = salt * 7919 % size;
      const auto record = view.record(index);
      const auto proof = view.inclusion_proof(index, size);
      const bool good = record && proof &&
                        crypto::verify_inclusion(crypto::leaf_hash(*record), index, size, *proof,
                                                 view.tip().root);
      const Hash key = crypto::index_key("consignment", sample_handle(salt % 9).view());
      const auto present = view.index_proof(key);
      const bool indexed = present && crypto::verify_index(view.tip().index_root, key, *present);
      if (!good || !indexed) ++failures;
      ++proofs;
      ++salt;
    } while (!done);
  };
  std::thread first(read, 1);
  std::thread second(read, 5);
  commit_to(*ledger, 60);
  done = true;
  first.join();
  second.join();
  CHECK(proofs > 0);
  CHECK(failures == 0);
  check_whole(*ledger, reference_blocks(60));
}

TEST_CASE("reads beyond the tip, or of what was never stored, are not found") {
  SimulatedDisk disk;
  auto options = sample_options("ledger");
  options.files = &disk;
  const auto ledger = open_or_fail(options);
  commit_to(*ledger, 3);
  const auto view = ledger->view();
  const std::uint64_t size = view.tip().tree_size;
  CHECK(view.record(size).error().code == LedgerErrc::kNotFound);
  CHECK(view.record(UINT64_MAX).error().code == LedgerErrc::kNotFound);
  CHECK(view.records(1, size).error().code == LedgerErrc::kNotFound);
  CHECK(view.records(0, 1 << 20).error().code == LedgerErrc::kTooLarge);
  CHECK(view.body(sample_hash("never", 1)).error().code == LedgerErrc::kNotFound);
  CHECK(view.block(4).error().code == LedgerErrc::kNotFound);
  CHECK(view.inclusion_proof(0, size + 1).error().code == LedgerErrc::kNotFound);
  CHECK_FALSE(view.inclusion_proof(size, size).ok());
  CHECK(view.consistency_proof(1, size + 1).error().code == LedgerErrc::kNotFound);
  CHECK(view.consignment(sample_handle(99))->empty());
  CHECK(ledger->health().ok());
}

TEST_CASE("F16: a record that does not continue its consignment's history is not committed") {
  const TemporaryFolder folder;
  for (const std::uint64_t n : {std::uint64_t{2}, std::uint64_t{9}}) {
    auto ledger = open_or_fail(sample_options(folder.path() + "/" + std::to_string(n)));
    REQUIRE(ledger->commit(sample_block(0)).ok());
    node::CommitRequest block = sample_block(1);
    block.effects.records.front().n = n;
    const auto refused = ledger->commit(block);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == LedgerErrc::kDamaged);
  }
}

TEST_CASE("the last write of a key in a batch counts") {
  const TemporaryFolder folder;
  auto store = node::Store::open({.files = &node::real_file_system(),
                                  .folder = folder.path() + "/store",
                                  .create = true,
                                  .cache_bytes = 1 << 20,
                                  .write_buffer_bytes = 64 << 10});
  REQUIRE(store.ok());
  node::StoreBatch batch;
  const Bytes key = {1};
  const Bytes gone = {2};
  batch.put(node::Family::kState, key, Bytes{1});
  batch.remove(node::Family::kState, key);
  batch.put(node::Family::kState, key, Bytes{2});
  batch.put(node::Family::kState, gone, Bytes{3});
  batch.remove(node::Family::kState, gone);
  REQUIRE((*store)->write(batch).ok());
  const auto snapshot = (*store)->snapshot();
  CHECK(snapshot->read(node::Family::kState, key).value() == Bytes{2});
  CHECK_FALSE(snapshot->read(node::Family::kState, gone).value().has_value());
}

}  // namespace sanad::tests
