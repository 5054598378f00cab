// What one member knows, shared by the parts of the core during a step, and the actions it has
// decided on so far. The parts that change it: views, voting, finality, recovery, answers.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "consensus/catch_up.h"
#include "consensus/certificates.h"
#include "consensus/chain.h"
#include "consensus/core.h"
#include "consensus/dissemination.h"
#include "consensus/own_votes.h"
#include "consensus/pacemaker.h"
#include "consensus/votes.h"

namespace sanad::consensus {

struct State {
  explicit State(CoreOptions options)
      : self(options.self),
        committee(std::move(options.committee)),
        chain_id(options.chain_id),
        limits(options.limits),
        beacon(std::move(options.beacon)),
        leaves_quarantine(options.leaves_quarantine),
        certificates(chain_id),
        chain(chain_id),
        batches(limits, self),
        pace(committee, limits),
        catch_up(committee, self, limits) {}
  // The parts refer to committee and limits.
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  const MemberIndex self;
  const Committee committee;
  const Hash chain_id;
  const Limits limits;
  const BeaconSource beacon;
  const bool leaves_quarantine;

  Certificates certificates;
  Chain chain;
  OwnVotes own;
  Dissemination batches;
  Pacemaker pace;
  CatchUp catch_up;
  std::map<View, ViewTally> tallies;
  std::map<View, Proposal> proposals;  // the first of each view above the final one
  std::set<View> invalid;              // views whose proposal can never be valid

  bool can_propose = true;
  Height wanted_through = 0;  // W1: blocks that a draw waits for
  std::optional<CheckpointRef> checkpoint;
  Hash evidence_digest;
  std::uint64_t nullified_views = 0;

  std::uint64_t now_ms = 0;
  std::uint64_t wall_ms = 0;
  std::vector<Action> out;
  std::uint64_t wake_ms = Pacemaker::kNever;  // the earliest time at which something is due

  [[nodiscard]] View view() const { return pace.view(); }
  [[nodiscard]] View final_view() const { return certificates.final_view(); }
  [[nodiscard]] MemberIndex leader() const { return committee.leader(view()); }
  [[nodiscard]] bool takes_vote(View of) const {
    return Window{final_view(), view(), limits.past_views_kept, {}, {}, {}}.takes_vote(of);
  }
  void wake_at(std::uint64_t at_ms) { wake_ms = std::min(wake_ms, at_ms); }
};

}  // namespace sanad::consensus
