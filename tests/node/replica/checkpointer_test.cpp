// F14: every block end, in order, never a smaller size nor another root; complete with a quorum.
#include "node/replica/checkpointer.h"

#include "consensus/errors.h"
#include "tests/chaincode/sample.h"

namespace sanad::tests {
namespace {

using node::BlockEnd;
using node::check_cosignature;
using node::Checkpointer;
using node::CheckpointVote;
using node::ReplicaErrc;

constexpr std::uint64_t kNowMs = 1'760'000'000'000;

BlockEnd end_at(std::uint64_t height, std::uint8_t root = 0) {
  BlockEnd end{height, height * 10, {}};
  end.root.bytes.fill(static_cast<std::uint8_t>(height + root));
  return end;
}

node::CheckpointOptions options(consensus::MemberIndex self = 0) {
  node::CheckpointOptions made{"test-net/00", {}, self, 3};
  for (std::uint8_t i = 0; i < 4; ++i) {
    made.cosigners.push_back({kAuthorities[i] + ".test-net", key_of(kCosignerKey, i).public_key()});
  }
  return made;
}

CheckpointVote vote_of(std::uint8_t member, const BlockEnd& end) {
  const std::string text = crypto::Checkpoint{"test-net/00", end.tree_size, end.root}.text();
  const auto signed_end = crypto::cosign(key_of(kCosignerKey, member), text, kNowMs / 1000);
  return {end.height, end.tree_size, end.root, signed_end.time_s, signed_end.signature};
}

struct Bench {
  explicit Bench(std::optional<BlockEnd> announced = {})
      : cosigner(key_of(kCosignerKey, 0)),
        log(key_of(kLogKey, 0)),
        checkpointer(options(), cosigner, log, announced) {}

  void commit(const BlockEnd& end) {
    const auto news = checkpointer.committed(end, true);
    REQUIRE(news.ok());
    REQUIRE(*news);
  }
  std::optional<node::CheckpointNote> complete() {
    auto completed = checkpointer.complete();
    if (!completed) FAIL(completed.error().message());
    return completed->note;
  }

