// A submission's way: pending, executed, gone; and who waits for it.
#include "node/replica/pending_submissions.h"

#include <catch2/catch.hpp>

#include "tests/node/replica/replica_sample.h"

namespace sanad::tests {
namespace {

using chaincode::SubmissionState;
using node::PendingSubmissions;
using Added = PendingSubmissions::Added;

constexpr std::uint64_t kBlockMs = kGenesisMs + 1'000;

chaincode::SubmissionOutcome executed_at(std::uint64_t height, const Hash& id) {
  return {id, chaincode::SubmissionResult::kExecuted, height, {{}}};
}

TEST_CASE("pending: an executed submission is told once and known until the ledger shows it") {
  Signer signer;
  PendingSubmissions pending({2, 1U << 20U, 2});
  const auto submission = signer.submission(0);
  const Hash& id = submission->id();
  CHECK_FALSE(pending.find(id).has_value());
  const auto waiter = [](const chaincode::SubmissionStatus&) {};
  REQUIRE(pending.reserve(submission->raw().size()));
  CHECK(pending.add(*submission, 7, waiter).added == Added::kFirst);
  CHECK(pending.add(*submission, 8, waiter).added == Added::kJoined);
  CHECK(pending.add(*submission, 9, waiter).added == Added::kTooManyWait);
  CHECK(pending.find(id)->state == SubmissionState::kPending);

  const std::vector outcomes = {executed_at(5, id)};
  const auto finished = pending.executed(outcomes, kBlockMs);
  REQUIRE(finished.size() == 1);
  CHECK(finished[0].admitted_us == 7);
  CHECK(finished[0].waiting.size() == 2);
  CHECK(finished[0].status.state == SubmissionState::kFinal);
  CHECK(pending.size() == 0);
  CHECK_FALSE(pending.wait_empty(0));  // who was told may be reading still
  // Executed again as a duplicate, or asked for again, before the commit: the first outcome.
  CHECK(pending.executed(outcomes, kBlockMs + 60).empty());
  CHECK(pending.find(id)->height == 5);
  CHECK(pending.find(id)->time_ms == kBlockMs);
  const auto again = pending.add(*submission, 10, waiter);
  CHECK(again.added == Added::kExecuted);
  CHECK(again.status.state == SubmissionState::kFinal);
  CHECK_FALSE(pending.finish(id, again.status).has_value());

  pending.committed();
  CHECK_FALSE(pending.find(id).has_value());
  CHECK(pending.wait_empty(0));
}

TEST_CASE("pending: a duplicate of what the ledger shows leaves the ledger's answer alone") {
  Signer signer;
  PendingSubmissions pending({2, 1U << 20U, 2});
  const auto submission = signer.submission(0);
  const chaincode::SubmissionOutcome repeated{
      submission->id(), chaincode::SubmissionResult::kDuplicate, 5, {{}}};
  CHECK(pending.executed(std::vector{repeated}, kBlockMs).empty());
  CHECK_FALSE(pending.find(submission->id()).has_value());
  // Beside its first execution it is the first one's.
  pending.executed(std::vector{executed_at(9, submission->id())}, kBlockMs);
  pending.executed(std::vector{repeated}, kBlockMs + 60);
  CHECK(pending.find(submission->id())->height == 9);
}

TEST_CASE("pending: what others admitted, or an earlier run, is known as executed too") {
  Signer signer;
  PendingSubmissions pending({2, 1U << 20U, 2});
  const auto submission = signer.submission(0, 1, kBlockMs);
  CHECK(pending.executed(std::vector{executed_at(5, submission->id())}, kBlockMs).empty());
  REQUIRE(pending.reserve(submission->raw().size()));
  CHECK(pending.add(*submission, 7, {}).added == Added::kExecuted);
  pending.release(submission->raw().size());
  // It never became pending: a later block of the same group does not end it as expired.
  CHECK(pending.executed({}, kBlockMs + 1).empty());
  CHECK(pending.find(submission->id())->state == SubmissionState::kFinal);
}

TEST_CASE("pending: F8: what a block's time has passed is expired") {
  Signer signer;
  PendingSubmissions pending({4, 1U << 20U});
  const auto early = signer.submission(0, 1, kBlockMs - 1);
  const auto late = signer.submission(0, 1, kBlockMs);
  for (const auto& one : {early, late}) {
    REQUIRE(pending.reserve(one->raw().size()));
    REQUIRE(pending.add(*one, 1, {}).added == Added::kFirst);
  }
  const auto finished = pending.executed({}, kBlockMs);
  REQUIRE(finished.size() == 1);
  CHECK(finished[0].status.id == early->id());
  CHECK(finished[0].status.state == SubmissionState::kExpired);
  CHECK(pending.executed({}, kBlockMs).empty());
  CHECK(pending.size() == 1);
  CHECK(pending.find(late->id())->state == SubmissionState::kPending);
}

TEST_CASE("pending: F8: what a block took too soon is not told to be dead") {
  Signer signer;
  PendingSubmissions pending({4, 1U << 20U});
  const auto over = signer.submission(0, 1, kBlockMs - 1);
  const auto soon = signer.submission(0, 1, kBlockMs + 9'000'000);
  std::vector<chaincode::SubmissionOutcome> outcomes;
  for (const auto& one : {over, soon}) {
    REQUIRE(pending.reserve(one->raw().size()));
    REQUIRE(pending.add(*one, 1, {}).added == Added::kFirst);
    outcomes.push_back({one->id(), chaincode::SubmissionResult::kOutsideWindow, 5, {}});
  }
  const auto finished = pending.executed(outcomes, kBlockMs);
  REQUIRE(finished.size() == 2);
  CHECK(finished[0].status.state == SubmissionState::kExpired);
  CHECK(finished[1].status.state == SubmissionState::kPending);
  CHECK(pending.size() == 0);
  CHECK_FALSE(pending.find(soon->id()).has_value());  // sent again, it is taken again
}

TEST_CASE("pending: a node that stops tells those who still wait, and only those") {
  Signer signer;
  PendingSubmissions pending({4, 1U << 20U});
  const auto done = signer.submission(0);
  const auto open = signer.submission(0);
  for (const auto& one : {done, open}) {
    REQUIRE(pending.reserve(one->raw().size()));
    REQUIRE(pending.add(*one, 1, {}).added == Added::kFirst);
  }
  REQUIRE(pending.executed(std::vector{executed_at(1, done->id())}, kBlockMs).size() == 1);
  const auto abandoned = pending.abandon();
  REQUIRE(abandoned.size() == 1);
  CHECK(abandoned[0].status.id == open->id());
  CHECK(abandoned[0].status.state == SubmissionState::kPending);
  CHECK(pending.size() == 0);
}

}  // namespace
}  // namespace sanad::tests
