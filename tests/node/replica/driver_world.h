// The simulator's world (tests/simulation/nodes) as a stage for tests of the driver: four members,
// a network that delivers after a fixed delay, disks that cost no time, and no faults but those
// that a test makes. What every run of it checks at every step holds here too: at every send the
// disk is asked, as it would be after a power cut at that moment, whether what is said is durable
// (I9).
#pragma once

#include <catch2/catch.hpp>

#include "simulation/nodes/world.h"

namespace sanad::tests {

class DriverWorld {
 public:
  static constexpr std::uint64_t kWallStartMs = simulation::nodes::kWallStartMs;

  // Of `guilty` nobody expects that it is honest; it does nothing by itself.
  explicit DriverWorld(std::optional<std::uint8_t> guilty = {});

  void start(std::uint8_t member, node::Quarantine quarantine = node::Quarantine::kRefuse);
  // Power cut: what was not synced is lost as told; the member can be started again.
  void crash(std::uint8_t member, Unsynced unsynced) { world_.cut_power(member, unsynced); }
  void start_all();
  // Runs all members for that long.
  void run_ms(std::uint64_t ms);
  // Runs until the condition holds; false if it does not within that time.
  bool run_until(const std::function<bool()>& condition, std::uint64_t limit_ms = 60'000);

  void admit(std::uint8_t member, const node::SubmissionPtr& submission) {
    world_.admit(member, submission);
  }
  [[nodiscard]] node::SubmissionPtr submission(std::uint8_t member, std::size_t declarations = 1) {
    return world_.submission(member, declarations);
  }
  // Every member but these hears nothing from `member` and it hears nothing.
  void cut(std::uint8_t member, bool off);

  [[nodiscard]] std::uint64_t height(std::uint8_t member) const {
    return world_.machine(member).process->height();
  }
  [[nodiscard]] std::optional<chaincode::SubmissionOutcome> outcome(std::uint8_t member,
                                                                    const Hash& id) const;
  [[nodiscard]] const node::CheckpointNote* note(std::uint8_t member) const;
  // Those that run have the same results at every height that two of them have.
  void require_agreement() const;
  [[nodiscard]] const consensus::Committee& committee() { return world_.realm().committee(); }
  [[nodiscard]] node::Driver& driver(std::uint8_t member) {
    return world_.machine(member).process->driver();
  }
  [[nodiscard]] const node::Ledger& ledger(std::uint8_t member) {
    return world_.machine(member).process->ledger();
  }
  [[nodiscard]] SimulatedDisk& disk(std::uint8_t member) { return *world_.machine(member).disk; }
  [[nodiscard]] bool is_running(std::uint8_t member) const { return world_.runs(member); }
  [[nodiscard]] bool stopped_by_disk(std::uint8_t member) const {
    return stopped_by_disk_.contains(member);
  }
  // What `member`'s wall clock shows; timers never look at it.
  void set_clock(std::uint8_t member, simulation::nodes::WallClock::Face face) {
    world_.machine(member).clock.show(std::move(face));
  }
  [[nodiscard]] std::uint64_t true_wall_ms() {
    return kWallStartMs + world_.agenda().now() / simulation::nodes::kMillisecond;
  }
  // A sync that `member` begins within the next second takes that long.
  void stall(std::uint8_t member, std::uint64_t ms);
  // `member`'s queues to `to` take nothing.
  void fill_queue(std::uint8_t member, std::uint8_t to) {
    world_.machine(member).refuses.insert(to);
  }
  // Whom `member` asked for batches so far, in order.
  [[nodiscard]] const std::vector<consensus::MemberIndex>& asked(std::uint8_t member) {
    return asked_[member];
  }
  // What `member` makes of a frame of `from`.
  [[nodiscard]] node::DriverEvent opened(std::uint8_t member, consensus::MemberIndex from,
                                         const node::NodeMessage& message);
  // `member` hears two votes of `guilty` that contradict each other.
  void contradict(std::uint8_t guilty, std::uint8_t member);
  // Whom `member`'s ledger accuses, in its order.
  [[nodiscard]] std::vector<std::string> accused(std::uint8_t member) const;
  // Blocks that members found executed when they became final.
  [[nodiscard]] std::uint64_t executed_ahead() { return world_.tally().ahead; }
  [[nodiscard]] std::size_t durable_sends() { return world_.watch().durable_sends(); }
  [[nodiscard]] std::size_t batches_sent() const { return batches_sent_; }
  // What `member` said last of itself as a leader (L3).
  [[nodiscard]] bool says_that_it_leads(std::uint8_t member) { return leads_[member]; }
  // Requests of `member` for blocks, and those among them whose answer it would have refused at the
  // moment when they left.
  [[nodiscard]] std::size_t blocks_asked(std::uint8_t member) { return blocks_asked_[member]; }
  [[nodiscard]] std::size_t blocks_unexpected(std::uint8_t member) {
    return blocks_unexpected_[member];
  }
  // What anybody said that it has not got, in order.
  [[nodiscard]] const std::vector<Hash>& told_missing() const { return told_missing_; }
  // Messages of `member` with a cosignature of its own.
  [[nodiscard]] std::size_t cosigned(std::uint8_t member) { return cosigned_[member]; }

 private:
  void said(simulation::nodes::Slot slot, consensus::MemberIndex to,
            const node::NodeMessage& message);

  simulation::nodes::Plan plan_;
  simulation::nodes::World world_;
  consensus::SignatureCache cache_;
  std::size_t batches_sent_ = 0;
  std::vector<Hash> told_missing_;
  std::map<simulation::nodes::Slot, std::size_t> cosigned_;
  std::map<simulation::nodes::Slot, bool> leads_;
  std::map<simulation::nodes::Slot, std::size_t> blocks_asked_;
  std::map<simulation::nodes::Slot, std::size_t> blocks_unexpected_;
  std::set<simulation::nodes::Slot> stopped_by_disk_;
  std::map<simulation::nodes::Slot, std::vector<consensus::MemberIndex>> asked_;
};

}  // namespace sanad::tests
