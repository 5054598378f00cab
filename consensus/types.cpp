#include "consensus/types.h"

namespace sanad::consensus {
namespace {

struct SignedSubject {
  Hash chain_id;
  Epoch epoch = 0;
  View view = 0;
  View parent_view = 0;
  Hash block;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(chain_id), SANAD_FIELD(epoch), SANAD_FIELD(view), SANAD_FIELD(parent_view),
       SANAD_FIELD(block));
  }
};

}  // namespace

Hash block_hash(const BlockHeader& header) { return crypto::tagged_hash("block", header); }

Subject notarize(Epoch epoch, View view, View parent_view, const Hash& block) {
  return {VoteKind::notarize, epoch, view, parent_view, block};
}

Subject nullify(Epoch epoch, View view) { return {VoteKind::nullify, epoch, view, 0, {}}; }

Subject finalize(Epoch epoch, View view, const Hash& block) {
  return {VoteKind::finalize, epoch, view, 0, block};
}

Hash signed_digest(const Hash& chain_id, const Subject& subject) {
  const auto kind = static_cast<std::size_t>(subject.kind);
  return crypto::tagged_hash(
      enum_names(subject.kind)[kind],
      SignedSubject{chain_id, subject.epoch, subject.view, subject.parent_view, subject.block});
}

Vote sign_vote(const Hash& chain_id, const Subject& subject, MemberIndex voter,
               const crypto::SigningKey& key) {
  return {subject, voter, key.sign(signed_digest(chain_id, subject).view())};
}

std::vector<MemberIndex> signers_of(const Certificate& certificate) {
  std::vector<MemberIndex> members;
  members.reserve(certificate.signatures.size());
  for (std::size_t i = 0; i < certificate.signers.size() * 8; ++i) {
    if ((certificate.signers[i / 8] >> (i % 8)) & 1) {
      members.push_back(static_cast<MemberIndex>(i));
    }
  }
  return members;
}

}  // namespace sanad::consensus
