#include "simulation/stage.h"

#include <algorithm>

namespace sanad::simulation {

using namespace consensus;

namespace {

bool is_any_or_has(const std::vector<MemberIndex>& members, MemberIndex member) {
  return members.empty() || std::find(members.begin(), members.end(), member) != members.end();
}

std::optional<View> view_of(const Parcel& parcel) {
  if (parcel.message == nullptr) return std::nullopt;
  if (const auto* vote = std::get_if<Vote>(parcel.message)) return vote->subject.view;
  if (const auto* held = std::get_if<Certificate>(parcel.message)) return held->subject.view;
  if (const auto* made = std::get_if<Proposal>(parcel.message)) return made->vote.subject.view;
  return std::nullopt;
}

bool matches(const WireRule& rule, MemberIndex from, MemberIndex to, const Parcel& parcel) {
  if (!is_any_or_has(rule.from, from) || !is_any_or_has(rule.to, to)) return false;
  if (rule.view && view_of(parcel) != rule.view) return false;
  const std::string kind = kind_of(parcel);
  return rule.kinds.empty() ||
         std::find(rule.kinds.begin(), rule.kinds.end(), kind) != rule.kinds.end();
}

// Where begin() finds seven members' leaders in order, and so fewer members' too.
constexpr std::uint64_t kSeed = 8475;

bool leads_in_order(const Committee& committee) {
  for (View view = 1; view <= committee.n(); ++view) {
    if (committee.leader(view) != view - 1) return false;
  }
  return true;
}

}  // namespace

const std::vector<std::string>& parcel_kinds() {
  static const std::vector<std::string> kKinds = {
      "notarize",      "nullify",         "finalize",   "notarization", "nullification", "proposal",
      "status",        "get-certificate", "get-blocks", "finalization", "blocks",        "batch",
      "batch-request", "announce",        "get-view",   "view-report"};
  return kKinds;
}

std::string kind_of(const Message& message) {
  static constexpr std::array<const char*, 3> kVotes = {"notarize", "nullify", "finalize"};
  static constexpr std::array<const char*, 3> kCertificates = {"notarization", "nullification",
                                                               "finalization"};
  static constexpr auto kOthers =
      std::to_array<const char*>({"", "", "proposal", "status", "get-certificate", "get-blocks",
                                  "blocks", "announce", "get-view", "view-report"});
  static_assert(kOthers.size() == std::variant_size_v<Message>);
  if (const auto* vote = std::get_if<Vote>(&message)) {
    return kVotes[static_cast<std::size_t>(vote->subject.kind)];
  }
  if (const auto* certificate = std::get_if<Certificate>(&message)) {
    return kCertificates[static_cast<std::size_t>(certificate->subject.kind)];
  }
  return kOthers[message.index()];
}

std::string kind_of(const Parcel& parcel) {
  if (parcel.message != nullptr) return kind_of(*parcel.message);
  return parcel.batch != nullptr ? "batch" : "batch-request";
}

// ---------------------------------------------------------------------------- begin, time

Stage::Stage(std::function<void(const std::string&)> trace) : trace_(std::move(trace)) {
  plan_.seed = kSeed;
  plan_.traitors.assign(plan_.n, Traitor::kNone);
  plan_.network.delay_min = plan_.network.delay_max = 30 * kMillisecond;
  plan_.disk_sync_min = plan_.disk_sync_max = kMillisecond;
}

void Stage::begin() {
  // Keys and the chain's id follow from the seed: the first seed whose leaders come in order.
  while (true) {
    world_ = std::make_unique<World>(plan_, trace_);
    if (leads_in_order(*world_->committee_)) break;
    ++plan_.seed;
  }
  world_->watch_.leave_views_to_script();
  world_->hooks_.acts = [this](MemberIndex member, const Action& action) {
    observe(member, action);
  };
  world_->hooks_.refuses = [this](MemberIndex, const crypto::Error& error) {
    ++refused_[error.code.value()];
  };
  world_->hooks_.takes = [this](MemberIndex from, MemberIndex to, const Parcel& parcel,
                                const std::function<void()>& deliver) {
    return takes(from, to, parcel, deliver);
  };
  for (MemberIndex member = 0; member < plan_.n; ++member) world_->start(member);
}

void Stage::run(Micros span) {
  run_until(span, [] { return false; });
}

bool Stage::run_until(Micros span, const std::function<bool()>& enough) {
  World& world = *world_;
  const Micros until = world.now_ + span;
  if (enough()) return true;
  while (!world.events_.empty() && world.events_.top().at <= until) {
    const World::Scheduled event = world.events_.top();
    world.events_.pop();
    world.now_ = event.at;
    event.work();
    if (enough()) return true;
  }
  world.now_ = until;
  return false;
}

void Stage::check() const {
  const std::vector<Finalized>* longest = nullptr;
  for (MemberIndex member = 0; member < plan_.n; ++member) {
    if (!plan_.honest(member)) continue;
    if (longest == nullptr || ledger(member).size() > longest->size()) longest = &ledger(member);
  }
  for (MemberIndex member = 0; member < plan_.n; ++member) {
    if (!plan_.honest(member)) continue;
    const auto same = [](const Finalized& a, const Finalized& b) { return a.hash == b.hash; };
    if (!std::equal(ledger(member).begin(), ledger(member).end(), longest->begin(), same)) {
      throw Violation("I1: the ledger of member " + std::to_string(member) + " is no prefix");
    }
  }
}

// ---------------------------------------------------------------------------- members

void Stage::restart(MemberIndex member) {
  world_->start(member);
  if (measured_ms_) world_->step(member, DelayMeasured{*measured_ms_});
}

void Stage::forget(MemberIndex member) {
  Member& one = world_->members_[member];
  one.journal = {Silence{}};
  if (one.ledger.empty()) return;
  one.journal = quarantined_at(one.ledger.back().header, one.ledger.back().finalization);
}

void Stage::power_cut() {
  for (MemberIndex member = 0; member < plan_.n; ++member) {
    world_->members_[member].syncing = false;  // a torn sync leaves nothing
    world_->crash(member);
  }
}

void Stage::want_blocks(Height through) {
  for (MemberIndex member = 0; member < plan_.n; ++member) {
    if (running(member)) world_->step(member, BlocksWanted{through});
  }
}

void Stage::measured(std::uint64_t one_way_ms) {
  measured_ms_ = one_way_ms;
  for (MemberIndex member = 0; member < plan_.n; ++member) {
    if (running(member)) world_->step(member, DelayMeasured{one_way_ms});
  }
}

BatchRef Stage::pack(MemberIndex author, const std::vector<MemberIndex>& to) {
  World& world = *world_;
  const BatchRef ref{author, world.members_[author].next_seq++, random_hash(world.random_), 1'000,
                     10};
  world.after_in(author, plan_.disk_sync_max, [this, author, ref, to] {
    World& then = *world_;
    then.members_[author].batches.emplace(ref.digest, ref);
    for (const MemberIndex other : to) {
      if (other == author) continue;
      then.ship(author, other, {nullptr, &ref, nullptr},
                [this, other, ref] { world_->give_batch(other, ref); });
    }
    then.step(author, BatchHeld{ref});
  });
  return ref;
}

// ---------------------------------------------------------------------------- the wire

void Stage::part(Sides sides) {
  heal();
  sides_ = std::move(sides);
}

bool Stage::heal() {
  if (!sides_) return false;
  if (sides_->hits == 0) idle_faults_.push_back(sides_->line);
  sides_.reset();
  return true;
}

void Stage::retire(const WireRule& rule) {
  if (rule.hits == 0) idle_faults_.push_back(rule.line);
}

bool Stage::clear() {
  const std::size_t ended = std::erase_if(rules_, [this](const WireRule& rule) {
    if (rule.fate == WireRule::Fate::kHold) return false;
    retire(rule);
    return true;
  });
  return ended > 0;
}

bool Stage::release() {
  const std::size_t ended = std::erase_if(rules_, [this](const WireRule& rule) {
    if (rule.fate != WireRule::Fate::kHold) return false;
    retire(rule);
    return true;
  });
  for (const Held& held : std::exchange(held_, {})) deliver_later(held.to, 1, held.deliver);
  return ended > 0;
}

void Stage::end() {
  heal();
  for (const WireRule& rule : rules_) retire(rule);
  rules_.clear();
}

bool Stage::parted(MemberIndex from, MemberIndex to) {
  if (!sides_ || sides_->side[from] == sides_->side[to]) return false;
  if (sides_->one_way && sides_->side[from] != 0) return false;
  ++sides_->hits;
  return true;
}

void Stage::deliver_later(MemberIndex to, Micros delay, const std::function<void()>& deliver) {
  world_->after(delay, [this, to, deliver] {
    if (running(to)) deliver();
  });
}

bool Stage::takes(MemberIndex from, MemberIndex to, const Parcel& parcel,
                  const std::function<void()>& deliver) {
  observe(from, parcel);
  if (parted(from, to)) return true;
  for (WireRule& rule : rules_) {
    if (!matches(rule, from, to, parcel)) continue;
    ++rule.hits;
    if (rule.fate == WireRule::Fate::kHold) held_.push_back({to, deliver});
    if (rule.fate == WireRule::Fate::kDelay) deliver_later(to, rule.delay, deliver);
    if (trace_) {
      world_->say(std::to_string(from) + " → " + std::to_string(to) + " " + kind_of(parcel) +
                  ": line " + std::to_string(rule.line));
    }
    return true;
  }
  return false;
}

// ---------------------------------------------------------------------------- what was seen

void Stage::observe_vote(MemberIndex from, const Vote& vote) {
  if (vote.voter != from) return;  // relayed
  signers_[vote.subject].insert(from);
  seen_votes_.emplace(VoteKey{vote.subject.kind, vote.subject.view, from}, vote);
  ++votes_;
}

void Stage::observe(MemberIndex from, const Parcel& parcel) {
  ++sent_[{kind_of(parcel), from}];
  if (parcel.message == nullptr) return;
  if (const auto* vote = std::get_if<Vote>(parcel.message)) observe_vote(from, *vote);
  if (const auto* proposal = std::get_if<Proposal>(parcel.message)) {
    observe_vote(from, proposal->vote);
    proposals_.emplace(proposal->vote.subject.view, proposal->header);
  }
}

void Stage::observe(MemberIndex member, const Action& action) {
  if (!plan_.honest(member)) {
    // Where a vote is due a silent traitor says nothing, and any other says two things.
    if (std::holds_alternative<CastVote>(action)) attacked_.insert(member);
    return;
  }
  if (const auto* evidence = std::get_if<EvidenceFound>(&action)) {
    accused_.insert(consensus::accused(evidence->evidence));
  } else if (const auto* alarm = std::get_if<CensorshipSuspected>(&action)) {
    alarms_.push_back(*alarm);
  }
}

CoreStatus Stage::status(MemberIndex member) const {
  return world_->members_[member].core->status();
}

const std::vector<Finalized>& Stage::ledger(MemberIndex member) const {
  return world_->members_[member].ledger;
}

bool Stage::reached(VoteKind kind, View view) const {
  return std::any_of(signers_.begin(), signers_.end(), [&](const auto& entry) {
    const auto& [subject, members] = entry;
    return subject.kind == kind && subject.view == view && members.size() >= plan_.quorum();
  });
}

bool Stage::voted(MemberIndex member, VoteKind kind, View view) const {
  return std::any_of(signers_.begin(), signers_.end(), [&](const auto& entry) {
    const auto& [subject, members] = entry;
    return subject.kind == kind && subject.view == view && members.contains(member);
  });
}

std::uint64_t Stage::sent(const std::string& kind, MemberIndex by) const {
  const auto found = sent_.find({kind, by});
  return found == sent_.end() ? 0 : found->second;
}

std::uint64_t Stage::refused(Errc code) const {
  const auto found = refused_.find(static_cast<int>(code));
  return found == refused_.end() ? 0 : found->second;
}

}  // namespace sanad::simulation
