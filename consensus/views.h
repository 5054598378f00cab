// Certificates recorded, views entered (E-enter, F2), votes counted.
#pragma once

#include "consensus/finality.h"
#include "consensus/state.h"

namespace sanad::consensus {

class Views {
 public:
  Views(State& state, Finality& finality) : state_(state), finality_(finality) {}

  // Counts a verified or own vote: it may form a certificate or be evidence.
  void count(const Vote& vote);
  // Records a verified certificate if it is needed; enters the view after its own if that is new.
  void record(const Certificate& certificate);
  // Casts a vote that may be cast: durable first, then signed and sent.
  void cast(const Subject& subject, const CastVote& cast);
  void found(const Evidence& evidence);

 private:
  void enter(View view);

  State& state_;
  Finality& finality_;
};

// What may still be used now (C2).
[[nodiscard]] Window window_of(const State& state);

}  // namespace sanad::consensus
