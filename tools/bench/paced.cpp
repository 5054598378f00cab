#include "tools/bench/paced.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <memory>
#include <mutex>
#include <thread>

#include "tools/commands/report.h"
#include "tools/submitter.h"

namespace sanad::tools {
namespace {

using crypto::Error;
using crypto::Result;
using crypto::Status;
using Clock = std::chrono::steady_clock;

// Signed and waiting for its time; signing must not be what is measured.
constexpr auto kAhead = std::chrono::milliseconds(500);

std::uint64_t us_since_boot(Clock::time_point time) {
  const auto since = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch());
  return static_cast<std::uint64_t>(since.count());
}

struct Finished {
  std::string member;
  Clock::time_point due, sent, final;
  chaincode::SubmissionStatus status;
};

// What became of all submissions, from all members' threads.
class Outcome {
 public:
  Status open(const std::filesystem::path& log) {
    if (log.empty()) return {};
    log_.open(log);
    return log_ ? Status() : Error{Errc::kBadFile, log.string() + ": cannot be written"};
  }

  void add(const Finished& one) {
    const std::lock_guard lock(mutex_);
    if (one.status.state == chaincode::SubmissionState::kExpired) {
      ++report_.expired;
      return;
    }
    report_.declared += one.status.outcomes.size();
    report_.latencies_us.push_back(us_since_boot(one.final) - us_since_boot(one.due));
    finals_us_.push_back(us_since_boot(one.final));
    if (log_.is_open()) write(one);
  }
  void fail(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = error;
  }
  [[nodiscard]] bool failed() {
    const std::lock_guard lock(mutex_);
    return failure_.has_value();
  }

  // REQUIRES: no other thread is at work any more.
  Result<PacedReport> report(std::uint64_t elapsed_ms) {
    if (failure_) return *failure_;
    if (log_.is_open() && !log_.flush()) return Error{Errc::kBadFile, "the log cannot be written"};
    report_.elapsed_ms = elapsed_ms;
    std::sort(report_.latencies_us.begin(), report_.latencies_us.end());
    std::sort(finals_us_.begin(), finals_us_.end());
    for (std::size_t i = 1; i < finals_us_.size(); ++i) {
      report_.longest_gap_us = std::max(report_.longest_gap_us, finals_us_[i] - finals_us_[i - 1]);
    }
    return std::move(report_);
  }

 private:
  void write(const Finished& one) {
    std::vector<std::string> statements;
    for (const chaincode::StatementOutcome& outcome : one.status.outcomes) {
      statements.push_back(json_array(
          {json_string(outcome.code), outcome.record ? std::to_string(*outcome.record) : "null"}));
    }
    log_ << JsonObject()
                .text("member", one.member)
                .text("submission", one.status.id.hex())
                .number("due_us", us_since_boot(one.due))
                .number("sent_us", us_since_boot(one.sent))
                .number("final_us", us_since_boot(one.final))
                .number("height", one.status.height)
                .json("statements", json_array(statements))
                .str()
         << '\n';
  }

  std::mutex mutex_;
  std::ofstream log_;
  PacedReport report_;
  std::vector<std::uint64_t> finals_us_;
  std::optional<Error> failure_;
};

// One member's client: submissions wait for their time and for a free sender, in order.
class PacedDesk {
 public:
  PacedDesk(Member member, crypto::SigningKey key, const PacedPlan& plan, Outcome& outcome)
      : member_(std::move(member)),
        key_(std::move(key)),
        plan_(plan),
        outcome_(outcome),
        builder_(member_, key_, plan.batch) {
    for (std::size_t i = 0; i < plan.in_flight; ++i) {
      senders_.emplace_back([this] { run_sender(); });
    }
  }
  ~PacedDesk() { close(); }
  PacedDesk(const PacedDesk&) = delete;
  PacedDesk& operator=(const PacedDesk&) = delete;

  // A submission falls due with the last of its declarations.
  Status add(const Declaration& declaration, Clock::time_point due) {
    SANAD_TRY_STATUS(builder_.add_declaration(declaration));
    if (builder_.full()) hand_over(due);
    return {};
  }
  // Sends what is left and waits for everything.
  void close() {
    if (senders_.empty()) return;
    if (builder_.size() > 0) hand_over(Clock::now());
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    changed_.notify_all();
    for (std::thread& sender : senders_) sender.join();
    senders_.clear();
  }

 private:
  struct Job {
    PendingSubmission submission;
    Clock::time_point due;
  };

  void hand_over(Clock::time_point due) {
    const std::lock_guard lock(mutex_);
    jobs_.push_back({builder_.take().submission, due});
    changed_.notify_one();
  }

  void run_sender() {
    NodeClient node(member_, plan_.patience);
    while (true) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !jobs_.empty() || closing_; });
      if (jobs_.empty() || outcome_.failed()) return;
      const Job job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      std::this_thread::sleep_until(job.due);
      const auto sent = Clock::now();
      const auto status = node.submit(job.submission.id, job.submission.wire);
      if (!status) return outcome_.fail(status.error());
      outcome_.add({member_.id, job.due, sent, Clock::now(), *status});
    }
  }

  const Member member_;
  const crypto::SigningKey key_;
  const PacedPlan& plan_;
  Outcome& outcome_;
  SubmissionBuilder builder_;
  std::mutex mutex_;  // jobs_, closing_
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool closing_ = false;
  std::vector<std::thread> senders_;
};

using Desks = std::map<std::string, std::unique_ptr<PacedDesk>>;

Result<Desks> open_desks(const NetworkFolder& network, const PacedPlan& plan, Outcome& outcome) {
  SANAD_TRY(const LoadedGenesis loaded, load_genesis(network.genesis()));
  Desks desks;
  for (const chaincode::Member& one : loaded.genesis.members) {
    SANAD_TRY(Member member, open_member(network, one.id));
    SANAD_TRY(crypto::SigningKey key, open_key_file(member.key("submitter")));
    desks[one.id] = std::make_unique<PacedDesk>(std::move(member), std::move(key), plan, outcome);
  }
  return desks;
}

}  // namespace

Result<PacedReport> run_paced(const NetworkFolder& network, Input& input, const PacedPlan& plan,
                              const std::atomic<bool>& ending) {
  Outcome outcome;
  SANAD_TRY_STATUS(outcome.open(plan.log));
  SANAD_TRY(Desks desks, open_desks(network, plan, outcome));
  const auto begin = Clock::now() + kAhead;
  const std::uint64_t count = plan.per_s * plan.seconds;
  for (std::uint64_t i = 0; i < count && !outcome.failed() && !ending.load(); ++i) {
    const auto due = begin + std::chrono::nanoseconds(i * 1'000'000'000 / plan.per_s);
    std::this_thread::sleep_until(due - kAhead);
    InputItem item = input.next();
    const auto* row = std::get_if<InputRow>(&item);
    if (row == nullptr) break;
    const auto desk = desks.find(row->declaration.member);
    if (desk == desks.end()) continue;
    SANAD_TRY_STATUS(desk->second->add(row->declaration, due));
  }
  for (const auto& [id, desk] : desks) desk->close();
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
  return outcome.report(static_cast<std::uint64_t>(elapsed.count()));
}

}  // namespace sanad::tools
