// The process of one member: the node's own driver, journal, executor and ledger, without threads.
// Whoever holds it gives it turns; nothing in it waits or knows the time.
#pragma once

#include <deque>

#include "node/replica/executor.h"
#include "node/replica/open_frame.h"
#include "simulation/nodes/network.h"
#include "simulation/nodes/realm.h"
#include "tests/node/ledger/simulated_disk.h"

namespace sanad::simulation::nodes {

inline constexpr const char* kLedgerFolder = "data/ledger";
inline constexpr const char* kJournalFolder = "data/journal";

struct ProcessOptions {
  MemberIndex member = 0;
  tests::SimulatedDisk* disk = nullptr;
  node::Quarantine quarantine = node::Quarantine::kRefuse;
  crypto::Hash nonce;
  // Asked at the moment of each send: whether the link takes the frame.
  std::function<bool(MemberIndex to, const FramePtr&)> takes;
};

class Process final : public node::Transport {
 public:
  struct Sent {
    MemberIndex to = 0;
    FramePtr frame;
  };

  // An error is what the operator would see.
  static crypto::Result<std::unique_ptr<Process>> start(const Realm& realm, ProcessOptions options);
  // As by kill -9: what is in memory is gone.
  ~Process() override;

  void give(node::DriverEvent event) { events_.push_back(std::move(event)); }
  [[nodiscard]] std::uint64_t inbox() const { return events_.size(); }
  // As the driver's thread does it; what it sent is in take_sent().
  crypto::Result<node::TurnResult> turn(Micros now, std::uint64_t wall_ms);
  std::vector<Sent> take_sent() { return std::exchange(sent_, {}); }
  crypto::Result<node::DriverEvent> open(MemberIndex from, const FramePtr& frame,
                                         consensus::SignatureCache& cache) const;
  // Executes one block; those appended since the last commit() become durable together.
  crypto::Result<node::ExecutedBlock> append(const node::FinalizedBlock& block);
  crypto::Status commit();
  // What may be the next block, and its execution ahead of the others' votes.
  void expect_block(node::CandidateBlock block) { executor_->expect(std::move(block)); }
  void execute_ahead() { executor_->execute_ahead(); }
  // Blocks that had been when their turn came.
  [[nodiscard]] std::uint64_t executed_ahead() const { return executor_->found_done(); }
  // LevelDB's compactions that wait for a thread.
  [[nodiscard]] bool has_background_work() const { return !background_.empty(); }
  void work_in_background();
  // A clean end.
  crypto::Status close();

  [[nodiscard]] node::Driver& driver() { return *driver_; }
  [[nodiscard]] const node::Ledger& ledger() const { return *ledger_; }
  // What frames are opened with now.
  [[nodiscard]] const consensus::Window& window() const { return window_; }
  [[nodiscard]] std::uint64_t height() const { return ledger_->tip()->height; }
  [[nodiscard]] const node::MemberKeys& keys() const { return keys_; }

 private:
  Process(const Realm& realm, ProcessOptions options);
  void expect(consensus::Window window) override { window_ = std::move(window); }
  bool send(MemberIndex to, network::Priority priority, const FramePtr& frame) override;

  const Realm& realm_;
  ProcessOptions options_;
  node::MemberKeys keys_;
  node::CheckpointOptions checkpoint_;
  std::deque<std::function<void()>> background_;
  std::unique_ptr<node::Ledger> ledger_;
  std::unique_ptr<node::Executor> executor_;
  std::unique_ptr<node::Driver> driver_;
  consensus::Window window_;
  std::vector<node::DriverEvent> events_;
  std::vector<Sent> sent_;
};

}  // namespace sanad::simulation::nodes
