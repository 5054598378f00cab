// Proof of a member's fault: signed objects that no honest member can have signed. Self-contained:
// anyone with the committee's keys and the chain id can check it. Never an automatic punishment.
#pragma once

#include <variant>

#include "consensus/committee.h"
#include "consensus/errors.h"
#include "consensus/messages.h"

namespace sanad::consensus {

// notarize/notarize or finalize/finalize of one view with different subjects, or nullify and
// finalize of one view, by one voter.
struct ConflictingVotes {
  Vote first;
  Vote second;
  friend bool operator==(const ConflictingVotes&, const ConflictingVotes&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(first), SANAD_FIELD(second));
  }
};

// A proposal that can never be valid, whatever else is known (header_fault).
struct InvalidProposal {
  Vote vote;
  BlockHeader header;
  friend bool operator==(const InvalidProposal&, const InvalidProposal&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(vote), SANAD_FIELD(header));
  }
};

// A batch's signed header: what its author answers for.
struct SignedBatchRef {
  Epoch epoch = 0;
  BatchRef ref;
  Signature signature;
  friend bool operator==(const SignedBatchRef&, const SignedBatchRef&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(epoch), SANAD_FIELD(ref), SANAD_FIELD(signature));
  }
};
// The 32 bytes that the author's consensus key signs: H("batch-header", [chain id, epoch, ref]).
[[nodiscard]] Hash signed_digest(const Hash& chain_id, Epoch epoch, const BatchRef& ref);
[[nodiscard]] SignedBatchRef sign_batch_ref(const Hash& chain_id, Epoch epoch, const BatchRef& ref,
                                            const crypto::SigningKey& key);

// B4: two batches by one author under one (epoch, seq).
struct ConflictingBatches {
  SignedBatchRef first;
  SignedBatchRef second;
  friend bool operator==(const ConflictingBatches&, const ConflictingBatches&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(first), SANAD_FIELD(second));
  }
};

using Evidence = std::variant<ConflictingVotes, InvalidProposal, ConflictingBatches>;

// True iff one honest member cannot have signed both (signatures are not looked at).
[[nodiscard]] bool conflict(const Vote& first, const Vote& second);
// Whom it convicts.
[[nodiscard]] MemberIndex accused(const Evidence& evidence);
// kNotEvidence, kWrongEpoch, kUnknownMember, kBadSignature: every signature is checked, against the
// committee of its epoch.
[[nodiscard]] Status check(const Evidence& evidence, const Committee& committee,
                           const Hash& chain_id);

}  // namespace sanad::consensus
