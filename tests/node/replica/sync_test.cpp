// B3 and catch-up: who is asked for a missing batch, when, and for how much.
#include <catch2/catch.hpp>

#include "node/replica/sync.h"

#include "tests/node/replica/replica_sample.h"

namespace sanad::tests {
namespace {

using consensus::BatchRef;
using consensus::MemberIndex;
using node::BatchPool;
using node::Sync;

BatchRef ref_of(std::uint64_t number, std::uint32_t bytes = 1000) {
  BatchRef ref{1, number, {}, bytes, 1};
  crypto::Bytes seed;
  crypto::append_u64be(seed, number);
  ref.digest = crypto::sha256(seed);
  return ref;
}

consensus::Finalized block_of(std::uint64_t height, std::vector<BatchRef> refs) {
  consensus::Finalized block;
  block.header.height = height;
  block.header.batches = std::move(refs);
  return block;
}

struct Bench {
  Bench() : sync(0, 4, 0), pool(0, 1) {
    for (MemberIndex peer = 1; peer < 4; ++peer) sync.link(peer, true);
  }
  std::vector<MemberIndex> asked(std::uint64_t now_ms) {
    std::vector<MemberIndex> members;
    for (const auto& request : sync.due(now_ms)) members.push_back(request.to);
    return members;
  }
  Sync sync;
  BatchPool pool;
};

TEST_CASE("B3: the candidates are asked in order, one at a time, after the copy had its chance") {
  Bench bench;
  bench.sync.want(ref_of(1), std::vector<MemberIndex>{2, 3}, 1000);
  CHECK(bench.asked(1000).empty());
  CHECK(bench.sync.next_due_ms() == 1020);
  CHECK(bench.asked(1020) == std::vector<MemberIndex>{2});
  CHECK(bench.asked(1100).empty());
  CHECK(bench.asked(1520) == std::vector<MemberIndex>{3});  // no answer in time
  CHECK(bench.sync.wants(ref_of(1).digest));
  bench.sync.arrived(ref_of(1).digest);
  CHECK_FALSE(bench.sync.wants(ref_of(1).digest));
  CHECK_FALSE(bench.sync.next_due_ms().has_value());
}

TEST_CASE("B3: who has not got it is passed over at once, and so is who goes away") {
  Bench bench;
  bench.sync.want(ref_of(1), std::vector<MemberIndex>{2, 3, 1}, 1000);
  CHECK(bench.asked(1020) == std::vector<MemberIndex>{2});
  bench.sync.missing_at(3, std::vector{ref_of(1).digest}, 1030);  // was not asked: ignored
  CHECK(bench.asked(1030).empty());
  bench.sync.missing_at(2, std::vector{ref_of(1).digest}, 1040);
  CHECK(bench.asked(1040) == std::vector<MemberIndex>{3});
  bench.sync.link(3, false);
  CHECK(bench.asked(1050) == std::vector<MemberIndex>{1});
}

TEST_CASE("B3: what the core does not ask for again is forgotten") {
  Bench bench;
  bench.sync.want(ref_of(1), std::vector<MemberIndex>{2}, 1000);
  bench.asked(1020);
  bench.asked(10'000);
  CHECK_FALSE(bench.sync.wants(ref_of(1).digest));
}

TEST_CASE("C4: a batch that was asked for and has come is late when it comes again") {
  Bench bench;
  bench.sync.want(ref_of(1), std::vector<MemberIndex>{2, 3}, 1000);
  bench.sync.want(ref_of(2), std::vector<MemberIndex>{2}, 1000);
  CHECK_FALSE(bench.sync.is_late(ref_of(1).digest));
  bench.asked(1020);
  CHECK_FALSE(bench.sync.is_late(ref_of(1).digest));  // it is still wanted
  bench.sync.arrived(ref_of(1).digest);
  CHECK(bench.sync.is_late(ref_of(1).digest));
  bench.asked(10'000);  // the other one is given up
  CHECK_FALSE(bench.sync.wants(ref_of(2).digest));
  CHECK(bench.sync.is_late(ref_of(2).digest));
  // Never asked for: its author's own copy was in time.
  bench.sync.want(ref_of(3), std::vector<MemberIndex>{2}, 11'000);
  bench.sync.arrived(ref_of(3).digest);
  CHECK_FALSE(bench.sync.is_late(ref_of(3).digest));
}

TEST_CASE("B2: a batch counts as one that a quorum checked while it is final and not here") {
  Bench bench;
  const auto known = bench.sync.final_batches();
  bench.sync.want(ref_of(1), std::vector<MemberIndex>{1}, 1000);
  CHECK_FALSE(known->contains(ref_of(1).digest));
  bench.sync.finalized(block_of(1, {ref_of(1), ref_of(2)}), bench.pool, 1000);
  CHECK(known->contains(ref_of(1).digest));
  CHECK(known->contains(ref_of(2).digest));
  REQUIRE_FALSE(bench.sync.due(1000).empty());
  bench.sync.arrived(ref_of(1).digest);
  CHECK_FALSE(known->contains(ref_of(1).digest));
  CHECK(known->contains(ref_of(2).digest));
}

TEST_CASE("C5: of what was asked for and is not wanted any more only the newest is remembered") {
  node::SyncLimits limits;
  limits.late_max = 2;
  Sync sync(0, 4, 0, limits);
  sync.link(2, true);
  for (std::uint64_t number = 1; number <= 3; ++number) {
    sync.want(ref_of(number), std::vector<MemberIndex>{2}, 1000);
  }
  sync.due(1020);
  for (std::uint64_t number = 1; number <= 3; ++number) sync.arrived(ref_of(number).digest);
  CHECK_FALSE(sync.is_late(ref_of(1).digest));
  CHECK(sync.is_late(ref_of(2).digest));
  CHECK(sync.is_late(ref_of(3).digest));
}

TEST_CASE("a final block's batches are asked of those whose ledger has it, with its height") {
  Bench bench;
  bench.sync.claims(3, 10);
  bench.sync.finalized(block_of(1, {ref_of(1), ref_of(2)}), bench.pool, 1000);
  CHECK(bench.sync.is_final(ref_of(2).digest));
  const auto requests = bench.sync.due(1000);
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].to == 3);
  CHECK(requests[0].ask.height == 1);
  CHECK(requests[0].ask.digests.size() == 2);
  // Not answered: somebody else, and never given up.
  CHECK(bench.asked(1500) != std::vector<MemberIndex>{3});
  bench.asked(100'000);
  CHECK(bench.sync.wants(ref_of(1).digest));
}

TEST_CASE("HOSTILE 49: endless \"not found\" leads round all members with pauses, not to a flood") {
  Bench bench;
  bench.sync.finalized(block_of(1, {ref_of(1)}), bench.pool, 0);
  std::size_t requests = 0;
  for (std::uint64_t now = 0; now < 10'000; ++now) {
    for (const auto& request : bench.sync.due(now)) {
      ++requests;
      bench.sync.missing_at(request.to, request.ask.digests, now);
    }
  }
  CHECK(requests > 30);
  CHECK(requests < 400);
}

TEST_CASE("HOSTILE 53: a silent peer holds no more than its bytes of requests") {
  Bench bench;
  bench.sync.link(1, false);
  bench.sync.link(2, false);
  std::vector<BatchRef> refs;
  for (std::uint64_t i = 0; i < 200; ++i) refs.push_back(ref_of(i, 100'000));
  bench.sync.finalized(block_of(1, refs), bench.pool, 0);
  std::size_t bytes = 0;
  for (const auto& request : bench.sync.due(0)) {
    CHECK(request.to == 3);
    bytes += request.ask.digests.size() * 100'000;
  }
  CHECK(bytes > 3'000'000);
  CHECK(bytes <= std::size_t{4} << 20);
}

TEST_CASE("catch-up asks for the lowest blocks first, and for what the core votes on before them") {
  Bench bench;
  const std::uint32_t bytes = 1'000'000;
  for (std::uint64_t height = 1; height <= 16; ++height) {
    bench.sync.finalized(block_of(height, {ref_of(height, bytes)}), bench.pool, 1000);
  }
  bench.sync.want(ref_of(100, bytes), std::vector<MemberIndex>{1}, 980);
  std::vector<std::uint64_t> heights;
  for (const auto& request : bench.sync.due(1000)) heights.push_back(request.ask.height);
  // Each of three peers has room for four.
  CHECK(heights == std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
}

TEST_CASE("catch-up asks one member for a block's batches, and the next one for the next block's") {
  Bench bench;
  for (std::uint64_t height = 1; height <= 3; ++height) {
    bench.sync.finalized(block_of(height, {ref_of(10 * height), ref_of(10 * height + 1)}),
                         bench.pool, 1000);
  }
  std::set<MemberIndex> members;
  for (const auto& request : bench.sync.due(1000)) {
    CHECK(request.ask.digests.size() == 2);
    members.insert(request.to);
  }
  CHECK(members.size() == 3);
}

TEST_CASE("catch-up has few requests on their way, however small the batches are") {
  Bench bench;
  std::uint64_t number = 0;
  for (std::uint64_t height = 1; height <= 100; ++height) {
    std::vector<BatchRef> refs;
    for (int i = 0; i < 32; ++i) refs.push_back(ref_of(++number, 100));
    bench.sync.finalized(block_of(height, refs), bench.pool, 1000);
  }
  // The core misses the batches of all final blocks: no way past the window.
  bench.sync.want(ref_of(number, 100), std::vector<MemberIndex>{1}, 900);
  // But what it votes on is none of theirs.
  bench.sync.want(ref_of(number + 1, 100), std::vector<MemberIndex>{1}, 900);
  std::map<MemberIndex, std::size_t> requests;
  std::size_t asked = 0;
  for (const auto& request : bench.sync.due(1000)) {
    ++requests[request.to];
    asked += request.ask.digests.size();
  }
  CHECK(asked == 32 * node::SyncLimits{}.window_blocks_max + 1);
  // A member drops what is over 16 answers to one other (shell.cpp).
  for (const auto& [member, count] : requests) CHECK(count <= 16);
}

TEST_CASE("B3: the core may name fewer candidates than were asked already") {
  Bench bench;
  bench.sync.want(ref_of(1), std::vector<MemberIndex>{1, 2, 3}, 0);
  for (std::uint64_t now = 20; now <= 1'020; now += 500) bench.asked(now);
  bench.sync.want(ref_of(1), std::vector<MemberIndex>{2}, 1'500);
  CHECK(bench.asked(1'520).empty());  // everybody was asked
  CHECK(bench.asked(1'620) == std::vector<MemberIndex>{2});
}

TEST_CASE("HOSTILE 53: who has room is asked where others have none, and they keep their turn") {
  Bench bench;
  // Member 1 is asked for all that fits, and is silent.
  for (std::uint64_t i = 0; i < 4; ++i) {
    bench.sync.want(ref_of(i, 1'000'000), std::vector<MemberIndex>{1}, 0);
  }
  REQUIRE(bench.asked(20) == std::vector<MemberIndex>{1});
  bench.sync.want(ref_of(9, 1'000'000), std::vector<MemberIndex>{1, 3, 2}, 20);
  CHECK(bench.asked(40) == std::vector<MemberIndex>{3});
  for (std::uint64_t i = 0; i < 4; ++i) bench.sync.arrived(ref_of(i).digest);
  bench.sync.missing_at(3, std::vector{ref_of(9).digest}, 50);
  CHECK(bench.asked(50) == std::vector<MemberIndex>{1});
  bench.sync.missing_at(1, std::vector{ref_of(9).digest}, 60);
  CHECK(bench.asked(60) == std::vector<MemberIndex>{2});
}

TEST_CASE("F4: final blocks are handed over in order, whole, and no more than the executor takes") {
  Signer signer;
  BatchPool pool(0, 1);
  node::SyncLimits limits;
  limits.executing_blocks_max = 2;
  Sync sync(0, 4, 0, limits);
  std::vector<node::BatchPtr> batches;
  for (std::uint64_t height = 1; height <= 4; ++height) {
    batches.push_back(node::make_batch(signer.context(), 1, height, {signer.submission(1)},
                                       key_of(kConsensusKey, 1)));
    sync.finalized(block_of(height, {batches.back()->ref()}), pool, 0);
  }
  CHECK(sync.final_height() == 4);
  pool.add(batches[1], true, 1);
  CHECK_FALSE(sync.next_ready(pool, 0).has_value());  // block 1 is not whole
  for (const auto& batch : batches) pool.add(batch, true, 1);
  for (std::uint64_t height = 1; height <= 2; ++height) {
    const auto block = sync.next_ready(pool, 0);
    REQUIRE(block.has_value());
    CHECK(block->header.height == height);
    CHECK(block->batches.at(0) == batches[height - 1]);
  }
  CHECK_FALSE(sync.next_ready(pool, 0).has_value());
  sync.committed(1);
  CHECK(sync.next_ready(pool, 0)->header.height == 3);
}

TEST_CASE("HOSTILE 46: one member's claim of a height is not believed, f + 1 are") {
  Bench bench;
  bench.sync.claims(1, 1'000'000'000);
  CHECK(bench.sync.credible_claim(1) == 0);
  bench.sync.claims(2, 70);
  CHECK(bench.sync.credible_claim(1) == 70);
  bench.sync.claims(1, 5);
  CHECK(bench.sync.credible_claim(1) == 5);
}

TEST_CASE("a member knows that it is not behind only from those whom it heard") {
  Bench bench;
  CHECK(bench.sync.heard() == 0);
  bench.sync.claims(1, 0);
  bench.sync.claims(1, 3);
  CHECK(bench.sync.heard() == 1);
  bench.sync.claims(2, 0);
  CHECK(bench.sync.heard() == 2);
}

}  // namespace
}  // namespace sanad::tests
