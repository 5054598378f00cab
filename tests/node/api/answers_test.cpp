#include "node/api/answers.h"

#include <catch2/catch.hpp>

#include "crypto/codec_json.h"
#include "node/api/proof_views.h"
#include "node/ledger/errc.h"
#include "node/replica/wire.h"
#include "tests/chaincode/sample.h"
#include "tests/node/ledger/sample_blocks.h"

namespace sanad::tests {
namespace {

using namespace node;
using chaincode::Record;

// A ledger of genesis and one block with `records` verdicts of one consignment.
struct OneConsignment {
  OneConsignment(std::size_t records, std::size_t detail_bytes) {
    commit_to(*ledger, 0);
    CommitRequest block = sample_block(1);
    block.effects.records.clear();
    block.bodies.clear();
    for (std::size_t i = 0; i < records; ++i) {
      Record record;
      record.height = 1;
      record.consignments = {handle};
      record.n = i + 1;
      record.authority = "KW";
      record.origin = std::uint64_t{i};
      record.content = chaincode::VerdictGiven{{}, {}, {}, sample_hash("detail", i)};
      block.effects.records.push_back(record);
      block.bodies.push_back({sample_hash("detail", i), crypto::Bytes(detail_bytes, 7)});
    }
    const auto committed = ledger->commit(std::move(block));
    if (!committed) FAIL(committed.error().message());
  }

