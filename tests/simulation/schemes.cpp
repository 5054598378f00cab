// Traitors that break no signature and hardly a rule: they are late, out of date, or choose who
// gets to see what.
#include <algorithm>

#include "simulation/world.h"

namespace sanad::simulation {
namespace {

using namespace consensus;

constexpr std::size_t kRemembered = 64;
constexpr Micros kWithholdEvery = 200 * kMillisecond;

}  // namespace

// ----------------------------------------------------------------------------- slow leader

// Arrives, where all goes as planned, just before the others give the view up (T2).
void World::propose_late(MemberIndex index, const Message& proposal) {
  const Member& member = members_[index];
  const Micros patience = 2 * member.core->status().timeout_ms * kMillisecond;
  const Micros way = (plan_.network.delay_min + plan_.network.delay_max) / 2 + plan_.disk_sync_max;
  const Micros lead = way + random_.below(15 * kMillisecond);
  const Micros due = member.entered + patience - std::min(patience, lead);
  after_in(index, due > now_ ? due - now_ : 0, [this, index, proposal] {
    attacked(index);
    broadcast(index, proposal);
  });
}

// -------------------------------------------------------------------------------- replayer

// Keeps some of the oldest, since what is new replaces a place drawn by chance.
void World::remember(MemberIndex index, const Message& message) {
  if (traitor(index) != Traitor::kReplayer) return;
  std::vector<Message>& known = members_[index].remembered;
  if (known.size() < kRemembered) {
    known.push_back(message);
  } else if (random_.chance(50)) {
    known[random_.below(kRemembered)] = message;
  }
}

void World::replay_old(MemberIndex index) {
  const std::vector<Message>& known = members_[index].remembered;
  for (int i = 0; i < 3 && !known.empty(); ++i) {
    const Message& old = known[random_.below(known.size())];
    attacked(index);
    for (MemberIndex to = 0; to < plan_.n; ++to) post(index, to, old);
  }
}

// -------------------------------------------------------------------------------- releaser

// One member sees a vote or certificate at once, another one much later; a proposal goes to barely
// a quorum.
std::optional<Message> World::released(MemberIndex from, MemberIndex to, Message message) {
  View view = 0;
  std::size_t seen_by = 1;
  if (const auto* vote = std::get_if<Vote>(&message)) {
    view = vote->subject.view;
  } else if (const auto* certificate = std::get_if<Certificate>(&message)) {
    view = certificate->subject.view;
  } else if (const auto* proposal = std::get_if<Proposal>(&message)) {
    view = proposal->vote.subject.view;
    seen_by = plan_.quorum() - 1;
  } else if (auto* status = std::get_if<MemberStatus>(&message)) {
    status->finalization.reset();
    return message;
  } else {
    return message;
  }
  const std::size_t turn = (to + plan_.n - view % plan_.n) % plan_.n;
  if (turn < seen_by) return message;
  attacked(from);
  if (turn == seen_by) {
    after_in(from, random_.between(300 * kMillisecond, 3 * kSecond),
             [this, from, to, message] { post(from, to, message); });
  }
  return std::nullopt;
}

// ------------------------------------------------------------------------------ withholder

// It holds the batch, and so do too few others, or just enough.
void World::withhold_batch(MemberIndex index) {
  Member& member = members_[index];
  if (member.withheld_at != 0 && now_ < member.withheld_at + kWithholdEvery) return;
  member.withheld_at = now_;
  // B4: sometimes with a number that it gave before.
  const std::uint64_t seq =
      random_.chance(300) && member.next_seq > 0 ? member.next_seq - 1 : member.next_seq++;
  const BatchRef ref{identity(index), seq, random_hash(random_),
                     static_cast<std::uint32_t>(random_.between(200, 1 << 20)), 10};
  withheld_.insert(ref.digest);
  attacked(index);
  const std::uint64_t first = random_.below(plan_.n);
  const std::uint64_t count = random_.below(plan_.f() + 2);
  for (std::uint64_t i = 0; i < count; ++i) {
    ship_batch(index, static_cast<MemberIndex>((first + i) % plan_.n), ref);
  }
  after_in(index, plan_.disk_sync_min, [this, index, ref] {
    members_[index].batches.emplace(ref.digest, ref);
    step(index, BatchHeld{ref});
  });
}

// ------------------------------------------------------------------------------- sync liar

Message World::lied(MemberIndex from, Message message) {
  if (auto* blocks = std::get_if<Blocks>(&message)) {
    attacked(from);
    if (random_.chance(300)) return forged_blocks(from, blocks->tip);
    return spoiled_blocks(from, std::move(*blocks));
  }
  if (auto* report = std::get_if<ViewReport>(&message)) {  // R3: as if it had never moved
    report->entry.reset();
    report->finalization.reset();
  }
  auto* status = std::get_if<MemberStatus>(&message);
  if (status == nullptr || random_.chance(500)) return message;
  attacked(from);
  status->view += random_.below(1000);
  status->final_height += random_.below(1000);
  status->final_block = random_hash(random_);
  status->leads = status->view % 2 == 0;
  return message;
}

Blocks World::spoiled_blocks(MemberIndex index, Blocks blocks) {
  std::vector<BlockHeader>& headers = blocks.headers;
  const std::vector<Finalized>& ledger = members_[index].ledger;
  switch (random_.below(7)) {
    case 0:
      std::reverse(headers.begin(), headers.end());
      break;
    case 1:
      headers.erase(headers.begin() + static_cast<std::ptrdiff_t>(headers.size() / 2));
      break;
    case 2:
      headers.erase(headers.begin());
      break;
    case 3:
      headers.back().time_ms += 1;
      break;
    case 4:
      blocks.tip = random_hash(random_);
      break;
    case 5:
      headers.insert(headers.begin(), headers.front());
      break;
    default:  // without end: what the other has had for long, with a proof that is right
      if (ledger.empty()) break;
      headers = {ledger.front().header};
      blocks.finalization = ledger.front().finalization;
      if (blocks.finalization->subject.block != ledger.front().hash) blocks.finalization.reset();
  }
  return blocks;
}

// ---------------------------------------------------------------------------- reconfigurer

void World::reconfigure(MemberIndex index, const CastVote& action) {
  attacked(index);
  const Epoch epoch = random_.chance(500) ? kFirstEpoch + 1 : kFirstEpoch - 1;
  CastVote other = action;
  other.subject.epoch = epoch;
  if (other.header) {
    // Of another epoch altogether, or an end of this one that nothing permits.
    if (random_.chance(500)) {
      other.header->epoch = epoch;
    } else {
      other.subject.epoch = kFirstEpoch;
      other.header->epoch_end = other.header->height;
    }
    other.subject.block = block_hash(*other.header);
  }
  broadcast(index, message_of(other, sign(index, other.subject)));
  const Subject subject = forged_subject(action.subject.view);
  const Certificate certificate = foreign_certificate(subject, epoch);
  broadcast(index, certificate);
  if (subject.kind == VoteKind::finalize) {
    broadcast(index, MemberStatus{kFirstEpoch, subject.view, 0, {}, certificate});
  }
}

// ------------------------------------------------------------------------------------ twin

// Its attack is that both of its places vote in one view; often they contradict each other.
void World::note_twin(MemberIndex index, const Subject& subject) {
  const auto [first, fresh] =
      twin_votes_.try_emplace({identity(index), subject.kind, subject.view}, index);
  if (!fresh && first->second != index) attacked(index);
}

}  // namespace sanad::simulation
