// A world that a script plays, step by step: who is down, what the wire does with which message,
// what a traitor forges; and what was seen. The members' cores and every invariant are World's.
//
// The leaders' order is that of the members: view v is led by member (v − 1) mod n.
#pragma once

#include "simulation/world.h"

namespace sanad::simulation {

// Names of what travels: votes by their kind, certificates by theirs, then the other messages, a
// batch's bytes and the request for them.
const std::vector<std::string>& parcel_kinds();
[[nodiscard]] std::string kind_of(const Parcel& parcel);
[[nodiscard]] std::string kind_of(const consensus::Message& message);

// What happens to parcels on the wire. Empty lists and an absent view mean any.
struct WireRule {
  enum class Fate : std::uint8_t { kDrop, kHold, kDelay };
  std::size_t line = 0;  // of the script
  Fate fate = Fate::kDrop;
  std::vector<std::string> kinds;
  std::vector<MemberIndex> from;
  std::vector<MemberIndex> to;
  std::optional<consensus::View> view;  // votes, certificates and proposals of this view only
  Micros delay = 0;
  std::uint64_t hits = 0;
};

// Members of different sides do not hear each other; with `one_way` the first side is not heard by
// the others, but hears them.
struct Sides {
  std::size_t line = 0;
  std::vector<std::size_t> side;  // by member
  bool one_way = false;
  std::uint64_t hits = 0;
};

class Stage {
 public:
  // Four honest members, 30 ms one way, 1 ms a sync; no chance in any of it.
  explicit Stage(std::function<void(const std::string&)> trace);
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // ---- before the first member starts
  [[nodiscard]] Plan& plan() { return plan_; }
  [[nodiscard]] const Plan& plan() const { return plan_; }
  [[nodiscard]] bool begun() const { return world_ != nullptr; }
  // Starts all members. REQUIRES: not begun.
  void begin();

  // ---- time; REQUIRES from here on: begun
  void run(Micros span);
  // Runs until `enough`, for `span` at most; whether it came true.
  bool run_until(Micros span, const std::function<bool()>& enough);
  // Final chains of honest members are prefixes of each other. Throws Violation. All other
  // invariants are checked as things happen.
  void check() const;

  // ---- members
  [[nodiscard]] bool running(MemberIndex member) const { return world_->running(member); }
  void crash(MemberIndex member) { world_->crash(member); }
  void restart(MemberIndex member);
  // R3: of a member that is down; it begins again in quarantine, beside its ledger.
  void forget(MemberIndex member);
  // Every member stops, and nothing that was not synced is on any disk.
  void power_cut();
  void can_lead(MemberIndex member, bool can) { world_->step(member, consensus::CanPropose{can}); }
  void want_blocks(consensus::Height through);
  void measured(std::uint64_t one_way_ms);
  void cosign(bool on) { world_->checkpoints_ = on; }
  // A new batch of `author`, sent to `to`.
  consensus::BatchRef pack(MemberIndex author, const std::vector<MemberIndex>& to);

  // ---- the wire
  void add(WireRule rule) { rules_.push_back(std::move(rule)); }
  void part(Sides sides);
  // These end a partition; what drops and delays; what holds, and deliver what is held. False if
  // there was nothing to end.
  bool heal();
  bool clear();
  bool release();
  // Lines of faults that hit nothing, of those that ended or (at the end) all.
  [[nodiscard]] const std::vector<std::size_t>& idle_faults() const { return idle_faults_; }
  void end();

