// One run of whole nodes: every member's process over its simulated disk, the links between them,
// clocks, clients and faults, in virtual time, all from one seed.
#pragma once

#include <functional>
#include <memory>

#include "simulation/nodes/clock.h"
#include "simulation/nodes/process.h"
#include "simulation/nodes/watch.h"

namespace sanad::simulation::nodes {

inline constexpr std::uint64_t kWallStartMs = tests::kGenesisMs + 1'000;

// What outlives the process.
struct Machine {
  Machine(MemberIndex index, std::uint64_t seed) : member(index) { replace_disk(seed); }
  // By an empty one. REQUIRES: it is off.
  void replace_disk(std::uint64_t seed);

  MemberIndex member;
  std::unique_ptr<tests::SimulatedDisk> disk;
  DurableJournal journal{kJournalFolder};
  WallClock clock{kWallStartMs};
  Micros sync_min = 0;
  Micros sync_max = 0;
  std::uint64_t ledger_height = 0;  // at the least
  std::uint64_t life = 0;           // of the process, from 1

  std::unique_ptr<Process> process;  // none: off
  Micros busy_until = 0;             // a turn's work and sync
  std::uint64_t turns_planned = 0;
  std::optional<Micros> turn_at;  // of the next one
  std::deque<node::FinalizedBlock> executing;
  bool committing = false;
  std::vector<node::ExecutedBlock> group;    // appended, not yet committed
  bool has_forgotten = false;                // it began again in quarantine
  bool is_flipped = false;                   // its journal's bits, since `journal` followed it
  std::uint64_t second = 0;                  // of virtual time, in which it ...
  std::uint64_t second_bytes = 0;            // ... sent so much
  std::optional<node::CheckpointNote> note;  // the newest
  std::set<std::uint64_t> viewed;            // heights as of which its ledger gave a view
  std::set<MemberIndex> refuses;             // queues that take nothing, whatever the link says
  FramePtr said;                             // what was looked at last, the same for all it goes to
};

struct Tally {
  Micros time = 0;
  Micros busy = 0;  // with work pending and a fault active
  std::uint64_t busy_heights = 0;
  std::uint64_t heights = 0;
  std::uint64_t submissions = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t declined = 0;  // frames that a member did not open
  std::uint64_t stopped = 0;   // processes that ended by themselves
  std::uint64_t turns = 0;
  std::uint64_t blocks = 0;   // committed
  std::uint64_t commits = 0;  // of one block or more
  std::uint64_t undone = 0;   // blocks that were appended when the process ended
  std::uint64_t ahead = 0;    // blocks that were executed before they were final
  // I16: the most of any honest member.
  std::uint64_t inbox_max = 0;     // events that waited for one turn
  std::uint64_t segments_max = 0;  // of a journal
  std::uint64_t egress_max = 0;    // bytes sent in a second, to all
  std::uint64_t held_max = 0;      // batches
};

class World {
 public:
  using Trace = std::function<void(const std::string&)>;
  World(const Plan& plan, Trace trace);
  ~World();

  // ------------------------------------------------------------------ machines
  crypto::Status start(Slot slot, node::Quarantine quarantine = node::Quarantine::kRefuse);
  // The machine goes off: what was not synced is lost as told.
  void cut_power(Slot slot, tests::Unsynced unsynced);
  // kill -9: files stay as they are.
  void kill(Slot slot);
  void stop(Slot slot);  // cleanly
  [[nodiscard]] Machine& machine(Slot slot) { return *machines_[slot]; }
  [[nodiscard]] const Machine& machine(Slot slot) const { return *machines_[slot]; }
  [[nodiscard]] std::size_t machines() const { return machines_.size(); }
  [[nodiscard]] bool runs(Slot slot) const { return machines_[slot]->process != nullptr; }
  [[nodiscard]] bool honest(Slot slot) const { return plan_.honest(machines_[slot]->member); }
  // It observes only, or will: it takes nothing from clients.
  [[nodiscard]] bool in_quarantine(Slot slot) const;

  // ------------------------------------------------------------------- clients
  [[nodiscard]] node::SubmissionPtr submission(MemberIndex member, std::size_t declarations);
  void admit(Slot slot, const node::SubmissionPtr& submission);
  // That all which running members took, and all that was acknowledged, is executed everywhere.
  [[nodiscard]] bool settled() const;
  [[nodiscard]] bool work_pending() const;
  // Where everybody is, for a message.
  [[nodiscard]] std::string standing() const;
  // Acknowledged: executed at the member that took it.
  [[nodiscard]] const std::set<crypto::Hash>& acknowledged() const { return acknowledged_; }

  // ---------------------------------------------------------------------- time
  [[nodiscard]] Agenda& agenda() { return agenda_; }
  [[nodiscard]] Network& network() { return network_; }
  [[nodiscard]] const Realm& realm() const { return realm_; }
  [[nodiscard]] const Plan& plan() const { return plan_; }
  [[nodiscard]] Watch& watch() { return watch_; }
  [[nodiscard]] Tally& tally() { return tally_; }
  // Runs until the condition holds, looked at after every step; false: not before `end`.
  bool run_until(Micros end, const std::function<bool()>& condition);
  // The next turn of a machine is due now.
  void wake(Slot slot);
  void say(const std::string& line);

  // Called where they are set: a process ended by itself; one says something, at the moment of the
  // send; a hostile machine sends (what goes out in place of it).
  std::function<void(Slot, const crypto::Error&)> on_stopped;
  std::function<void(Slot, MemberIndex to, const node::NodeMessage&)> on_said;
  std::function<std::vector<Process::Sent>(Slot, Process::Sent)> betray;

 private:
  struct Taken {
    Slot slot = 0;
    std::uint64_t life = 0;
  };
  void plan_turn(Slot slot, Micros at);
  void turn(Slot slot);
  void publish(Slot slot, node::TurnResult result, Micros done);
  void transmit(Slot slot, const std::vector<Process::Sent>& sent);
  void count_egress(Slot slot, std::size_t bytes);
  void serve(Slot slot, const node::Serve& request);
  void receive(Slot from, Slot to, const FramePtr& frame);
  bool takes(Slot slot, MemberIndex to, const FramePtr& frame);
  void execute_next(Slot slot);
  void append_next(Slot slot, std::uint64_t blocks_max);
  void commit_group(Slot slot);
  void check_holders(const node::FinalizedBlock& block);
  void check_bounds(Slot slot);
  void acknowledge(Slot slot, const node::ExecutedBlock& block);
  void tick(Slot slot, std::uint64_t life);
  void stopped(Slot slot, const crypto::Error& why);
  void end_process(Slot slot);
  // Runs `work` unless the process that runs now has ended by then.
  void after_in(Slot slot, Micros delay, std::function<void()> work);

  const Plan& plan_;
  Trace trace_;
  Random random_;
  Realm realm_;
  Agenda agenda_;
  std::vector<std::unique_ptr<Machine>> machines_;
  Network network_;
  Watch watch_;
  Tally tally_;
  consensus::SignatureCache cache_;
  std::map<crypto::Hash, std::vector<Taken>> taken_;
  std::set<crypto::Hash> acknowledged_;
};

}  // namespace sanad::simulation::nodes
