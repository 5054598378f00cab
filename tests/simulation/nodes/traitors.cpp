#include "simulation/nodes/traitors.h"

#include <algorithm>

namespace sanad::simulation::nodes {

using consensus::Message;
using consensus::Subject;
using consensus::Vote;
using consensus::VoteKind;
using node::NodeMessage;

namespace {

constexpr std::size_t kRecorded = 4'000;
constexpr std::uint64_t kFar = 1'000'000'000;

FramePtr framed(const NodeMessage& message) {
  return std::make_shared<const crypto::Bytes>(crypto::encode(message));
}

std::optional<Message> consensus_in(const NodeMessage& said) {
  const auto* message = std::get_if<node::ConsensusMessage>(&said);
  if (message == nullptr) return std::nullopt;
  auto inner = crypto::decode<Message>(message->message);
  return inner ? std::optional(std::move(*inner)) : std::nullopt;
}

NodeMessage message_in(const FramePtr& frame) { return *crypto::decode<NodeMessage>(*frame); }

}  // namespace

Traitors::Traitors(World& world)
    : world_(world),
      random_(world.plan().seed ^ 0x74726169746F72ULL),
      others_(world.machines()),
      records_(world.machines()) {
  world_.betray = [this](Slot slot, Sent sent) { return betray(slot, std::move(sent)); };
}

void Traitors::begin() {
  move_peers();
  for (Slot slot = 0; slot < world_.plan().n; ++slot) {
    if (attack_of(slot) == Attack::kReplayer) go_back(slot);
  }
}

void Traitors::require_attacks() const {
  for (const Attack attack : world_.plan().traitors) {
    if (attack != Attack::kNone && happened_[static_cast<std::size_t>(attack)] == 0) {
      violate("the simulator", std::string("an attack never happened: ") + name_of(attack));
    }
  }
}

std::vector<Process::Sent> Traitors::betray(Slot slot, Sent sent) {
  switch (attack_of(slot)) {
    case Attack::kNone:
      break;
    case Attack::kSilent:
      happens(slot);
      return {};
    case Attack::kEquivocator:
      return equivocate(slot, sent);
    case Attack::kWithholder:
      return withhold(slot, sent);
    case Attack::kResultLiar:
      return lie_about_results(slot, sent);
    case Attack::kSyncLiar:
      return lie_in_sync(slot, sent);
    case Attack::kTwin:
      if (slot >= world_.plan().n) happens(slot);
      break;
    case Attack::kReplayer:
      return replay(slot, sent);
  }
  return {sent};
}

Vote Traitors::sign(Slot slot, const Subject& subject) {
  return consensus::sign_vote(world_.realm().network(), subject, world_.machine(slot).member,
                              world_.machine(slot).process->keys().consensus);
}

// ----------------------------------------------------------------------------- equivocator

// Some hear one thing, the others another; now and then one hears both, so that it can be proved.
std::vector<Process::Sent> Traitors::equivocate(Slot slot, const Sent& sent) {
  Other& other = others_[slot];
  if (other.frame != sent.frame) {
    const auto message = other_of(slot, message_in(sent.frame));
    other = {sent.frame, message ? framed(*message) : nullptr, random_.next()};
  }
  if (other.other == nullptr) return {sent};
  happens(slot);
  const bool swapped = (other.side >> sent.to) % 2 == 0;
  std::vector<Sent> out{{sent.to, swapped ? other.other : sent.frame}};
  if (random_.chance(100)) out.push_back({sent.to, swapped ? sent.frame : other.other});
  return out;
}

std::optional<NodeMessage> Traitors::other_of(Slot slot, const NodeMessage& said) {
  const MemberIndex member = world_.machine(slot).member;
  if (const auto* batch = std::get_if<node::Batch>(&said)) {
    if (batch->author != member) return std::nullopt;
    return node::make_batch(world_.realm().batches(), member, batch->seq,
                            {world_.submission(member, 1)},
                            world_.machine(slot).process->keys().consensus)
        ->wire();
  }
  const auto message = consensus_in(said);
  if (!message) return std::nullopt;
  const auto other = other_of(slot, *message);
  if (!other) return std::nullopt;
  return node::ConsensusMessage{crypto::encode(*other)};
}

std::optional<Message> Traitors::other_of(Slot slot, const Message& said) {
  if (const auto* proposal = std::get_if<consensus::Proposal>(&said)) {
    consensus::Proposal other = *proposal;
    other.header.time_ms += 1;
    if (random_.chance(300)) other.header.batches.clear();
    Subject subject = proposal->vote.subject;
    subject.block = consensus::block_hash(other.header);
    other.vote = sign(slot, subject);
    return other;
  }
  const auto* vote = std::get_if<Vote>(&said);
  if (vote == nullptr) return std::nullopt;
  Subject subject = vote->subject;
  switch (subject.kind) {
    case VoteKind::notarize:
      subject.block = random_hash(random_);
      break;
    case VoteKind::nullify:
      subject = consensus::finalize(subject.epoch, subject.view, random_hash(random_));
      break;
    case VoteKind::finalize:
      subject = consensus::nullify(subject.epoch, subject.view);
      break;
  }
  return sign(slot, subject);
}

// ------------------------------------------------------------------------------ withholder

// Only who leads sees a batch, and only from there can others have it.
std::vector<Process::Sent> Traitors::withhold(Slot slot, const Sent& sent) {
  if (!std::holds_alternative<node::Batch>(message_in(sent.frame))) return {sent};
  const auto leader = world_.machine(slot).process->driver().consensus_status().leader;
  if (sent.to == leader) return {sent};
  happens(slot);
  return {};
}

// ----------------------------------------------------------------------------- result liar

node::CheckpointVote Traitors::other_root(Slot slot, node::CheckpointVote vote) {
  vote.root.bytes[0] ^= 1;
  const std::string text =
      crypto::Checkpoint{world_.realm().checkpoint(0).origin, vote.tree_size, vote.root}.text();
  const auto cosigned =
      crypto::cosign(world_.machine(slot).process->keys().cosigner, text, vote.time_s);
  vote.signature = cosigned.signature;
  return vote;
}

std::vector<Process::Sent> Traitors::lie_about_results(Slot slot, const Sent& sent) {
  NodeMessage said = message_in(sent.frame);
  if (auto* vote = std::get_if<node::CheckpointVote>(&said)) {
    *vote = other_root(slot, *vote);
  } else if (auto* status = std::get_if<node::LedgerStatus>(&said); status && status->newest) {
    *status->newest = other_root(slot, *status->newest);
  } else {
    return {sent};
  }
  happens(slot);
  return {{sent.to, framed(said)}};
}

// ------------------------------------------------------------------------------- sync liar

std::vector<Process::Sent> Traitors::lie_in_sync(Slot slot, const Sent& sent) {
  const auto other = spoiled(slot, message_in(sent.frame));
  if (!other) return {sent};
  happens(slot);
  return {{sent.to, framed(*other)}};
}

// What answers a member that is behind, made wrong; heights that nobody has.
std::optional<NodeMessage> Traitors::spoiled(Slot, NodeMessage said) {
  if (auto* status = std::get_if<node::LedgerStatus>(&said)) {
    status->height = kFar;
    return said;
  }
  if (auto* batch = std::get_if<node::Batch>(&said)) {
    if (random_.chance(500)) {
      return node::BatchesMissing{{random_hash(random_)}};
    }
    if (random_.chance(300)) {
      batch->signature.bytes[random_.below(batch->signature.bytes.size())] ^= 1;
      return said;
    }
    crypto::Bytes& bytes = batch->submissions.front().bytes;
    bytes[random_.below(bytes.size())] ^= 1;
    return said;
  }
  auto message = consensus_in(said);
  if (!message) return std::nullopt;
  if (auto* blocks = std::get_if<consensus::Blocks>(&*message)) {
    if (blocks->headers.size() > 1 && random_.chance(500)) {
      std::swap(blocks->headers.front(), blocks->headers.back());
    } else {
      blocks->headers.pop_back();
    }
  } else if (auto* claim = std::get_if<consensus::MemberStatus>(&*message)) {
    claim->final_height = kFar;
    claim->final_block = random_hash(random_);
  } else {
    return std::nullopt;
  }
  return node::ConsensusMessage{crypto::encode(*message)};
}

// ------------------------------------------------------------------------ twin and replayer

// Each of the others is linked to one of two twins; now and then one goes over to the other.
void Traitors::move_peers() {
  for (Slot twin = world_.plan().n; twin < world_.machines(); ++twin) {
    const MemberIndex member = world_.machine(twin).member;
    for (Slot peer = 0; peer < world_.machines(); ++peer) {
      if (world_.machine(peer).member == member || !random_.chance(400)) continue;
      world_.network().route(peer, member, random_.chance(500) ? twin : member);
    }
  }
  world_.agenda().after(random_.between(500, 3'000) * kMillisecond, [this] { move_peers(); });
}

std::vector<Process::Sent> Traitors::replay(Slot slot, const Sent& sent) {
  std::vector<FramePtr>& record = records_[slot];
  if (record.size() < kRecorded && (record.empty() || record.back() != sent.frame)) {
    record.push_back(sent.frame);
  }
  std::vector<Sent> out{sent};
  if (random_.chance(200)) {
    out.push_back({sent.to, record[random_.below(record.size())]});
    happens(slot);
  }
  return out;
}

// Keeps a copy of its disk, and some time later runs from there again. Not of one on which it does
// not run: what a power cut left on that may be nothing to start from (Trouble::without_noise).
void Traitors::go_back(Slot slot) {
  if (!world_.runs(slot)) {
    world_.agenda().after(kSecond, [this, slot] { go_back(slot); });
    return;
  }
  const std::shared_ptr<tests::SimulatedDisk> old =
      world_.machine(slot).disk->after_power_cut(tests::Unsynced::kDropped, random_.next());
  world_.agenda().after(random_.between(500, 4'000) * kMillisecond, [this, slot, old] {
    if (world_.runs(slot) && !world_.machine(slot).disk->has_fault()) {
      world_.kill(slot);
      world_.machine(slot).disk = old->after_power_cut(tests::Unsynced::kDropped, random_.next());
      if (const auto begun = world_.start(slot); !begun) {
        violate("the simulator", "an old disk does not start: " + begun.error().message());
      }
      happens(slot);
    }
    go_back(slot);
  });
}

}  // namespace sanad::simulation::nodes
