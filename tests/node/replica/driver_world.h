// Whole members without threads, in virtual time: driver, journal, executor and ledger over
// simulated disks, joined by a network that delivers after a fixed delay and loses what it is told
// to. At every send the disk is asked, as it would be after a power cut at that moment, whether
// what is said is durable (I9).
#pragma once

#include <queue>
#include <set>

#include "node/replica/beacon_source.h"
#include "node/replica/driver.h"
#include "node/replica/executor.h"
#include "node/replica/open_frame.h"
#include "tests/node/ledger/simulated_disk.h"
#include "tests/node/replica/cluster.h"
#include "tests/node/replica/replica_sample.h"

namespace sanad::tests {

class DriverWorld {
 public:
  static constexpr std::uint64_t kDelayMs = 5;
  static constexpr std::uint64_t kWallStartMs = kGenesisMs + 1'000;

  explicit DriverWorld(bool check_durable = true);
  ~DriverWorld();

  void start(std::uint8_t member);
  // Power cut: what was not synced is lost as told; the member can be started again.
  void crash(std::uint8_t member, Unsynced unsynced);
  void start_all();
  // Runs all members for that long.
  void run_ms(std::uint64_t ms);
  // Runs until the condition holds; false if it does not within that time.
  bool run_until(const std::function<bool()>& condition, std::uint64_t limit_ms = 60'000);

  void admit(std::uint8_t member, node::SubmissionPtr submission);
  [[nodiscard]] node::SubmissionPtr submission(std::uint8_t member, std::size_t declarations = 1) {
    return signer_.submission(member, declarations, kWallStartMs + now_ms_ + 600'000);
  }
  // Every member but these hears nothing from `member` and it hears nothing.
  void cut(std::uint8_t member, bool off) {
    off ? (void)cut_.insert(member) : (void)cut_.erase(member);
    link_all();
  }

  [[nodiscard]] std::uint64_t height(std::uint8_t member) const;
  [[nodiscard]] std::optional<chaincode::SubmissionOutcome> outcome(std::uint8_t member,
                                                                    const Hash& id) const;
  [[nodiscard]] const node::CheckpointNote* note(std::uint8_t member) const;
  void require_agreement() const;
  [[nodiscard]] node::Driver& driver(std::uint8_t member) { return *nodes_[member]->driver; }
  [[nodiscard]] SimulatedDisk& disk(std::uint8_t member) { return *disks_[member]; }
  [[nodiscard]] bool is_running(std::uint8_t member) const { return nodes_[member] != nullptr; }
  [[nodiscard]] bool stopped_by_disk(std::uint8_t member) const {
    return stopped_by_disk_.contains(member);
  }
  // `member`'s queues to `to` take nothing.
  void fill_queue(std::uint8_t member, std::uint8_t to) { full_.emplace(member, to); }
  // Whom `member` asked for batches so far, in order.
  [[nodiscard]] std::vector<consensus::MemberIndex> asked(std::uint8_t member) const {
    return nodes_[member]->asked;
  }
  // What `member` makes of a frame of `from`.
  [[nodiscard]] node::DriverEvent opened(std::uint8_t member, consensus::MemberIndex from,
                                         const node::NodeMessage& message) {
    auto event = open(*nodes_[member], from, crypto::encode(message));
    if (!event) FAIL(event.error().message());
    return std::move(*event);
  }
  [[nodiscard]] std::size_t durable_sends() const { return durable_sends_; }
  // Batches that members sent while the disk was asked.
  [[nodiscard]] std::size_t batches_sent() const { return batches_sent_; }

 private:
  struct Node final : node::Transport {
    Node(DriverWorld& in, std::uint8_t index) : world(in), self(index), keys(member_keys(index)) {}
    bool send(consensus::MemberIndex to, network::Priority priority,
              const std::shared_ptr<const crypto::Bytes>& frame) override;

    DriverWorld& world;
    std::uint8_t self;
    node::MemberKeys keys;
    node::CheckpointOptions checkpoint;
    std::unique_ptr<node::Ledger> ledger;
    std::unique_ptr<node::Executor> executor;
    std::unique_ptr<node::Driver> driver;
    consensus::SignatureCache cache;
    std::vector<node::DriverEvent> events;
    std::uint64_t wake_at_ms = 0;
    std::optional<node::CheckpointNote> note;
    std::vector<consensus::MemberIndex> asked;
  };
  struct Packet {
    std::uint64_t at_ms = 0;
    std::uint64_t number = 0;
    std::uint8_t from = 0;
    std::uint8_t to = 0;
    std::shared_ptr<const crypto::Bytes> bytes;
    friend bool operator>(const Packet& a, const Packet& b) {
      return std::tie(a.at_ms, a.number) > std::tie(b.at_ms, b.number);
    }
  };

  void link_all();
  void turn(Node& node);
  void stop_by_disk(std::uint8_t member);
  void serve(Node& node, const node::Serve& request);
  void deliver();
  crypto::Result<node::DriverEvent> open(Node& node, consensus::MemberIndex from,
                                         const crypto::Bytes& frame);
  void require_durable(const Node& node, const node::NodeMessage& message);
  [[nodiscard]] node::Journal::Opened open_journal(node::FileSystem& disk,
                                                   std::uint8_t member) const;

  Signer signer_;
  chaincode::Contracts contracts_;
  bool check_durable_;
  std::uint64_t now_ms_ = 1'000;
  std::uint64_t packets_sent_ = 0;
  std::size_t durable_sends_ = 0;
  std::size_t batches_sent_ = 0;
  std::set<std::uint8_t> cut_;
  std::set<std::pair<std::uint8_t, consensus::MemberIndex>> full_;
  std::set<std::uint8_t> stopped_by_disk_;
  std::vector<std::unique_ptr<SimulatedDisk>> disks_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::set<std::uint8_t>> links_;
  std::priority_queue<Packet, std::vector<Packet>, std::greater<>> packets_;
};

}  // namespace sanad::tests
