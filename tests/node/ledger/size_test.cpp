// What one declaration costs on disk, with real submissions, contracts and records (LEDGER "Sizes
// to hold"); and, hidden, what a commit costs in time: `tests_node "[.measure]"`.
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>

#include "tests/chaincode/sample.h"
#include "tests/node/ledger/sample_blocks.h"

namespace sanad::tests {

namespace {

using chaincode::FieldId;

// 22 fields of a trader's declaration, every value of usual length.
chaincode::StatementWithBody full_declaration(std::uint64_t number) {
  const std::string text = std::to_string(number);
  const std::string party = crypto::tagged_hash("party", number).hex().substr(0, 32);
  Body body;
  body.schema = chaincode::kDeclarationSchema;
  const auto add = [&](FieldId id, crypto::FieldValue value) {
    open(body, id, std::move(value), number);
  };
  add(FieldId::kDeclarationId, "DXB-2026-" + text);
  add(FieldId::kFlow, std::string("import"));
  add(FieldId::kDate, std::int64_t{20370});
  add(FieldId::kOffice, std::string("AEJEA"));
  add(FieldId::kMode, std::string("sea"));
  add(FieldId::kDeclarant, party);
  add(FieldId::kImporter, party);
  add(FieldId::kExporter, party);
  add(FieldId::kHs, std::string("85171300"));
  add(FieldId::kDeparture, std::string("CN"));
  add(FieldId::kOrigin, std::string("CN"));
  add(FieldId::kDestination, std::string("AE"));
  add(FieldId::kDutyRate, std::int64_t{500});
  add(FieldId::kNetMass, std::int64_t{1'250'000});
  add(FieldId::kGrossMass, std::int64_t{1'400'000});
  add(FieldId::kPackages, std::int64_t{40});
  add(FieldId::kValue, static_cast<std::int64_t>(4'200'000 + number));
  add(FieldId::kCurrency, std::string("AED"));
  add(FieldId::kIncoterm, std::string("CIF"));
  add(FieldId::kUcr, "6AE123456789-" + text);
  add(FieldId::kTransportDocument, "MAEU" + text);
  add(FieldId::kPortOfLoading, std::string("CNSHA"));
  const crypto::Handle handle = chaincode::consignment_handle(sample_secret(), body, "AE-DU");
  auto statement = chaincode::make_declare(handle, std::move(body));
  if (!statement) FAIL(statement.error().message());
  return std::move(*statement);
}

// Feeds a ledger with executed blocks of one submission each.
class Feeder {
 public:
  explicit Feeder(node::LedgerOptions options) {
    options.network_id = chain_.contracts().network();
    ledger_ = open_or_fail(options);
    node::CommitRequest genesis;
    genesis.block_hash = options.network_id;
    genesis.time_ms = kGenesisMs;
    REQUIRE(ledger_->commit(std::move(genesis)).ok());
  }
  [[nodiscard]] node::Ledger& ledger() { return *ledger_; }
  void close() { ledger_.reset(); }

  node::CommitRequest next_block(std::uint64_t declarations) {
    std::vector<chaincode::StatementWithBody> statements;
    for (std::uint64_t i = 0; i < declarations; ++i)
      statements.push_back(full_declaration(next_++));
    const auto submission = chain_.sign(key_of(kSubmitterKey, 0), std::move(statements));
    const auto tip = *ledger_->tip();
    chaincode::OrderedBlock block = chain_.next_block({submission});
    block.height = tip.height + 1;
    block.view = block.height;
    node::CommitRequest request;
    request.height = block.height;
    request.block_hash = sample_hash("block", block.height);
    request.time_ms = block.time_ms;
    request.header = Bytes(280, 1);        // one batch reference and the fixed fields
    request.finalization = Bytes(420, 2);  // five votes of seven
    request.batches = {submission->core_bytes()};
    for (const auto& body : submission->stored_bodies()) {
      request.bodies.push_back({body.digest, Bytes(body.bytes.begin(), body.bytes.end())});
    }
    request.effects =
        chaincode::execute(chain_.contracts(), block, ledger_->view().state(), tip.tree_size);
    for (const auto& detail : request.effects.details) {
      request.bodies.push_back({detail.digest, detail.bytes});
    }
    return request;
  }

 private:
  Chain chain_;
  std::unique_ptr<node::Ledger> ledger_;
  std::uint64_t next_ = 0;
};

std::uint64_t bytes_below(const std::filesystem::path& folder) {
  std::uint64_t total = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) total += entry.file_size();
  }
  return total;
}

