// What members tell and ask each other beside votes: status, certificates, blocks, announcements.
// Serving is budgeted: at most serves_per_peer_max answers to a member per status interval.
#pragma once

#include "consensus/finality.h"
#include "consensus/state.h"
#include "consensus/views.h"

namespace sanad::consensus {

class Answers {
 public:
  Answers(State& state, Views& views) : state_(state), views_(views) {}

  void receive(const MemberStatus& status, MemberIndex from);
  void receive(const GetCertificate& request, MemberIndex from);
  void receive(const GetBlocks& request, MemberIndex from);
  void receive(const Announce& announce, MemberIndex from);
  // Status, once per interval, and when what it says of this member as a leader changes.
  void tell_when_due();
  // Requests for certificates, blocks and batches that are due.
  void ask_when_due();

 private:
  [[nodiscard]] bool leads() const { return state_.can_propose && !state_.own.silent(); }

  State& state_;
  Views& views_;
  std::uint64_t status_at_ms_ = 0;
  bool told_leads_ = true;
  std::set<MemberIndex> hinted_;  // whose claim was followed since the last status
};

}  // namespace sanad::consensus
