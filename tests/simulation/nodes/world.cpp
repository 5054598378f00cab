#include "simulation/nodes/world.h"

#include <algorithm>

#include "node/replica/serve.h"

namespace sanad::simulation::nodes {

using crypto::Error;
using crypto::Status;

namespace {

constexpr std::uint64_t kValidMs = 600'000;
constexpr Micros kThinkMin = 50;  // between the end of one turn and the next
constexpr Micros kThinkMax = 500;
constexpr Micros kServeMax = 5 * kMillisecond;
constexpr Micros kExecuteMax = 2 * kMillisecond;
constexpr Micros kDelayMeasured = kSecond;
// I16, for the work of these runs; measured, with room.
constexpr std::size_t kInboxMax = 4'096;  // as the shell's
constexpr std::uint64_t kSegmentsMax = 64;
constexpr std::uint64_t kHeldMax = 2'048;
constexpr std::uint64_t kEgressMax = 64 << 20;

// One machine for each member, and a second one for each twin.
std::vector<MemberIndex> members_of(const Plan& plan) {
  std::vector<MemberIndex> members;
  for (MemberIndex i = 0; i < plan.n; ++i) members.push_back(i);
  for (MemberIndex i = 0; i < plan.n; ++i) {
    if (plan.traitors[i] == Attack::kTwin) members.push_back(i);
  }
  return members;
}

std::uint64_t fingerprint(const crypto::Bytes& bytes) {
  std::uint64_t value = 0xCBF29CE484222325ULL;  // FNV-1a
  for (const std::uint8_t byte : bytes) value = (value ^ byte) * 0x100000001B3ULL;
  return value;
}

node::NodeMessage decoded(const FramePtr& frame) {
  auto message = crypto::decode<node::NodeMessage>(*frame);
  if (!message) violate("C4", "a member sends what does not decode");
  return std::move(*message);
}

}  // namespace

void Machine::replace_disk(std::uint64_t seed) {
  disk = std::make_unique<tests::SimulatedDisk>(seed);
  ledger_height = 0;
  if (!disk->create_folders("data")) violate("the simulator", "a new disk takes no folder");
}

World::World(const Plan& plan, Trace trace)
    : plan_(plan),
      trace_(std::move(trace)),
      random_(plan.seed),
      realm_(plan.n),
      network_(plan, agenda_, members_of(plan),
               {[this](Slot slot) { return runs(slot); },
                [this](Slot from, Slot to, const FramePtr& frame) { receive(from, to, frame); },
                [this](Slot at, Slot peer, bool up) {
                  if (!runs(at)) return;
                  machine(at).process->give(node::LinkChanged{machine(peer).member, up});
                  wake(at);
                }}),
      watch_(plan) {
  for (const MemberIndex member : members_of(plan)) {
    machines_.push_back(std::make_unique<Machine>(member, random_.next()));
    machines_.back()->sync_min = plan.sync_min;
    machines_.back()->sync_max = plan.sync_max;
  }
}

World::~World() = default;

void World::say(const std::string& line) {
  if (trace_) trace_(std::to_string(agenda_.now()) + " " + line);
}

bool World::run_until(Micros end, const std::function<bool()>& condition) {
  while (!condition()) {
    if (!agenda_.step(end)) return condition();
  }
  return true;
}

void World::after_in(Slot slot, Micros delay, std::function<void()> work) {
  agenda_.after(delay, [this, slot, life = machine(slot).life, work = std::move(work)] {
    if (runs(slot) && machine(slot).life == life) work();
  });
}

// ------------------------------------------------------------------------------ machines

Status World::start(Slot slot, node::Quarantine quarantine) {
  Machine& at = machine(slot);
  ProcessOptions options{
      at.member, at.disk.get(), quarantine, random_hash(random_),
      [this, slot](MemberIndex to, const FramePtr& frame) { return takes(slot, to, frame); }};
  ++at.life;
  auto process = Process::start(realm_, std::move(options));
  if (!process) {
    say("start " + std::to_string(slot) + " fails: " + process.error().message());
    return process.error();
  }
  at.process = std::move(*process);
  at.is_flipped = false;  // noticed and set aside, or put right
  at.ledger_height = at.process->height();
  at.busy_until = agenda_.now();
  at.turn_at.reset();
  at.committing = false;
  at.executing.clear();
  at.group.clear();
  at.note.reset();
  at.viewed = {at.ledger_height};
  say("start " + std::to_string(slot) + " at height " + std::to_string(at.ledger_height));
  plan_turn(slot, agenda_.now());
  after_in(slot, random_.below(kDelayMeasured), [this, slot, life = at.life] { tick(slot, life); });
  network_.refresh(slot);
  return {};
}

void World::end_process(Slot slot) {
  tally_.undone += machine(slot).group.size();
  machine(slot).process.reset();
  machine(slot).said.reset();
  network_.refresh(slot);
}

void World::cut_power(Slot slot, tests::Unsynced unsynced) {
  say("power off " + std::to_string(slot));
  auto image = machine(slot).disk->after_power_cut(unsynced, random_.next());
  end_process(slot);
  machine(slot).disk = std::move(image);
}

void World::kill(Slot slot) {
  say("kill " + std::to_string(slot));
  end_process(slot);
}

void World::stop(Slot slot) {
  say("stop " + std::to_string(slot));
  if (const Status closed = machine(slot).process->close(); !closed) {
    return stopped(slot, closed.error());
  }
  end_process(slot);
}

void World::stopped(Slot slot, const Error& why) {
  say("stopped " + std::to_string(slot) + ": " + why.message());
  ++tally_.stopped;
  if (!on_stopped) violate("the simulator", "a process stopped: " + why.message());
  on_stopped(slot, why);
}

bool World::in_quarantine(Slot slot) const {
  if (!runs(slot)) return false;
  const consensus::CoreStatus status = machine(slot).process->driver().consensus_status();
  return status.in_quarantine || status.view <= status.silent_through;
}

// ------------------------------------------------------------------------------- turns

void World::wake(Slot slot) {
  plan_turn(slot, std::max(machine(slot).busy_until, agenda_.now()) +
                      random_.between(kThinkMin, kThinkMax));
}

void World::plan_turn(Slot slot, Micros at) {
  Machine& one = machine(slot);
  if (one.turn_at && *one.turn_at <= at) return;
  one.turn_at = at;
  const std::uint64_t number = ++one.turns_planned;
  after_in(slot, at - agenda_.now(), [this, slot, number] {
    if (machine(slot).turns_planned == number) turn(slot);
  });
}

void World::turn(Slot slot) {
  Machine& at = machine(slot);
  at.turn_at.reset();
  if (honest(slot)) tally_.inbox_max = std::max(tally_.inbox_max, at.process->inbox());
  if (tally_.inbox_max > kInboxMax) violate("I16", "more events wait than a node takes in");
  const std::uint64_t steps = at.disk->steps();
  auto result = at.process->turn(agenda_.now(), at.clock.at(agenda_.now()));
  if (!result) return stopped(slot, result.error());
  ++tally_.turns;
  const bool wrote = at.disk->steps() != steps;
  const Micros cost = wrote ? random_.between(at.sync_min, at.sync_max) : 0;
  at.busy_until = agenda_.now() + cost;
  const auto status = at.process->driver().consensus_status();
  say("turn " + std::to_string(slot) + " view " + std::to_string(status.view) + " final " +
      std::to_string(status.final_height) + " disk " + std::to_string(at.disk->steps()));
  if (honest(slot)) {
    watch_.stands(at.member, at.life, status);
    check_bounds(slot);
  }
  after_in(slot, cost, [this, slot, sent = at.process->take_sent()] { transmit(slot, sent); });
  publish(slot, std::move(*result), cost);
}

void World::publish(Slot slot, node::TurnResult result, Micros done) {
  Machine& at = machine(slot);
  if (honest(slot)) {
    if (result.diverged) violate("I1", result.diverged->message());
    for (const auto& evidence : result.evidence) {
      watch_.accuses(at.member, consensus::accused(evidence));
    }
  }
  if (result.checkpoint) {
    if (!at.viewed.contains(result.checkpoint->end.height)) {
      violate("F14", "a note under which the index cannot be proved");
    }
    at.note = std::move(result.checkpoint);
  }
  for (const node::Serve& request : result.serve) {
    after_in(slot, done + random_.below(kServeMax),
             [this, slot, request] { serve(slot, request); });
  }
  for (node::FinalizedBlock& block : result.execute) {
    if (honest(slot) && watch_.finalized(at.member, block)) check_holders(block);
    at.executing.push_back(std::move(block));
  }
  if (result.candidate) at.process->expect_block(std::move(*result.candidate));
  at.process->execute_ahead();
  const std::uint64_t life = at.life;
  if (!at.committing) execute_next(slot);
  if (!runs(slot) || at.life != life) return;  // its disk failed
  const Micros wake_at = std::max(result.wake_at_ms * kMillisecond, agenda_.now() + done);
  plan_turn(slot, at.process->inbox() > 0 ? agenda_.now() + done : wake_at);
}

// I16.
void World::check_bounds(Slot slot) {
  const node::ReplicaCounters& counters = machine(slot).process->driver().counters();
  tally_.segments_max = std::max(tally_.segments_max, counters.journal_segments);
  tally_.held_max = std::max(tally_.held_max, counters.batches_held);
  if (counters.journal_segments > kSegmentsMax) violate("I16", "a journal grows without end");
  if (counters.batches_held > kHeldMax) violate("I16", "batches are held without end");
}

// T2: as the shell measures it.
void World::tick(Slot slot, std::uint64_t life) {
  Micros one_way = 0;
  for (int i = 0; i < 8; ++i) one_way = std::max(one_way, network_.draw_delay());
  one_way += (machine(slot).sync_min + machine(slot).sync_max) / 2;
  machine(slot).process->give(consensus::DelayMeasured{one_way / kMillisecond + 1});
  wake(slot);
  after_in(slot, kDelayMeasured, [this, slot, life] { tick(slot, life); });
}

// ------------------------------------------------------------------------------ frames

bool World::takes(Slot slot, MemberIndex to, const FramePtr& frame) {
  Machine& at = machine(slot);
  if (at.refuses.contains(to) || !network_.takes(slot, network_.slot_of(slot, to))) return false;
  if (on_said) on_said(slot, to, decoded(frame));
  if (!honest(slot) || at.said == frame) return true;
  at.said = frame;
  at.journal.follow(*at.disk);
  watch_.says(at.member, decoded(frame), at.journal);
  return true;
}

void World::transmit(Slot slot, const std::vector<Process::Sent>& sent) {
  FramePtr seen;
  for (const Process::Sent& one : sent) {
    std::vector<Process::Sent> out{one};
    if (!honest(slot) && betray) out = betray(slot, one);
    for (const Process::Sent& really : out) {
      if (really.frame != seen) watch_.leaves(decoded(really.frame));
      seen = really.frame;
      count_egress(slot, really.frame->size());
      network_.send(slot, network_.slot_of(slot, really.to), really.frame);
    }
  }
}

void World::count_egress(Slot slot, std::size_t bytes) {
  Machine& at = machine(slot);
  if (at.second != agenda_.now() / kSecond) at.second_bytes = 0;
  at.second = agenda_.now() / kSecond;
  at.second_bytes += bytes;
  if (!honest(slot)) return;
  tally_.egress_max = std::max(tally_.egress_max, at.second_bytes);
  if (at.second_bytes > kEgressMax) violate("I16", "a member floods the others");
}

void World::serve(Slot slot, const node::Serve& request) {
  const MemberIndex to = std::visit([](const auto& one) { return one.to; }, request);
  std::vector<Process::Sent> sent;
  for (const node::NodeMessage& message :
       node::answers_to(node::Archive(machine(slot).process->ledger()), request)) {
    sent.push_back({to, std::make_shared<const crypto::Bytes>(crypto::encode(message))});
  }
  transmit(slot, sent);
}

void World::receive(Slot from, Slot to, const FramePtr& frame) {
  Machine& at = machine(to);
  if (at.process == nullptr) return;
  auto event = at.process->open(machine(from).member, frame, cache_);
  if (trace_) {
    say(std::to_string(from) + ">" + std::to_string(to) + " kind " + std::to_string((*frame)[1]) +
        " " + std::to_string(frame->size()) + " bytes " + std::to_string(fingerprint(*frame)) +
        (event ? "" : " " + event.error().message()));
  }
  if (event) {
    at.process->give(std::move(*event));
    return wake(to);
  }
  ++tally_.declined;
  // What a traitor asked long ago and asks again is answered again.
  const bool repeated = event.error() == consensus::Errc::kNotAskedFor && !honest(to);
  if (honest(from) && !node::is_useless(event.error()) && !repeated) {
    violate("C4", "an honest member's frame is refused: " + event.error().message());
  }
}

// ----------------------------------------------------------------------------- execution

// A group of blocks, one after another, then one commit; what may end the process comes between.
void World::execute_next(Slot slot) {
  Machine& at = machine(slot);
  at.committing = !at.executing.empty();
  if (at.committing) append_next(slot, random_.between(1, plan_.group_max));
}

void World::append_next(Slot slot, std::uint64_t blocks_max) {
  Machine& at = machine(slot);
  const node::FinalizedBlock block = std::move(at.executing.front());
  at.executing.pop_front();
  const std::uint64_t done_before = at.process->executed_ahead();
  auto executed = at.process->append(block);
  if (!executed) return stopped(slot, executed.error());
  tally_.ahead += at.process->executed_ahead() - done_before;
  if (honest(slot)) acknowledge(slot, *executed);  // before it is durable here
  at.group.push_back(std::move(*executed));
  after_in(slot, random_.below(kExecuteMax), [this, slot, blocks_max] {
    const Machine& then = machine(slot);
    const bool ends = then.group.size() >= blocks_max || then.executing.empty();
    if (ends) return commit_group(slot);
    append_next(slot, blocks_max);
  });
}

void World::commit_group(Slot slot) {
  Machine& at = machine(slot);
  if (const Status committed = at.process->commit(); !committed) {
    return stopped(slot, committed.error());
  }
  std::vector<node::ExecutedBlock> group = std::exchange(at.group, {});
  ++tally_.commits;
  tally_.blocks += group.size();
  for (const node::ExecutedBlock& executed : group) {
    at.ledger_height = executed.committed.height;
    say("commit " + std::to_string(slot) + " " + std::to_string(at.ledger_height) + " " +
        executed.committed.root.hex().substr(0, 16));
    if (honest(slot)) watch_.committed(at.member, executed);
  }
  at.viewed.insert(at.ledger_height);
  at.process->execute_ahead();
  const Micros cost = 3 * random_.between(at.sync_min, at.sync_max);
  if (at.process->has_background_work()) {
    after_in(slot, random_.below(2 * cost + 1),
             [this, slot] { machine(slot).process->work_in_background(); });
  }
  after_in(slot, cost, [this, slot, done = std::move(group)]() mutable {
    for (node::ExecutedBlock& one : done) {
      const bool has_view = &one == &done.back();
      machine(slot).process->give(node::BlockExecuted{one.end(), std::move(one.batches), has_view});
    }
    wake(slot);
    execute_next(slot);
  });
}

// I5: whoever made it final may have it from any member, but f + 1 honest disks hold its batches.
void World::check_holders(const node::FinalizedBlock& block) {
  for (const consensus::BatchRef& ref : block.header.batches) {
    std::size_t holders = 0;
    for (Slot slot = 0; slot < plan_.n; ++slot) {
      Machine& at = machine(slot);
      if (!honest(slot)) continue;
      // Bits that were flipped at rest take nothing from what it had when it voted.
      if (!at.is_flipped) at.journal.follow(*at.disk);
      // Who forgot may have been one of those that the block became final by.
      if (at.has_forgotten || at.ledger_height >= block.header.height ||
          at.journal.holds(ref.digest))
        ++holders;
    }
    if (holders <= plan_.f()) {
      violate("I5", "block " + std::to_string(block.header.height) + " is final, but only " +
                        std::to_string(holders) + " honest disks hold batch " +
                        std::to_string(ref.seq) + " of member " + std::to_string(ref.author));
    }
  }
}

// ------------------------------------------------------------------------------- clients

node::SubmissionPtr World::submission(MemberIndex member, std::size_t declarations) {
  return realm_.submission(member, declarations,
                           kWallStartMs + agenda_.now() / kMillisecond + kValidMs);
}

void World::admit(Slot slot, const node::SubmissionPtr& submission) {
  taken_[submission->id()].push_back({slot, machine(slot).life});
  ++tally_.submissions;
  machine(slot).process->give(node::SubmissionAdmitted{submission});
  wake(slot);
}

void World::acknowledge(Slot slot, const node::ExecutedBlock& block) {
  for (const chaincode::SubmissionOutcome& outcome : block.outcomes) {
    const auto taken = taken_.find(outcome.id);
    if (taken == taken_.end()) continue;
    for (const Taken& one : taken->second) {
      if (one.slot != slot || one.life != machine(slot).life) continue;
      if (acknowledged_.insert(outcome.id).second) ++tally_.acknowledged;
    }
  }
}

bool World::work_pending() const {
  return std::ranges::any_of(taken_, [this](const auto& entry) {
    if (watch_.executed_at(entry.first) > 0) return false;
    return std::ranges::any_of(entry.second, [this](const Taken& taken) {
      return runs(taken.slot) && machine(taken.slot).life == taken.life;
    });
  });
}

bool World::settled() const {
  if (work_pending()) return false;
  for (Slot slot = 0; slot < plan_.n; ++slot) {
    if (!honest(slot)) continue;
    if (!runs(slot) || machine(slot).process->height() != watch_.height()) return false;
    if (machine(slot).committing) return false;
  }
  return true;
}

std::string World::standing() const {
  std::string text = work_pending() ? "work is pending;" : "all work is executed somewhere;";
  for (Slot slot = 0; slot < machines_.size(); ++slot) {
    text += " " + std::to_string(slot);
    if (!runs(slot)) {
      text += " is off";
      continue;
    }
    const consensus::CoreStatus status = machine(slot).process->driver().consensus_status();
    text += in_quarantine(slot) ? " (quarantine)" : "";
    text += ": view " + std::to_string(status.view) + " final " +
            std::to_string(status.final_height) + " ledger " +
            std::to_string(machine(slot).process->height());
  }
  return text;
}

}  // namespace sanad::simulation::nodes
