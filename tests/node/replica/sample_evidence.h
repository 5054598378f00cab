// What convicts a member of the sample network.
#pragma once

#include "consensus/evidence.h"
#include "tests/chaincode/sample_network.h"

namespace sanad::tests {

inline consensus::Vote sample_vote(std::uint8_t voter, const consensus::Subject& subject,
                                   const Hash& network = network_id(sample_genesis())) {
  return consensus::sign_vote(network, subject, voter, key_of(kConsensusKey, voter));
}

// Two votes of one view that no honest member gives.
inline consensus::Evidence two_votes(std::uint8_t accused, consensus::View view = 9,
                                     const Hash& network = network_id(sample_genesis())) {
  const auto vote = [&](std::uint8_t block) {
    return sample_vote(
        accused, {consensus::VoteKind::notarize, 1, view, view - 1, crypto::sha256(Bytes{block})},
        network);
  };
  return consensus::ConflictingVotes{vote(1), vote(2)};
}

}  // namespace sanad::tests
