// The words of the protocol (docs/protocol.md): what members order, and what they sign about it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/codec.h"
#include "crypto/signature.h"

namespace sanad::consensus {

using crypto::Bytes;
using crypto::ByteView;
using crypto::Hash;
using crypto::PublicKey;
using crypto::Signature;

// Position in the committee, from 0.
using MemberIndex = std::uint16_t;
// A committee's term, from kFirstEpoch.
using Epoch = std::uint64_t;
// A slot in an epoch, from 1; view 0 stands for the genesis block.
using View = std::uint64_t;
// Position in the chain; the genesis block has height 0 and the chain id as its hash.
using Height = std::uint64_t;

inline constexpr Epoch kFirstEpoch = 1;
inline constexpr std::size_t kMembersMax = 64;
inline constexpr std::size_t kBlockRefsMax = 256;
// Sum of the sizes of the batches that a block references: what executing one may cost.
inline constexpr std::uint64_t kBlockBytesMax = 16 << 20;
inline constexpr std::size_t kBlocksPerReplyMax = 64;
inline constexpr std::size_t kAnnouncedMax = 64;
// Holds a Blocks message of 64 headers with 256 references each.
inline constexpr std::size_t kMessageBytesMax = 1 << 20;

// Names a batch of submissions. `digest` alone decides the content; the other fields repeat what
// the batch itself says, so that a leader can be fair and bounded without reading it.
struct BatchRef {
  MemberIndex author = 0;
  std::uint64_t seq = 0;
  Hash digest;
  std::uint32_t bytes = 0;
  std::uint32_t statements = 0;

  friend auto operator<=>(const BatchRef&, const BatchRef&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(author), SANAD_FIELD(seq), SANAD_FIELD(digest), SANAD_FIELD(bytes),
       SANAD_FIELD(statements));
  }
};

// The log after the block at `height`, as cosigned by a quorum.
struct CheckpointRef {
  Height height = 0;
  std::uint64_t tree_size = 0;
  Hash root;

  friend bool operator==(const CheckpointRef&, const CheckpointRef&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(height), SANAD_FIELD(tree_size), SANAD_FIELD(root));
  }
};

struct BlockHeader {
  Hash chain_id;
  Epoch epoch = 0;
  View origin_view = 0;  // the view in which it was first proposed
  Height height = 0;
  Hash parent;
  MemberIndex proposer = 0;
  std::uint64_t time_ms = 0;      // UTC since 1970, above the parent's
  std::vector<BatchRef> batches;  // at most kBlockRefsMax, digests distinct
  Hash evidence_digest;           // of the evidence the proposer found last, or zero
  Hash beacon_reveal;             // checked at execution, not by voters (RULES C10)
  std::optional<Height> epoch_end;
  std::optional<CheckpointRef> checkpoint;  // the newest that the proposer holds

  friend bool operator==(const BlockHeader&, const BlockHeader&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(chain_id), SANAD_FIELD(epoch), SANAD_FIELD(origin_view), SANAD_FIELD(height),
       SANAD_FIELD(parent), SANAD_FIELD(proposer), SANAD_FIELD(time_ms),
       SANAD_FIELD_MAX(batches, kBlockRefsMax), SANAD_FIELD(evidence_digest),
       SANAD_FIELD(beacon_reveal), SANAD_FIELD(epoch_end), SANAD_FIELD(checkpoint));
  }
};

// H("block", header).
[[nodiscard]] Hash block_hash(const BlockHeader& header);

enum class VoteKind : std::uint8_t { notarize, nullify, finalize };
constexpr auto enum_names(VoteKind) {
  return std::array<std::string_view, 3>{"notarize", "nullify", "finalize"};
}

// What a vote is about. Subjects are compared whole (C1).
//   notarize(view, parent_view, block) · nullify(view) · finalize(view, block)
struct Subject {
  VoteKind kind = VoteKind::notarize;
  Epoch epoch = 0;
  View view = 0;
  View parent_view = 0;  // notarize only, else 0
  Hash block;            // zero in nullify

  friend auto operator<=>(const Subject&, const Subject&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(kind), SANAD_FIELD(epoch), SANAD_FIELD(view), SANAD_FIELD(parent_view),
       SANAD_FIELD(block));
  }
};

[[nodiscard]] Subject notarize(Epoch epoch, View view, View parent_view, const Hash& block);
[[nodiscard]] Subject nullify(Epoch epoch, View view);
[[nodiscard]] Subject finalize(Epoch epoch, View view, const Hash& block);

// The 32 bytes that a vote signs: H(name of the kind, [chain id, epoch, view, parent view, block]),
// so a signature of one kind, chain or epoch says nothing in another.
[[nodiscard]] Hash signed_digest(const Hash& chain_id, const Subject& subject);

struct Vote {
  Subject subject;
  MemberIndex voter = 0;
  Signature signature;

  friend bool operator==(const Vote&, const Vote&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(subject), SANAD_FIELD(voter), SANAD_FIELD(signature));
  }
};

// Ed25519 is deterministic: signing a subject again gives the same vote.
[[nodiscard]] Vote sign_vote(const Hash& chain_id, const Subject& subject, MemberIndex voter,
                             const crypto::SigningKey& key);

// At least a quorum of votes for one subject: a notarization, nullification or finalization.
struct Certificate {
  Subject subject;
  Bytes signers;                      // bit i%8 of byte i/8 is member i; exactly ⌈n/8⌉ bytes
  std::vector<Signature> signatures;  // in order of signers

  friend bool operator==(const Certificate&, const Certificate&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(subject), SANAD_FIELD_MAX(signers, kMembersMax / 8),
       SANAD_FIELD_MAX(signatures, kMembersMax));
  }
};

// REQUIRES: a certificate that was verified or formed here.
[[nodiscard]] std::vector<MemberIndex> signers_of(const Certificate& certificate);

}  // namespace sanad::consensus
