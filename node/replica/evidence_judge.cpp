#include "node/replica/evidence_judge.h"

namespace sanad::node {

consensus::Committee committee_of(const chaincode::Genesis& genesis, const crypto::Hash& network) {
  std::vector<crypto::PublicKey> keys;
  for (const chaincode::Member& member : genesis.members) keys.push_back(member.consensus_key);
  return {consensus::kFirstEpoch, std::move(keys), network};
}

chaincode::Accusation accusation_of(const consensus::Evidence& evidence) {
  using chaincode::Fault;
  const consensus::MemberIndex accused = consensus::accused(evidence);
  if (const auto* votes = std::get_if<consensus::ConflictingVotes>(&evidence)) {
    const consensus::Subject& subject = votes->first.subject;
    return {accused, Fault::kConflictingVotes, subject.epoch, subject.view};
  }
  if (const auto* proposal = std::get_if<consensus::InvalidProposal>(&evidence)) {
    const consensus::Subject& subject = proposal->vote.subject;
    return {accused, Fault::kInvalidProposal, subject.epoch, subject.view};
  }
  const auto& batches = std::get<consensus::ConflictingBatches>(evidence);
  return {accused, Fault::kConflictingBatches, batches.first.epoch, batches.first.ref.seq};
}

crypto::Result<chaincode::Accusation> judge_evidence(crypto::ByteView bytes,
                                                     const chaincode::Genesis& genesis) {
  SANAD_TRY(const auto evidence, crypto::decode<consensus::Evidence>(bytes));
  const crypto::Hash network = chaincode::network_id(genesis);
  SANAD_TRY_STATUS(consensus::check(evidence, committee_of(genesis, network), network));
  return accusation_of(evidence);
}

}  // namespace sanad::node
