// R3: a member that may have forgotten votes watches, and votes only above every view in which it
// can have voted.
//
// A vote of view w says that w was entered: with a certificate of w − 1, which at least q − 1 − f
// honest others signed. Of 2f + 1 reports at least f + 1 are from honest others, of whom there are
// n − 1 − f: one at least is both, since (q − 1 − f) + (f + 1) > n − 1 − f, and it stands at w − 1
// or later. So the highest of their views bounds every forgotten vote; each comes with the
// certificate that proves it, or one liar could silence this member for ever. It also waits until
// it has executed what is final, where its own batches are: their numbers may be forgotten too.
//
// The links are authenticated, so a report needs no signature beyond its nonce, which makes it
// fresh.
#pragma once

#include "consensus/state.h"
#include "consensus/views.h"

namespace sanad::consensus {

class Quarantine {
 public:
  Quarantine(State& state, Views& views) : state_(state), views_(views) {}

  // `nonce`: fresh randomness of this run.
  void start(const Hash& nonce) { nonce_ = nonce; }
  // Every member answers.
  void receive(const GetView& request, MemberIndex from);
  void receive(const ViewReport& report, MemberIndex from);
  // Asks once per status interval while it lasts, and ends it.
  void advance();

 private:
  [[nodiscard]] bool is_leaving() const;
  [[nodiscard]] bool has_caught_up() const;
  void leave();

  State& state_;
  Views& views_;
  Hash nonce_;
  std::uint64_t ask_at_ms_ = 0;
  std::map<MemberIndex, View> reports_;
};

}  // namespace sanad::consensus
