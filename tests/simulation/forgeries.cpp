// What a traitor makes up: certificates, votes and blocks that nobody signed.
#include "simulation/world.h"

namespace sanad::simulation {
namespace {

using namespace consensus;

constexpr View kFarView = 1'000'000;
constexpr std::size_t kForgedBlocks = 60;

Certificate empty_certificate(const Subject& subject, std::size_t n) {
  return {subject, Bytes((n + 7) / 8, 0), {}};
}

void add_signer(Certificate& certificate, MemberIndex member, const Signature& signature) {
  std::uint8_t& byte = certificate.signers[member / 8];
  byte = static_cast<std::uint8_t>(byte | 1U << member % 8);
  certificate.signatures.push_back(signature);
}

}  // namespace

Subject World::forged_subject(View view) {
  const View near = view + random_.below(3);
  switch (random_.below(3)) {
    case 0:
      return nullify(kFirstEpoch, near);
    case 1:
      return notarize(kFirstEpoch, near, near - 1, random_hash(random_));
    default:
      return finalize(kFirstEpoch, near, random_hash(random_));
  }
}

Certificate World::forged_certificate(MemberIndex index, const Subject& subject) {
  const Signature own = sign_vote(chain_id_, subject, index, keys_[index]).signature;
  Certificate certificate = empty_certificate(subject, plan_.n);
  switch (random_.below(4)) {
    case 0:  // one signer, a quorum of signatures
      add_signer(certificate, identity(index), own);
      certificate.signatures.resize(plan_.quorum(), own);
      break;
    case 1:  // its own signature beside those of members that do not exist
      add_signer(certificate, index, own);
      for (std::size_t i = plan_.n; i < certificate.signers.size() * 8; ++i) {
        add_signer(certificate, static_cast<MemberIndex>(i), own);
      }
      break;
    case 2:
      return foreign_certificate(subject, kFirstEpoch + 1);
    default: {  // its own signature in the name of all, in its own place if that can come first
      const std::size_t self = identity(index);
      const std::size_t first = self + plan_.quorum() <= plan_.n ? self : 0;
      for (std::size_t i = first; i < first + plan_.quorum(); ++i) {
        add_signer(certificate, static_cast<MemberIndex>(i), own);
      }
    }
  }
  return certificate;
}

// Genuine, of another epoch, as if the same members had been its committee.
Certificate World::foreign_certificate(Subject subject, Epoch epoch) {
  subject.epoch = epoch;
  Certificate certificate = empty_certificate(subject, plan_.n);
  for (MemberIndex i = 0; i < plan_.quorum(); ++i) {
    add_signer(certificate, i, sign_vote(chain_id_, subject, i, keys_[i]).signature);
  }
  return certificate;
}

BlockHeader World::forged_header(MemberIndex index, const Hash& parent, Height height) {
  BlockHeader header;
  header.chain_id = chain_id_;
  header.epoch = kFirstEpoch;
  header.origin_view = kFarView;
  header.height = height;
  header.parent = parent;
  header.proposer = index;
  header.time_ms = random_.next();
  return header;
}

// Blocks on top of what is final, ending in the tip asked for if that is possible: it is not.
Blocks World::forged_blocks(MemberIndex index, const Hash& tip) {
  const CoreStatus status = members_[index].core->status();
  Blocks blocks{tip, {}, {}};
  const bool with_proof = random_.chance(500);
  // Without a proof they are only to be kept, so high that no finalization drops them.
  const Height above = with_proof ? status.final_height : kFarView;
  Hash parent = status.final_block;
  for (std::size_t i = 0; i < kForgedBlocks; ++i) {
    blocks.headers.push_back(forged_header(index, parent, above + 1 + i));
    parent = block_hash(blocks.headers.back());
  }
  const Subject subject = finalize(kFirstEpoch, status.view + 1, parent);
  if (with_proof) {
    blocks.finalization = forged_certificate(index, subject);
  } else {
    blocks.tip = parent;
  }
  return blocks;
}

// C2: blocks of views that it will lead in a long time, with nothing to be said against them.
void World::propose_far(MemberIndex index) {
  View view = kFarView + random_.below(kFarView);
  for (std::size_t i = 0; i < 40 * plan_.n; ++i) {
    if (committee_->leader(++view) != identity(index)) continue;
    BlockHeader header = forged_header(index, random_hash(random_), kFarView);
    header.origin_view = view;
    const Subject subject = notarize(kFirstEpoch, view, view - 1, block_hash(header));
    broadcast(index, Proposal{sign(index, subject), header, {}});
  }
}

void World::forge(MemberIndex index, const CastVote& action, const Vote& vote) {
  attacked(index);
  const View view = action.subject.view;
  const Certificate certificate = forged_certificate(index, forged_subject(view));
  switch (random_.below(7)) {
    case 6:
      return propose_far(index);
    case 0:
      return broadcast(index, certificate);
    case 1: {
      MemberStatus status{kFirstEpoch, view, 0, {}, {}};
      status.finalization =
          forged_certificate(index, finalize(kFirstEpoch, view, random_hash(random_)));
      return broadcast(index, status);
    }
    case 2:
      if (!action.header) return;
      return broadcast(index, Proposal{vote, *action.header, certificate});
    case 3: {
      Vote junk = vote;
      junk.subject = finalize(kFirstEpoch, view, action.subject.block);
      return broadcast(index, junk);
    }
    case 4: {
      Vote junk = vote;
      junk.subject = nullify(kFirstEpoch, view);
      return broadcast(index, junk);
    }
    default:
      return broadcast(index, forged_blocks(index, random_hash(random_)));
  }
}

}  // namespace sanad::simulation
