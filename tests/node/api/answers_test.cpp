#include "node/api/answers.h"

#include <catch2/catch.hpp>

#include "crypto/codec_json.h"
#include "node/api/proof_views.h"
#include "node/ledger/errc.h"
#include "tests/node/ledger/sample_blocks.h"

namespace sanad::tests {
namespace {

using namespace node;
using chaincode::Record;

// A ledger of genesis and one block with `records` verdicts of one consignment.
struct OneConsignment {
  OneConsignment(std::size_t records, std::size_t detail_bytes) {
    commit_to(*ledger, 0);
    CommitRequest block = sample_block(1, ledger->tip()->tree_size);
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
  Answers answers(view);
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
    const auto answer = Answers(view).consignment(one.handle);
    const auto bundle = Answers(view).bundle(one.handle, "a note\n");
    CHECK(answer.ok() == (more == 0));
    CHECK(bundle.ok() == (more == 0));
    if (!answer) CHECK(answer.error() == LedgerErrc::kTooLarge);
    if (!bundle) CHECK(bundle.error() == LedgerErrc::kTooLarge);
  }
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

}  // namespace
}  // namespace sanad::tests
