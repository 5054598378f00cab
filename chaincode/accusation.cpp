#include "chaincode/accusation.h"

#include "chaincode/clearance.h"

namespace sanad::chaincode {
namespace {

Bytes accusation_key(const Accusation& accusation) {
  Bytes key;
  crypto::append_u64be(key, accusation.accused);
  crypto::append_u64be(key, static_cast<std::uint64_t>(accusation.fault));
  crypto::append_u64be(key, accusation.epoch);
  crypto::append_u64be(key, accusation.number);
  return state_key('A', key);
}

}  // namespace

Hash evidence_digest(ByteView evidence) { return crypto::tagged_hash_bytes("evidence", evidence); }

// The cheap questions first: one hostile validator must not stall all executors.
Code accuse(const Acting& acting, Draft& draft, const Accuse& statement, std::size_t& proofs) {
  if (!acting.actor.validator) return Code::kRoleMissing;
  const auto claim = acting.contracts.judge()(statement.evidence);
  if (!claim) return Code::kNotEvidence;
  const Accusation& accusation = claim->accusation;
  if (is_recorded(draft.state(), accusation)) return Code::kAlreadyAccused;
  if (proofs == kProofsMax) return Code::kTooManyAccusations;
  ++proofs;
  if (!claim->check()) return Code::kNotEvidence;
  const Hash digest = evidence_digest(statement.evidence);
  draft.state().write(accusation_key(accusation),
                      Bytes(digest.view().begin(), digest.view().end()));
  draft.add(std::nullopt, acting.origin,
            Accused{acting.contracts.registry().authority_id(accusation.accused), accusation.fault,
                    accusation.epoch, accusation.number, digest});
  return Code::kAccepted;
}

bool is_recorded(const StateReader& state, const Accusation& accusation) {
  return state.read(accusation_key(accusation)).has_value();
}

}  // namespace sanad::chaincode
