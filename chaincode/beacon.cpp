#include "chaincode/beacon.h"

#include <algorithm>

namespace sanad::chaincode {
namespace {

constexpr std::array<std::uint8_t, 1> kBeaconKey = {0x62};  // 'b'

// State key 'B' <member>: the last reveal that counted, its turn, and that of the last wrong one.
struct LastReveal {
  std::uint64_t turn = 0;
  Hash reveal;
  std::uint64_t wrong_turn = 0;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(turn), SANAD_FIELD(reveal), SANAD_FIELD(wrong_turn));
  }
  // True if a reveal of this turn, at most kBeaconLengthMax, may be hashed for.
  [[nodiscard]] bool affords(std::uint64_t number) const {
    const std::uint64_t paid_until = std::max(turn, wrong_turn);
    return number > paid_until && number - turn <= (number - paid_until) * kBeaconStepsPerTurn;
  }
};

crypto::Bytes last_reveal_key(MemberIndex member) {
  crypto::Bytes key;
  crypto::append_u16be(key, member);
  return state_key('B', key);
}

LastReveal read_last(const StateReader& state, const Genesis& genesis, MemberIndex member) {
  const auto stored = state.read(last_reveal_key(member));
  if (!stored) return {0, genesis.members[member].beacon_anchor, 0};
  auto last = crypto::decode<LastReveal>(*stored);
  assert(last);
  return *last;
}

}  // namespace

Hash beacon_step(const Hash& link) { return crypto::tagged_hash("beacon link", link); }

Hash beacon_chain(Hash link, std::uint64_t steps) {
  for (std::uint64_t i = 0; i < steps; ++i) link = beacon_step(link);
  return link;
}

Hash beacon_anchor(const Hash& seed, std::uint32_t length) { return beacon_chain(seed, length); }

Hash beacon_reveal(const Hash& seed, std::uint32_t length, std::uint64_t turn) {
  assert(turn >= 1 && turn <= length);
  return beacon_chain(seed, length - turn);
}

std::uint64_t beacon_turn(std::uint64_t view, std::size_t members) {
  assert(view >= 1 && members >= 1);
  return (view - 1) / members + 1;
}

Hash read_beacon(const StateReader& state) {
  const auto stored = state.read(kBeaconKey);
  if (!stored) return {};
  const auto beacon = Hash::from(*stored);
  assert(beacon);
  return *beacon;
}

Hash fold_beacon(State& state, const Genesis& genesis, const BeaconTurn& turn) {
  assert(turn.proposer < genesis.members.size());
  const Member& member = genesis.members[turn.proposer];
  LastReveal last = read_last(state, genesis, turn.proposer);
  const std::uint64_t number = beacon_turn(turn.view, genesis.members.size());
  Hash counted;
  // The turn is checked first: it bounds the hashing.
  if (!turn.reveal.is_zero() && number <= member.beacon_length && last.affords(number)) {
    if (beacon_chain(turn.reveal, number - last.turn) == last.reveal) {
      counted = turn.reveal;
      last = {number, counted, 0};
    } else {
      last.wrong_turn = number;
    }
    state.write(last_reveal_key(turn.proposer), crypto::encode(last));
  }
  struct Fold {
    Hash previous;
    Hash reveal;
    void serialize(crypto::CborWriter& ar) { ar(SANAD_FIELD(previous), SANAD_FIELD(reveal)); }
  };
  const Hash beacon = crypto::tagged_hash("beacon", Fold{read_beacon(state), counted});
  state.write(kBeaconKey, {beacon.bytes.begin(), beacon.bytes.end()});
  return beacon;
}

}  // namespace sanad::chaincode
