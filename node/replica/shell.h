// The threads around Driver and Executor (replica.h).
#pragma once

#include <atomic>
#include <latch>

#include "node/replica/delay_estimate.h"
#include "node/replica/driver.h"
#include "node/replica/executor.h"
#include "node/replica/inbox.h"
#include "node/replica/pending_submissions.h"
#include "node/replica/replica.h"
#include "node/replica/workers.h"

namespace sanad::node {

class Replica::Shell final : public Transport {
 public:
  Shell(ReplicaOptions options, MemberKeys keys, ReplicaEnvironment environment);
  ~Shell() override;

  crypto::Status start(network::MeshOptions mesh);
  void stop();

  void submit(crypto::Bytes bytes, SubmitCallbacks callbacks);
  [[nodiscard]] std::optional<chaincode::SubmissionStatus> outcome(const crypto::Hash& id) const;
  [[nodiscard]] std::optional<CheckpointNote> newest_note() const;
  [[nodiscard]] const crypto::SigningKey& log_key() const { return keys_.log; }
  [[nodiscard]] ReplicaStatus status() const;
  [[nodiscard]] ReplicaCounters counters() const;
  [[nodiscard]] network::MeshStats mesh_stats() const;
  [[nodiscard]] std::uint16_t peer_port() const;
  [[nodiscard]] std::uint64_t told_height() const { return told_height_; }
  SubscriptionId subscribe(Subscriber subscriber);
  void unsubscribe(SubscriptionId id);
  bool drain(std::uint64_t limit_ms);

  // Transport. Called on the driver's thread.
  void expect(consensus::Window window) override;
  bool send(consensus::MemberIndex to, network::Priority priority,
            const std::shared_ptr<const crypto::Bytes>& frame) override;

 private:
  // One client's submission on its way through the workers: answered once, whatever happens.
  struct Ticket;
  struct PeerLoad {
    std::atomic<std::size_t> frame_bytes{0};
    std::atomic<bool> paused{false};
    std::atomic<std::size_t> serving{0};
    std::atomic<bool> up{false};
  };

  [[nodiscard]] std::optional<ReplicaErrc> refusal_of_submissions() const;

  [[nodiscard]] std::uint64_t now_ms() const;
  [[nodiscard]] std::uint64_t now_us() const;
  static std::uint64_t wall_ms();

  void on_frame(network::PeerIndex peer, crypto::Bytes frame);
  void open_frame(network::PeerIndex peer, crypto::ByteView frame,
                  consensus::SignatureCache& cache);
  [[nodiscard]] crypto::Status check_not_too_far(
      const chaincode::CheckedSubmission& submission) const;
  void open_submission(const std::shared_ptr<Ticket>& ticket);
  void serve(const Serve& request);
  void reply(consensus::MemberIndex to, const NodeMessage& message);

  void run_driver();
  void measure_delay(std::vector<DriverEvent>& events);
  void publish(TurnResult& result);
  void run_executor();
  crypto::Result<std::vector<ExecutedBlock>> execute_group();
  void execute_ahead();
  void tell(const ExecutedBlock& block);
  void report(const std::vector<ExecutedBlock>& group);
  void finish(const std::vector<PendingSubmissions::Finished>& finished);
  void fail(const crypto::Error& error);
  void stop_serving(const crypto::Error& why);

  ReplicaOptions options_;
  MemberKeys keys_;
  ReplicaEnvironment environment_;
  const chaincode::Contracts& contracts_;
  consensus::Committee committee_;
  CheckpointOptions checkpoint_;
  Executor executor_;
  Archive archive_;
  std::unique_ptr<Driver> driver_;
  std::unique_ptr<network::PeerMesh> mesh_;
  std::latch mesh_known_{1};  // frames may arrive before start() has put the mesh in place
  PendingSubmissions pending_;
  Workers workers_;
  Inbox<DriverEvent> inbox_;
  Inbox<std::variant<FinalizedBlock, CandidateBlock>> to_execute_;
  std::vector<PeerLoad> peers_;
  std::atomic<bool> accepting_{false};
  std::atomic<std::uint64_t> submissions_refused_{0};
  std::atomic<std::uint64_t> submissions_busy_{0};
  std::atomic<std::uint64_t> served_{0};
  std::atomic<std::uint64_t> told_height_{0};
  // Driver's thread only.
  std::uint64_t next_delay_ms_ = 0;
  DelayEstimate delay_{committee_};
  Duration last_sync_;

  std::uint64_t ahead_us_ = 0;  // executor's thread only: spent on what is not final yet

  std::shared_ptr<const FinalBatches> final_batches_;  // set before the first thread

  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<const consensus::Window> window_;
  consensus::CoreStatus core_status_;
  std::uint64_t peers_height_ = 0;
  bool heard_quorum_ = false;
  ReplicaCounters driver_counters_;
  ReplicaCounters executor_counters_;
  std::vector<network::ReasonCounts> frames_invalid_;  // by sender
  std::vector<network::ReasonCounts> frames_useless_;
  std::optional<CheckpointNote> note_;
  bool diverged_ = false;
  std::string trouble_;

  std::mutex subscribers_mutex_;  // held while they are called
  std::map<SubscriptionId, Subscriber> subscribers_;
  SubscriptionId next_subscription_ = 1;

  bool stopped_ = false;
  std::thread driver_thread_;
  std::thread executor_thread_;
};

}  // namespace sanad::node
