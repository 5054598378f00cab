// The current view and its deadlines (T2, T3, L2). Times are monotonic milliseconds.
// Not thread-safe.
#pragma once

#include <set>
#include <vector>

#include "consensus/committee.h"
#include "consensus/limits.h"

namespace sanad::consensus {

class Pacemaker {
 public:
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

  Pacemaker(const Committee& committee, const Limits& limits);

  // Begins to count: nobody is silent before this.
  void start(MemberIndex self, std::uint64_t now_ms);
  void heard(MemberIndex member, std::uint64_t now_ms);
  // L3: what the member says of itself; true until it says otherwise.
  void leads(MemberIndex member, bool leads) { leads_[member] = leads; }
  void enter(View view, std::uint64_t now_ms);
  // W1: deadlines run only while there is work, from its arrival.
  void set_work(bool has_work, std::uint64_t now_ms);
  // L3: the leader gave its view up.
  void expire() { expired_ = true; }
  // A proposal for the view is held: cancels L2, and the leader's deadline with it.
  void proposal_arrived() { proposed_ = true; }
  // T2: own nullify, or a nullification, of `view`; counted once per view.
  void failed(View view);
  // T2: only this resets the growth.
  void finalised(std::uint64_t now_ms);
  void measured(std::uint64_t one_way_p99_ms);
  void resent(std::uint64_t now_ms) { resent_ms_ = now_ms; }

  [[nodiscard]] View view() const { return view_; }
  [[nodiscard]] bool has_work() const { return work_since_ms_ != kNever; }
  // T′ = T·1.5^max(0, k−f), at most timeout_max.
  [[nodiscard]] std::uint64_t timeout_ms() const;
  // When to nullify the view for want of a proposal (T2: 2T′; L2, L3: at once) or of a
  // certificate (3T′). kNever without work.
  [[nodiscard]] std::uint64_t nullify_at_ms() const;
  // W2: when a leader with nothing new to reference proposes all the same (T′).
  [[nodiscard]] std::uint64_t empty_proposal_at_ms() const;
  // T3. `nullified`: this member nullified the current view.
  [[nodiscard]] std::uint64_t resend_at_ms(bool nullified) const;
  [[nodiscard]] std::uint64_t finalised_ms() const { return finalised_ms_; }

 private:
  [[nodiscard]] bool leader_is_away(std::uint64_t now_ms) const;

  const Committee& committee_;
  const Limits& limits_;
  MemberIndex self_ = 0;
  View view_ = 1;
  std::uint64_t entered_ms_ = 0;
  std::uint64_t work_since_ms_ = kNever;
  std::uint64_t timers_from_ms_ = kNever;
  bool expired_ = false;  // L3
  bool skipped_ = false;  // L2, L3
  bool proposed_ = false;
  std::set<View> failed_;
  std::uint64_t finalised_ms_ = 0;
  std::uint64_t resent_ms_ = 0;
  std::uint64_t delay_ms_;
  std::vector<std::uint64_t> heard_ms_;
  std::vector<bool> leads_;
};

}  // namespace sanad::consensus
