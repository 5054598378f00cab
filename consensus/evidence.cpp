#include "consensus/evidence.h"

#include "consensus/mutant.h"
#include "consensus/verify.h"

namespace sanad::consensus {
namespace {

struct SignedBatchSubject {
  Hash chain_id;
  BatchHeader header;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(chain_id), SANAD_FIELD(header));
  }
};

Status check_signed(const Committee& committee, Epoch epoch, MemberIndex member, const Hash& digest,
                    const Signature& signature) {
  if (epoch != committee.epoch()) return Error(Errc::kWrongEpoch);
  if (!committee.has(member)) return Error(Errc::kUnknownMember);
  if (!crypto::verify(committee.key(member), digest.view(), signature))
    return Error(Errc::kBadSignature);
  return {};
}

Status check_vote(const Committee& committee, const Hash& chain_id, const Vote& vote) {
  return check_signed(committee, vote.subject.epoch, vote.voter,
                      signed_digest(chain_id, vote.subject), vote.signature);
}

Status check_batch(const Committee& committee, const Hash& chain_id, const SignedBatch& batch) {
  return check_signed(committee, batch.header.epoch, batch.header.author,
                      signed_digest(chain_id, batch.header), batch.signature);
}

}  // namespace

Hash signed_digest(const Hash& chain_id, const BatchHeader& header) {
  return crypto::tagged_hash("batch-header", SignedBatchSubject{chain_id, header});
}

SignedBatch sign_batch(const Hash& chain_id, const BatchHeader& header,
                       const crypto::SigningKey& key) {
  return {header, key.sign(signed_digest(chain_id, header).view())};
}

BatchRef ref_of(const SignedBatch& batch) {
  const BatchHeader& header = batch.header;
  return {header.author, header.seq, crypto::tagged_hash("batch", batch), header.bytes,
          header.statements};
}

bool conflict(const Vote& first, const Vote& second) {
  const Subject& a = first.subject;
  const Subject& b = second.subject;
  if (first.voter != second.voter || a.epoch != b.epoch || a.view != b.view) return false;
  if (a.kind == b.kind) return a.kind != VoteKind::nullify && a != b;
  // Notarize and finalize may meet, and so may notarize and nullify; only F1 forbids a pair.
  if (broken(Mutant::kAccusesTheHonest) && a.kind == VoteKind::notarize &&
      b.kind == VoteKind::nullify) {
    return true;
  }
  return (a.kind == VoteKind::nullify && b.kind == VoteKind::finalize) ||
         (a.kind == VoteKind::finalize && b.kind == VoteKind::nullify);
}

MemberIndex accused(const Evidence& evidence) {
  if (const auto* votes = std::get_if<ConflictingVotes>(&evidence)) return votes->first.voter;
  if (const auto* proposal = std::get_if<InvalidProposal>(&evidence)) return proposal->vote.voter;
  return std::get<ConflictingBatches>(evidence).first.header.author;
}

Status check(const Evidence& evidence, const Committee& committee, const Hash& chain_id) {
  if (const auto* votes = std::get_if<ConflictingVotes>(&evidence)) {
    if (!conflict(votes->first, votes->second)) return Error(Errc::kNotEvidence);
    SANAD_TRY_STATUS(check_vote(committee, chain_id, votes->first));
    return check_vote(committee, chain_id, votes->second);
  }
  if (const auto* proposal = std::get_if<InvalidProposal>(&evidence)) {
    const Subject& subject = proposal->vote.subject;
    if (subject.kind != VoteKind::notarize || subject.view == 0 ||
        subject.block != block_hash(proposal->header) ||
        !header_fault(proposal->header, subject.view, subject.parent_view, committee, chain_id)) {
      return Error(Errc::kNotEvidence);
    }
    // Only a leader proposes: an ordinary voter repeats what it was shown and is not to blame here.
    SANAD_TRY_STATUS(check_vote(committee, chain_id, proposal->vote));
    if (committee.leader(subject.view) != proposal->vote.voter) return Error(Errc::kNotEvidence);
    return {};
  }
  const auto& batches = std::get<ConflictingBatches>(evidence);
  const BatchHeader& a = batches.first.header;
  const BatchHeader& b = batches.second.header;
  if (a.author != b.author || a.seq != b.seq || a.epoch != b.epoch ||
      batches.first == batches.second) {
    return Error(Errc::kNotEvidence);
  }
  SANAD_TRY_STATUS(check_batch(committee, chain_id, batches.first));
  return check_batch(committee, chain_id, batches.second);
}

}  // namespace sanad::consensus
