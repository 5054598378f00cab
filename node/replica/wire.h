// What members say to each other: one NodeMessage per frame of the peer link, canonical CBOR (F1).
//
//   0 ConsensusMessage   bytes of consensus::Message; opened by consensus/verify only
//   1 Batch              submissions with their bodies, from their author or on request (B1)
//   2 GetBatches         asks for batches by digest
//   3 BatchesMissing     the answer for those that are not held
//   4 LedgerStatus       once a second and on connecting: ledger height, own newest cosignature
//   5 CheckpointVote     one member's cosignature of one block end (F14)
//
// Every answer fits one frame: nothing here is larger than kWireBytesMax.
#pragma once

#include <variant>

#include "consensus/types.h"
#include "crypto/codec.h"
#include "crypto/signature.h"

namespace sanad::node {

inline constexpr std::size_t kBatchBytesMax = std::size_t{1} << 20;  // raw submissions, summed
inline constexpr std::size_t kBatchSubmissionsMax = 4096;
inline constexpr std::size_t kConsensusBytesMax = consensus::kMessageBytesMax;
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

// B1. `signature` is the author's consensus key over the batch's header (consensus/evidence.h).
// `bytes` is what its author counted, bodies included; later copies may lack bodies that a
// statement can do without, so a copy is at most that long.
struct Batch {
  consensus::MemberIndex author = 0;
  consensus::Epoch epoch = 0;
  std::uint64_t seq = 0;
  std::uint32_t bytes = 0;
  std::vector<SubmissionBytes> submissions;
  crypto::Signature signature;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(author), SANAD_FIELD(epoch), SANAD_FIELD(seq), SANAD_FIELD(bytes),
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
  friend bool operator==(const CheckpointVote&, const CheckpointVote&) = default;
};

// A hint, never counted as proof of anything but the cosignature in it.
struct LedgerStatus {
  std::uint64_t height = 0;  // of the sender's ledger
  std::optional<CheckpointVote> newest;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(height), SANAD_FIELD(newest));
  }
};

using NodeMessage =
    std::variant<ConsensusMessage, Batch, GetBatches, BatchesMissing, LedgerStatus, CheckpointVote>;

}  // namespace sanad::node
