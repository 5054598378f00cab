// The clients' side of a replica: submissions in, answers out.
#include "chaincode/contracts.h"
#include "node/replica/shell.h"

namespace sanad::node {

using chaincode::SubmissionState;
using chaincode::SubmissionStatus;
using crypto::Bytes;
using crypto::Error;

struct Replica::Shell::Ticket {
  Ticket(Bytes submission, SubmitCallbacks to_call)
      : bytes(std::move(submission)), callbacks(std::move(to_call)) {}
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  // Dropped on the way: the node is stopping.
  ~Ticket() {
    if (!answered) callbacks.admitted(Error{ReplicaErrc::kStopping});
  }
  void answer(crypto::Result<SubmissionStatus> with) {
    answered = true;
    callbacks.admitted(std::move(with));
  }

  Bytes bytes;
  SubmitCallbacks callbacks;
  bool answered = false;
};

std::optional<ReplicaErrc> Replica::Shell::refusal_of_submissions() const {
  const std::lock_guard lock(mutex_);
  if (diverged_ || core_status_.in_quarantine) return ReplicaErrc::kQuarantined;
  return accepting_ ? std::nullopt : std::optional(ReplicaErrc::kStopping);
}

void Replica::Shell::submit(Bytes bytes, SubmitCallbacks callbacks) {
  const auto ticket = std::make_shared<Ticket>(std::move(bytes), std::move(callbacks));
  if (const auto refusal = refusal_of_submissions()) return ticket->answer(Error{*refusal});
  if (!pending_.reserve(ticket->bytes.size())) {
    ++submissions_busy_;
    return ticket->answer(Error{ReplicaErrc::kBusy});
  }
  workers_.add(WorkKind::kSubmission,
               [this, ticket](consensus::SignatureCache&) { open_submission(ticket); });
}

// A block that took it too soon would skip it (LEDGER F8), and nobody would send it again.
crypto::Status Replica::Shell::check_not_too_far(
    const chaincode::CheckedSubmission& submission) const {
  const std::uint64_t window = contracts_.genesis().params.submission_window_ms;
  const auto tip = environment_.ledger.tip();
  const std::uint64_t now = std::max(wall_ms(), tip ? tip->time_ms : 0);
  if (submission.valid_until_ms() <= now + window) return {};
  return Error{ReplicaErrc::kTooFarAhead,
               "field valid_until_ms: at most " + std::to_string(window) + " ms from now"};
}

void Replica::Shell::open_submission(const std::shared_ptr<Ticket>& ticket) {
  const std::size_t bytes = ticket->bytes.size();
  auto checked = chaincode::check_submission(ticket->bytes, contracts_.network());
  const crypto::Status in_time = checked ? check_not_too_far(*checked) : checked.error();
  if (!in_time) {
    pending_.release(bytes);
    ++submissions_refused_;
    return ticket->answer(in_time.error());
  }
  const auto submission = std::make_shared<const chaincode::CheckedSubmission>(std::move(*checked));
  using Added = PendingSubmissions::Added;
  auto [added, status] = pending_.add(*submission, now_us(), ticket->callbacks.finished);
  if (added != Added::kFirst) pending_.release(bytes);
  if (added == Added::kTooManyWait) {
    ++submissions_busy_;
    return ticket->answer(Error{ReplicaErrc::kBusy, "too many wait for this submission"});
  }
  if (added == Added::kJoined) return ticket->answer(std::move(status));
  if (added == Added::kExecuted) {
    ticket->answer(status);
    if (ticket->callbacks.finished) ticket->callbacks.finished(status);
    return;
  }

  // Looked up after it was added: whatever is executed from now on finishes it, and what was
  // executed before is here or was among the outcomes that add() knows.
  const LedgerView view = environment_.ledger.view();
  if (const auto known = chaincode::read_outcome(view.state(), submission->id())) {
    const auto block = view.committed(known->height);
    status = submission_status(*known, block ? block->time_ms : 0, submission->statements().size());
  } else if (submission->valid_until_ms() < view.tip().time_ms) {
    status.state = SubmissionState::kExpired;
  }
  ticket->answer(status);
  if (status.state == SubmissionState::kPending) {
    inbox_.push(SubmissionAdmitted{submission}, bytes);
  } else if (auto finished = pending_.finish(submission->id(), status)) {
    for (const OnFinished& waiting : finished->waiting) waiting(status);
  }
}

std::optional<SubmissionStatus> Replica::Shell::outcome(const crypto::Hash& id) const {
  const std::optional<SubmissionStatus> here = pending_.find(id);
  const LedgerView view = environment_.ledger.view();
  if (const auto known = chaincode::read_outcome(view.state(), id)) {
    const auto block = view.committed(known->height);
    return submission_status(*known, block ? block->time_ms : 0, 1);
  }
  return here;
}

std::optional<CheckpointNote> Replica::Shell::newest_note() const {
  const std::lock_guard lock(mutex_);
  return note_;
}

ReplicaStatus Replica::Shell::status() const {
  // Behind by no more than what is being executed.
  constexpr std::uint64_t kCaughtUpLag = 16;
  ReplicaStatus status;
  std::size_t connected = 1;
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    const bool up = i == options_.self || peers_[i].up;
    status.connected.push_back(up);
    if (up && i != options_.self) ++connected;
  }
  status.quorum_reachable = connected >= committee_.quorum();
  const auto tip = environment_.ledger.tip();
  status.committed_height = tip ? tip->height : 0;
  status.pending_submissions = pending_.size();
  const std::lock_guard lock(mutex_);
  status.epoch = core_status_.epoch;
  status.view = core_status_.view;
  status.finalized_height = std::max(core_status_.final_height, status.committed_height);
  status.best_peer_height = peers_height_;
  if (note_) {
    status.checkpoint_height = note_->end.height;
    status.checkpoint_size = note_->end.tree_size;
  }
  status.caught_up = heard_quorum_ && status.committed_height + kCaughtUpLag >=
                                          std::max(status.finalized_height, peers_height_);
  status.in_quarantine = core_status_.view <= core_status_.silent_through;
  status.serving = accepting_ && trouble_.empty();
  status.trouble = trouble_;
  return status;
}

ReplicaCounters Replica::Shell::counters() const {
  const std::lock_guard lock(mutex_);
  ReplicaCounters all = driver_counters_;
  all.frames_invalid = frames_invalid_;
  all.frames_useless = frames_useless_;
  all.submissions_refused = submissions_refused_;
  all.submissions_busy = submissions_busy_;
  all.sync_served = served_;
  all.blocks_committed = executor_counters_.blocks_committed;
  all.statements_executed = executor_counters_.statements_executed;
  all.accusations_recorded = executor_counters_.accusations_recorded;
  all.execute = executor_counters_.execute;
  all.commit = executor_counters_.commit;
  all.admission_to_final = executor_counters_.admission_to_final;
  return all;
}

network::MeshStats Replica::Shell::mesh_stats() const { return mesh_->stats(); }

std::uint16_t Replica::Shell::peer_port() const { return mesh_->port(); }

bool Replica::Shell::drain(std::uint64_t limit_ms) {
  accepting_ = false;
  return pending_.wait_empty(limit_ms);
}

}  // namespace sanad::node
