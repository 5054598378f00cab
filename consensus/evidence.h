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

// What a batch's author answers for. `content` covers all submissions, their bodies by digest.
struct BatchHeader {
  MemberIndex author = 0;
  Epoch epoch = 0;
  std::uint64_t seq = 0;
  Hash content;
  std::uint32_t bytes = 0;
  std::uint32_t statements = 0;
  friend bool operator==(const BatchHeader&, const BatchHeader&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(author), SANAD_FIELD(epoch), SANAD_FIELD(seq), SANAD_FIELD(content),
       SANAD_FIELD(bytes), SANAD_FIELD(statements));
  }
};

struct SignedBatch {
  BatchHeader header;
  Signature signature;
  friend bool operator==(const SignedBatch&, const SignedBatch&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(header), SANAD_FIELD(signature));
  }
};
// The 32 bytes that the author's consensus key signs: H("batch-header", [chain id, header]).
[[nodiscard]] Hash signed_digest(const Hash& chain_id, const BatchHeader& header);
[[nodiscard]] SignedBatch sign_batch(const Hash& chain_id, const BatchHeader& header,
                                     const crypto::SigningKey& key);
// The name under which it is ordered. Its digest, H("batch", signed batch), covers the signature
// too: who knows that a quorum checked what stands under a digest need check no signature of it.
[[nodiscard]] BatchRef ref_of(const SignedBatch& batch);

// B4: two batches by one author under one (epoch, seq). Signed twice, the same content is two
// batches: an author signs a number once, keeps the result, and sends that.
struct ConflictingBatches {
  SignedBatch first;
  SignedBatch second;
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
