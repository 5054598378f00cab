// What a traitor does where an honest member would send its vote.
#include <algorithm>

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

void World::betray(MemberIndex index, const CastVote& action, const Vote& vote) {
  switch (plan_.traitors[index]) {
    case Traitor::kNone:
      break;
    case Traitor::kSilent:
      ++tally_.attacks;  // silence where a vote was due
      break;
    case Traitor::kEquivocator:
      equivocate(index, action, vote);
      break;
    case Traitor::kConflicter:
      if (action.header) return conflict_with_rules(index, action);
      broadcast(index, vote);
      if (action.subject.kind == VoteKind::notarize && random_.chance(300)) usurp(index, action);
      break;
    case Traitor::kForger:
      broadcast(index, message_of(action, vote));
      forge(index, action, vote);
      break;
  }
}

// Shows one half of the members one thing and the other half another.
void World::equivocate(MemberIndex index, const CastVote& action, const Vote& vote) {
  CastVote other = action;
  if (action.header) {
    other.header->time_ms += 1;
    other.header->batches.clear();
    other.subject.block = block_hash(*other.header);
    proposed_.emplace(other.subject.block, Proposed{*other.header, other.subject.parent_view});
  } else if (action.subject.kind == VoteKind::notarize) {
    other.subject.block = random_hash(random_);
  } else if (action.subject.kind == VoteKind::nullify) {
    // Finalize what it may have notarized, beside nullifying it.
    for (const auto& [view, votes] : replay(members_[index].journal).own_votes) {
      if (view == action.subject.view && votes.notarize) {
        other.subject = finalize(kFirstEpoch, view, votes.notarize->block);
      }
    }
  }
  const Vote second = sign_vote(chain_id_, other.subject, index, keys_[index]);
  invariants_.on_vote(second);
  if (other.subject != action.subject) ++tally_.attacks;
  for (MemberIndex to = 0; to < plan_.n; ++to) {
    if (to == index) continue;
    const bool first_half = random_.chance(500);
    send(index, to, first_half ? message_of(action, vote) : message_of(other, second));
    // Sometimes both, so that the fault can be proved.
    if (random_.chance(100)) {
      send(index, to, first_half ? message_of(other, second) : message_of(action, vote));
    }
  }
}

// Breaks one rule of headers or parents in `other`; false where this proposal gives no occasion.
bool World::spoil(const CastVote& honest, CastVote& other) {
  BlockHeader& header = *other.header;
  const auto parent = proposed_.find(header.parent);
  switch (random_.below(10)) {
    case 9:
    case 0:  // N3: over a view that is not nullified
    case 1:
      if (parent == proposed_.end()) return false;
      header.parent = parent->second.header.parent;
      header.height = parent->second.header.height;
      other.subject.parent_view = parent->second.parent_view;
      return true;
    case 2:  // N3: a parent that its view did not certify
      if (parent == proposed_.end()) return false;
      header.parent = parent->second.header.parent;
      header.height = parent->second.header.height;
      return true;
    case 3:
      header.height += 3;
      return true;
    case 4:
      if (parent == proposed_.end()) return false;
      header.time_ms = parent->second.header.time_ms;
      return true;
    case 5:
      header.time_ms += 5'000;
      return true;
    case 6:
      if (header.batches.empty() || header.batches.size() == kBlockRefsMax) return false;
      header.batches.push_back(header.batches.front());
      return true;
    case 7:
      header.batches.assign(1, {other.header->proposer, kFarView, random_hash(random_), 100, 1});
      return true;
    default:
      (random_.chance(500) ? header.epoch : header.origin_view) += 1;
      return honest.header.has_value();
  }
}

void World::conflict_with_rules(MemberIndex index, const CastVote& action) {
  CastVote other = action;
  const bool spoiled = !random_.chance(300) && spoil(action, other);
  if (spoiled) ++tally_.attacks;
  other.subject.block = block_hash(*other.header);
  proposed_.emplace(other.subject.block, Proposed{*other.header, other.subject.parent_view});
  const Vote vote = sign_vote(chain_id_, other.subject, index, keys_[index]);
  invariants_.on_vote(vote);
  broadcast(index, message_of(other, vote));
}

// Proposes in the next view, which another leads, on top of what it votes for, before that can be
// notarized.
void World::usurp(MemberIndex index, const CastVote& action) {
  const auto parent = proposed_.find(action.subject.block);
  const View view = action.subject.view + 1;
  if (parent == proposed_.end() || committee_->leader(view) == index) return;
  CastVote other{notarize(kFirstEpoch, view, action.subject.view, {}), parent->second.header, {}};
  other.header->origin_view = view;
  other.header->height += 1;
  other.header->parent = action.subject.block;
  other.header->proposer = index;
  other.header->time_ms += 1;
  other.header->batches.clear();
  other.subject.block = block_hash(*other.header);
  proposed_.emplace(other.subject.block, Proposed{*other.header, other.subject.parent_view});
  const Vote vote = sign_vote(chain_id_, other.subject, index, keys_[index]);
  invariants_.on_vote(vote);
  ++tally_.attacks;
  broadcast(index, message_of(other, vote));
}

// ------------------------------------------------------------------------------- forgeries

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
      add_signer(certificate, index, own);
      certificate.signatures.resize(plan_.quorum(), own);
      break;
    case 1:  // its own signature beside those of members that do not exist
      add_signer(certificate, index, own);
      for (std::size_t i = plan_.n; i < certificate.signers.size() * 8; ++i) {
        add_signer(certificate, static_cast<MemberIndex>(i), own);
      }
      break;
    case 2:  // genuine, of another epoch
      certificate.subject.epoch = kFirstEpoch + 1;
      for (MemberIndex i = 0; i < plan_.quorum(); ++i) {
        const Vote vote = sign_vote(chain_id_, certificate.subject, i, keys_[i]);
        add_signer(certificate, i, vote.signature);
      }
      break;
    default:  // its own signature in the name of all
      for (MemberIndex i = 0; i < plan_.quorum(); ++i) add_signer(certificate, i, own);
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

void World::forge(MemberIndex index, const CastVote& action, const Vote& vote) {
  ++tally_.attacks;
  const View view = action.subject.view;
  const Certificate certificate = forged_certificate(index, forged_subject(view));
  switch (random_.below(6)) {
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
