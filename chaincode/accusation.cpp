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

Code accuse(const Acting& acting, Draft& draft, const Accuse& statement) {
  if (!acting.actor.validator) return Code::kRoleMissing;
  const Contracts& contracts = acting.contracts;
  const auto judged = contracts.judge()(statement.evidence, contracts.genesis());
  if (!judged) return Code::kNotEvidence;
  if (is_recorded(draft.state(), *judged)) return Code::kAlreadyAccused;
  const Hash digest = evidence_digest(statement.evidence);
  draft.state().write(accusation_key(*judged), Bytes(digest.view().begin(), digest.view().end()));
  draft.add(std::nullopt, acting.origin,
            Accused{contracts.registry().authority_id(judged->accused), judged->fault,
                    judged->epoch, judged->number, digest});
  return Code::kAccepted;
}

bool is_recorded(const StateReader& state, const Accusation& accusation) {
  return state.read(accusation_key(accusation)).has_value();
}

}  // namespace sanad::chaincode
