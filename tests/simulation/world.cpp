#include "simulation/world.h"

#include <algorithm>

#include "consensus/ledger_blocks.h"

namespace sanad::simulation {
namespace {

using namespace consensus;

constexpr std::uint64_t kEpochStartMs = 1'700'000'000'000;  // any wall clock will do
constexpr std::size_t kLinesKept = 60;

crypto::Seed seed_of(std::uint64_t number) {
  crypto::Seed seed;
  for (std::size_t i = 0; i < 8; ++i) seed.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return seed;
}

std::string name_of(const Event& event) {
  static constexpr auto kNames = std::to_array<const char*>(
      {"started", "message", "own vote", "timer", "batch held", "batch missing at", "checkpoint",
       "committed", "can propose", "blocks wanted", "link", "delay"});
  static_assert(kNames.size() == std::variant_size_v<Event>);
  return kNames[event.index()];
}

}  // namespace

World::World(const Plan& plan, std::function<void(const std::string&)> trace)
    : plan_(plan),
      trace_(std::move(trace)),
      random_(plan.seed ^ 0xABCDEF),
      invariants_(plan),
      watch_(plan),
      duties_(plan),
      chain_id_(random_hash(random_)),
      refinement_(plan, chain_id_),
      attacked_(plan.n, false) {
  for (MemberIndex i = 0; i < plan.n; ++i) {
    if (plan.traitors[i] == Traitor::kTwin) twins_.push_back(i);
  }
  members_.resize(plan.n + twins_.size());
  std::vector<PublicKey> keys;
  for (std::size_t i = 0; i < plan.n; ++i) {
    keys_.emplace_back(seed_of(plan.seed * 100 + i));
    keys.push_back(keys_.back().public_key());
  }
  committee_.emplace(kFirstEpoch, keys, chain_id_);
  for (Member& member : members_) {
    const auto range = 2 * plan.clock_skew_max_ms + 1;
    member.skew_ms = static_cast<std::int64_t>(random_.below(range)) -
                     static_cast<std::int64_t>(plan.clock_skew_max_ms);
  }
}

void World::after(Micros delay, std::function<void()> work) {
  events_.push({now_ + delay, order_++, std::move(work)});
}

void World::after_in(MemberIndex member, Micros delay, std::function<void()> work) {
  after(delay, [this, member, life = members_[member].life, work = std::move(work)] {
    if (running(member) && members_[member].life == life) work();
  });
}

void World::say(const std::string& line) {
  last_lines_.push_back(std::to_string(now_) + "us " + line);
  if (last_lines_.size() > kLinesKept) last_lines_.pop_front();
  if (trace_) trace_(last_lines_.back());
}

// ------------------------------------------------------------------------------- processes

void World::start(MemberIndex index) {
  Member& member = members_[index];
  if (member.core) return;
  ++member.life;
  say("member " + std::to_string(index) + " starts");
  if (honest(index)) {
    invariants_.on_restart(index);
    watch_.on_start(index, now_ / kMillisecond);
    duties_.on_start(index);
    refinement_.on_start(index, member.journal);
  }
  Limits limits;
  if (!plan_.heartbeat) limits.heartbeat_ms = 1'000'000'000;
  CoreOptions options{*committee_,
                      chain_id_,
                      identity(index),
                      limits,
                      [self = identity(index)](View view) {
                        return crypto::tagged_hash("reveal",
                                                   std::to_string(self) + std::to_string(view));
                      },
                      true};
  member.core = std::make_unique<Core>(std::move(options), replay(member.journal));
  step(index, Started{member.ledger.size(), crypto::tagged_hash("nonce", now_)});
  // What the member itself can know: its ledger, not what the others have ordered meanwhile.
  std::set<Hash> committed;
  for (const Finalized& block : member.ledger) {
    for (const BatchRef& ref : block.header.batches) committed.insert(ref.digest);
  }
  for (const auto& [digest, ref] : member.batches) {
    if (member.core && !committed.contains(digest)) step(index, BatchHeld{ref});
  }
}

void World::crash(MemberIndex index) {
  Member& member = members_[index];
  if (!member.core) return;
  say("member " + std::to_string(index) + " crashes");
  // A sync that was under way may have happened, wholly or (after a torn write is cut) in part.
  const std::size_t survive = member.syncing ? random_.below(member.unsynced.size() + 1) : 0;
  for (std::size_t i = 0; i < survive; ++i) member.journal.push_back(member.unsynced[i]);
  tally_.records_lost += member.unsynced.size() - survive;
  member.core.reset();
  ++member.life;
  member.outbox.clear();
  member.unsynced.clear();
  member.syncing = false;
  member.arriving.clear();
  member.executing.clear();
  member.committing = false;
}

void World::lose_journal(MemberIndex index) {
  Member& member = members_[index];
  assert(!member.core);
  say("member " + std::to_string(index) + " loses its journal");
  ++tally_.journals_lost;
  invariants_.on_journal_lost(index);
  member.journal = {Silence{}};
  if (member.ledger.empty()) return;
  member.journal = quarantined_at(member.ledger.back().header, member.ledger.back().finalization);
}

void World::step(MemberIndex index, Event event) {
  Member& member = members_[index];
  ++tally_.steps;
  const std::uint64_t now_ms = now_ / kMillisecond;
  const auto wall_ms = static_cast<std::uint64_t>(
      static_cast<std::int64_t>(kEpochStartMs + now_ms) + member.skew_ms);
  if (trace_) say("member " + std::to_string(index) + " ← " + name_of(event));
  std::optional<View> before;
  if (honest(index)) {
    if (!std::holds_alternative<Started>(event)) before = member.core->status().view;
    const auto* batch = std::get_if<BatchHeld>(&event);
    if (batch != nullptr) duties_.on_held(index, batch->ref.digest);
  }
  const Input input{now_ms, wall_ms, std::move(event)};
  std::vector<Action> actions = member.core->step(input);
  if (honest(index)) {
    refinement_.on_step(index, input, actions);
    look_at(index, before, actions);
  }
  for (Action& action : actions) member.outbox.push_back(std::move(action));
  if (!honest(index)) scheme(index);
  pump(index);
}

void World::look_at(MemberIndex index, std::optional<View> before,
                    const std::vector<Action>& actions) {
  const std::uint64_t now_ms = now_ / kMillisecond;
  const CoreStatus status = members_[index].core->status();
  members_[index].mute = status.in_quarantine || status.view <= status.silent_through;
  invariants_.on_view(index, status.view);
  watch_.on_step(index, status, now_ms);
  for (const Action& action : actions) {
    const auto* cast = std::get_if<CastVote>(&action);
    if (cast != nullptr && cast->header) duties_.on_proposed(*cast->header);
  }
  if (before) {
    duties_.on_step(index, *before, status, actions, now_ms);
  } else {
    duties_.on_started(index, actions);
  }
  for (const Action& action : actions) {
    if (const auto* vote = std::get_if<CastVote>(&action)) {
      const View view = vote->subject.view;
      if (vote->subject.kind != VoteKind::nullify) continue;
      watch_.on_nullify(index, view, committee_->leader(view), now_ms);
    } else if (const auto* persist = std::get_if<Persist>(&action)) {
      const auto* held = std::get_if<HeldCertificate>(&persist->record);
      if (held != nullptr) invariants_.on_certificate(index, held->certificate);
    }
  }
}

// Actions strictly in order; a sync before anything that leaves after a Persist.
void World::pump(MemberIndex index) {
  Member& member = members_[index];
  const std::uint64_t life = member.life;
  while (running(index) && member.life == life && !member.syncing && !member.outbox.empty()) {
    const bool leaves = !std::holds_alternative<Persist>(member.outbox.front()) &&
                        !std::holds_alternative<SetTimer>(member.outbox.front());
    if (leaves && !member.unsynced.empty()) return begin_sync(index);
    Action action = std::move(member.outbox.front());
    member.outbox.pop_front();
    carry_out(index, std::move(action));
  }
  if (running(index) && !member.syncing && member.outbox.empty() && !member.unsynced.empty()) {
    begin_sync(index);
  }
}

void World::begin_sync(MemberIndex index) {
  Member& member = members_[index];
  member.syncing = true;
  const bool chaos = now_ < plan_.chaos_until;
  if (chaos && honest(index) && random_.chance(plan_.crash_in_sync_per_mille)) {
    return after_in(index, random_.below(plan_.disk_sync_max), [this, index] {
      ++tally_.deaths_in_sync;
      crash(index);
      after(random_.between(kMillisecond, kSecond), [this, index] { start(index); });
    });
  }
  const std::size_t count = member.unsynced.size();
  after_in(index, random_.between(plan_.disk_sync_min, plan_.disk_sync_max), [this, index, count] {
    Member& synced = members_[index];
    const auto end = synced.unsynced.begin() + static_cast<std::ptrdiff_t>(count);
    synced.journal.insert(synced.journal.end(), synced.unsynced.begin(), end);
    synced.unsynced.erase(synced.unsynced.begin(), end);
    synced.syncing = false;
    pump(index);
    begin_segment(index);
  });
}

// As the driver does between turns, when all that was decided is in the journal.
void World::begin_segment(MemberIndex index) {
  Member& member = members_[index];
  const bool between_turns =
      running(index) && !member.syncing && member.unsynced.empty() && member.outbox.empty();
  if (!between_turns || !random_.chance(plan_.rotate_per_mille)) return;
  ++tally_.segments;
  member.journal = member.core->snapshot();
}

void World::carry_out(MemberIndex index, Action action) {
  Member& member = members_[index];
  if (hooks_.acts) hooks_.acts(index, action);
  if (auto* persist = std::get_if<Persist>(&action)) {
    member.unsynced.push_back(std::move(persist->record));
  } else if (auto* vote = std::get_if<CastVote>(&action)) {
    cast(index, *vote);
  } else if (auto* all = std::get_if<Broadcast>(&action)) {
    broadcast(index, all->message);
  } else if (auto* one = std::get_if<Send>(&action)) {
    send(index, one->to, one->message);
  } else if (auto* timer = std::get_if<SetTimer>(&action)) {
    const std::uint64_t number = ++member.timer;
    const Micros at = timer->at_ms * kMillisecond;
    after_in(index, at > now_ ? at - now_ : 1, [this, index, number] {
      if (members_[index].timer == number) step(index, TimerFired{});
    });
  } else if (auto* batch = std::get_if<RequestBatch>(&action)) {
    request_batch(index, *batch);
  } else if (auto* serve = std::get_if<ServeBlocks>(&action)) {
    serve_blocks(index, *serve);
  } else if (auto* block = std::get_if<Finalized>(&action)) {
    finalised(index, std::move(*block));
  } else if (auto* evidence = std::get_if<EvidenceFound>(&action)) {
    ++tally_.evidence;
    if (!check(evidence->evidence, *committee_, chain_id_)) {
      throw Violation("I15: member " + std::to_string(index) +
                      " found evidence that does not hold");
    }
    if (honest(index)) invariants_.on_evidence(accused(evidence->evidence));
  }
}

void World::finalised(MemberIndex index, Finalized block) {
  if (honest(index)) {
    check_header(index, block.header);
    invariants_.on_finalized(index, block, honest_holders(block.header));
    for (const BatchRef& ref : block.header.batches) {
      if (open_.erase(ref.digest) > 0) ordered_at_ = now_;
    }
  }
  members_[index].executing.push_back(std::move(block));
  execute(index);
}

// N4, of what is final: whoever voted for it must have looked.
void World::check_header(MemberIndex index, const BlockHeader& header) const {
  const std::uint64_t wall_ms = kEpochStartMs + now_ / kMillisecond;
  const std::string where = "member " + std::to_string(index) + " finalised height " +
                            std::to_string(header.height) + ", ";
  if (header.epoch != kFirstEpoch || header.chain_id != chain_id_) {
    violate("I14", where + "of another epoch or chain");
  }
  if (header.proposer != committee_->leader(header.origin_view)) {
    violate("N4", where + "whose proposer did not lead");
  }
  if (header.time_ms > wall_ms + plan_.clock_skew_max_ms + Limits().clock_ahead_max_ms) {
    violate("N4", where + "whose time is ahead of every clock");
  }
}

void World::check_cast(MemberIndex index, const Subject& subject) {
  const Member& member = members_[index];
  const bool durable = std::any_of(member.journal.rbegin(), member.journal.rend(),
                                   [&subject](const JournalRecord& record) {
                                     const auto* own = std::get_if<OwnVote>(&record);
                                     return own != nullptr && own->subject == subject;
                                   });
  const auto block = proposed_.find(subject.block);
  const bool known = block != proposed_.end() && subject.kind == VoteKind::notarize;
  if (subject.kind == VoteKind::finalize) invariants_.on_finalize(subject);
  if (known) invariants_.on_parent(subject, block->second.header.parent);
  invariants_.on_cast(index, subject, durable, !known || holds(member, block->second.header));
}

void World::cast(MemberIndex index, const CastVote& action) {
  if (action.header) propose(action.subject, *action.header);
  if (honest(index)) check_cast(index, action.subject);
  const Vote vote = sign(index, action.subject);
  if (honest(index)) {
    broadcast(index, message_of(action, vote));
  } else {
    betray(index, action, vote);
  }
  // Back to the core as any input: not within the step that caused it.
  after_in(index, 1, [this, index, vote] { step(index, OwnVoteSigned{vote}); });
}

void World::propose(const Subject& subject, const BlockHeader& header) {
  proposed_.emplace(subject.block, Proposed{header, subject.parent_view});
  duties_.on_proposed(header);
}

Vote World::sign(MemberIndex index, const Subject& subject) {
  const MemberIndex self = identity(index);
  const Vote vote = sign_vote(chain_id_, subject, self, keys_[self]);
  invariants_.on_vote(vote);
  return vote;
}

void World::request_batch(MemberIndex index, const RequestBatch& action) {
  Micros wait = 0;
  for (const MemberIndex candidate : action.candidates) {
    after_in(index, wait, [this, index, candidate, ref = action.ref] {
      if (members_[index].batches.contains(ref.digest)) return;
      const MemberIndex holder = place(candidate, index);
      ship(index, holder, {nullptr, nullptr, &ref}, [this, index, holder, ref] {
        if (traitor(holder) == Traitor::kSilent) return;
        step(holder, BatchMissingAt{identity(index), ref.digest});
        if (!running(holder) || !members_[holder].batches.contains(ref.digest)) return;
        if (withheld_.contains(ref.digest) && !honest(holder)) return;
        ship_batch(holder, identity(index), ref);
      });
    });
    wait += 150 * kMillisecond;
  }
}

void World::serve_blocks(MemberIndex index, const ServeBlocks& action) {
  const std::vector<Finalized>& ledger = members_[index].ledger;
  const auto read = [&ledger](Height height) -> Result<Finalized> { return ledger[height - 1]; };
  const auto reply = blocks_from(action.request, ledger.size(), read);
  if (reply && *reply) send(index, action.to, **reply);
}

// The executor: in order, needs the batches, commits after a while.
void World::execute(MemberIndex index) {
  Member& member = members_[index];
  if (member.committing || member.executing.empty()) return;
  const Finalized& next = member.executing.front();
  if (next.header.height <= member.ledger.size()) {
    throw Violation("F4: member " + std::to_string(index) + " emitted committed height " +
                    std::to_string(next.header.height) + " again");
  }
  if (next.header.height != member.ledger.size() + 1) {
    throw Violation("F4: member " + std::to_string(index) + " skipped to height " +
                    std::to_string(next.header.height));
  }
  if (!holds(member, next.header)) {
    // Asks around as block catch-up does, and looks again later.
    for (const BatchRef& ref : next.header.batches) {
      if (member.batches.contains(ref.digest)) continue;
      const auto from = static_cast<MemberIndex>(random_.below(plan_.n));
      if (from != identity(index)) request_batch(index, {ref, {from}});
    }
    member.committing = true;
    return after_in(index, 200 * kMillisecond, [this, index] {
      members_[index].committing = false;
      execute(index);
    });
  }
  member.committing = true;
  after_in(index, random_.between(plan_.disk_sync_min, 2 * plan_.disk_sync_max),
           [this, index] { commit(index); });
}

void World::commit(MemberIndex index) {
  Member& member = members_[index];
  member.ledger.push_back(std::move(member.executing.front()));
  member.executing.pop_front();
  member.committing = false;
  const Finalized& block = member.ledger.back();
  const Height height = block.header.height;
  std::size_t holders = 0;
  for (MemberIndex i = 0; i < plan_.n; ++i) {
    holders += members_[i].ledger.size() >= height ? 1 : 0;
  }
  const CheckpointRef checkpoint{height, height * 3, block.hash};
  step(index, BlockCommitted{height});
  if (holders < plan_.quorum() || !checkpoints_) return execute(index);
  for (MemberIndex i = 0; i < members_.size(); ++i) {
    if (!running(i)) continue;
    after_in(i, plan_.network.delay_max,
             [this, i, checkpoint] { step(i, CheckpointHeld{checkpoint}); });
  }
  if (running(index)) execute(index);
}

}  // namespace sanad::simulation
