// The submissions that this node admitted and that are not final yet, with those who wait for them;
// and the outcomes that were executed but that the ledger does not show yet (decision 0011).
//
// Thread-safe. Callbacks are returned to the caller, who calls them without any lock held.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>

#include "chaincode/api_types.h"
#include "chaincode/execute.h"
#include "node/replica/batch.h"

namespace sanad::node {

// A finalised outcome in the API's words. `time_ms`: of the block that executed it; `statements`:
// how many it has, for a submission of an unknown key, which has no outcomes of its own.
chaincode::SubmissionStatus submission_status(const chaincode::SubmissionOutcome& outcome,
                                              std::uint64_t time_ms, std::size_t statements);

using OnFinished = std::function<void(const chaincode::SubmissionStatus&)>;

class PendingSubmissions {
 public:
  struct Limits {
    std::size_t submissions = 0;
    std::size_t bytes = 0;
    std::size_t waiting_per_submission = 16;
  };
  explicit PendingSubmissions(Limits limits) : limits_(limits) {}

  // Room for one more of this size, taken at once and held until release() or until a submission
  // added with it is finished. False: the node is busy.
  bool reserve(std::size_t bytes);
  void release(std::size_t bytes);

  // Adds a submission under a reservation of its raw size. If it is pending already the waiter
  // joins it, and if it is executed there is nothing to wait for: the caller releases the
  // reservation then.
  enum class Added { kFirst, kJoined, kExecuted, kTooManyWait };
  struct Addition {
    Added added = Added::kFirst;
    chaincode::SubmissionStatus status{};  // pending, or what became of it
  };
  Addition add(const chaincode::CheckedSubmission& submission, std::uint64_t now_us,
               OnFinished on_finished);

  struct Finished {
    chaincode::SubmissionStatus status;
    std::vector<OnFinished> waiting;
    std::uint64_t admitted_us = 0;
  };
  // All outcomes of a final block, whoever admitted them; also ends what is pending here and whose
  // time that block has passed (LEDGER F8).
  std::vector<Finished> executed(std::span<const chaincode::SubmissionOutcome> outcomes,
                                 std::uint64_t time_ms);
  // The ledger shows all blocks given to executed().
  void committed();
  // Takes one submission out, with its waiters, under the status given.
  std::optional<Finished> finish(const crypto::Hash& id, chaincode::SubmissionStatus status);
  // All of them, still pending: the node stops.
  std::vector<Finished> abandon();

  // Pending, or what became of it; nothing if it is not here.
  [[nodiscard]] std::optional<chaincode::SubmissionStatus> find(const crypto::Hash& id) const;
  [[nodiscard]] std::size_t size() const;
  // Waits until nothing is pending or reserved, and the ledger shows what was executed, at most
  // `limit_ms`. True if so.
  bool wait_empty(std::uint64_t limit_ms);

 private:
  struct Entry {
    std::size_t bytes = 0;
    std::size_t statements = 0;
    std::uint64_t valid_until_ms = 0;
    std::uint64_t admitted_us = 0;
    std::vector<OnFinished> waiting;
  };
  using Entries = std::map<crypto::Hash, Entry>;
  Finished take(Entries::iterator entry, chaincode::SubmissionStatus status);

  Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable emptied_;
  Entries entries_;
  std::multimap<std::uint64_t, crypto::Hash> by_expiry_;
  std::map<crypto::Hash, chaincode::SubmissionStatus> executed_;  // since the last commit
  std::size_t reserved_ = 0;
  std::size_t reserved_bytes_ = 0;
};

}  // namespace sanad::node
