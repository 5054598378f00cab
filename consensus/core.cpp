#include "consensus/core.h"

#include <utility>

#include "consensus/answers.h"
#include "consensus/finality.h"
#include "consensus/mutant.h"
#include "consensus/quarantine.h"
#include "consensus/recovery.h"
#include "consensus/resend.h"
#include "consensus/views.h"
#include "consensus/voting.h"

namespace sanad::consensus {

Message message_of(const CastVote& cast, const Vote& vote) {
  if (cast.header) return Proposal{vote, *cast.header, cast.entry};
  return vote;
}

// The conductor: hands each input to the part it concerns, then lets every part do what is due.
class Core::Protocol {
 public:
  Protocol(CoreOptions options, RecoveredState recovered)
      : state_(std::move(options)),
        finality_(state_),
        views_(state_, finality_),
        voting_(state_, views_),
        resend_(state_),
        answers_(state_, views_),
        quarantine_(state_, views_) {
    restore(std::move(recovered), state_);
  }

  std::vector<Action> step(const Input& input) {
    assert(input.now_ms >= state_.now_ms);
    assert(started_ != std::holds_alternative<Started>(input.event));
    state_.now_ms = input.now_ms;
    state_.wall_ms = input.wall_ms;
    state_.wake_ms = Pacemaker::kNever;
    std::visit([this](const auto& event) { on(event); }, input.event);
    settle();
    return std::exchange(state_.out, {});
  }

  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] CoreStatus status() const;

 private:
  void on(const Started& started);
  void on(const PeerMessage& input);
  void on(const OwnVoteSigned& input) {
    if (input.vote.subject.view > state_.final_view()) views_.count(input.vote);
  }
  void on(const TimerFired&) {}
  void on(const BatchHeld& input) { state_.batches.hold(input.ref, state_.view(), state_.wall_ms); }
  void on(const BatchMissingAt& input) {
    state_.batches.missing_at(input.member, input.digest, state_.committee.f() + 1, state_.now_ms);
  }
  void on(const CheckpointHeld& input) {
    const bool newer = !state_.checkpoint || state_.checkpoint->height < input.checkpoint.height;
    if (newer) state_.checkpoint = input.checkpoint;
  }
  void on(const BlockCommitted& input) { state_.chain.set_committed(input.height); }
  void on(const CanPropose& input) { state_.can_propose = input.can; }
  void on(const BlocksWanted& input) {
    state_.wanted_through = std::max(state_.wanted_through, input.through);
  }
  void on(const LinkKnown& input) { state_.catch_up.link(input.member, input.up); }
  void on(const DelayMeasured& input) { state_.pace.measured(input.one_way_p99_ms); }

  void receive(const Vote& vote, MemberIndex) {
    const bool late = vote.subject.kind == VoteKind::finalize && vote.subject.view < state_.view();
    if (late && broken(Mutant::kLateFinalizeIgnored)) return;
    if (state_.takes_vote(vote.subject.view)) views_.count(vote);
  }
  void receive(const Certificate& certificate, MemberIndex) { views_.record(certificate); }
  void receive(const Proposal& proposal, MemberIndex) { voting_.receive(proposal); }
  void receive(const Blocks& blocks, MemberIndex from) {
    // Journalled like any other: what it makes final is emitted by it again after a restart, and
    // the votes that the floor forgets stay below the final view.
    if (blocks.finalization) views_.record(*blocks.finalization);
    finality_.receive(blocks, from);
  }
  void receive(const GetView& request, MemberIndex from) { quarantine_.receive(request, from); }
  void receive(const ViewReport& report, MemberIndex from) { quarantine_.receive(report, from); }
  template <class Other>
  void receive(const Other& other, MemberIndex from) {
    answers_.receive(other, from);
  }

  void settle();

  State state_;
  Finality finality_;
  Views views_;
  Voting voting_;
  Resend resend_;
  Answers answers_;
  Quarantine quarantine_;
  bool started_ = false;
  std::uint64_t timer_ms_ = Pacemaker::kNever;
};

void Core::Protocol::on(const Started& started) {
  assert(started.committed <= state_.chain.final_height() || broken(Mutant::kFloorNotJournalled));
  started_ = true;
  state_.pace.start(state_.self, state_.now_ms);
  state_.chain.set_committed(started.committed);
  quarantine_.start(started.nonce);
  finality_.emit_above(started.committed);
  finality_.resume();
  resend_.own_votes();
}

void Core::Protocol::on(const PeerMessage& input) {
  assert(input.from != state_.self && state_.committee.has(input.from));
  state_.pace.heard(input.from, state_.now_ms);
  std::visit([&](const auto& message) { receive(message, input.from); }, *input.message);
}

// One pass is enough: what a part decides reaches the others as a later input (own votes) or was
// decided before them in this order.
void Core::Protocol::settle() {
  finality_.advance();
  finality_.request_missing();
  quarantine_.advance();
  voting_.look_for_work();
  voting_.lead();
  voting_.vote();
  voting_.give_up();
  resend_.when_due();
  answers_.tell_when_due();
  answers_.ask_when_due();
  // Never at once: whatever is due now was just looked at.
  const std::uint64_t wake_ms = std::max(state_.wake_ms, state_.now_ms + 1);
  if (wake_ms != timer_ms_) state_.out.push_back(SetTimer{wake_ms});
  timer_ms_ = wake_ms;
}

CoreStatus Core::Protocol::status() const {
  CoreStatus status;
  status.epoch = state_.committee.epoch();
  status.view = state_.view();
  status.final_view = state_.final_view();
  status.final_height = state_.chain.final_height();
  status.final_block = state_.chain.final_block();
  status.leader = state_.leader();
  status.has_work = state_.pace.has_work();
  status.timeout_ms = state_.pace.timeout_ms();
  status.unfinalised_blocks = state_.chain.unfinalised();
  status.held_batches = state_.batches.held();
  status.missing_batches = state_.batches.wanted();
  status.outstanding_requests = state_.catch_up.outstanding();
  status.nullified_views = state_.nullified_views;
  status.in_quarantine = state_.own.silent();
  status.silent_through = state_.own.silent_through();
  return status;
}

Core::Core(CoreOptions options, RecoveredState recovered)
    : protocol_(std::make_unique<Protocol>(std::move(options), std::move(recovered))) {}
Core::~Core() = default;
Core::Core(Core&&) noexcept = default;
Core& Core::operator=(Core&&) noexcept = default;

std::vector<Action> Core::step(const Input& input) { return protocol_->step(input); }
Window Core::window() const { return window_of(protocol_->state()); }
CoreStatus Core::status() const { return protocol_->status(); }
std::vector<JournalRecord> Core::snapshot() const { return snapshot_of(protocol_->state()); }

}  // namespace sanad::consensus
