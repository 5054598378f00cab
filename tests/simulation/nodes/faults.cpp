#include "simulation/nodes/faults.h"

#include <algorithm>

#include "node/ledger/file_system.h"

namespace sanad::simulation::nodes {

using crypto::Error;
using tests::SimulatedDisk;
using tests::Unsynced;

namespace {

constexpr const char* kGenerationFile = "data/journal.generation";
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::uint64_t kStepsAhead = 40;  // at which of its next steps a disk fails

}  // namespace

Faults::Faults(World& world)
    : world_(world), random_(world.plan().seed ^ 0x6661756C7473ULL), troubles_(world.machines()) {
  world_.on_stopped = [this](Slot slot, const Error& why) { stopped(slot, why); };
}

void Faults::begin() { schedule(); }

void Faults::schedule() {
  const Micros mean = world_.plan().fault_every;
  world_.agenda().after(random_.between(mean / 4, 7 * mean / 4), [this] {
    if (stopped_) return;
    Fault fault{};
    do {
      fault = static_cast<Fault>(random_.below(kFaults));
    } while (!world_.plan().has(fault));
    strike(fault);
    schedule();
  });
}

void Faults::strike(Fault fault) {
  const bool happened = fault <= Fault::kClog          ? strike_link(fault)
                        : fault <= Fault::kKillInWrite ? strike_power(fault)
                        : fault <= Fault::kSlowDisk    ? strike_disk(fault)
                        : fault <= Fault::kOldJournal  ? strike_at_rest(fault)
                                                       : strike_clock(fault);
  if (happened) ++struck_[static_cast<std::size_t>(fault)];
  for (Slot slot = 0; slot < troubles_.size(); ++slot) {
    if (random_.chance(100)) keep_old_journal(slot);
  }
}

void Faults::end_after(Micros delay, std::function<void()> undo) {
  const std::uint64_t number = ++undo_number_;
  undo_.emplace(number, std::move(undo));
  world_.agenda().after(delay, [this, number] {
    const auto found = undo_.find(number);
    if (found == undo_.end()) return;
    const auto work = std::move(found->second);
    undo_.erase(found);
    work();
  });
}

void Faults::stop() {
  stopped_ = true;
  for (auto& [number, undo] : std::exchange(undo_, {})) undo();
  for (Slot slot = 0; slot < troubles_.size(); ++slot) {
    Trouble& trouble = troubles_[slot];
    // Its process has not noticed yet.
    const bool failed = trouble.in_write && world_.machine(slot).disk->fault_happened();
    if (failed && world_.runs(slot)) power_off(slot, !trouble.loses_power);
    trouble.in_write = false;
    world_.machine(slot).disk->clear_fault();
    unflip(slot);
    restart(slot);
  }
}

std::optional<Slot> Faults::any_running() {
  const Slot slot = any_slot();
  return world_.runs(slot) ? std::optional(slot) : std::nullopt;
}

Unsynced Faults::any_loss() { return static_cast<Unsynced>(random_.below(4)); }

// -------------------------------------------------------------------------------- links

bool Faults::strike_link(Fault fault) {
  Network& network = world_.network();
  const Slot a = any_slot();
  const Slot b = any_slot();
  if (world_.machine(a).member == world_.machine(b).member) return false;
  const Micros lasts = random_.between(20, 1'500) * kMillisecond;
  world_.say(std::string(name_of(fault)) + " " + std::to_string(a) + " " + std::to_string(b));
  if (fault == Fault::kLinkBreak) {
    network.cut(a, b, true);
    end_after(lasts, [&network, a, b] { network.cut(a, b, false); });
    return true;
  }
  if (fault == Fault::kClog) {
    network.block(a, b, true);
    Machine& at = world_.machine(a);
    const MemberIndex peer = world_.machine(b).member;
    const bool refuses = random_.chance(300) && at.refuses.insert(peer).second;
    end_after(lasts, [&network, &at, a, b, peer, refuses] {
      network.block(a, b, false);
      if (refuses) at.refuses.erase(peer);
    });
    return true;
  }
  std::vector<std::pair<Slot, Slot>> ways;
  std::vector<bool> side;
  for (Slot slot = 0; slot < troubles_.size(); ++slot) side.push_back(random_.chance(500));
  for (Slot from = 0; from < side.size(); ++from) {
    for (Slot to = 0; to < side.size(); ++to) {
      const bool across =
          fault == Fault::kOneWay ? side[from] && !side[to] : side[from] != side[to];
      if (across) ways.emplace_back(from, to);
    }
  }
  for (const auto& [from, to] : ways) network.block(from, to, true);
  end_after(lasts, [&network, ways] {
    for (const auto& [from, to] : ways) network.block(from, to, false);
  });
  return !ways.empty();
}

// -------------------------------------------------------------------------------- power

void Faults::power_off(Slot slot, bool kill) {
  Trouble& trouble = troubles_[slot];
  trouble.in_write = false;
  trouble.without_noise.reset();
  if (kill) return world_.kill(slot);
  const Unsynced loss = any_loss();
  if (loss == Unsynced::kSubset || loss == Unsynced::kGarbage) {
    const SimulatedDisk& disk = *world_.machine(slot).disk;
    trouble.without_noise = disk.after_power_cut(Unsynced::kTorn, random_.next());
  }
  world_.cut_power(slot, loss);
}

bool Faults::strike_power(Fault fault) {
  if (fault == Fault::kCommonPowerCut) {
    for (Slot slot = 0; slot < troubles_.size(); ++slot) {
      if (!world_.runs(slot)) continue;
      power_off(slot, false);
      restart_after(slot, random_.between(50, 1'500) * kMillisecond);
    }
    return true;
  }
  const auto slot = any_running();
  if (!slot || troubles_[*slot].in_write) return false;
  const bool kill = fault == Fault::kKill || fault == Fault::kKillInWrite;
  if (fault == Fault::kPowerCutInWrite || fault == Fault::kKillInWrite) {
    SimulatedDisk& disk = *world_.machine(*slot).disk;
    disk.set_fault(SimulatedDisk::Fault{disk.steps() + random_.between(1, kStepsAhead),
                                        node::LedgerErrc::kIo, true});
    troubles_[*slot].in_write = true;
    troubles_[*slot].loses_power = !kill;
    return true;
  }
  if (kill && random_.chance(200)) {
    world_.stop(*slot);
  } else {
    power_off(*slot, kill);
  }
  restart_after(*slot, random_.between(20, 1'500) * kMillisecond);
  return true;
}

// A process ends by itself because its disk failed it, or it met damage: nothing else may do that.
void Faults::stopped(Slot slot, const Error& why) {
  Trouble& trouble = troubles_[slot];
  const bool met_damage = !trouble.flips.empty();
  if (!trouble.in_write && !met_damage) {
    violate("the simulator", "machine " + std::to_string(slot) + " stopped: " + why.message());
  }
  if (trouble.in_write && !world_.machine(slot).disk->fault_happened()) {
    violate("the simulator", "machine " + std::to_string(slot) + " stopped before its disk failed");
  }
  const bool loses_power = !trouble.in_write || trouble.loses_power;
  power_off(slot, !loses_power);
  unflip(slot);
  restart_after(slot, random_.between(20, 1'500) * kMillisecond);
}

void Faults::restart_after(Slot slot, Micros delay) {
  end_after(delay, [this, slot] { restart(slot); });
}

void Faults::restart(Slot slot) {
  if (world_.runs(slot)) return;
  Trouble& trouble = troubles_[slot];
  SimulatedDisk& disk = *world_.machine(slot).disk;
  // Sometimes the power goes again while it recovers.
  const bool again = !stopped_ && world_.plan().has(Fault::kPowerCutInWrite) && random_.chance(200);
  if (again) {
    disk.set_fault(
        SimulatedDisk::Fault{disk.steps() + random_.between(1, 25), node::LedgerErrc::kIo, true});
    trouble.in_write = true;
    trouble.loses_power = true;
  }
  const auto begun = world_.start(slot, trouble.quarantine);
  if (begun && trouble.forgetful && trouble.quarantine == node::Quarantine::kRefuse) {
    violate("R1", "machine " + std::to_string(slot) + " took an older copy of its journal");
  }
  if (begun) {
    const bool over =
        trouble.quarantine != node::Quarantine::kRefuse && !world_.in_quarantine(slot);
    if (over) trouble.forgetful = false;
    if (over) trouble.quarantine = node::Quarantine::kRefuse;
    return;
  }
  if (again && disk.fault_happened()) {
    power_off(slot, false);
    return restart_after(slot, random_.between(20, 1'000) * kMillisecond);
  }
  begin_with_damage(slot, begun.error());
}

// What an operator does with a node that refuses to start.
void Faults::begin_with_damage(Slot slot, const Error& why) {
  Trouble& trouble = troubles_[slot];
  trouble.in_write = false;
  world_.machine(slot).disk->clear_fault();
  if (why == node::LedgerErrc::kDamaged && trouble.flips.empty() && trouble.without_noise) {
    return begin_with_noise(slot);
  }
  ++refused_;
  const bool forgets = why == node::ReplicaErrc::kJournalDamaged && may_forget(slot);
  if (forgets) {
    trouble.quarantine = node::Quarantine::kVoteLater;
    trouble.forgetful = true;
    world_.machine(slot).has_forgotten = true;
    ++quarantines_;
  } else if (trouble.flips.empty()) {
    violate("R1", "machine " + std::to_string(slot) + " does not start: " + why.message());
  }
  if (!forgets) unflip(slot);
  if (const auto begun = world_.start(slot, trouble.quarantine); !begun) {
    violate("R3",
            "machine " + std::to_string(slot) + " does not start: " + begun.error().message());
  }
}

// LevelDB cannot tell noise behind the end of its log from rot, and the node refuses it
// (docs/decisions/0003): the operator begins with an empty disk, where that may be.
void Faults::begin_with_noise(Slot slot) {
  Trouble& trouble = troubles_[slot];
  Machine& at = world_.machine(slot);
  if (may_forget(slot)) {
    ++emptied_;
    ++quarantines_;
    trouble.quarantine = node::Quarantine::kVoteLater;
    trouble.forgetful = true;
    trouble.old_journal.clear();
    at.has_forgotten = true;
    at.replace_disk(random_.next());
  } else {
    at.disk = std::move(trouble.without_noise);
  }
  trouble.without_noise.reset();
  if (const auto begun = world_.start(slot, trouble.quarantine); !begun) {
    violate("R3",
            "machine " + std::to_string(slot) + " does not start: " + begun.error().message());
  }
}

// --------------------------------------------------------------------------------- disks

bool Faults::strike_disk(Fault fault) {
  const auto slot = any_running();
  if (!slot) return false;
  Machine& at = world_.machine(*slot);
  if (fault == Fault::kSlowDisk) {
    const std::uint64_t factor = random_.between(5, 100);
    at.sync_min = world_.plan().sync_min * factor;
    at.sync_max = world_.plan().sync_max * factor;
    end_after(random_.between(200, 2'000) * kMillisecond, [this, &at] {
      at.sync_min = world_.plan().sync_min;
      at.sync_max = world_.plan().sync_max;
    });
    return true;
  }
  if (troubles_[*slot].in_write) return false;
  const auto code = fault == Fault::kDiskFull ? node::LedgerErrc::kNoSpace : node::LedgerErrc::kIo;
  at.disk->set_fault(
      SimulatedDisk::Fault{at.disk->steps() + random_.between(1, kStepsAhead), code, false});
  troubles_[*slot].in_write = true;
  troubles_[*slot].loses_power = true;
  return true;
}

// Traitors and who may have forgotten what it said.
std::size_t Faults::hostile_or_forgetful() const {
  std::size_t count = world_.plan().traitor_count();
  for (Slot slot = 0; slot < world_.plan().n; ++slot) {
    if (!world_.honest(slot)) continue;
    if (troubles_[slot].forgetful) ++count;
  }
  return count;
}

bool Faults::may_forget(Slot slot) {
  for (Slot other = 0; other < troubles_.size(); ++other) {
    const bool over = world_.runs(other) && !world_.in_quarantine(other);
    if (!over || troubles_[other].quarantine == node::Quarantine::kRefuse) continue;
    troubles_[other].quarantine = node::Quarantine::kRefuse;
    troubles_[other].forgetful = false;
  }
  return troubles_[slot].forgetful || hostile_or_forgetful() < world_.plan().f();
}

bool Faults::strike_at_rest(Fault fault) {
  const auto slot = any_running();
  if (!slot || troubles_[*slot].in_write || !troubles_[*slot].flips.empty()) return false;
  if (!world_.honest(*slot)) return false;  // it has its own ways
  if (fault == Fault::kOldJournal && !may_forget(*slot)) return false;
  power_off(*slot, random_.chance(300));
  restart_after(*slot, random_.between(20, 1'500) * kMillisecond);
  switch (fault) {
    case Fault::kJournalFlip:
      return flip(*slot, std::string(kJournalFolder) + (random_.chance(200) ? "." : "/"));
    case Fault::kLedgerFlip:
      return flip(*slot,
                  std::string(kLedgerFolder) + (random_.chance(500) ? "/store/" : "/segments/"));
    default:
      return put_old_journal_back(*slot);
  }
}

// In one of the files whose path begins so; what was set aside is nobody's.
bool Faults::flip(Slot slot, const std::string& path) {
  SimulatedDisk& disk = *world_.machine(slot).disk;
  auto files = disk.durable_files("data");
  std::erase_if(files, [&path](const auto& file) {
    return !file.path.starts_with(path) || file.path.find("set-aside") != std::string::npos;
  });
  if (files.empty()) return false;
  const auto& file = files[random_.below(files.size())];
  if (file.bytes->empty()) return false;
  Machine& at = world_.machine(slot);
  at.journal.follow(disk);
  Flip made{file.path, random_.below(file.bytes->size()),
            static_cast<std::uint8_t>(1U << random_.below(8)), 0};
  if (!disk.flip(made.path, made.offset, made.bits)) return false;
  at.is_flipped = path.starts_with(kJournalFolder);
  made.wrong = (*disk.bytes(made.path))[made.offset];
  world_.say("flip " + made.path + " at " + std::to_string(made.offset));
  troubles_[slot].flips.push_back(made);
  return true;
}

// Puts the right bytes back where they are still wrong.
void Faults::unflip(Slot slot) {
  world_.machine(slot).is_flipped = false;
  SimulatedDisk& disk = *world_.machine(slot).disk;
  for (const Flip& flip : std::exchange(troubles_[slot].flips, {})) {
    const crypto::Bytes* bytes = disk.bytes(flip.path);
    const bool there =
        bytes != nullptr && flip.offset < bytes->size() && (*bytes)[flip.offset] == flip.wrong;
    if (there) disk.flip(flip.path, flip.offset, flip.bits);
  }
}

void Faults::keep_old_journal(Slot slot) {
  if (!world_.runs(slot)) return;
  Trouble& trouble = troubles_[slot];
  Machine& at = world_.machine(slot);
  trouble.old_journal.clear();
  for (const auto& file : at.disk->durable_files("data")) {
    const bool kept =
        file.path.starts_with(std::string(kJournalFolder) + "/") || file.path == kGenerationFile;
    if (kept) trouble.old_journal[file.path] = *file.bytes;
  }
  trouble.old_journal_height = at.process->driver().consensus_status().final_height;
}

// The folder alone, not the generation file beside it; or both, where the ledger shows it.
bool Faults::put_old_journal_back(Slot slot) {
  Trouble& trouble = troubles_[slot];
  SimulatedDisk& disk = *world_.machine(slot).disk;
  const auto files = disk.durable_files(kJournalFolder);
  if (trouble.old_journal.empty() || files.size() < 2) return false;
  const bool ledger_shows_it = world_.machine(slot).ledger_height > trouble.old_journal_height;
  // Nothing shows a copy that was made since the newest segment was named, and since the last
  // block.
  const bool segment_shows_it = !trouble.old_journal.contains(files[files.size() - 2].path);
  if (!ledger_shows_it && !segment_shows_it) return false;
  for (const auto& file : files) disk.erase(file.path);
  const bool both = ledger_shows_it && random_.chance(500);
  trouble.forgetful = true;
  for (const auto& [path, bytes] : trouble.old_journal) {
    if (both || path != kGenerationFile) disk.put(path, bytes);
  }
  return true;
}

// -------------------------------------------------------------------------------- clocks

bool Faults::strike_clock(Fault fault) {
  const Slot slot = any_slot();
  Machine& at = world_.machine(slot);
  const Micros lasts = random_.between(500, 8'000) * kMillisecond;
  if (fault == Fault::kClockFreeze) {
    at.clock.freeze(world_.agenda().now());
    end_after(lasts, [&at] { at.clock.run(); });
    return true;
  }
  const bool ahead = random_.chance(500);
  if (fault == Fault::kClockSkew) {
    const auto skew = static_cast<std::int64_t>(random_.below(400));
    at.clock.set_ahead(ahead ? skew : -skew);
    end_after(lasts, [&at] { at.clock.set_ahead(0); });
    return true;
  }
  if (days_off_.size() + world_.plan().traitor_count() >= world_.plan().f()) return false;
  if (!days_off_.insert(at.member).second) return false;
  at.clock.set_ahead(ahead ? kDayMs : -kDayMs);
  end_after(lasts, [this, &at] {
    at.clock.set_ahead(0);
    days_off_.erase(at.member);
  });
  return true;
}

}  // namespace sanad::simulation::nodes
