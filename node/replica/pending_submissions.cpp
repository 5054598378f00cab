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

// A block had it outside its window: dead, or too soon, and then it may be sent again.
SubmissionStatus skipped(const crypto::Hash& id, bool is_over) {
  return is_over ? SubmissionStatus{id, SubmissionState::kExpired, 0, 0, {}} : pending(id);
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

PendingSubmissions::Addition PendingSubmissions::add(const chaincode::CheckedSubmission& submission,
                                                     std::uint64_t now_us, OnFinished on_finished) {
  const std::lock_guard lock(mutex_);
  const auto executed = executed_.find(submission.id());
  if (executed != executed_.end()) return {Added::kExecuted, executed->second};
  auto [at, fresh] = entries_.try_emplace(submission.id());
  Entry& entry = at->second;
  if (!fresh && entry.waiting.size() >= limits_.waiting_per_submission) {
    return {Added::kTooManyWait, pending(submission.id())};
  }
  if (on_finished) entry.waiting.push_back(std::move(on_finished));
  if (!fresh) return {Added::kJoined, pending(submission.id())};
  entry.bytes = submission.raw().size();
  entry.statements = submission.statements().size();
  entry.valid_until_ms = submission.valid_until_ms();
  entry.admitted_us = now_us;
  by_expiry_.emplace(entry.valid_until_ms, submission.id());
  return {Added::kFirst, pending(submission.id())};
}

PendingSubmissions::Finished PendingSubmissions::take(Entries::iterator at,
                                                      SubmissionStatus status) {
  Entry& entry = at->second;
  const auto [begin, end] = by_expiry_.equal_range(entry.valid_until_ms);
  for (auto expiry = begin; expiry != end; ++expiry) {
    if (expiry->second != at->first) continue;
    by_expiry_.erase(expiry);
    break;
  }
  --reserved_;
  reserved_bytes_ -= entry.bytes;
  Finished finished{std::move(status), std::move(entry.waiting), entry.admitted_us};
  entries_.erase(at);
  if (reserved_ == 0) emptied_.notify_all();
  return finished;
}

std::vector<PendingSubmissions::Finished> PendingSubmissions::executed(
    std::span<const SubmissionOutcome> outcomes, std::uint64_t time_ms) {
  std::vector<Finished> all;
  const std::lock_guard lock(mutex_);
  for (const SubmissionOutcome& outcome : outcomes) {
    const auto at = entries_.find(outcome.id);
    const bool here = at != entries_.end();
    if (outcome.result == SubmissionResult::kOutsideWindow) {
      if (here) all.push_back(take(at, skipped(outcome.id, at->second.valid_until_ms < time_ms)));
      continue;
    }
    // The first one counts: a duplicate repeats it under a later time. Where it is not here the
    // ledger shows it, and whoever adds it looks there.
    const bool repeats = outcome.result == SubmissionResult::kDuplicate;
    if (repeats && !executed_.contains(outcome.id)) continue;
    const SubmissionStatus& status =
        executed_
            .try_emplace(outcome.id,
                         submission_status(outcome, time_ms, here ? at->second.statements : 1))
            .first->second;
    if (here) all.push_back(take(at, status));
  }
  while (!by_expiry_.empty() && by_expiry_.begin()->first < time_ms) {
    const crypto::Hash id = by_expiry_.begin()->second;
    all.push_back(take(entries_.find(id), {id, SubmissionState::kExpired, 0, 0, {}}));
  }
  return all;
}

void PendingSubmissions::committed() {
  const std::lock_guard lock(mutex_);
  executed_.clear();
  if (reserved_ == 0) emptied_.notify_all();
}

std::optional<PendingSubmissions::Finished> PendingSubmissions::finish(const crypto::Hash& id,
                                                                       SubmissionStatus status) {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(id);
  if (at == entries_.end()) return std::nullopt;
  return take(at, std::move(status));
}

std::vector<PendingSubmissions::Finished> PendingSubmissions::abandon() {
  std::vector<Finished> all;
  const std::lock_guard lock(mutex_);
  while (!entries_.empty()) {
    all.push_back(take(entries_.begin(), pending(entries_.begin()->first)));
  }
  return all;
}

std::optional<SubmissionStatus> PendingSubmissions::find(const crypto::Hash& id) const {
  const std::lock_guard lock(mutex_);
  const auto executed = executed_.find(id);
  if (executed != executed_.end()) return executed->second;
  return entries_.contains(id) ? std::optional(pending(id)) : std::nullopt;
}

std::size_t PendingSubmissions::size() const {
  const std::lock_guard lock(mutex_);
  return reserved_;
}

bool PendingSubmissions::wait_empty(std::uint64_t limit_ms) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_for(lock, std::chrono::milliseconds(limit_ms),
                           [this] { return reserved_ == 0 && executed_.empty(); });
}

}  // namespace sanad::node