std::uint64_t bytes_of_series(const std::string& folder, const std::string& series) {
  std::uint64_t total = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/segments")) {
    if (entry.path().filename().string().starts_with(series)) total += entry.file_size();
  }
  return total;
}

// Lets LevelDB finish its housekeeping: before it, the size depends on when its thread ran.
void settle(const std::string& store) {
  const std::unique_ptr<const leveldb::FilterPolicy> filter(leveldb::NewBloomFilterPolicy(10));
  leveldb::Options options;
  options.filter_policy = filter.get();
  leveldb::DB* opened = nullptr;
  REQUIRE(leveldb::DB::Open(options, store, &opened).ok());
  const std::unique_ptr<leveldb::DB> database(opened);
  database->CompactRange(nullptr, nullptr);
}

}  // namespace

TEST_CASE("sizes: a declaration of 22 fields, its verdict and its release take at most 2.2 KiB") {
  const TemporaryFolder folder;
  constexpr std::uint64_t kBlocks = 8;
  constexpr std::uint64_t kPerBlock = 500;
  node::LedgerOptions options{
      .folder = folder.path(), .network_id = {}, .write_buffer_bytes = 64 << 10};
  Feeder feeder(options);
  std::uint64_t record_bytes = 0;
  for (std::uint64_t i = 0; i < kBlocks; ++i) {
    auto request = feeder.next_block(kPerBlock);
    REQUIRE(request.effects.records.size() == 3 * kPerBlock);
    for (const auto& record : request.effects.records) {
      record_bytes += chaincode::encode_record(record).size();
    }
    REQUIRE(feeder.ledger().commit(std::move(request)).ok());
  }
  feeder.close();
  settle(folder.path() + "/store");
  constexpr std::uint64_t kDeclarations = kBlocks * kPerBlock;
  const std::uint64_t each = bytes_below(folder.path()) / kDeclarations;
  std::cout << "bytes per declaration: " << each;
  for (const char* series : {"blocks", "records", "bodies"}) {
    std::cout << ", " << series << " " << bytes_of_series(folder.path(), series) / kDeclarations;
  }
  std::cout << ", store " << bytes_below(folder.path() + "/store") / kDeclarations << "; record "
            << record_bytes / (3 * kDeclarations) << "\n";
  CHECK(each <= 2252);
  CHECK(record_bytes / (3 * kDeclarations) <= 250);
}

TEST_CASE("measure: commit latency and fdatasync", "[.measure]") {
  using Clock = std::chrono::steady_clock;
  const auto us_since = [](Clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count();
  };
  const auto print = [](const std::string& what, std::vector<std::int64_t> us) {
    std::sort(us.begin(), us.end());
    std::cout << what << ": p50 " << us[us.size() / 2] << " µs, p99 " << us[us.size() * 99 / 100]
              << " µs of " << us.size() << "\n";
  };
  for (const std::uint64_t size : {1U, 100U, 1000U}) {
    const TemporaryFolder folder;
    Feeder feeder({.folder = folder.path(), .network_id = {}});
    std::vector<std::int64_t> us;
    for (std::uint64_t i = 0; i < (size == 1000 ? 20U : 100U); ++i) {
      auto request = feeder.next_block(size);
      const auto start = Clock::now();
      REQUIRE(feeder.ledger().commit(std::move(request)).ok());
      us.push_back(us_since(start));
    }
    print("commit of " + std::to_string(size) + " declarations", us);
    const auto view = feeder.ledger().view();
    std::vector<std::int64_t> proofs;
    for (std::uint64_t i = 0; i < 2000; ++i) {
      const auto start = Clock::now();
      REQUIRE(view.inclusion_proof(i * 7919 % view.tip().tree_size, view.tip().tree_size).ok());
      proofs.push_back(us_since(start));
    }
    print("  inclusion proof", proofs);
  }
  const TemporaryFolder folder;
  auto file = node::real_file_system().open(folder.path() + "/x", node::OpenMode::kAppend);
  std::vector<std::int64_t> us;
  for (int i = 0; i < 300; ++i) {
    REQUIRE((*file)->append(Bytes(4096, 1)).ok());
    const auto start = Clock::now();
    REQUIRE((*file)->sync().ok());
    us.push_back(us_since(start));
  }
  print("fdatasync after 4 KiB", us);
}

}  // namespace sanad::tests
