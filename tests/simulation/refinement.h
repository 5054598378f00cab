// A second opinion on every step of an honest member: an abstract protocol, written from
// docs/protocol.md, that says which steps are allowed and which are owed. It shares no rule with
// consensus/: of the core it sees what goes in and what comes out, in the words of both (subjects,
// certificates, headers, journal records), and keeps a picture of its own of what the member knows.
//
// Allowed: every vote, proposal, certificate, final block, message about itself and end of a
// quarantine has its reasons in what the member was told before and wrote down (N1–N5, P1, P2, F1,
// F2, F4, T1, T2, L1–L3, B2, W1, W2, R1–R3, E-enter, C1, back-pressure, evidence). Owed: what the
// rules say is done at once or by a deadline (E-enter, F2, T2, T3, L2, L3, N4, W3).
// Not here: whether signatures are valid (I13), what is fetched from whom and when, what is chosen
// for a block, B6, that all ends well (I17).
#pragma once

#include <map>
#include <span>
#include <vector>

#include "consensus/core.h"
#include "simulation/abstract_member.h"
#include "simulation/plan.h"

namespace sanad::simulation {

// Tells `member` what its core took and what it decided.
void replay_step(AbstractMember& member, const consensus::Input& input,
                 const std::vector<consensus::Action>& actions);

class Refinement {
 public:
  Refinement(const Plan& plan, const consensus::Hash& chain_id);
  Refinement(const Refinement&) = delete;
  Refinement& operator=(const Refinement&) = delete;

  // An honest member's process begins, with this on its disk. Who never began is not watched.
  void on_start(MemberIndex member, std::span<const consensus::JournalRecord> durable);
  // Its core took `input` and decided on `actions`. Throws Violation "refinement" where the
  // abstract protocol does not allow them.
  void on_step(MemberIndex member, const consensus::Input& input,
               const std::vector<consensus::Action>& actions);

 private:
  const bool on_;
  const consensus::Limits limits_;
  const AbstractCommittee committee_;
  std::map<MemberIndex, AbstractMember> members_;
};

}  // namespace sanad::simulation
