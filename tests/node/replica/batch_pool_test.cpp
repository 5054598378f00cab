// B1–B4: what is packed when, what is taken, what is kept how long.
#include <catch2/catch.hpp>

#include "node/replica/batch_pool.h"

#include "tests/node/replica/replica_sample.h"

namespace sanad::tests {
namespace {

using node::BatchPool;
using node::Taken;

node::BatchPtr batch_of(Signer& signer, std::uint8_t author, std::uint64_t seq) {
  return node::make_batch(signer.context(), author, seq, {signer.submission(author)},
                          key_of(kConsensusKey, author));
}

TEST_CASE("B1: an idle member packs at once, a busy one when enough waits or after 30 ms") {
  Signer signer;
  BatchPool pool(0, 1);
  CHECK_FALSE(pool.pack_at_ms().has_value());
  REQUIRE(pool.admit(signer.submission(0), 100));
  CHECK(pool.pack_at_ms() == 100);
  const auto first = pool.pack(100);
  REQUIRE(first.has_value());
  CHECK(first->seq == 1);
  const auto batch =
      node::make_batch(signer.context(), 0, 1, first->submissions, key_of(kConsensusKey, 0));
  REQUIRE(pool.add(batch, false, 1) == Taken::kNew);

  REQUIRE(pool.admit(signer.submission(0), 101));
  CHECK(pool.pack_at_ms() == 130);
  CHECK_FALSE(pool.pack(129).has_value());
  CHECK(pool.pack(130)->seq == 2);
  REQUIRE(pool.admit(signer.submission(0), 170));  // long after the last one
  CHECK(pool.pack_at_ms() == 170);
  CHECK(pool.pack(170)->seq == 3);

  std::size_t bytes = 0;
  while (bytes < std::size_t{64} << 10) {
    const auto submission = signer.submission(0);
    bytes += submission->raw().size();
    REQUIRE(pool.admit(submission, 200));
  }
  CHECK(pool.pack_at_ms() == 200);
}

TEST_CASE("B1: what was admitted while a leader can use it is packed at once") {
  Signer signer;
  BatchPool pool(0, 1);
  REQUIRE(pool.add(batch_of(signer, 0, 1), false, 1) == Taken::kNew);  // it is not idle
  REQUIRE(pool.admit(signer.submission(0), 100));
  REQUIRE(pool.pack(100).has_value());
  REQUIRE(pool.admit(signer.submission(0), 101));
  REQUIRE(pool.pack_at_ms() == 130);
  pool.hurry(105);
  CHECK(pool.pack_at_ms() == 101);
  CHECK(pool.pack(102).has_value());
  REQUIRE(pool.admit(signer.submission(0), 105));
  CHECK(pool.pack(105).has_value());
  REQUIRE(pool.admit(signer.submission(0), 106));  // that is over
  CHECK(pool.pack_at_ms() == 135);
}

TEST_CASE("B1: a batch never exceeds its size, and nothing is left behind") {
  Signer signer;
  BatchPool pool(0, 1);
  std::set<crypto::Hash> admitted;
  for (int i = 0; i < 100; ++i) {
    const auto submission = signer.submission(0, 50);
    admitted.insert(submission->id());
    REQUIRE(pool.admit(submission, 0));
  }
  while (const auto packed = pool.pack(100)) {
    std::size_t bytes = 0;
    for (const auto& submission : packed->submissions) {
      bytes += submission->raw().size();
      CHECK(admitted.erase(submission->id()) == 1);
    }
    CHECK(bytes <= node::kBatchBytesMax);
  }
  CHECK(admitted.empty());
  CHECK(pool.next_seq() > 2);
}

TEST_CASE("B1: a submission that waits or is on its way is not packed again") {
  Signer signer;
  BatchPool pool(0, 1);
  const auto submission = signer.submission(0);
  CHECK(pool.admit(submission, 0));
  CHECK_FALSE(pool.admit(submission, 0));
  const auto packed = pool.pack(0);
  const auto batch =
      node::make_batch(signer.context(), 0, 1, packed->submissions, key_of(kConsensusKey, 0));
  REQUIRE(pool.add(batch, false, 1) == Taken::kNew);
  CHECK_FALSE(pool.admit(submission, 0));
  pool.committed(std::vector{batch->ref()});
  CHECK(pool.admit(submission, 0));  // executed: the executor knows, not the pool
}

TEST_CASE("B1: an author is never more than 64 batches ahead of its oldest on the way") {
  Signer signer;
  BatchPool pool(0, 1);
  std::vector<consensus::BatchRef> made;
  for (int i = 0; i < 100; ++i) REQUIRE(pool.admit(signer.submission(0), 0));
  for (std::uint64_t now = 0;; now += 30) {
    const auto packed = pool.pack(now);
    if (!packed) break;
    const auto batch = node::make_batch(signer.context(), 0, packed->seq, packed->submissions,
                                        key_of(kConsensusKey, 0));
    REQUIRE(pool.add(batch, false, 1) == Taken::kNew);
    made.push_back(batch->ref());
    if (made.size() < 80) REQUIRE(pool.admit(signer.submission(0), now));
  }
  CHECK(made.size() == node::kSequenceWindow);
  pool.committed(std::vector{made.front()});
  CHECK(pool.pack(1'000'000).has_value());

  const auto far = batch_of(signer, 1, 1000);
  pool.committed(std::vector{batch_of(signer, 1, 1)->ref()});
  CHECK(pool.add(far, false, 1) == Taken::kRefused);
  CHECK(pool.add(far, true, 1) == Taken::kNew);  // asked for by digest: ordered by others
}

TEST_CASE("B4: two batches under one sequence number are both kept, and evidence") {
  Signer signer;
  BatchPool pool(0, 1);
  const auto first = batch_of(signer, 1, 7);
  const auto second = batch_of(signer, 1, 7);
  REQUIRE(first->ref().digest != second->ref().digest);
  CHECK(pool.add(first, false, 1) == Taken::kNew);
  CHECK(pool.add(first, false, 1) == Taken::kHeld);
  CHECK(pool.add(second, false, 1) == Taken::kConflict);
  CHECK(pool.conflicting_with(*second) == first);
  CHECK(pool.find(first->ref().digest) == first);
  CHECK(pool.find(second->ref().digest) == second);
  const consensus::Evidence evidence =
      consensus::ConflictingBatches{first->signed_header(), second->signed_header()};
  CHECK(consensus::check(evidence, signer.committee(), signer.network()).ok());
  CHECK(consensus::accused(evidence) == 1);
}

TEST_CASE("B4: a batch goes only when its block is committed") {
  Signer signer;
  BatchPool pool(0, 1);
  const auto kept = batch_of(signer, 1, 1);
  const auto ordered = batch_of(signer, 2, 1);
  pool.add(kept, false, 3);
  pool.add(ordered, false, 5);
  CHECK(pool.oldest_segment() == 3);
  pool.committed(std::vector{ordered->ref()});
  CHECK(pool.find(ordered->ref().digest) == nullptr);
  CHECK(pool.find(kept->ref().digest) == kept);
  CHECK(pool.held_bytes() == kept->ref().bytes);
  CHECK(pool.move_segments(5, 9, 1 << 20) == std::vector{kept});
  CHECK(pool.oldest_segment() == 9);
}

TEST_CASE("B4: a committed batch that its author sends again is not held for work once more") {
  Signer signer;
  BatchPool pool(0, 1);
  const auto batch = batch_of(signer, 1, 5);
  REQUIRE(pool.add(batch, false, 1) == Taken::kNew);
  CHECK_FALSE(pool.was_committed(batch->ref().digest));
  pool.committed(std::vector{batch->ref()});
  CHECK(pool.was_committed(batch->ref().digest));
  CHECK(pool.add(batch, false, 1) == Taken::kRefused);
  CHECK(pool.held_count() == 0);
  CHECK(pool.add(batch, true, 1) == Taken::kNew);  // another final block names it again

  // What an honest author can no longer have on its way.
  pool.committed(std::vector{batch_of(signer, 2, 100)->ref()});
  CHECK(pool.add(batch_of(signer, 2, 100 - node::kSequenceWindow), false, 1) == Taken::kRefused);
  CHECK(pool.add(batch_of(signer, 2, 101 - node::kSequenceWindow), false, 1) == Taken::kNew);
}

TEST_CASE(
    "R3: numbers of own batches that were ordered, or were on their way, are not used again") {
  BatchPool pool(0, 1);
  const auto ref = [](std::uint16_t author, std::uint64_t seq) {
    return consensus::BatchRef{author, seq, crypto::tagged_hash("test", seq), 10, 1};
  };
  const std::vector<consensus::BatchRef> refs = {ref(0, 40), ref(1, 90)};
  pool.ordered(refs);
  CHECK(pool.next_seq() == 41);
  pool.committed(std::vector{ref(0, 30)});
  CHECK(pool.next_seq() == 41);
  pool.committed(std::vector{ref(0, 50)});
  CHECK(pool.next_seq() == 51);
  pool.skip_sequence();
  CHECK(pool.next_seq() == 51 + 2 * node::kSequenceWindow);
}

TEST_CASE("B1: a received batch is checked whole: author, epoch, signature, every submission") {
  Signer signer;
  const auto good = batch_of(signer, 1, 3);
  const auto refused = [&](const std::function<void(node::Batch&)>& change) {
    node::Batch wire = good->wire();
    change(wire);
    const auto checked = node::check_batch(signer.context(), wire);
    return !checked.ok() && checked.error() == node::ReplicaErrc::kBatchInvalid;
  };
  const auto again = node::check_batch(signer.context(), good->wire());
  REQUIRE(again.ok());
  CHECK((*again)->ref() == good->ref());
  CHECK(refused([](node::Batch& batch) { batch.author = 2; }));
  CHECK(refused([](node::Batch& batch) { batch.author = 4; }));
  CHECK(refused([](node::Batch& batch) { batch.epoch = 2; }));
  CHECK(refused([](node::Batch& batch) { batch.seq = 0; }));
  CHECK(refused([](node::Batch& batch) { batch.seq = 4; }));
  CHECK(refused([](node::Batch& batch) { batch.bytes -= 1; }));
  CHECK(refused([](node::Batch& batch) { batch.bytes += 1; }));
  CHECK(refused([](node::Batch& batch) { batch.bytes = 0xffffffff; }));
  CHECK(refused([](node::Batch& batch) { batch.submissions.clear(); }));
  CHECK(refused([](node::Batch& batch) { batch.submissions[0].bytes.back() ^= 1; }));
  CHECK(refused([](node::Batch& batch) { batch.submissions.push_back(batch.submissions[0]); }));
  CHECK(refused([](node::Batch& batch) { batch.signature.bytes[5] ^= 1; }));
}

TEST_CASE("B2: submissions of a batch that a final block names were checked by a quorum") {
  Signer signer;
  // Its author signed what no honest member votes for: the last bytes are the client's signature.
  const auto good = batch_of(signer, 1, 3);
  node::Batch wire = good->wire();
  const crypto::Bytes& bytes = wire.submissions[0].bytes;
  chaincode::Submission forged = checked(crypto::decode<chaincode::Submission>(bytes));
  forged.cose.back() ^= 1;
  wire.submissions[0].bytes = crypto::encode(forged);
  const auto submission = std::make_shared<const chaincode::CheckedSubmission>(
      checked(chaincode::check_but_signature(wire.submissions[0].bytes, signer.network())));
  const auto batch =
      node::make_batch(signer.context(), 1, 3, {submission}, key_of(kConsensusKey, 1));
  node::FinalBatches final_batches;
  const auto opens = [&](const node::Batch& one) {
    return node::check_batch(signer.context(), one, &final_batches).ok();
  };
  CHECK_FALSE(opens(batch->wire()));
  final_batches.add(batch->ref().digest);
  CHECK(opens(batch->wire()));
  // It is that batch, to the last byte, and its author's: a spoiled signature is another digest.
  CHECK_FALSE(opens(wire));
  node::Batch spoiled = batch->wire();
  spoiled.signature.bytes[5] ^= 1;
  CHECK_FALSE(opens(spoiled));
  final_batches.remove(batch->ref().digest);
  CHECK_FALSE(opens(batch->wire()));
}

TEST_CASE("B4: one digest stands for one reference: its author cannot sign it with two sizes") {
  Signer signer;
  const auto good = batch_of(signer, 1, 3);
  node::Batch wire = good->wire();
  wire.bytes += 1;
  CHECK_FALSE(node::check_batch(signer.context(), wire).ok());
  // Honestly signed, the other size is another digest.
  consensus::BatchHeader header = good->signed_header().header;
  header.bytes = wire.bytes;
  const auto& author = key_of(kConsensusKey, 1);
  wire.signature = consensus::sign_batch(signer.network(), header, author).signature;
  const auto other = node::check_batch(signer.context(), wire);
  REQUIRE(other.ok());
  CHECK((*other)->ref().bytes == good->ref().bytes + 1);
  CHECK((*other)->ref().digest != good->ref().digest);
}

TEST_CASE("F11: a batch is stored without bodies and joined again under the same digest") {
  Signer signer;
  const auto batch = batch_of(signer, 1, 3);
  std::map<crypto::Hash, crypto::Bytes> bodies;
  for (const auto& body : batch->submissions()[0]->stored_bodies()) {
    bodies[body.digest] = {body.bytes.begin(), body.bytes.end()};
  }
  REQUIRE_FALSE(bodies.empty());
  const crypto::Bytes stored = batch->stored();
  CHECK(stored.size() < batch->ref().bytes);
  const auto joined =
      node::join_batch(stored, [&](const crypto::Hash& digest) -> std::optional<crypto::Bytes> {
        return bodies.at(digest);
      });
  REQUIRE(joined.ok());
  const auto checked = node::check_batch(signer.context(), *joined);
  REQUIRE(checked.ok());
  CHECK((*checked)->ref() == batch->ref());
}

}  // namespace
}  // namespace sanad::tests
