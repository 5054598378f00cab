// What a traitor makes by hand for a script: messages that its own core would never send.
#include <algorithm>

#include "simulation/stage.h"

namespace sanad::simulation {

using namespace consensus;

const std::vector<std::string>& Stage::proposal_faults() {
  static const std::vector<std::string> kFaults = {"chain", "proposer", "height",
                                                   "time",  "future",   "again"};
  return kFaults;
}

void Stage::post(const Forgery& forgery, const Message& message) {
  attacked_.insert(forgery.by);
  for (MemberIndex to = 0; to < plan_.n; ++to) {
    const bool chosen = forgery.to.empty() ||
                        std::find(forgery.to.begin(), forgery.to.end(), to) != forgery.to.end();
    if (chosen && to != forgery.by) world_->post(forgery.by, to, message);
  }
}

Vote Stage::sign(MemberIndex by, const Subject& subject) {
  const Vote vote = sign_vote(world_->chain_id_, subject, by, world_->keys_[by]);
  world_->invariants_.on_vote(vote);
  return vote;
}

// What was proposed in a view; the genesis block in view 0; else a block that nobody has.
Hash Stage::block_of(View view) const {
  if (view == 0) return world_->chain_id_;
  const auto found = proposals_.find(view);
  if (found != proposals_.end()) return block_hash(found->second);
  return crypto::tagged_hash("no-such-block", view);
}

void Stage::forge_proposal(const Forgery& forgery, View parent, const std::string& fault) {
  const auto below = proposals_.find(parent);
  const std::uint64_t wall_ms = 1'700'000'000'000 + now() / kMillisecond;
  BlockHeader header;
  header.chain_id = world_->chain_id_;
  header.epoch = kFirstEpoch;
  header.origin_view = forgery.view;
  header.height = below == proposals_.end() ? 1 : below->second.height + 1;
  header.parent = block_of(parent);
  header.proposer = forgery.by;
  header.time_ms = wall_ms;
  if (fault == "chain") header.chain_id = crypto::tagged_hash("no-such-chain", forgery.view);
  if (fault == "proposer") header.proposer = static_cast<MemberIndex>(forgery.by == 0 ? 1 : 0);
  if (fault == "height") header.height += 6;
  if (fault == "time") header.time_ms = 0;
  if (fault == "future") header.time_ms += 3'600'000;
  if (fault == "again" && below != proposals_.end()) header.batches = below->second.batches;
  const Subject subject = notarize(kFirstEpoch, forgery.view, parent, block_hash(header));
  post(forgery, Proposal{sign(forgery.by, subject), header, {}});
}

void Stage::forge_vote(const Forgery& forgery, bool bad_signature) {
  const Hash block = block_of(forgery.view);
  Subject subject = nullify(kFirstEpoch, forgery.view);
  if (forgery.kind == VoteKind::finalize) subject = finalize(kFirstEpoch, forgery.view, block);
  if (forgery.kind == VoteKind::notarize) subject = notarize(kFirstEpoch, forgery.view, 0, block);
  Vote vote = sign(forgery.by, subject);
  if (bad_signature) vote.signature.bytes[7] ^= 1;
  post(forgery, vote);
}

void Stage::forge_certificate(const Forgery& forgery, const std::vector<MemberIndex>& claims) {
  Subject subject = nullify(kFirstEpoch, forgery.view);
  if (forgery.kind == VoteKind::finalize) {
    subject = finalize(kFirstEpoch, forgery.view, block_of(forgery.view));
  } else if (forgery.kind == VoteKind::notarize) {
    subject = notarize(kFirstEpoch, forgery.view, 0, block_of(forgery.view));
  }
  Certificate certificate{subject, Bytes((plan_.n + 7) / 8, 0), {}};
  const Vote vote = sign(forgery.by, subject);
  for (const MemberIndex member : claims) {
    std::uint8_t& byte = certificate.signers[member / 8];
    byte = static_cast<std::uint8_t>(byte | 1U << member % 8);
    certificate.signatures.push_back(vote.signature);
  }
  post(forgery, certificate);
}

bool Stage::relay_vote(const Forgery& forgery, MemberIndex of) {
  const auto seen = seen_votes_.find({forgery.kind, forgery.view, of});
  if (seen == seen_votes_.end()) return false;
  post(forgery, seen->second);
  return true;
}

void Stage::forge_announce(const Forgery& forgery, std::size_t count) {
  Announce announce;
  for (std::size_t i = 0; i < count; ++i) {
    announce.batches.push_back({forgery.by, 1'000 + i, random_hash(world_->random_), 1'000, 10});
    if (announce.batches.size() < kAnnouncedMax && i + 1 < count) continue;
    post(forgery, announce);
    announce.batches.clear();
  }
}

std::pair<BatchRef, BatchRef> Stage::forge_twins(MemberIndex by) {
  const std::uint64_t seq = world_->members_[by].next_seq++;
  const BatchRef first{by, seq, random_hash(world_->random_), 1'000, 10};
  const BatchRef second{by, seq, random_hash(world_->random_), 1'000, 10};
  attacked_.insert(by);
  for (MemberIndex to = 0; to < plan_.n; ++to) {
    if (to == by) continue;
    const BatchRef ref = to < plan_.n / 2 ? first : second;
    world_->ship(by, to, {nullptr, &ref, nullptr},
                 [this, to, ref] { world_->give_batch(to, ref); });
  }
  return {first, second};
}

}  // namespace sanad::simulation
