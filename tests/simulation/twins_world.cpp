#include "simulation/twins_world.h"

#include <algorithm>

#include "consensus/ledger_blocks.h"

namespace sanad::simulation {

using namespace consensus;

namespace {

constexpr std::uint64_t kWallMs = 1'700'000'000'000;  // any wall clock will do
constexpr std::uint64_t kDelayMs = 10;
constexpr std::uint64_t kRoundMs = 700;  // time to give a view up twice
constexpr std::uint64_t kSettleMs = 60'000;
constexpr std::size_t kVotesKept = 200'000;
constexpr std::size_t kSignaturesKept = 1 << 18;

bool leads_in_order(const Committee& committee) {
  for (View view = 1; view <= committee.n(); ++view) {
    if (committee.leader(view) != view - 1) return false;
  }
  return true;
}

Plan plan_of(const TwinScenario& scenario) {
  Plan plan;
  plan.n = scenario.n;
  plan.traitors.assign(plan.n, Traitor::kNone);
  for (const std::size_t twin : scenario.twins) plan.traitors[twin] = Traitor::kEquivocator;
  return plan;
}

}  // namespace

TwinKeys::TwinKeys(std::size_t n) : cache(kSignaturesKept) {
  std::vector<PublicKey> members;
  for (std::uint8_t i = 0; i < n; ++i) {
    crypto::Seed seed;
    seed.bytes[0] = i;
    keys.emplace_back(seed);
    members.push_back(keys.back().public_key());
  }
  for (std::uint64_t number = 0;; ++number) {
    chain_id = crypto::tagged_hash("twins", number);
    committee.emplace(kFirstEpoch, members, chain_id);
    if (leads_in_order(*committee)) return;
  }
}

const Vote& TwinKeys::sign(const Subject& subject, MemberIndex member) {
  if (votes_.size() > kVotesKept) votes_.clear();
  const auto [found, fresh] = votes_.try_emplace({subject, member});
  if (fresh) found->second = sign_vote(chain_id, subject, member, keys[member]);
  return found->second;
}

TwinWorld::TwinWorld(const TwinScenario& scenario, TwinKeys& keys, const Trace& trace)
    : scenario_(scenario),
      keys_(keys),
      trace_(trace),
      abstract_(scenario.n, keys.chain_id),
      plan_(plan_of(scenario)),
      invariants_(plan_),
      instances_(scenario.instances()) {
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    const std::size_t place = i < scenario.n ? i : scenario.twins[i - scenario.n];
    instances_[i].member = static_cast<MemberIndex>(place);
  }
}

void TwinWorld::after(std::uint64_t delay_ms, std::function<void()> work) {
  events_.push({now_ms_ + delay_ms, order_++, std::move(work)});
}

void TwinWorld::say(std::size_t instance, const std::string& what) const {
  if (!trace_) return;
  const bool second = instance >= scenario_.n;
  trace_(std::to_string(now_ms_) + " ms " + std::to_string(instances_[instance].member) +
         (second ? "' " : " ") + what);
}

// ----------------------------------------------------------------------------- instances

void TwinWorld::start(std::size_t at) {
  Instance& one = instances_[at];
  ++one.life;
  const MemberIndex member = one.member;
  AbstractMember::FinalChain finals;
  if (one.witness) finals = one.witness->finals();
  one.witness = std::make_unique<AbstractMember>(member, abstract_, limits_, std::move(finals));
  one.witness->remember(one.journal);
  if (honest(one)) invariants_.on_restart(member);
  const BeaconSource beacon = [member](View view) {
    return crypto::tagged_hash("twins-beacon", member * 1'000'000 + view);
  };
  CoreOptions options{*keys_.committee, keys_.chain_id, member, limits_, beacon, false};
  one.core = std::make_unique<Core>(std::move(options), replay(one.journal));
  step(at, Started{one.ledger.size(), {}});
  std::set<Hash> committed;
  for (const Finalized& block : one.ledger) {
    for (const BatchRef& ref : block.header.batches) committed.insert(ref.digest);
  }
  for (const auto& [digest, ref] : one.batches) {
    if (!committed.contains(digest)) step(at, BatchHeld{ref});
  }
}

