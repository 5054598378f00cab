// Whom a verifier believes: the trust file (LEDGER F17, F18).
//
// A commit record names, by signers_hash(), the committee that cosigns after its block and, by
// actors_hash(), whose signature each actor's key is. So one trusted epoch leads to the next.
//
// Pure. Thread-safe (no state).
#pragma once

#include "chaincode/genesis.h"

namespace sanad::chaincode {

// The epoch of genesis.
inline constexpr std::uint64_t kGenesisEpoch = 1;

// One validator as a verifier knows it.
struct TrustedValidator {
  std::string id;
  std::string name;
  PublicKey log;       // 0x01 lines
  PublicKey cosigner;  // 0x04 lines

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(id, kAuthorityIdMax), SANAD_FIELD_MAX(name, kNameMax), SANAD_FIELD(log),
       SANAD_FIELD(cosigner));
  }
};

// Whose signature a submission's key is.
struct TrustedActor {
  PublicKey key;
  std::string authority;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(key), SANAD_FIELD_MAX(authority, kAuthorityIdMax));
  }
};

// Who signs checkpoints in an epoch.
struct Signers {
  std::uint64_t epoch = kGenesisEpoch;
  std::vector<TrustedValidator> validators;
  Hash actors;  // actors_hash()

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(epoch), SANAD_FIELD_MAX(validators, kMembersMax), SANAD_FIELD(actors));
  }
};
// H("actors", [[key, authority]…]).
[[nodiscard]] Hash actors_hash(const std::vector<TrustedActor>& actors);
// H("signers", [epoch, [validator…], actors]): the committee hash of a commit record (F10).
[[nodiscard]] Hash signers_hash(const Signers& signers);
// Cosignatures that make a checkpoint: n − ⌊(n−1)/3⌋.
[[nodiscard]] std::size_t quorum_of(std::size_t validators);
// The key name of a validator's 0x04 lines: "<member id>.<network>".
[[nodiscard]] std::string cosigner_name(std::string_view network, std::string_view member_id);

// The trust file: all that a verifier needs besides the proof. Public; got once, over a channel
// that the verifier trusts.
struct Trust {
  std::uint32_t version = 2;
  std::string network;
  Hash network_id;
  std::uint64_t epoch = kGenesisEpoch;
  std::uint64_t issued_ms = 0;
  // A verifier should renew the file after this many days; `sanad verify` refuses an older one.
  std::uint32_t maximum_age_days = 0;
  std::vector<TrustedValidator> validators;
  std::vector<TrustedActor> actors;  // ascending by key

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(version), SANAD_FIELD_MAX(network, kNameMax), SANAD_FIELD(network_id),
       SANAD_FIELD(epoch), SANAD_FIELD(issued_ms), SANAD_FIELD(maximum_age_days),
       SANAD_FIELD_MAX(validators, kMembersMax), SANAD_FIELD_MAX(actors, kActorsMax));
  }
  // "<network>/<network id>": the origin line of every checkpoint.
  [[nodiscard]] std::string origin() const;
  [[nodiscard]] Signers signers() const;
  [[nodiscard]] std::size_t quorum() const { return quorum_of(validators.size()); }
};
[[nodiscard]] Trust trust_of(const Genesis& genesis, std::uint64_t issued_ms,
                             std::uint32_t maximum_age_days);

// The committee of the first epoch.
[[nodiscard]] Signers signers_of(const Genesis& genesis);

[[nodiscard]] std::string format_trust(const Trust& trust);
[[nodiscard]] Result<Trust> parse_trust(std::string_view text);

}  // namespace sanad::chaincode