  // ---- forged by a traitor `by`, who sends nothing else (Traitor::kSilent)
  struct Forgery {
    MemberIndex by = 0;
    std::vector<MemberIndex> to;
    consensus::View view = 0;
    consensus::VoteKind kind = consensus::VoteKind::notarize;
  };
  // A block on the one proposed in `parent`; `fault` is one of proposal_faults(), or empty.
  void forge_proposal(const Forgery& forgery, consensus::View parent, const std::string& fault);
  static const std::vector<std::string>& proposal_faults();
  void forge_vote(const Forgery& forgery, bool bad_signature);
  // The bitmap claims these signers; the traitor signed for all of them.
  void forge_certificate(const Forgery& forgery, const std::vector<MemberIndex>& claims);
  // Another member's vote, as it was seen on the wire. False if none was.
  [[nodiscard]] bool relay_vote(const Forgery& forgery, MemberIndex of);
  // Batches that nobody has.
  void forge_announce(const Forgery& forgery, std::size_t count);
  // Two batches with one sequence number: the first for the lower half of the others.
  std::pair<consensus::BatchRef, consensus::BatchRef> forge_twins(MemberIndex by);

  // ---- what was seen
  [[nodiscard]] Micros now() const { return world_->now_; }
  [[nodiscard]] consensus::CoreStatus status(MemberIndex member) const;
  [[nodiscard]] const std::vector<consensus::Finalized>& ledger(MemberIndex member) const;
  // A quorum of such votes was sent, by whomever to whomever.
  [[nodiscard]] bool reached(consensus::VoteKind kind, consensus::View view) const;
  [[nodiscard]] bool voted(MemberIndex member, consensus::VoteKind kind,
                           consensus::View view) const;
  [[nodiscard]] std::uint64_t votes() const { return votes_; }
  [[nodiscard]] std::uint64_t sent(const std::string& kind, MemberIndex by) const;
  [[nodiscard]] std::uint64_t refused(consensus::Errc code) const;
  [[nodiscard]] bool accused(MemberIndex member) const { return accused_.contains(member); }
  [[nodiscard]] const std::vector<consensus::CensorshipSuspected>& alarms() const {
    return alarms_;
  }
  // A traitor did what it is there for.
  [[nodiscard]] bool attacked(MemberIndex traitor) const { return attacked_.contains(traitor); }
  [[nodiscard]] const std::deque<std::string>& last_lines() const { return world_->last_lines_; }

 private:
  bool takes(MemberIndex from, MemberIndex to, const Parcel& parcel,
             const std::function<void()>& deliver);
  [[nodiscard]] bool parted(MemberIndex from, MemberIndex to);
  void observe(MemberIndex from, const Parcel& parcel);
  void observe_vote(MemberIndex from, const consensus::Vote& vote);
  void observe(MemberIndex member, const consensus::Action& action);
  void deliver_later(MemberIndex to, Micros delay, const std::function<void()>& deliver);
  void retire(const WireRule& rule);
  void post(const Forgery& forgery, const consensus::Message& message);
  [[nodiscard]] consensus::Vote sign(MemberIndex by, const consensus::Subject& subject);
  [[nodiscard]] consensus::Hash block_of(consensus::View view) const;

  struct Held {
    MemberIndex to = 0;
    std::function<void()> deliver;
  };
  using VoteKey = std::tuple<consensus::VoteKind, consensus::View, MemberIndex>;

  std::function<void(const std::string&)> trace_;
  Plan plan_;
  std::unique_ptr<World> world_;
  std::optional<std::uint64_t> measured_ms_;

  std::vector<WireRule> rules_;
  std::optional<Sides> sides_;
  std::vector<Held> held_;
  std::vector<std::size_t> idle_faults_;

  std::map<consensus::Subject, std::set<MemberIndex>> signers_;
  std::map<VoteKey, consensus::Vote> seen_votes_;
  std::map<consensus::View, consensus::BlockHeader> proposals_;  // the first of each view
  std::map<std::pair<std::string, MemberIndex>, std::uint64_t> sent_;
  std::map<int, std::uint64_t> refused_;
  std::set<MemberIndex> accused_;
  std::set<MemberIndex> attacked_;
  std::vector<consensus::CensorshipSuspected> alarms_;
  std::uint64_t votes_ = 0;
};

}  // namespace sanad::simulation
