// The certificates that a member holds, by view. Views below the floor are forgotten.
// Not thread-safe.
#pragma once

#include <map>

#include "consensus/types.h"

namespace sanad::consensus {

class Certificates {
 public:
  struct Held {
    std::optional<Certificate> notarization;
    std::optional<Certificate> nullification;
    std::optional<Certificate> finalization;
  };

  explicit Certificates(const Hash& genesis) : genesis_(genesis) {}

  // False if it was held already. REQUIRES: verified, or formed here.
  bool add(const Certificate& certificate);
  [[nodiscard]] bool has(VoteKind kind, View view) const { return find(kind, view) != nullptr; }
  [[nodiscard]] const Certificate* find(VoteKind kind, View view) const;
  // The one block of a view that a notarization or finalization names; the genesis block of view 0.
  [[nodiscard]] std::optional<Hash> certified_block(View view) const;
  // The certificate by which the view after `view` is best entered (P2); null if none is held.
  [[nodiscard]] const Certificate* entry(View view) const;
  // View of the highest finalization; 0 if none.
  [[nodiscard]] View final_view() const { return final_view_; }
  [[nodiscard]] const std::map<View, Held>& all() const { return held_; }
  // Forgets views below `view`; the highest finalization stays.
  void forget_below(View view);

 private:
  Hash genesis_;
  std::map<View, Held> held_;
  View final_view_ = 0;
};

}  // namespace sanad::consensus
