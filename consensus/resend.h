// T3: what may have been lost is sent again, paced to an egress budget. R2: own votes above the
// final floor are sent again after a restart.
#pragma once

#include "consensus/state.h"

namespace sanad::consensus {

class Resend {
 public:
  explicit Resend(State& state) : state_(state) {}

  // After a restart: every own vote above the final view.
  void own_votes();
  // If it is time: the newest own votes, the entry certificate and the highest finalization, then
  // as much of the rest above it as the budget allows, going on where the last resend ended.
  void when_due();

 private:
  [[nodiscard]] bool nullified_view() const;
  void collect_own(View view, std::vector<Action>& actions) const;
  void collect_certificates(View view, std::vector<Action>& actions) const;
  // Moves what the budget allows to the output; true if everything fitted.
  bool send(std::vector<Action> actions, std::size_t& budget);

  State& state_;
  View cursor_ = 0;
};

}  // namespace sanad::consensus
