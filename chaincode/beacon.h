// The members' hash chains, from which nobody can choose an outcome (RULES C10).
//
// At its admission a member commits to the end of a chain, anchor = step^length(seed). In its turn
// t (its t-th view as a leader, from 1) it reveals step^(length − t)(seed), so that step^t(reveal)
// is the anchor: there is one value it can reveal, or none. A block's beacon is H("beacon",
// [previous beacon, reveal]), with zeros in place of a reveal that is missing or wrong.
//
// Pure and thread-safe.
#pragma once

#include "chaincode/genesis.h"
#include "chaincode/state.h"
#include "crypto/hash.h"

namespace sanad::chaincode {

// H("beacon link", link).
Hash beacon_step(const Hash& link);
// step^steps(link). O(steps), about 0.15 µs each.
Hash beacon_chain(Hash link, std::uint64_t steps);
// What a member commits to: beacon_chain(seed, length).
Hash beacon_anchor(const Hash& seed, std::uint32_t length);
// The reveal of turn t. REQUIRES: 1 <= turn <= length. O(length − turn): a node keeps waypoints.
Hash beacon_reveal(const Hash& seed, std::uint32_t length, std::uint64_t turn);
// The proposer's turn at a view of an n-member committee: (view − 1) ÷ n + 1. REQUIRES: view, n
// >= 1.
std::uint64_t beacon_turn(std::uint64_t view, std::size_t members);

// The beacon as of the end of the last block; zeros before block 1.
Hash read_beacon(const StateReader& state);

// Hashing that each turn pays for: 0.6 ms.
inline constexpr std::uint64_t kBeaconStepsPerTurn = 4096;

// Folds one block's reveal into the state and gives the block's beacon. A reveal counts iff
// step^k(reveal) is the member's last counted one (at first its anchor), k the difference of turns,
// which must be at least 1, and the turn is within the chain. After a wrong reveal k must also be
// at most kBeaconStepsPerTurn for each turn since that wrong one, so that a hostile member cannot
// have everybody hash a long chain in every turn.
struct BeaconTurn {
  MemberIndex proposer = 0;
  std::uint64_t view = 0;
  Hash reveal;
};
Hash fold_beacon(State& state, const Genesis& genesis, const BeaconTurn& turn);

}  // namespace sanad::chaincode
