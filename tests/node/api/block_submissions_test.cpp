#include <catch2/catch.hpp>

#include "node/api/block_submissions.h"

#include "node/ledger/errc.h"
#include "node/replica/wire.h"
#include "tests/node/ledger/sample_blocks.h"
#include "tests/node/replica/replica_sample.h"

namespace sanad::tests {
namespace {

// Three blocks, each with two batches of five submissions.
struct Blocks {
  Blocks() {
    commit_to(*ledger, 0);
    for (std::uint64_t height = 1; height <= 3; ++height) {
      node::CommitRequest block = sample_block(height);
      block.batches.clear();
      for (int batches = 0; batches < 2; ++batches) {
        node::Batch batch;
        for (int i = 0; i < 5; ++i) {
          const auto submission = signer.submission(0);
          ids[height].push_back(submission->id());
          batch.submissions.push_back({submission->core_bytes()});
        }
        block.batches.push_back(crypto::encode(batch));
      }
      const auto committed = ledger->commit(std::move(block));
      if (!committed) FAIL(committed.error().message());
    }
  }

  TemporaryFolder folder;
  std::unique_ptr<node::Ledger> ledger = open_or_fail(sample_options(folder.path()));
  Signer signer;
  std::map<std::uint64_t, std::vector<Hash>> ids;  // by height
};

TEST_CASE("API: a block is read once for all of its submissions, from whichever view") {
  const Blocks blocks;
  node::BlockSubmissions submissions;
  for (int requests = 0; requests < 3; ++requests) {
    const node::LedgerView view = blocks.ledger->view();
    for (const std::uint64_t height : {1U, 2U, 1U, 2U}) {
      for (const Hash& id : blocks.ids.at(height)) {
        const auto found = submissions.find(view, height, id);
        REQUIRE(found.ok());
        const auto cose = crypto::parse_cose((*found)->cose);
        CHECK(crypto::cose_id(cose->kid, cose->payload) == id);
      }
    }
  }
  CHECK(submissions.reads() == 2);
}

TEST_CASE("API: what a block lacks is damage, and only the newest blocks are kept") {
  const Blocks blocks;
  const node::LedgerView view = blocks.ledger->view();
  node::BlockSubmissions submissions;
  CHECK(submissions.find(view, 1, blocks.ids.at(2)[0]).error() == node::LedgerErrc::kDamaged);
  for (const std::uint64_t height : {2U, 3U, 1U}) {
    CHECK(submissions.find(view, height, blocks.ids.at(height)[0]).ok());
  }
  CHECK(submissions.reads() == 4);
  CHECK(submissions.find(view, 9, Hash{}).error() == node::LedgerErrc::kNotFound);
}

}  // namespace
}  // namespace sanad::tests
