// What members say to each other: one NodeMessage per frame of the peer link, canonical CBOR (F1).
//
//   0 ConsensusMessage   bytes of consensus::Message; opened by consensus/verify only
//   1 Batch              submissions with their bodies, from their author or on request (B1)
//   2 GetBatches         asks for batches by digest
//   3 BatchesMissing     the answer for those that are not held
//   4 MemberStatus       once a second: ledger height, own newest cosignature
//   5 CheckpointVote     one member's cosignature of one block end (F14)
//   6 GetFinalized       asks for finalised headers with their certificates, from a height on
//   7 FinalizedBlocks    the answer; the batches are fetched apart, with GetBatches
//
// Every answer fits one frame: nothing here is larger than kWireBytesMax.
#pragma once

#include <variant>

#include "crypto/codec.h"
#include "crypto/signature.h"

namespace sanad::node {

inline constexpr std::size_t kBatchBytesMax = std::size_t{1} << 20;  // raw submissions, summed
inline constexpr std::size_t kBatchSubmissionsMax = 4096;
inline constexpr std::size_t kConsensusBytesMax = std::size_t{512} << 10;
inline constexpr std::size_t kFinalizedBlocksMax = 64;
inline constexpr std::size_t kFinalizedBytesMax = std::size_t{1} << 20;  // of one answer
inline constexpr std::size_t kBatchesAskedMax = 256;
inline constexpr std::size_t kWireBytesMax = std::size_t{2} << 20;

// The bytes of one submission, or of its part without bodies.
struct SubmissionBytes {
  crypto::Bytes bytes;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(bytes, kBatchBytesMax));
  }
};

struct ConsensusMessage {
  crypto::Bytes message;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(message, kConsensusBytesMax));
  }
};

// B1. `signature` is the author's consensus key over the batch's digest (batch.h).
struct Batch {
  std::uint16_t author = 0;
  std::uint64_t epoch = 0;
  std::uint64_t seq = 0;
  std::vector<SubmissionBytes> submissions;
  crypto::Signature signature;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(author), SANAD_FIELD(epoch), SANAD_FIELD(seq),
       SANAD_FIELD_MAX(submissions, kBatchSubmissionsMax), SANAD_FIELD(signature));
  }
};

// `height`: the finalised block that names them, so that they are found in the ledger when the pool
// has let them go; 0 when the block is not final yet.
struct GetBatches {
  std::uint64_t height = 0;
  std::vector<crypto::Hash> digests;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(height), SANAD_FIELD_MAX(digests, kBatchesAskedMax));
  }
};

struct BatchesMissing {
  std::vector<crypto::Hash> digests;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(digests, kBatchesAskedMax));
  }
};

// One member's cosignature (c2sp.org/tlog-cosignature, type 0x04) of a checkpoint; the member is
// the peer that sends it (C3).
struct CheckpointVote {
  std::uint64_t height = 0;
  std::uint64_t tree_size = 0;
  crypto::Hash root;
  std::uint64_t time_s = 0;
  crypto::Signature signature;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(height), SANAD_FIELD(tree_size), SANAD_FIELD(root), SANAD_FIELD(time_s),
       SANAD_FIELD(signature));
  }
};

// A hint, never counted as proof of anything but the cosignature in it.
struct MemberStatus {
  std::uint64_t height = 0;  // of the sender's ledger
  std::optional<CheckpointVote> newest;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(height), SANAD_FIELD(newest));
  }
};

struct GetFinalized {
  std::uint64_t from = 0;
  std::uint32_t count = 0;  // 1 … kFinalizedBlocksMax
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(from), SANAD_FIELD(count));
  }
};

// consensus::BlockHeader and the finalization of this block or of a descendant in the same answer.
struct FinalizedHeader {
  crypto::Bytes header;
  crypto::Bytes finalization;  // empty: a later header of the same answer carries it
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(header, kConsensusBytesMax),
       SANAD_FIELD_MAX(finalization, kConsensusBytesMax));
  }
};

struct FinalizedBlocks {
  std::uint64_t from = 0;
  std::vector<FinalizedHeader> blocks;  // consecutive heights; empty: the sender has none
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(from), SANAD_FIELD_MAX(blocks, kFinalizedBlocksMax));
  }
};

using NodeMessage = std::variant<ConsensusMessage, Batch, GetBatches, BatchesMissing, MemberStatus,
                                 CheckpointVote, GetFinalized, FinalizedBlocks>;

}  // namespace sanad::node
