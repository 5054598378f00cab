// One member's part of an import: built by the reading thread, sent by the desk's own threads.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "tools/import_run.h"

namespace sanad::tools {

class ImportDesk {
 public:
  // Opens keys and vault and finishes what an earlier run left. `failed` is set on the first
  // failure of any desk and ends all of them; it and `finished` (declarations final) outlive the
  // desk.
  static crypto::Result<std::unique_ptr<ImportDesk>> open(const NetworkFolder& network,
                                                          const std::string& member,
                                                          const ImportOptions& options,
                                                          std::atomic<bool>& failed,
                                                          std::atomic<std::uint64_t>& finished);
  // close().
  ~ImportDesk();

  enum class Added { kTaken, kSkipped };
  // From one thread only. Blocks while enough is on its way. kBadDeclaration for a row to reject;
  // other errors end the run.
  crypto::Result<Added> add(const InputRow& row);
  // Hands what was gathered to the desk's threads. Blocks while enough is on its way.
  crypto::Status flush();
  // Sends what is left, waits for everything and ends the threads.
  crypto::Status close();

  [[nodiscard]] const MemberTally& tally() const { return tally_; }  // after close()
  [[nodiscard]] std::size_t settled() const { return settled_; }
  [[nodiscard]] const std::optional<crypto::Error>& failure() const { return failure_; }

 private:
  struct Job {
    Prepared prepared;
    std::vector<std::optional<bool>> labels;  // by entry
  };
  struct Selected {
    VaultEntry entry;
    bool offence = false;
  };

  ImportDesk(Member member, crypto::SigningKey submitter, crypto::SigningKey officer, Vault vault,
             ImportOptions options);
  void start(std::atomic<bool>& failed, std::atomic<std::uint64_t>& finished);
  void run_worker();
  crypto::Status finish(NodeClient& node, Job job);
  crypto::Status inspect(NodeClient& node, std::vector<Selected> selected);
  void count(const chaincode::SubmissionStatus& status, const Job& job, std::uint64_t latency_ms);
  void fail(const crypto::Error& error);
  [[nodiscard]] bool is_ending() const;

  Member member_;
  crypto::SigningKey submitter_;
  crypto::SigningKey officer_;
  Vault vault_;
  ImportOptions options_;
  SubmissionBuilder builder_;
  std::vector<std::optional<bool>> labels_;
  std::vector<Selected> backlog_;  // selected in an earlier run, not inspected yet
  std::size_t settled_ = 0;

  std::mutex mutex_;  // jobs_, closing_, tally_, failure_
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool closing_ = false;
  MemberTally tally_;
  std::optional<crypto::Error> failure_;
  std::atomic<bool>* failed_ = nullptr;
  std::atomic<std::uint64_t>* finished_ = nullptr;
  std::vector<std::thread> workers_;
};

}  // namespace sanad::tools
