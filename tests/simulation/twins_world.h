// Plays one scenario of twins_scenario.h: n + f cores of n members in virtual time, 10 ms from any
// to any, journals durable at once.
//
// A round ends for an instance when it enters the next view, at the latest after 700 ms; what it
// says reaches the instances of its set in that round. After three rounds the network heals, and
// the second instance of each twin restarts from its own journal. Two instances of one member
// never hear each other; a message to a member reaches both.
//
// Checked at every step: I1 to I8 and I13 to I15 over the members that are not doubled
// (invariants.h), and the abstract protocol for each instance by itself (refinement.h), for each
// half of a twin is honest. At the end every member that is not doubled has executed what each of
// them submitted.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <queue>

#include "simulation/invariants.h"
#include "simulation/refinement.h"
#include "simulation/twins_scenario.h"

namespace sanad::simulation {

// Keys of a committee whose leaders come in the order of its members; signatures are remembered
// over scenarios, since many are the same.
class TwinKeys {
 public:
  explicit TwinKeys(std::size_t n);
  [[nodiscard]] const consensus::Vote& sign(const consensus::Subject& subject, MemberIndex member);

  consensus::Hash chain_id;
  std::vector<crypto::SigningKey> keys;
  std::optional<consensus::Committee> committee;
  consensus::SignatureCache cache;

 private:
  std::map<std::pair<consensus::Subject, MemberIndex>, consensus::Vote> votes_;
};

struct TwinTally {
  std::uint64_t scenarios = 0;
  std::uint64_t conflicts = 0;  // views in which both halves of a twin voted, and differently
  std::uint64_t proposals = 0;  // of these, views in which both proposed, and different blocks
  std::uint64_t split = 0;      // scenarios in which something was final before the network healed
  std::uint64_t evidence = 0;   // found by members that are not doubled
  std::uint64_t heights = 0;
  std::uint64_t steps = 0;
};

class TwinWorld {
 public:
  using Trace = std::function<void(const std::string&)>;

  // All outlive it. `trace` may be empty.
  TwinWorld(const TwinScenario& scenario, TwinKeys& keys, const Trace& trace);
  TwinWorld(const TwinWorld&) = delete;
  TwinWorld& operator=(const TwinWorld&) = delete;
  // Throws Violation. Adds to `tally`.
  void run(TwinTally& tally);

 private:
  using View = consensus::View;
  using Hash = consensus::Hash;
  struct Instance {
    MemberIndex member = 0;
    std::unique_ptr<consensus::Core> core;
    std::unique_ptr<AbstractMember> witness;
    std::vector<consensus::JournalRecord> journal;
    std::map<Hash, consensus::BatchRef> batches;
    std::vector<consensus::Finalized> ledger;
    std::deque<consensus::Finalized> executing;
    std::uint64_t timer = 0;  // of the newest SetTimer
    unsigned life = 0;
  };
  struct Scheduled {
    std::uint64_t at_ms = 0;
    std::uint64_t order = 0;
    std::function<void()> work;
    bool operator>(const Scheduled& other) const {
      return std::tie(at_ms, order) > std::tie(other.at_ms, other.order);
    }
  };

  void after(std::uint64_t delay_ms, std::function<void()> work);
  void say(std::size_t instance, const std::string& what) const;
  void start(std::size_t at);
  void give_work(std::size_t at);
  void heal();
  void step(std::size_t at, consensus::Event event);
  // The same a moment later, if the process still runs then.
  void step_later(std::size_t at, consensus::Event event);
  void look_at(const Instance& one, const std::vector<consensus::Action>& actions);

  void carry_out(std::size_t at, consensus::Persist action);
  void carry_out(std::size_t at, const consensus::CastVote& action);
  void carry_out(std::size_t at, const consensus::Broadcast& action);
  void carry_out(std::size_t at, const consensus::Send& action);
  void carry_out(std::size_t at, const consensus::SetTimer& action);
  void carry_out(std::size_t at, const consensus::RequestBatch& action);
  void carry_out(std::size_t at, const consensus::ServeBlocks& action);
  void carry_out(std::size_t at, consensus::Finalized action);
  void carry_out(std::size_t at, const consensus::EvidenceFound& action);
  void carry_out(std::size_t, const consensus::CensorshipSuspected&) {}

  [[nodiscard]] std::size_t round_of(const Instance& one) const;
  [[nodiscard]] bool hears(std::size_t to, std::size_t from) const;
  // `deliver` is called for each instance of `member` (of any, with none) that hears `from`.
  void reach(std::size_t from, std::optional<MemberIndex> member,
             const std::function<void(std::size_t to)>& deliver);
  void post(std::size_t from, std::optional<MemberIndex> to, const consensus::Message& message);
  void give_batch(std::size_t to, const consensus::BatchRef& ref);
  void execute(std::size_t at);

  [[nodiscard]] bool honest(const Instance& one) const { return plan_.honest(one.member); }
  [[nodiscard]] bool holds(const Instance& one, const consensus::BlockHeader& header) const;
  [[nodiscard]] std::size_t honest_holders(const consensus::BlockHeader& header) const;
  [[nodiscard]] bool done() const;
  void count(TwinTally& tally) const;

  const TwinScenario& scenario_;
  TwinKeys& keys_;
  const Trace& trace_;
  const consensus::Limits limits_;
  const AbstractCommittee abstract_;
  Plan plan_;
  Invariants invariants_;
  std::vector<Instance> instances_;
  std::priority_queue<Scheduled, std::vector<Scheduled>, std::greater<>> events_;
  std::uint64_t now_ms_ = 0;
  std::uint64_t order_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t evidence_ = 0;
  bool split_ = false;
  std::map<Hash, consensus::BlockHeader> proposed_;
  std::set<Hash> owed_;  // batches of members that are not doubled
  // What each instance signed, by view.
  std::map<View, std::map<std::size_t, std::set<consensus::Subject>>> signed_;
};

}  // namespace sanad::simulation
