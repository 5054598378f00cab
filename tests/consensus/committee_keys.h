// Keys and crafted messages of a test committee. Key i is derived from the byte i + 1.
#pragma once

#include <vector>

#include "consensus/committee.h"
#include "consensus/messages.h"

namespace sanad::consensus {

struct CommitteeKeys {
  explicit CommitteeKeys(std::size_t n) {
    chain_id = crypto::sha256(crypto::as_bytes("test chain"));
    for (std::size_t i = 0; i < n; ++i) {
      crypto::Seed seed;
      seed.bytes.fill(static_cast<std::uint8_t>(i + 1));
      keys.emplace_back(seed);
    }
  }
  [[nodiscard]] Committee committee() const {
    std::vector<PublicKey> publics;
    for (const auto& key : keys) publics.push_back(key.public_key());
    return Committee(kFirstEpoch, publics, chain_id);
  }
  [[nodiscard]] Vote vote(const Subject& subject, MemberIndex voter) const {
    return sign_vote(chain_id, subject, voter, keys[voter]);
  }
  [[nodiscard]] Certificate certificate(const Subject& subject,
                                        const std::vector<MemberIndex>& voters) const {
    Certificate made{subject, Bytes((keys.size() + 7) / 8, 0), {}};
    for (const MemberIndex voter : voters) {
      made.signers[voter / 8] =
          static_cast<std::uint8_t>(made.signers[voter / 8] | 1U << voter % 8);
      made.signatures.push_back(vote(subject, voter).signature);
    }
    return made;
  }
  // By the first quorum of members.
  [[nodiscard]] Certificate certificate(const Subject& subject) const {
    std::vector<MemberIndex> voters;
    const std::size_t quorum = keys.size() - (keys.size() - 1) / 3;
    for (std::size_t i = 0; i < quorum; ++i) voters.push_back(static_cast<MemberIndex>(i));
    return certificate(subject, voters);
  }

  Hash chain_id;
  std::vector<crypto::SigningKey> keys;
};

inline BatchRef batch_ref(MemberIndex author, std::uint64_t seq, std::uint32_t bytes = 1000) {
  BatchRef ref{author, seq, {}, bytes, 10};
  ref.digest = crypto::tagged_hash("test-batch", ref);
  return ref;
}

}  // namespace sanad::consensus
