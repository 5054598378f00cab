// What members send each other about order. Batches themselves travel outside this layer.
//
//   message         answer                       when
//   Vote            –                            one of the three kinds, from its signer only (C3)
//   Certificate     –                            formed, relayed, or asked for
//   Proposal        –                            by a view's leader
//   MemberStatus    –                            once a second
//   GetCertificate  Certificate(s) of the view   a gap in the chain of certificates
//   GetBlocks       Blocks                       a certified block, or an ancestor, is not held
//   Announce        –                            batches that are work (W3)
//   GetView         ViewReport                   by a member in quarantine (R3)
#pragma once

#include <variant>

#include "consensus/types.h"

namespace sanad::consensus {

// The leader's notarize vote, the header it names, and the certificate by which the view was
// entered (P2; absent in view 1).
struct Proposal {
  Vote vote;
  BlockHeader header;
  std::optional<Certificate> entry;

  friend bool operator==(const Proposal&, const Proposal&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(vote), SANAD_FIELD(header), SANAD_FIELD(entry));
  }
};

// Claims are hints; only the certificate counts.
struct MemberStatus {
  Epoch epoch = 0;
  View view = 0;
  Height final_height = 0;  // of the newest block it has finalised with all ancestors
  Hash final_block;
  std::optional<Certificate> finalization;  // the highest it holds
  bool leads = true;                        // L3: its views need not be waited for if not

  friend bool operator==(const MemberStatus&, const MemberStatus&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(epoch), SANAD_FIELD(view), SANAD_FIELD(final_height), SANAD_FIELD(final_block),
       SANAD_FIELD(finalization), SANAD_FIELD(leads));
  }
};

// Asks for every certificate held of one view.
struct GetCertificate {
  Epoch epoch = 0;
  View view = 0;

  friend bool operator==(const GetCertificate&, const GetCertificate&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(epoch), SANAD_FIELD(view));
  }
};

// Asks for block `tip` and its ancestors above height `above`.
struct GetBlocks {
  Hash tip;
  Height above = 0;

  friend bool operator==(const GetBlocks&, const GetBlocks&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(tip), SANAD_FIELD(above));
  }
};

// Answers GetBlocks(tip, above) with 1..kBlocksPerReplyMax linked headers, ascending. Either they
// end in `tip`, or (more are wanted than fit) in the block that `finalization` names. Those start
// at above + 1 unless the next such block is farther away than an answer reaches.
struct Blocks {
  Hash tip;
  std::vector<BlockHeader> headers;
  std::optional<Certificate> finalization;

  friend bool operator==(const Blocks&, const Blocks&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(tip), SANAD_FIELD_MAX(headers, kBlocksPerReplyMax), SANAD_FIELD(finalization));
  }
};

struct Announce {
  std::vector<BatchRef> batches;

  friend bool operator==(const Announce&, const Announce&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(batches, kAnnouncedMax));
  }
};

// R3: asks where a member stands, now: the answer repeats the nonce.
struct GetView {
  Hash nonce;

  friend bool operator==(const GetView&, const GetView&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(nonce));
  }
};

struct ViewReport {
  Hash nonce;
  bool in_quarantine = false;
  std::optional<Certificate> entry;         // by which it entered its view; none in view 1
  std::optional<Certificate> finalization;  // the highest it holds

  friend bool operator==(const ViewReport&, const ViewReport&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(nonce), SANAD_FIELD(in_quarantine), SANAD_FIELD(entry),
       SANAD_FIELD(finalization));
  }
};

using Message = std::variant<Vote, Certificate, Proposal, MemberStatus, GetCertificate, GetBlocks,
                             Blocks, Announce, GetView, ViewReport>;

}  // namespace sanad::consensus
