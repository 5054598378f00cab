// What a member gone bad does where it is needed for the quorum, so as to be believed: it votes as
// an honest one does, but never leads.
#pragma once

#include <set>

#include "tests/hostile/attack.h"

namespace sanad::hostile {

class Voter {
 public:
  // In views above the one that is going on: in others an earlier run may have voted.
  explicit Voter(Attack& attack) : attack_(attack), above_(attack.known.view()) {}
  // To be called with each message of the others.
  void take(const node::NodeMessage& message);

 private:
  [[nodiscard]] bool is_open(View view) const {
    return view > above_ && view > attack_.known.final_view();
  }
  void cast(const consensus::Subject& subject);
  void finalize(const Certificate& notarization);

  Attack& attack_;
  View above_;
  std::set<View> notarized_, finalized_, nullified_;
};

}  // namespace sanad::hostile
