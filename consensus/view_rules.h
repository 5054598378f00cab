// What a member may build on (P1) and vote for (N3, N4, B2, L2): pure functions over what it holds.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "consensus/certificates.h"
#include "consensus/chain.h"
#include "consensus/dissemination.h"
#include "consensus/messages.h"

namespace sanad::consensus {

// P1: the highest view below `view` with a notarization or finalization such that every view
// between is nullified.
struct Parent {
  View view = 0;
  Hash block;
};
// Nothing to build on yet: a certificate of this view, of either kind, is missing.
struct MissingCertificate {
  View view = 0;
};
// Nothing to build on yet: the block certified in `view`, or an ancestor of it, is not held.
struct MissingAncestry {
  View view = 0;
};
using ParentChoice = std::variant<Parent, MissingCertificate, MissingAncestry>;
[[nodiscard]] ParentChoice choose_parent(View view, const Certificates& certificates,
                                         const Chain& chain);

// What a proposal may still become.
struct Acceptable {};
// Never valid, whatever arrives (N4). The text names the fault.
struct Invalid {
  std::string_view fault;
};
// Not decided: what is missing, and when to look again if only the clock is behind.
struct Undecided {
  std::vector<View> certificates;
  bool parent_block = false;  // or an ancestor of it
  std::vector<BatchRef> batches;
  std::uint64_t wait_ms = 0;  // the header's time is this far beyond what is allowed
};
using Judgement = std::variant<Acceptable, Invalid, Undecided>;

struct Holdings {
  const Certificates& certificates;
  const Chain& chain;
  const Dissemination& batches;
};
// REQUIRES: header_fault() found none. O(views since the parent + batches of it and of its
// ancestors that are not final).
[[nodiscard]] Judgement judge(const Proposal& proposal, const Holdings& held, std::uint64_t wall_ms,
                              std::uint64_t clock_ahead_max_ms);

}  // namespace sanad::consensus
