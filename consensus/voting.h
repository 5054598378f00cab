// What this member does in a view: leads it (P1, P2, W2, L3), votes (N1–N5), gives it up (T1, T2,
// L2, W3).
#pragma once

#include "consensus/state.h"
#include "consensus/view_rules.h"
#include "consensus/views.h"

namespace sanad::consensus {

class Voting {
 public:
  Voting(State& state, Views& views) : state_(state), views_(views) {}

  // A verified proposal: kept if it is the view's first.
  void receive(const Proposal& proposal);
  // W1.
  void look_for_work();
  // Proposes, if this member leads the view and it is time.
  void lead();
  // Votes for every held proposal of a view up to the current one that can be judged now.
  void vote();
  // Nullifies the view if a deadline has passed.
  void give_up();

 private:
  // What a leader may propose now, or when to look again.
  [[nodiscard]] std::optional<BlockHeader> draft(const Parent& parent);
  [[nodiscard]] std::optional<Parent> parent();
  [[nodiscard]] std::vector<BatchRef> payload(const Chain::Path& path) const;
  [[nodiscard]] bool must_draft_empty(const Chain::Path& path, Height parent_height) const;
  void propose(const Parent& parent, BlockHeader header);
  void decide(const Proposal& proposal);
  void ask_for(const Undecided& undecided, const Proposal& proposal);
  void reject(const Proposal& proposal);
  void nullify_view();
  [[nodiscard]] bool heartbeat_due() const;

  State& state_;
  Views& views_;
};

}  // namespace sanad::consensus
