#include "simulation/nodes/run.h"

#include <algorithm>
#include <sstream>

#include "simulation/nodes/audit.h"

namespace sanad::simulation::nodes {

namespace {

constexpr Micros kLook = 10 * kMillisecond;  // between two looks at what is pending

class Run {
 public:
  Run(const Plan& plan, const World::Trace& trace)
      : plan_(plan),
        random_(plan.seed ^ 0x72756EULL),
        world_(plan, trace),
        faults_(world_),
        traitors_(world_) {}

  Report play() {
    for (Slot slot = 0; slot < world_.machines(); ++slot) begin(slot);
    schedule_work();
    look();
    faults_.begin();
    traitors_.begin();
    world_.run_until(plan_.chaos_until, [] { return false; });
    calm_down();
    Report done = report();
    done.accusations = audit(world_);
    traitors_.require_attacks();
    return done;
  }

 private:
  void begin(Slot slot) {
    if (const auto begun = world_.start(slot); !begun) {
      violate("the simulator", "a new machine does not start: " + begun.error().message());
    }
  }

  void schedule_work() {
    const Micros mean = plan_.work_every;
    world_.agenda().after(random_.between(mean / 4, 7 * mean / 4), [this] {
      if (world_.agenda().now() >= plan_.chaos_until) return;
      submit(random_.below(plan_.n));
      schedule_work();
    });
  }

  void submit(Slot slot) {
    if (!world_.runs(slot) || world_.in_quarantine(slot)) return;
    const auto submission = world_.submission(static_cast<MemberIndex>(slot),
                                              random_.between(1, plan_.declarations_max));
    // A traitor may do with it what it likes.
    if (!world_.honest(slot)) {
      world_.machine(slot).process->give(node::SubmissionAdmitted{submission});
      return world_.wake(slot);
    }
    world_.admit(slot, submission);
    // A client that got no answer asks another member.
    const Slot other = random_.below(plan_.n);
    const bool again = random_.chance(100) && other != slot && world_.runs(other) &&
                       world_.honest(other) && !world_.in_quarantine(other);
    if (again) world_.admit(other, submission);
  }

  // Only time with work pending and something wrong counts as busy.
  void look() {
    const std::uint64_t heights = world_.watch().height() - looked_at_;
    looked_at_ = world_.watch().height();
    const bool bad_links = plan_.loss_per_mille + plan_.duplicate_per_mille > 0;
    const bool trouble = faults_.active() || plan_.traitor_count() > 0 || bad_links;
    if (calm_ == 0 && trouble && world_.work_pending()) {
      world_.tally().busy += kLook;
      world_.tally().busy_heights += heights;
    }
    world_.agenda().after(kLook, [this] { look(); });
  }

  // I17.
  void calm_down() {
    calm_ = world_.agenda().now();
    world_.say("calm");
    world_.network().lossy(false);
    faults_.stop();
    for (Slot slot = 0; slot < plan_.n; ++slot) submit(slot);
    Micros next = 0;
    const bool settled = world_.run_until(calm_ + plan_.settle_within, [&] {
      if (world_.agenda().now() < next) return false;
      next = world_.agenda().now() + kLook;
      return world_.settled();
    });
    if (!settled) violate("I17", "not all is final everywhere in time: " + world_.standing());
  }

  Report report() {
    Report report;
    report.tally = world_.tally();
    report.tally.time = world_.agenda().now();
    report.tally.heights = world_.watch().height();
    report.network = world_.network().tally();
    report.faults = faults_.struck();
    report.attacks = traitors_.happened();
    report.quarantines = faults_.quarantines();
    report.emptied = faults_.emptied();
    report.refused = faults_.refused();
    report.votes = world_.watch().votes();
    report.durable_sends = world_.watch().durable_sends();
    report.seeds = 1;
    return report;
  }

  const Plan& plan_;
  Random random_;
  World world_;
  Faults faults_;
  Traitors traitors_;
  Micros calm_ = 0;
  std::uint64_t looked_at_ = 0;
};

std::string seconds(Micros time) {
  const std::uint64_t tenths = time / (kSecond / 10);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

Report run(const Plan& plan, const World::Trace& trace) { return Run(plan, trace).play(); }

void Report::add(const Report& other) {
  tally.time += other.tally.time;
  tally.busy += other.tally.busy;
  tally.busy_heights += other.tally.busy_heights;
  tally.heights += other.tally.heights;
  tally.submissions += other.tally.submissions;
  tally.acknowledged += other.tally.acknowledged;
  tally.declined += other.tally.declined;
  tally.stopped += other.tally.stopped;
  tally.turns += other.tally.turns;
  tally.blocks += other.tally.blocks;
  tally.commits += other.tally.commits;
  tally.undone += other.tally.undone;
  tally.ahead += other.tally.ahead;
  tally.inbox_max = std::max(tally.inbox_max, other.tally.inbox_max);
  tally.segments_max = std::max(tally.segments_max, other.tally.segments_max);
  tally.egress_max = std::max(tally.egress_max, other.tally.egress_max);
  tally.held_max = std::max(tally.held_max, other.tally.held_max);
  network.frames += other.network.frames;
  network.lost += other.network.lost;
  network.refused += other.network.refused;
  network.breaks += other.network.breaks;
  for (std::size_t i = 0; i < kFaults; ++i) faults[i] += other.faults[i];
  for (std::size_t i = 0; i < kAttacks; ++i) attacks[i] += other.attacks[i];
  quarantines += other.quarantines;
  emptied += other.emptied;
  refused += other.refused;
  accusations += other.accusations;
  votes += other.votes;
  durable_sends += other.durable_sends;
  seeds += other.seeds;
}

std::string Report::text() const {
  std::ostringstream out;
  out << seeds << " seeds, " << seconds(tally.time) << " of virtual time, " << seconds(tally.busy)
      << " of it busy; " << tally.heights << " heights, " << tally.busy_heights << " in busy time; "
      << tally.submissions << " submissions, " << tally.acknowledged << " acknowledged; "
      << tally.blocks << " blocks in " << tally.commits << " commits, " << tally.ahead
      << " executed ahead, " << tally.undone << " undone by what ended a process; " << tally.turns
      << " turns, " << votes << " votes, " << durable_sends << " sends compared with the disk; "
      << network.frames << " frames (" << network.lost << " lost, " << network.refused
      << " refused, " << tally.declined << " declined), " << network.breaks << " links broken; "
      << tally.stopped << " nodes stopped themselves, " << refused << " starts refused, "
      << quarantines << " quarantines, " << emptied << " of them on an empty disk; " << accusations
      << " accusations on ledgers; at most " << tally.inbox_max << " events in an inbox, "
      << tally.segments_max << " journal segments, " << tally.held_max << " batches held, "
      << tally.egress_max / 1024 << " KiB sent in a second\nfaults:";
  for (std::size_t i = 0; i < kFaults; ++i) {
    out << " " << name_of(static_cast<Fault>(i)) << " " << faults[i];
  }
  out << "\nattacks:";
  for (std::size_t i = 1; i < kAttacks; ++i) {
    out << " " << name_of(static_cast<Attack>(i)) << " " << attacks[i];
  }
  return out.str();
}

}  // namespace sanad::simulation::nodes
