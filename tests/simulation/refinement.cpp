#include "simulation/refinement.h"

namespace sanad::simulation {
namespace {

// Longer than any run.
constexpr std::uint64_t kNoHeartbeatMs = 1'000'000'000;

consensus::Limits limits_of(const Plan& plan) {
  consensus::Limits limits;
  if (!plan.heartbeat) limits.heartbeat_ms = kNoHeartbeatMs;
  return limits;
}

using namespace consensus;

// The core's inputs and actions, in the words of the log.
struct Told {
  AbstractMember& member;
  void operator()(const Started& event) const { member.starts(event.committed, event.nonce); }
  void operator()(const PeerMessage& event) const { member.hears(event.from, *event.message); }
  void operator()(const OwnVoteSigned& event) const { member.signs(event.vote); }
  void operator()(const TimerFired&) const {}
  void operator()(const BatchHeld& event) const { member.holds(event.ref); }
  void operator()(const BatchMissingAt&) const {}
  void operator()(const CheckpointHeld& event) const { member.holds(event.checkpoint); }
  void operator()(const BlockCommitted&) const {}
  void operator()(const CanPropose& event) const { member.can_lead(event.can); }
  void operator()(const BlocksWanted& event) const { member.wants_blocks(event.through); }
  void operator()(const LinkKnown&) const {}
  void operator()(const DelayMeasured& event) const { member.measures(event.one_way_p99_ms); }
};

struct Did {
  AbstractMember& member;
  void operator()(const Persist& action) const { member.writes(action.record); }
  void operator()(const CastVote& action) const {
    member.casts(action.subject, action.header, action.entry);
  }
  void operator()(const Broadcast& action) const { member.sends(action.message); }
  void operator()(const Send& action) const { member.sends(action.message); }
  void operator()(const SetTimer&) const {}
  void operator()(const RequestBatch&) const {}
  void operator()(const ServeBlocks&) const {}
  void operator()(const Finalized& action) const {
    member.emits(action.header, action.hash, action.finalization);
  }
  void operator()(const EvidenceFound& action) const { member.accuses(action.evidence); }
  void operator()(const CensorshipSuspected&) const {}
};

}  // namespace

void replay_step(AbstractMember& member, const consensus::Input& input,
                 const std::vector<consensus::Action>& actions) {
  member.begin(input.now_ms, input.wall_ms);
  std::visit(Told{member}, input.event);
  for (const Action& action : actions) std::visit(Did{member}, action);
  member.end();
}

Refinement::Refinement(const Plan& plan, const consensus::Hash& chain_id)
    : on_(plan.refinement), limits_(limits_of(plan)), committee_(plan.n, chain_id) {}

void Refinement::on_start(MemberIndex member, std::span<const consensus::JournalRecord> durable) {
  AbstractMember::FinalChain finals;
  const auto before = members_.find(member);
  if (before != members_.end()) finals = before->second.finals();
  members_.erase(member);
  members_.try_emplace(member, member, committee_, limits_, std::move(finals))
      .first->second.remember(durable);
}

void Refinement::on_step(MemberIndex member, const consensus::Input& input,
                         const std::vector<consensus::Action>& actions) {
  const auto watched = members_.find(member);
  if (on_ && watched != members_.end()) replay_step(watched->second, input, actions);
}

}  // namespace sanad::simulation
