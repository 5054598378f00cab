#include "chaincode/beacon.h"

#include "sample.h"

namespace sanad::tests {
namespace {

struct Folding {
  Genesis genesis = sample_genesis();
  MemoryState base;

  Hash fold(MemberIndex proposer, std::uint64_t view, const Hash& reveal) {
    State state(base);
    const Hash beacon = fold_beacon(state, genesis, {proposer, view, reveal});
    base.apply(state.writes());
    CHECK(read_beacon(base) == beacon);
    return beacon;
  }
  // What the beacon becomes if the reveal counts.
  Hash expected(const Hash& reveal) const {
    crypto::CborWriter writer;
    writer.begin_array(2);
    writer.write_bytes(read_beacon(base).bytes);
    writer.write_bytes(reveal.bytes);
    writer.end_array();
    return crypto::tagged_hash_bytes("beacon", writer.view());
  }
};

Hash reveal_of(std::uint8_t member, std::uint64_t turn) {
  return chaincode::beacon_reveal(beacon_seed(member), kBeaconLength, turn);
}

TEST_CASE("C10: a chain's reveals lead to its anchor") {
  const Hash anchor = beacon_anchor(beacon_seed(1), kBeaconLength);
  CHECK(beacon_chain(reveal_of(1, 1), 1) == anchor);
  CHECK(beacon_chain(reveal_of(1, 7), 7) == anchor);
  CHECK(reveal_of(1, kBeaconLength) == beacon_seed(1));
  CHECK(beacon_turn(1, 4) == 1);
  CHECK(beacon_turn(4, 4) == 1);
  CHECK(beacon_turn(5, 4) == 2);
}

TEST_CASE("C10: the right reveal enters the beacon, after any number of missed turns") {
  Folding folding;
  CHECK(read_beacon(folding.base).is_zero());
  Hash expected = folding.expected(reveal_of(0, 1));
  CHECK(folding.fold(0, 1, reveal_of(0, 1)) == expected);
  expected = folding.expected(reveal_of(0, 9));
  CHECK(folding.fold(0, 33, reveal_of(0, 9)) == expected);
  expected = folding.expected(reveal_of(3, 9));
  CHECK(folding.fold(3, 36, reveal_of(3, 9)) == expected);
}

TEST_CASE("C10: a wrong, missing, repeated or other member's reveal counts as zeros") {
  Folding folding;
  const Hash none;
  const auto counts_as_none = [&](MemberIndex proposer, std::uint64_t view, const Hash& reveal) {
    const Hash expected = folding.expected(none);
    CHECK(folding.fold(proposer, view, reveal) == expected);
  };
  counts_as_none(0, 1, none);
  counts_as_none(0, 1, reveal_of(0, 2));
  counts_as_none(0, 1, reveal_of(1, 1));
  counts_as_none(0, 1, crypto::sha256(crypto::as_bytes("chosen")));
  folding.fold(0, 5, reveal_of(0, 2));
  counts_as_none(0, 5, reveal_of(0, 2));
  counts_as_none(0, 1, reveal_of(0, 1));
  // After a wrong one the member's next right one counts.
  const Hash expected = folding.expected(reveal_of(0, 3));
  CHECK(folding.fold(0, 9, reveal_of(0, 3)) == expected);
}

TEST_CASE("C10: beyond the chain's length nothing counts, and nothing is hashed for it") {
  Folding folding;
  const std::uint64_t last_view = (kBeaconLength - 1) * 4 + 1;
  Hash expected = folding.expected(Hash{});
  CHECK(folding.fold(0, last_view + 4, beacon_seed(0)) == expected);
  expected = folding.expected(Hash{});
  CHECK(folding.fold(0, std::uint64_t{1} << 62, beacon_seed(0)) == expected);
  expected = folding.expected(beacon_seed(0));
  CHECK(folding.fold(0, last_view, beacon_seed(0)) == expected);
}

TEST_CASE("C10: wrong reveals buy no hashing: after a gap a wrong one takes turns to make up") {
  constexpr std::uint32_t kLength = 3 * kBeaconStepsPerTurn;
  Folding folding;
  folding.genesis.members[0].beacon_length = kLength;
  folding.genesis.members[0].beacon_anchor = beacon_anchor(beacon_seed(0), kLength);
  const auto fold = [&folding](std::uint64_t turn, const Hash& reveal, const Hash& counted) {
    const Hash expected = folding.expected(counted);
    CHECK(folding.fold(0, (turn - 1) * 4 + 1, reveal) == expected);
  };
  const auto right = [](std::uint64_t turn) {
    return chaincode::beacon_reveal(beacon_seed(0), kLength, turn);
  };
  const std::uint64_t late = 2 * kBeaconStepsPerTurn;
  fold(late, right(late + 1), Hash{});      // wrong: 2 × kBeaconStepsPerTurn steps
  fold(late + 1, right(late + 1), Hash{});  // right, but there is no step left for it
  fold(late + 3, right(late + 3), right(late + 3));
  fold(late + 4, right(late + 4), right(late + 4));
}

}  // namespace
}  // namespace sanad::tests
