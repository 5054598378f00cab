// The committee whose keys the peer target and the seeds sign with.
#pragma once

#include "consensus/committee.h"

namespace sanad::fuzz {

inline constexpr std::size_t kMembers = 4;

inline crypto::Hash chain() { return crypto::sha256(crypto::as_bytes("fuzz")); }

inline crypto::SigningKey member_key(std::size_t member) {
  crypto::Seed seed;
  seed.bytes.fill(static_cast<std::uint8_t>(20 + member));
  return crypto::SigningKey(seed);
}

inline consensus::Committee committee() {
  std::vector<crypto::PublicKey> keys;
  for (std::size_t i = 0; i < kMembers; ++i) keys.push_back(member_key(i).public_key());
  return {consensus::kFirstEpoch, std::move(keys), chain()};
}

}  // namespace sanad::fuzz
