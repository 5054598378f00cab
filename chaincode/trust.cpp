#include "chaincode/trust.h"

#include "crypto/codec_json.h"

namespace sanad::chaincode {

Hash actors_hash(const std::vector<TrustedActor>& actors) {
  return crypto::tagged_hash("actors", actors);
}

Hash signers_hash(const Signers& signers) { return crypto::tagged_hash("signers", signers); }

std::size_t quorum_of(std::size_t validators) {
  return validators == 0 ? 1 : validators - (validators - 1) / 3;
}

std::string cosigner_name(std::string_view network, std::string_view member_id) {
  return std::string(member_id) + "." + std::string(network);
}

std::string Trust::origin() const { return network + "/" + network_id.hex(); }

Signers Trust::signers() const { return {epoch, validators, actors_hash(actors)}; }

Trust trust_of(const Genesis& genesis, std::uint64_t issued_ms, std::uint32_t maximum_age_days) {
  Trust trust;
  trust.network = genesis.network;
  trust.network_id = network_id(genesis);
  trust.issued_ms = issued_ms;
  trust.maximum_age_days = maximum_age_days;
  for (const Member& member : genesis.members) {
    trust.validators.push_back({member.id, member.name, member.log_key, member.cosigner_key});
  }
  for (const Actor& actor : genesis.actors) trust.actors.push_back({actor.key, actor.authority});
  return trust;
}

Signers signers_of(const Genesis& genesis) { return trust_of(genesis, 0, 0).signers(); }

std::string format_trust(const Trust& trust) { return crypto::to_json(trust) + "\n"; }

Result<Trust> parse_trust(std::string_view text) {
  SANAD_TRY(Trust trust, crypto::from_json<Trust>(text));
  const bool usable = trust.version == 2 && trust.epoch >= kGenesisEpoch &&
                      !trust.validators.empty() && !trust.network.empty();
  if (usable) return trust;
  return Error{crypto::Errc::kBadText, "a trust file of another version, or without validators"};
}

}  // namespace sanad::chaincode
