// What a traitor does where an honest member would send its vote.
#include <algorithm>

#include "simulation/world.h"

namespace sanad::simulation {
namespace {

using namespace consensus;

constexpr View kUnheardView = 1'000'000;

}  // namespace

void World::attacked(MemberIndex index) {
  ++tally_.attacks[static_cast<std::size_t>(traitor(index))];
  attacked_[identity(index)] = true;
}

void World::betray(MemberIndex index, const CastVote& action, const Vote& vote) {
  const Message message = message_of(action, vote);
  switch (traitor(index)) {
    case Traitor::kSilent:  // silence where a vote was due
    case Traitor::kNuller:  // said its nullify as the view began
      return attacked(index);
    case Traitor::kEquivocator:
      return equivocate(index, action, vote);
    case Traitor::kConflicter:
      if (action.header) return conflict_with_rules(index, action);
      broadcast(index, vote);
      if (action.subject.kind != VoteKind::notarize) return;
      if (!attacked_[identity(index)] || random_.chance(300)) usurp(index, action);
      return;
    case Traitor::kForger:
      broadcast(index, message);
      return forge(index, action, vote);
    case Traitor::kSlowLeader:
      if (action.header) return propose_late(index, message);
      return broadcast(index, message);
    case Traitor::kReplayer:
      broadcast(index, message);
      return replay_old(index);
    case Traitor::kReconfigurer:
      broadcast(index, message);
      return reconfigure(index, action);
    case Traitor::kTwin:
      note_twin(index, action.subject);
      return broadcast(index, message);
    default:  // what twist() makes of it
      return broadcast(index, message);
  }
}

void World::scheme(MemberIndex index) {
  Member& member = members_[index];
  const View view = member.core->status().view;
  if (view == member.view) return;
  member.view = view;
  member.entered = now_;
  if (traitor(index) == Traitor::kNuller) {
    attacked(index);
    broadcast(index, sign(index, nullify(kFirstEpoch, view)));
  }
  if (traitor(index) == Traitor::kWithholder) withhold_batch(index);
}

std::optional<Message> World::twist(MemberIndex from, MemberIndex to, Message message) {
  switch (traitor(from)) {
    case Traitor::kSilent:
      return std::nullopt;
    case Traitor::kForger: {
      const auto* blocks = std::get_if<Blocks>(&message);
      if (blocks == nullptr || random_.chance(500)) return message;
      return forged_blocks(from, blocks->tip);
    }
    case Traitor::kReplayer:
      remember(from, message);
      return message;
    case Traitor::kReleaser:
      return released(from, to, std::move(message));
    case Traitor::kSyncLiar:
      return lied(from, std::move(message));
    default:
      return message;
  }
}

// Shows one half of the members one thing and the other half another.
void World::equivocate(MemberIndex index, const CastVote& action, const Vote& vote) {
  CastVote other = action;
  if (action.header) {
    other.header->time_ms += 1;
    other.header->batches.clear();
    other.subject.block = block_hash(*other.header);
    propose(other.subject, *other.header);
  } else if (action.subject.kind == VoteKind::notarize) {
    other.subject.block = random_hash(random_);
  } else if (action.subject.kind == VoteKind::nullify) {
    // Finalize what it may have notarized, beside nullifying it.
    const auto& journal = members_[index].journal;
    for (auto record = journal.rbegin(); record != journal.rend(); ++record) {
      const auto* own = std::get_if<OwnVote>(&*record);
      const bool notarized = own != nullptr && own->subject.kind == VoteKind::notarize;
      if (!notarized || own->subject.view > action.subject.view) continue;
      if (own->subject.view == action.subject.view) {
        other.subject = finalize(kFirstEpoch, action.subject.view, own->subject.block);
      }
      break;
    }
  }
  const Vote second = sign(index, other.subject);
  if (other.subject != action.subject) attacked(index);
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
      if (header.batches.size() == kBlockRefsMax) return false;
      if (header.height % 2 == 0) {  // B4: what its parent orders
        if (parent == proposed_.end() || parent->second.header.batches.empty()) return false;
        header.batches.push_back(parent->second.header.batches.front());
        return true;
      }
      if (header.batches.empty()) return false;
      header.batches.push_back(header.batches.front());
      return true;
    case 7:
      header.batches.assign(1,
                            {other.header->proposer, kUnheardView, random_hash(random_), 100, 1});
      return true;
    default:
      (random_.chance(500) ? header.epoch : header.origin_view) += 1;
      return honest.header.has_value();
  }
}

void World::conflict_with_rules(MemberIndex index, const CastVote& action) {
  CastVote other = action;
  const bool spoiled = !random_.chance(300) && spoil(action, other);
  if (spoiled) attacked(index);
  other.subject.block = block_hash(*other.header);
  propose(other.subject, *other.header);
  const Vote vote = sign(index, other.subject);
  broadcast(index, message_of(other, vote));
}

// Proposes in the next view before what it votes for can be notarized: on top of it, where another
// leads; beside it, where it leads itself, so that the others have that at hand as they enter.
void World::usurp(MemberIndex index, const CastVote& action) {
  const auto parent = proposed_.find(action.subject.block);
  const View view = action.subject.view + 1;
  if (parent == proposed_.end()) return;
  CastVote other{notarize(kFirstEpoch, view, action.subject.view, {}), parent->second.header, {}};
  other.header->origin_view = view;
  if (committee_->leader(view) != index) {
    other.header->height += 1;
    other.header->parent = action.subject.block;
  } else if (random_.chance(500)) {  // N3: over a view that nobody nullified
    other.subject.parent_view = parent->second.parent_view;
  }  // or N3: on a block that the parent view did not certify
  other.header->proposer = index;
  other.header->time_ms += 1;
  other.header->batches.clear();
  other.subject.block = block_hash(*other.header);
  propose(other.subject, *other.header);
  const Vote vote = sign(index, other.subject);
  attacked(index);
  broadcast(index, message_of(other, vote));
}

}  // namespace sanad::simulation