  TemporaryFolder folder;
  std::unique_ptr<Ledger> ledger = open_or_fail(sample_options(folder.path()));
  crypto::Handle handle = sample_handle(0);
};

TEST_CASE("API: a page ends where its reader's limit would, and the next one goes on") {
  const OneConsignment one(40, 60'000);
  const LedgerView view = one.ledger->view();
  BlockSubmissions blocks;
  Answers answers(view, blocks);
  std::uint64_t first = 0;
  std::size_t pages = 0;
  while (first < view.tip().tree_size) {
    const auto page = answers.page(first, 1000);
    REQUIRE(page.ok());
    REQUIRE_FALSE(page->records.empty());
    CHECK(page->records.front().index == first);
    CHECK(crypto::from_json<chaincode::RecordPage>(crypto::to_json(*page)).ok());
    first += page->records.size();
    ++pages;
  }
  CHECK(first == view.tip().tree_size);
  CHECK(pages == 2);
}

TEST_CASE("API: a consignment of more records than an answer holds is refused") {
  for (const std::size_t more : {0U, 1U}) {
    const OneConsignment one(kConsignmentRecordsMax + more, 1);
    const LedgerView view = one.ledger->view();
    BlockSubmissions blocks;
    const auto answer = Answers(view, blocks).consignment(one.handle, chaincode::Registry());
    const auto bundle = Answers(view, blocks).bundle(one.handle, "a note\n");
    CHECK(answer.ok() == (more == 0));
    CHECK(bundle.ok() == (more == 0));
    if (!answer) CHECK(answer.error() == LedgerErrc::kTooLarge);
    if (!bundle) CHECK(bundle.error() == LedgerErrc::kTooLarge);
  }
}

// A ledger of statements that the contracts have really judged, one a block.
class JudgedLedger {
 public:
  JudgedLedger() {
    CommitRequest genesis;
    genesis.block_hash = sample_network();
    genesis.time_ms = kGenesisMs;
    REQUIRE(ledger_->commit(std::move(genesis)).ok());
  }
  [[nodiscard]] chaincode::ConsignmentAnswer consignment(const crypto::Handle& handle) const {
    const LedgerView view = ledger_->view();
    BlockSubmissions blocks;
    auto answer = Answers(view, blocks).consignment(handle, chain_.contracts().registry());
    if (!answer) FAIL(answer.error().message());
    return std::move(*answer);
  }
  void run(KeyKind kind, StatementWithBody statement, std::uint8_t member = 0) {
    const auto submission = chain_.sign(key_of(kind, member), {std::move(statement)});
    const CommittedBlock tip = *ledger_->tip();
    OrderedBlock block = chain_.next_block({submission});
    block.height = tip.height + 1;
    CommitRequest request;
    request.height = block.height;
    request.block_hash = sample_hash("block", block.height);
    request.time_ms = block.time_ms;
    request.batches = {crypto::encode(Batch{0, 0, 0, 0, {{submission->core_bytes()}}, {}})};
    for (const auto& body : submission->stored_bodies()) {
      request.bodies.push_back({body.digest, Bytes(body.bytes.begin(), body.bytes.end())});
    }
    const LedgerView view = ledger_->view();
    request.effects = execute(chain_.contracts(), block, view.state(), tip.tree_size);
    for (const DetailBody& detail : request.effects.details) {
      request.bodies.push_back({detail.digest, detail.bytes});
    }
    REQUIRE(ledger_->commit(std::move(request)).ok());
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<Ledger> ledger_ = open_or_fail(sample_options(folder_.path()));
  Chain chain_;
};

TEST_CASE("API: a consignment's answer says where each of its declarations stands") {
  JudgedLedger ledger;
  Facts exported;
  exported.flow = "export";
  Facts imported;
  imported.id = "D-2";
  imported.origin = "KP";
  const StatementWithBody first = declare(exported);
  const StatementWithBody second = declare(imported, "KW");
  const crypto::Handle handle = std::get<Declare>(first.statement).consignment;
  ledger.run(kSubmitterKey, first);
  ledger.run(kSubmitterKey, second, 1);

  auto answer = ledger.consignment(handle);
  REQUIRE(answer.declarations.size() == 2);
  CHECK(answer.declarations[0].authority == "AE-DU");
  CHECK(answer.declarations[0].declaration == name_of(first));
  CHECK(answer.declarations[0].flow == Flow::kExport);
  CHECK(answer.declarations[0].phase == Phase::kReleased);
  CHECK(answer.declarations[0].lane == Lane::kGreen);
  CHECK(answer.declarations[1].authority == "KW");
  CHECK(answer.declarations[1].phase == Phase::kLodged);
  CHECK(answer.declarations[1].lane == Lane::kRed);
  CHECK_FALSE(answer.declarations[1].inspection.has_value());

  ledger.run(kOfficerKey, {Hold{name_of(first), reason()}, std::nullopt});
  ledger.run(kOfficerKey, {Inspect{name_of(second), InspectionResult::kConform, reason()}, {}}, 1);
  ledger.run(kOfficerKey, {Release{name_of(second), std::nullopt}, std::nullopt}, 1);
  answer = ledger.consignment(handle);
  REQUIRE(answer.declarations.size() == 2);
  CHECK(answer.declarations[0].held);
  CHECK(answer.declarations[1].inspection == InspectionResult::kConform);
  CHECK(answer.declarations[1].approved);
  CHECK(answer.declarations[1].phase == Phase::kLodged);

  ledger.run(kSecondOfficerKey, {Release{name_of(second), std::nullopt}, std::nullopt}, 1);
  answer = ledger.consignment(handle);
  CHECK(answer.declarations[1].phase == Phase::kReleased);
  CHECK(crypto::from_json<chaincode::ConsignmentAnswer>(crypto::to_json(answer)).ok());
}

TEST_CASE("API: a view that comes late does not hide a newer one") {
  const TemporaryFolder folder;
  const auto ledger = open_or_fail(sample_options(folder.path()));
  commit_to(*ledger, 1);
  const LedgerView late = ledger->view();
  commit_to(*ledger, 2);
  ProofViews views;
  views.add(ledger->view());
  views.add(late);
  REQUIRE(views.newest().has_value());
  CHECK(views.newest()->tip().height == 2);
}

TEST_CASE("API: under the checkpoint of a group's last block all is proved, until the next one") {
  const TemporaryFolder folder;
  const auto ledger = open_or_fail(sample_options(folder.path()));
  ProofViews views;
  const auto commit_to_end_of_group = [&](std::uint64_t height) {
    REQUIRE(commit_group(*ledger, height, height).ok());
    // As the replica calls for each block of the group.
    for (int i = 0; i < 3; ++i) views.add(ledger->view());
    return *ledger->tip();
  };
  REQUIRE(commit_group(*ledger, 1, 0).ok());
  const auto third = commit_to_end_of_group(3);
  const auto fifth = commit_to_end_of_group(5);
  const auto inside = *ledger->view().committed(2);
  CHECK_FALSE(views.at_size(inside.tree_size).has_value());
  const auto prove = [&](const node::CommittedBlock& end) {
    const auto view = views.at_size(end.tree_size);
    REQUIRE(view.has_value());
    const auto key = crypto::index_key("consignment", sample_handle(0).view());
    const auto proof = view->index_proof(key);
    REQUIRE(proof.ok());
    const auto proved = crypto::verify_index(end.index_root, key, *proof);
    REQUIRE(proved.ok());
    CHECK(proved->has_value());
    CHECK(view->inclusion_proof(1, end.tree_size).ok());
  };
  prove(third);
  prove(fifth);
}

}  // namespace
}  // namespace sanad::tests
