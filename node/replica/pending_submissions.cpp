#include "node/replica/pending_submissions.h"

#include <chrono>

namespace sanad::node {

using chaincode::StatementOutcome;
using chaincode::SubmissionOutcome;
using chaincode::SubmissionResult;
using chaincode::SubmissionState;
using chaincode::SubmissionStatus;

namespace {

SubmissionStatus pending(const crypto::Hash& id) {
  return {id, SubmissionState::kPending, 0, 0, {}};
}

}  // namespace

SubmissionStatus submission_status(const SubmissionOutcome& outcome, std::uint64_t time_ms,
                                   std::size_t statements) {
  SubmissionStatus status{outcome.id, SubmissionState::kFinal, outcome.height, time_ms, {}};
  for (const chaincode::Outcome& one : outcome.statements) {
    StatementOutcome& stated = status.outcomes.emplace_back();
    stated.code = name_of(one.code);
    stated.record = one.record_index;
    if (one.lane) stated.lane = enum_names(*one.lane)[static_cast<std::size_t>(*one.lane)];
  }
  if (outcome.statements.empty()) {
    status.outcomes.assign(statements, {"unknown-key", std::nullopt, std::nullopt});
  }
  return status;
}

bool PendingSubmissions::reserve(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  if (reserved_ >= limits_.submissions || reserved_bytes_ + bytes > limits_.bytes) return false;
  ++reserved_;
  reserved_bytes_ += bytes;
  return true;
}

void PendingSubmissions::release(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  assert(reserved_ > 0 && reserved_bytes_ >= bytes);
  --reserved_;
  reserved_bytes_ -= bytes;
  if (reserved_ == 0) emptied_.notify_all();
}

PendingSubmissions::Added PendingSubmissions::add(const chaincode::CheckedSubmission& submission,
                                                  std::uint64_t now_us, OnFinished on_finished) {
  const std::lock_guard lock(mutex_);
  auto [at, fresh] = entries_.try_emplace(submission.id());
  Entry& entry = at->second;
  if (entry.outcome) return Added::kExecuted;
  if (!fresh && entry.waiting.size() >= limits_.waiting_per_submission) {
    return Added::kTooManyWait;
  }
  if (on_finished) entry.waiting.push_back(std::move(on_finished));
  if (!fresh) return Added::kJoined;
  entry.bytes = submission.raw().size();
  entry.statements = submission.statements().size();
  entry.valid_until_ms = submission.valid_until_ms();
  entry.admitted_us = now_us;
  by_expiry_.emplace(entry.valid_until_ms, submission.id());
  return Added::kFirst;
}

PendingSubmissions::Finished PendingSubmissions::execute(Entries::iterator at,
                                                         SubmissionStatus status) {
  Entry& entry = at->second;
  const auto [begin, end] = by_expiry_.equal_range(entry.valid_until_ms);
  for (auto expiry = begin; expiry != end; ++expiry) {
    if (expiry->second != at->first) continue;
    by_expiry_.erase(expiry);
    break;
  }
  entry.outcome = status;
  return {std::move(status), std::exchange(entry.waiting, {}), entry.admitted_us};
}

void PendingSubmissions::erase(Entries::iterator at) {
  --reserved_;
  reserved_bytes_ -= at->second.bytes;
  entries_.erase(at);
  if (reserved_ == 0) emptied_.notify_all();
}

std::vector<PendingSubmissions::Finished> PendingSubmissions::executed(
    std::span<const SubmissionOutcome> outcomes, std::uint64_t time_ms) {
  std::vector<Finished> all;
  const std::lock_guard lock(mutex_);
  const auto end = [&](Entries::iterator at, SubmissionStatus status) {
    executed_.push_back(at->first);
    all.push_back(execute(at, std::move(status)));
  };
  for (const SubmissionOutcome& outcome : outcomes) {
    const auto at = entries_.find(outcome.id);
    if (at == entries_.end() || at->second.outcome) continue;
    if (outcome.result == SubmissionResult::kOutsideWindow) {
      end(at, {outcome.id, SubmissionState::kExpired, 0, 0, {}});
    } else {
      end(at, submission_status(outcome, time_ms, at->second.statements));
    }
  }
  while (!by_expiry_.empty() && by_expiry_.begin()->first < time_ms) {
    const crypto::Hash id = by_expiry_.begin()->second;
    end(entries_.find(id), {id, SubmissionState::kExpired, 0, 0, {}});
  }
  return all;
}

void PendingSubmissions::committed() {
  const std::lock_guard lock(mutex_);
  for (const crypto::Hash& id : std::exchange(executed_, {})) {
    const auto at = entries_.find(id);
    if (at != entries_.end()) erase(at);
  }
}

std::optional<PendingSubmissions::Finished> PendingSubmissions::finish(const crypto::Hash& id,
                                                                       SubmissionStatus status) {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(id);
  if (at == entries_.end() || at->second.outcome) return std::nullopt;
  Finished finished = execute(at, std::move(status));
  erase(at);
  return finished;
}

std::vector<PendingSubmissions::Finished> PendingSubmissions::abandon() {
  std::vector<Finished> all;
  const std::lock_guard lock(mutex_);
  while (!entries_.empty()) {
    const auto at = entries_.begin();
    if (!at->second.outcome) all.push_back(execute(at, pending(at->first)));
    erase(at);
  }
  return all;
}

std::optional<SubmissionStatus> PendingSubmissions::find(const crypto::Hash& id) const {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(id);
  if (at == entries_.end()) return std::nullopt;
  return at->second.outcome ? *at->second.outcome : pending(id);
}

std::size_t PendingSubmissions::size() const {
  const std::lock_guard lock(mutex_);
  return reserved_;
}

bool PendingSubmissions::wait_empty(std::uint64_t limit_ms) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_for(lock, std::chrono::milliseconds(limit_ms),
                           [this] { return reserved_ == 0; });
}

}  // namespace sanad::node