  SigningKey cosigner;
  SigningKey log;
  Checkpointer checkpointer;
};

TEST_CASE("F14: a note is complete with a quorum of cosignatures and one 0x01 line") {
  Bench bench;
  bench.commit(end_at(1));
  CHECK_FALSE(bench.complete().has_value());
  const auto own = bench.checkpointer.sign_durable(kNowMs);
  REQUIRE(own.size() == 1);
  CHECK(own[0] == vote_of(0, end_at(1)));
  CHECK(bench.checkpointer.take(1, vote_of(1, end_at(1))));
  CHECK_FALSE(bench.complete().has_value());
  CHECK(bench.checkpointer.take(3, vote_of(3, end_at(1))));
  const auto note = bench.complete();
  REQUIRE(note.has_value());
  CHECK(note->end == end_at(1));
  const auto parsed = crypto::SignedNote::parse(note->note);
  REQUIRE(parsed.ok());
  crypto::CheckpointPolicy policy{"test-net/00", {}, 3};
  for (const auto& cosigner : options().cosigners) {
    policy.keys.push_back({cosigner.name, crypto::NoteKeyType::kCosignature, cosigner.key});
  }
  policy.keys.push_back({"test-net/00", crypto::NoteKeyType::kEd25519, bench.log.public_key()});
  CHECK(crypto::verify_checkpoint(*parsed, policy).ok());
  CHECK(crypto::verify_lines(*parsed, policy.keys)->size() == 4);
  CHECK_FALSE(bench.complete().has_value());  // once
}

TEST_CASE("F14: a signature that does not verify, or of another member, gets nowhere") {
  const CheckpointVote good = vote_of(1, end_at(1));
  CHECK(check_cosignature(options(), 1, good).ok());
  CHECK(check_cosignature(options(), 2, good).error() == crypto::Errc::kBadSignature);
  CHECK(check_cosignature(options(), 4, good).error() == consensus::Errc::kUnknownMember);
  CheckpointVote broken = good;
  broken.signature.bytes[3] ^= 1;
  CHECK(check_cosignature(options(), 1, broken).error() == crypto::Errc::kBadSignature);
  broken = good;
  ++broken.time_s;
  CHECK(check_cosignature(options(), 1, broken).error() == crypto::Errc::kBadSignature);
  broken = good;
  broken.root.bytes[0] ^= 1;
  CHECK(check_cosignature(options(), 1, broken).error() == crypto::Errc::kBadSignature);
}

TEST_CASE("F14: a member has one vote for a height") {
  Bench bench;
  bench.commit(end_at(1));
  bench.checkpointer.sign_durable(kNowMs);
  CHECK(bench.checkpointer.take(1, vote_of(1, end_at(1, 9))));
  CHECK_FALSE(bench.checkpointer.take(1, vote_of(1, end_at(1))));
  CHECK(bench.checkpointer.take(2, vote_of(2, end_at(1))));
  CHECK_FALSE(bench.complete().has_value());
  CHECK(bench.checkpointer.take(3, vote_of(3, end_at(1))));
  CHECK(bench.complete().has_value());
}

TEST_CASE("F14: nothing is signed before it was handed to the journal, and in order") {
  Bench bench;
  CHECK(bench.checkpointer.sign_durable(kNowMs).empty());
  for (std::uint64_t height = 1; height <= 3; ++height) bench.commit(end_at(height));
  const auto votes = bench.checkpointer.sign_durable(kNowMs);
  REQUIRE(votes.size() == 3);
  CHECK(votes[0].height == 1);
  CHECK(votes[2].height == 3);
  CHECK(bench.checkpointer.sign_durable(kNowMs).empty());
}

TEST_CASE("F14: after a restart the same pair may be signed again, another root never") {
  SECTION("the same") {
    Bench bench(end_at(5));
    const auto news = bench.checkpointer.committed(end_at(5), true);
    REQUIRE(news.ok());
    CHECK_FALSE(*news);
    CHECK(bench.checkpointer.sign_durable(kNowMs).size() == 1);
  }
  SECTION("another root for the size") {
    Bench bench(end_at(5));
    CHECK(bench.checkpointer.committed(end_at(5, 1), true).error() == ReplicaErrc::kDiverged);
  }
  SECTION("an older block end is not signed again") {
    Bench bench(end_at(5));
    const auto news = bench.checkpointer.committed(end_at(4), true);
    REQUIRE(news.ok());
    CHECK_FALSE(*news);
    CHECK(bench.checkpointer.sign_durable(kNowMs).empty());
  }
  SECTION("a size that does not grow") {
    Bench bench(end_at(5));
    BlockEnd shrunk = end_at(6);
    shrunk.tree_size = 50;
    CHECK(bench.checkpointer.committed(shrunk, true).error() == ReplicaErrc::kDiverged);
  }
}

TEST_CASE("F14: votes that come before the own block wait for it") {
  Bench bench;
  for (std::uint8_t member = 1; member < 4; ++member) {
    CHECK(bench.checkpointer.take(member, vote_of(member, end_at(2))));
  }
  CHECK_FALSE(bench.complete().has_value());
  bench.commit(end_at(1));
  bench.commit(end_at(2));
  bench.checkpointer.sign_durable(kNowMs);
  const auto note = bench.complete();
  REQUIRE(note.has_value());
  CHECK(note->end.height == 2);
}

TEST_CASE("F14: every block end counts, and notes are of those that the ledger has a view of") {
  Bench bench;
  for (std::uint64_t height = 1; height <= 5; ++height) {
    // Committed in two groups, 1 to 3 and 4 to 5.
    const auto news = bench.checkpointer.committed(end_at(height), height == 3 || height == 5);
    REQUIRE(news.ok());
    CHECK(*news);
  }
  CHECK(bench.checkpointer.sign_durable(kNowMs).size() == 5);
  const auto others_sign = [&](std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t height = first; height <= last; ++height) {
      bench.checkpointer.take(1, vote_of(1, end_at(height)));
      bench.checkpointer.take(2, vote_of(2, end_at(height)));
    }
    const auto completed = bench.checkpointer.complete();
    REQUIRE(completed.ok());
    return *completed;
  };
  const auto inside = others_sign(1, 2);
  CHECK(inside.newest == end_at(2));
  CHECK_FALSE(inside.note.has_value());
  // 3 and 4 at once: the core hears of 4, the note is of 3.
  const auto beyond = others_sign(3, 4);
  CHECK(beyond.newest == end_at(4));
  REQUIRE(beyond.note.has_value());
  CHECK(beyond.note->end == end_at(3));
  const auto last = others_sign(5, 5);
  CHECK(last.newest == end_at(5));
  REQUIRE(last.note.has_value());
  CHECK(last.note->end == end_at(5));
}

TEST_CASE("F14: a quorum with another root for the same block is a divergence; fewer are not") {
  Bench bench;
  bench.commit(end_at(1));
  bench.checkpointer.sign_durable(kNowMs);
  const BlockEnd other = end_at(1, 9);
  bench.checkpointer.take(1, vote_of(1, other));
  bench.checkpointer.take(2, vote_of(2, other));
  CHECK_FALSE(bench.complete().has_value());
  bench.checkpointer.take(3, vote_of(3, other));
  const auto note = bench.checkpointer.complete();
  REQUIRE_FALSE(note.ok());
  CHECK(note.error() == ReplicaErrc::kDiverged);
  CHECK(note.error().detail.find(other.root.hex()) != std::string::npos);
  CHECK(note.error().detail.find(end_at(1).root.hex()) != std::string::npos);
}

TEST_CASE("HOSTILE 42: one member's cosignature of another result is named, once, with both") {
  Bench bench;
  const BlockEnd other = end_at(1, 9);
  bench.checkpointer.take(2, vote_of(2, other));  // before the own block
  CHECK(bench.checkpointer.disagreements().empty());
  bench.commit(end_at(1));
  const auto early = bench.checkpointer.disagreements();
  REQUIRE(early.size() == 1);
  CHECK(early[0].member == 2);
  CHECK(early[0].theirs == other);
  CHECK(early[0].ours == end_at(1));
  bench.checkpointer.take(1, vote_of(1, other));
  bench.checkpointer.take(1, vote_of(1, other));
  bench.checkpointer.take(3, vote_of(3, end_at(1)));
  const auto later = bench.checkpointer.disagreements();
  REQUIRE(later.size() == 1);
  CHECK(later[0].member == 1);
}

TEST_CASE("F14: votes far from the own height are not kept") {
  Bench bench;
  CHECK_FALSE(bench.checkpointer.take(1, vote_of(1, end_at(1'000'000))));
  for (std::uint64_t height = 1; height <= 600; ++height) bench.commit(end_at(height));
  CHECK_FALSE(bench.checkpointer.take(1, vote_of(1, end_at(3))));
  CHECK(bench.checkpointer.take(1, vote_of(1, end_at(600))));
}

}  // namespace
}  // namespace sanad::tests
