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
      {"started", "message", "own vote", "timer", "batch held", "batch dropped", "batch missing at",
       "checkpoint", "committed", "can propose", "blocks wanted", "delay"});
  static_assert(kNames.size() == std::variant_size_v<Event>);
  return kNames[event.index()];
}

std::string name_of(const Message& message) {
  static constexpr auto kNames =
      std::to_array<const char*>({"vote", "certificate", "proposal", "status", "get certificate",
                                  "get blocks", "blocks", "announce", "get view", "view report"});
  static_assert(kNames.size() == std::variant_size_v<Message>);
  std::string text = kNames[message.index()];
  const auto subject = [&text](const Subject& s) {
    text += " " + std::string(enum_names(s.kind)[static_cast<std::size_t>(s.kind)]) + "(" +
            std::to_string(s.view) + ")";
  };
  if (const auto* vote = std::get_if<Vote>(&message)) subject(vote->subject);
  if (const auto* certificate = std::get_if<Certificate>(&message)) subject(certificate->subject);
  if (const auto* proposal = std::get_if<Proposal>(&message)) subject(proposal->vote.subject);
  return text;
}

}  // namespace

World::World(const Plan& plan, std::function<void(const std::string&)> trace)
    : plan_(plan),
      trace_(std::move(trace)),
      random_(plan.seed ^ 0xABCDEF),
      invariants_(plan),
      watch_(plan),
      chain_id_(random_hash(random_)),
      refinement_(plan, chain_id_),
      members_(plan.n) {
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
  invariants_.on_restart(index);
  watch_.on_start(index, now_ / kMillisecond);
  if (plan_.honest(index)) refinement_.on_start(index, member.journal);
  Limits limits;
  if (!plan_.heartbeat) limits.heartbeat_ms = 1'000'000'000;
  CoreOptions options{*committee_,
                      chain_id_,
                      index,
                      limits,
                      [index](View view) {
                        return crypto::tagged_hash("reveal",
                                                   std::to_string(index) + std::to_string(view));
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
  ++tally_.crashes;
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

void World::step(MemberIndex index, Event event) {
  Member& member = members_[index];
  ++tally_.steps;
  const std::uint64_t now_ms = now_ / kMillisecond;
  const auto wall_ms = static_cast<std::uint64_t>(
      static_cast<std::int64_t>(kEpochStartMs + now_ms) + member.skew_ms);
  if (trace_) say("member " + std::to_string(index) + " ← " + name_of(event));
  const Input input{now_ms, wall_ms, std::move(event)};
  std::vector<Action> actions = member.core->step(input);
  refinement_.on_step(index, input, actions);
  if (plan_.honest(index)) look_at(index, actions);
  for (Action& action : actions) member.outbox.push_back(std::move(action));
  pump(index);
}

void World::look_at(MemberIndex index, const std::vector<Action>& actions) {
  const std::uint64_t now_ms = now_ / kMillisecond;
  const CoreStatus status = members_[index].core->status();
  invariants_.on_view(index, status.view);
  watch_.on_step(index, status, now_ms);
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
  if (chaos && plan_.honest(index) && random_.chance(plan_.crash_in_sync_per_mille)) {
    return after_in(index, random_.below(plan_.disk_sync_max), [this, index] {
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
  });
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
    if (plan_.honest(index)) {
      check_header(index, block->header);
      invariants_.on_finalized(index, *block, honest_holders(block->header));
    }
    member.executing.push_back(std::move(*block));
    execute(index);
  } else if (auto* evidence = std::get_if<EvidenceFound>(&action)) {
    if (!check(evidence->evidence, *committee_, chain_id_)) {
      throw Violation("I15: member " + std::to_string(index) +
                      " found evidence that does not hold");
    }
    if (plan_.honest(index)) invariants_.on_evidence(accused(evidence->evidence));
  }
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

void World::cast(MemberIndex index, const CastVote& action) {
  const Member& member = members_[index];
  if (action.header) {
    proposed_.emplace(action.subject.block, Proposed{*action.header, action.subject.parent_view});
  }
  if (plan_.honest(index)) {
    const bool durable = std::any_of(member.journal.begin(), member.journal.end(),
                                     [&action](const JournalRecord& record) {
                                       const auto* own = std::get_if<OwnVote>(&record);
                                       return own != nullptr && own->subject == action.subject;
                                     });
    const auto block = proposed_.find(action.subject.block);
    if (block != proposed_.end() && action.subject.kind == VoteKind::notarize) {
      invariants_.on_parent(action.subject, block->second.header.parent);
    }
    invariants_.on_cast(index, action.subject, durable,
                        block == proposed_.end() || action.subject.kind != VoteKind::notarize ||
                            holds(member, block->second.header));
  }
  const Vote vote = sign_vote(chain_id_, action.subject, index, keys_[index]);
  invariants_.on_vote(vote);
  if (plan_.honest(index)) {
    broadcast(index, message_of(action, vote));
  } else {
    betray(index, action, vote);
  }
  // Back to the core as any input: not within the step that caused it.
  after_in(index, 1, [this, index, vote] { step(index, OwnVoteSigned{vote}); });
}

void World::request_batch(MemberIndex index, const RequestBatch& action) {
  Micros wait = 0;
  for (const MemberIndex candidate : action.candidates) {
    after_in(index, wait, [this, index, candidate, ref = action.ref] {
      if (members_[index].batches.contains(ref.digest)) return;
      const Parcel request{nullptr, nullptr, &ref};
      ship(index, candidate, request, [this, index, candidate, ref] {
        if (plan_.traitors[candidate] == Traitor::kSilent) return;
        step(candidate, BatchMissingAt{index, ref.digest});
        if (!running(candidate) || !members_[candidate].batches.contains(ref.digest)) return;
        ship(candidate, index, {nullptr, &ref, nullptr},
             [this, index, ref] { give_batch(index, ref); });
      });
    });
    wait += 150 * kMillisecond;
  }
}

void World::serve_blocks(MemberIndex index, const ServeBlocks& action) {
  if (plan_.traitors[index] == Traitor::kSilent) return;
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
      if (from != index) request_batch(index, {ref, {from}});
    }
    member.committing = true;
    return after_in(index, 200 * kMillisecond, [this, index] {
      members_[index].committing = false;
      execute(index);
    });
  }
  member.committing = true;
  after_in(index, random_.between(plan_.disk_sync_min, 2 * plan_.disk_sync_max), [this, index] {
    Member& committed = members_[index];
    committed.ledger.push_back(std::move(committed.executing.front()));
    committed.executing.pop_front();
    committed.committing = false;
    const Finalized& block = committed.ledger.back();
    const Height height = block.header.height;
    std::size_t others = 0;
    for (const Member& other : members_) others += other.ledger.size() >= height ? 1 : 0;
    const CheckpointRef checkpoint{height, height * 3, block.hash};
    step(index, BlockCommitted{height});
    if (others < plan_.quorum() || !checkpoints_) return execute(index);
    for (MemberIndex i = 0; i < plan_.n; ++i) {
      if (running(i))
        after_in(i, plan_.network.delay_max,
                 [this, i, checkpoint] { step(i, CheckpointHeld{checkpoint}); });
    }
    if (running(index)) execute(index);
  });
}

// ------------------------------------------------------------------------------- network

bool World::connected(MemberIndex from, MemberIndex to) const {
  return std::none_of(partition_.begin(), partition_.end(), [&](std::size_t i) {
    const Partition& partition = plan_.partitions[i];
    if (partition.side[from] == partition.side[to]) return false;
    return !partition.asymmetric || !partition.side[from];
  });
}

void World::transmit(MemberIndex from, MemberIndex to, std::function<void()> deliver) {
  const bool chaos = now_ < plan_.chaos_until;
  ++tally_.messages;
  const bool deaf = deaf_ == from && now_ < deaf_until_;
  if (deaf || !connected(from, to) || (chaos && random_.chance(plan_.network.loss_per_mille))) {
    ++tally_.lost;
    return;
  }
  const int copies = chaos && random_.chance(plan_.network.duplicate_per_mille) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    after(random_.between(plan_.network.delay_min, plan_.network.delay_max), [this, to, deliver] {
      if (running(to)) deliver();
    });
  }
}

void World::ship(MemberIndex from, MemberIndex to, const Parcel& parcel,
                 std::function<void()> deliver) {
  if (hooks_.takes && hooks_.takes(from, to, parcel, deliver)) return;
  transmit(from, to, std::move(deliver));
}

void World::send(MemberIndex from, MemberIndex to, const Message& message) {
  if (plan_.traitors[from] == Traitor::kSilent) return;
  post(from, to, message);
}

void World::post(MemberIndex from, MemberIndex to, const Message& message) {
  if (trace_) say(std::to_string(from) + " → " + std::to_string(to) + " " + name_of(message));
  if (plan_.honest(from)) watch_.on_sent(from, now_ / kMillisecond);
  const auto* blocks = std::get_if<Blocks>(&message);
  const bool forged =
      blocks != nullptr && plan_.traitors[from] == Traitor::kForger && random_.chance(500);
  const auto bytes = std::make_shared<const Bytes>(
      crypto::encode(forged ? Message(forged_blocks(from, blocks->tip)) : message));
  ship(from, to, {&message, nullptr, nullptr},
       [this, from, to, bytes] { receive(from, to, *bytes); });
}

void World::receive(MemberIndex from, MemberIndex to, const Bytes& bytes) {
  const Verifier verifier(*committee_, chain_id_, cache_);
  auto verified = verifier.verify(bytes, from, members_[to].core->window());
  if (!verified) {
    ++tally_.refused;
    if (hooks_.refuses) hooks_.refuses(to, verified.error());
    if (trace_) say(std::to_string(to) + " refuses: " + verified.error().message());
    return;
  }
  std::optional<View> invalid;
  if (const auto* proposal = std::get_if<Proposal>(&**verified)) {
    const Subject& subject = proposal->vote.subject;
    watch_.on_proposal(to, subject.view);
    const bool faulty =
        header_fault(proposal->header, subject.view, subject.parent_view, *committee_, chain_id_)
            .has_value();
    if (faulty && members_[to].core->status().view == subject.view) invalid = subject.view;
  }
  watch_.on_heard(to, from, now_ / kMillisecond);
  step(to, PeerMessage{from, std::move(*verified)});
  if (invalid && running(to) && plan_.honest(to)) watch_.on_invalid(to, *invalid);
}

void World::broadcast(MemberIndex from, const Message& message) {
  for (MemberIndex to = 0; to < plan_.n; ++to) {
    if (to != from) send(from, to, message);
  }
}

// A batch is written and synced before the core hears of it.
void World::give_batch(MemberIndex to, const BatchRef& ref) {
  if (members_[to].batches.contains(ref.digest)) return;
  after_in(to, random_.between(plan_.disk_sync_min, plan_.disk_sync_max), [this, to, ref] {
    if (!members_[to].batches.emplace(ref.digest, ref).second) return;
    step(to, BatchHeld{ref});
  });
}

}  // namespace sanad::simulation
