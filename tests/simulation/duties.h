// What an honest member owes the others, and may not take from them, seen from outside: rules that
// a second mechanism would make good for, so that nothing else shows when they are broken.
#pragma once

#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "consensus/core.h"
#include "simulation/invariants.h"
#include "simulation/plan.h"

namespace sanad::simulation {

class Duties {
 public:
  explicit Duties(const Plan& plan) : members_(plan.n) {}

  void on_start(MemberIndex member) { members_[member] = {}; }
  // W3: the core was told of a batch.
  void on_held(MemberIndex member, const consensus::Hash& digest);
  // Anybody proposed this.
  void on_proposed(const consensus::BlockHeader& header);
  // A member's first step, in which it repeats its votes.
  void on_started(MemberIndex member, const std::vector<consensus::Action>& actions);
  // After each other step: the view before it, what it gave.
  void on_step(MemberIndex member, consensus::View before, const consensus::CoreStatus& after,
               const std::vector<consensus::Action>& actions, std::uint64_t now_ms);
  // C3: `from` delivered a vote that the member took in.
  static void on_vote_taken(MemberIndex member, MemberIndex from, const consensus::Vote& vote);
  // L3: the leader of the member's view nullified it, and the member could still do the same.
  void on_given_up(MemberIndex member, consensus::View view) const;
  // B3: after a step that took in the proposal of an honest leader, in the member's view, where it
  // had no vote yet; it lacks the batch.
  void on_batch_lacking(MemberIndex member, const consensus::BatchRef& ref,
                        std::uint64_t now_ms) const;
  [[nodiscard]] bool gave_up(MemberIndex member, consensus::View view) const {
    return members_[member].nullified.contains(view);
  }
  [[nodiscard]] bool voted(MemberIndex member, consensus::View view) const {
    return members_[member].notarized.contains(view) || gave_up(member, view);
  }

 private:
  struct Owing {
    std::set<consensus::Hash> unproposed;  // held, and in nobody's proposal so far
    std::set<consensus::View> nullified;
    std::set<consensus::View> notarized;
    std::map<consensus::Hash, std::uint64_t> asked_ms;
  };
  void on_cast(MemberIndex member, const consensus::CastVote& vote,
               const std::set<consensus::Hash>& announced);

  std::vector<Owing> members_;
  std::set<consensus::Hash> proposed_;
};

}  // namespace sanad::simulation
