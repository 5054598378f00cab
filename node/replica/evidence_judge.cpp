#include "node/replica/evidence_judge.h"

#include <memory>

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
  return {accused, Fault::kConflictingBatches, batches.first.header.epoch,
          batches.first.header.seq};
}

chaincode::EvidenceJudge evidence_judge(const chaincode::Genesis& genesis,
                                        const crypto::Hash& network) {
  const auto committee =
      std::make_shared<const consensus::Committee>(committee_of(genesis, network));
  return [committee, network](crypto::ByteView bytes) -> crypto::Result<chaincode::Claim> {
    SANAD_TRY(auto evidence, crypto::decode<consensus::Evidence>(bytes));
    const chaincode::Accusation accusation = accusation_of(evidence);
    return chaincode::Claim{accusation, [committee, network, evidence = std::move(evidence)] {
                              return consensus::check(evidence, *committee, network);
                            }};
  };
}

}  // namespace sanad::node