// A batch of its own for every instance: the halves of a twin make two of one number.
void TwinWorld::give_work(std::size_t at) {
  const Instance& one = instances_[at];
  const BatchRef ref{one.member, 0, crypto::tagged_hash("twins-batch", at), 1'000, 10};
  if (honest(one)) owed_.insert(ref.digest);
  give_batch(at, ref);
  reach(at, {}, [this, ref](std::size_t to) { give_batch(to, ref); });
}

void TwinWorld::heal() {
  split_ = invariants_.height() > 0;
  for (std::size_t at = scenario_.n; at < instances_.size(); ++at) {
    say(at, "restarts from its journal");
    instances_[at].executing.clear();
    start(at);
  }
}

void TwinWorld::step(std::size_t at, Event event) {
  Instance& one = instances_[at];
  ++steps_;
  const Input input{now_ms_, kWallMs + now_ms_, std::move(event)};
  std::vector<Action> actions = one.core->step(input);
  replay_step(*one.witness, input, actions);
  look_at(one, actions);
  for (Action& action : actions) {
    std::visit([&](auto& each) { carry_out(at, std::move(each)); }, action);
  }
}

void TwinWorld::step_later(std::size_t at, Event event) {
  after(0, [this, at, life = instances_[at].life, event = std::move(event)] {
    if (instances_[at].life == life) step(at, event);
  });
}

void TwinWorld::look_at(const Instance& one, const std::vector<Action>& actions) {
  if (!honest(one)) return;
  invariants_.on_view(one.member, one.core->status().view);
  for (const Action& action : actions) {
    const auto* persist = std::get_if<Persist>(&action);
    if (persist == nullptr) continue;
    const auto* held = std::get_if<HeldCertificate>(&persist->record);
    if (held != nullptr) invariants_.on_certificate(one.member, held->certificate);
  }
}

// ------------------------------------------------------------------------------- actions

void TwinWorld::carry_out(std::size_t at, Persist action) {
  instances_[at].journal.push_back(std::move(action.record));
}

void TwinWorld::carry_out(std::size_t at, const CastVote& action) {
  const Instance& one = instances_[at];
  const Subject& subject = action.subject;
  if (action.header) proposed_.emplace(subject.block, *action.header);
  const auto block = proposed_.find(subject.block);
  if (honest(one) && subject.kind == VoteKind::notarize && block != proposed_.end()) {
    invariants_.on_parent(subject, block->second.parent);
    invariants_.on_cast(one.member, subject, true, holds(one, block->second));
  }
  signed_[subject.view][at].insert(subject);
  const Vote& vote = keys_.sign(subject, one.member);
  invariants_.on_vote(vote);
  say(at, std::string(enum_names(subject.kind)[static_cast<std::size_t>(subject.kind)]) + " view " +
              std::to_string(subject.view) + " block " + subject.block.hex().substr(0, 8));
  post(at, {}, message_of(action, vote));
  step_later(at, OwnVoteSigned{vote});
}

void TwinWorld::carry_out(std::size_t at, const Broadcast& action) { post(at, {}, action.message); }

void TwinWorld::carry_out(std::size_t at, const Send& action) {
  post(at, action.to, action.message);
}

void TwinWorld::carry_out(std::size_t at, const SetTimer& action) {
  const std::uint64_t number = ++instances_[at].timer;
  const std::uint64_t wait_ms = action.at_ms > now_ms_ ? action.at_ms - now_ms_ : 1;
  after(wait_ms, [this, at, number, life = instances_[at].life] {
    if (instances_[at].life == life && instances_[at].timer == number) step(at, TimerFired{});
  });
}

void TwinWorld::carry_out(std::size_t at, const RequestBatch& action) {
  for (const MemberIndex candidate : action.candidates) {
    reach(at, candidate, [this, at, ref = action.ref](std::size_t asked) {
      step(asked, BatchMissingAt{instances_[at].member, ref.digest});
      if (!instances_[asked].batches.contains(ref.digest)) return;
      reach(asked, instances_[at].member, [this, at, ref](std::size_t to) {
        if (to == at) give_batch(to, ref);
      });
    });
  }
}

void TwinWorld::carry_out(std::size_t at, const ServeBlocks& action) {
  const std::vector<Finalized>& ledger = instances_[at].ledger;
  const auto read = [&ledger](Height height) -> Result<Finalized> { return ledger[height - 1]; };
  const auto reply = blocks_from(action.request, ledger.size(), read);
  if (reply && *reply) post(at, action.to, **reply);
}

void TwinWorld::carry_out(std::size_t at, Finalized action) {
  Instance& one = instances_[at];
  say(at, "final: height " + std::to_string(action.header.height) + " of view " +
              std::to_string(action.header.origin_view));
  if (honest(one)) {
    invariants_.on_finalized(one.member, action, honest_holders(action.header));
  }
  one.executing.push_back(std::move(action));
  execute(at);
}

void TwinWorld::carry_out(std::size_t at, const EvidenceFound& action) {
  if (!check(action.evidence, *keys_.committee, keys_.chain_id)) {
    violate("I15", "evidence that does not hold");
  }
  if (!honest(instances_[at])) return;
  ++evidence_;
  invariants_.on_evidence(accused(action.evidence));
}

void TwinWorld::execute(std::size_t at) {
  Instance& one = instances_[at];
  while (!one.executing.empty() && holds(one, one.executing.front().header)) {
    one.ledger.push_back(std::move(one.executing.front()));
    one.executing.pop_front();
    step_later(at, BlockCommitted{one.ledger.size()});
  }
}

// ------------------------------------------------------------------------------- network

std::size_t TwinWorld::round_of(const Instance& one) const {
  const View view = one.core ? one.core->status().view : 1;
  return std::max<std::size_t>(view - 1, now_ms_ / kRoundMs);
}

bool TwinWorld::hears(std::size_t to, std::size_t from) const {
  if (instances_[to].member == instances_[from].member) return false;
  const std::size_t round = round_of(instances_[from]);
  return round >= kTwinRounds || scenario_.sets[round][to] == scenario_.sets[round][from];
}

void TwinWorld::reach(std::size_t from, std::optional<MemberIndex> member,
                      const std::function<void(std::size_t to)>& deliver) {
  for (std::size_t to = 0; to < instances_.size(); ++to) {
    if (member && instances_[to].member != *member) continue;
    if (hears(to, from)) after(kDelayMs, [deliver, to] { deliver(to); });
  }
}

void TwinWorld::post(std::size_t from, std::optional<MemberIndex> to, const Message& message) {
  const MemberIndex sender = instances_[from].member;
  const auto shared = std::make_shared<const Message>(message);
  reach(from, to, [this, sender, shared](std::size_t at) {
    const Verifier verifier(*keys_.committee, keys_.chain_id, keys_.cache);
    auto verified = verifier.verify(*shared, sender, instances_[at].core->window());
    if (verified) step(at, PeerMessage{sender, std::move(*verified)});
  });
}

void TwinWorld::give_batch(std::size_t to, const BatchRef& ref) {
  if (!instances_[to].batches.emplace(ref.digest, ref).second) return;
  step(to, BatchHeld{ref});
  execute(to);
}

// ------------------------------------------------------------------------------- the run

bool TwinWorld::holds(const Instance& one, const BlockHeader& header) const {
  return std::all_of(header.batches.begin(), header.batches.end(),
                     [&one](const BatchRef& ref) { return one.batches.contains(ref.digest); });
}

std::size_t TwinWorld::honest_holders(const BlockHeader& header) const {
  return static_cast<std::size_t>(
      std::count_if(instances_.begin(), instances_.end(),
                    [&](const Instance& one) { return honest(one) && holds(one, header); }));
}

bool TwinWorld::done() const {
  const auto& ordered = invariants_.ordered();
  if (!std::includes(ordered.begin(), ordered.end(), owed_.begin(), owed_.end())) return false;
  return std::all_of(instances_.begin(), instances_.end(), [this](const Instance& one) {
    return !honest(one) || one.ledger.size() >= invariants_.height();
  });
}

void TwinWorld::run(TwinTally& tally) {
  for (std::size_t at = 0; at < instances_.size(); ++at) start(at);
  for (std::size_t at = 0; at < instances_.size(); ++at) give_work(at);
  constexpr std::uint64_t kHealMs = kTwinRounds * kRoundMs;
  after(kHealMs, [this] { heal(); });
  while (!events_.empty()) {
    const Scheduled event = events_.top();
    events_.pop();
    now_ms_ = event.at_ms;
    if (now_ms_ > kHealMs + kSettleMs) violate("I17", "work is still open");
    event.work();
    if (now_ms_ > kHealMs && done()) break;
  }
  count(tally);
}

void TwinWorld::count(TwinTally& tally) const {
  ++tally.scenarios;
  tally.heights += invariants_.height();
  tally.steps += steps_;
  tally.evidence += evidence_;
  tally.split += split_ ? 1 : 0;
  for (const auto& [view, by_instance] : signed_) {
    for (std::size_t i = 0; i < scenario_.twins.size(); ++i) {
      const auto first = by_instance.find(scenario_.twins[i]);
      const auto second = by_instance.find(scenario_.n + i);
      if (first == by_instance.end() || second == by_instance.end()) continue;
      if (first->second != second->second) ++tally.conflicts;
      const auto proposed = [&](const Subject& subject) {
        const auto block = proposed_.find(subject.block);
        return block != proposed_.end() && block->second.proposer == scenario_.twins[i] &&
               subject.kind == VoteKind::notarize;
      };
      for (const Subject& a : first->second) {
        for (const Subject& b : second->second) {
          tally.proposals += proposed(a) && proposed(b) && a.block != b.block ? 1 : 0;
        }
      }
    }
  }
}

}  // namespace sanad::simulation
