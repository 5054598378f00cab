// The faults of one run: drawn one after another from those that the plan has on, each ended after
// a while. Never more than f members at a time, traitors among them, may have forgotten what they
// said or have a clock that is a day off.
#pragma once

#include "simulation/nodes/world.h"

namespace sanad::simulation::nodes {

class Faults {
 public:
  explicit Faults(World& world);

  // They strike until stop().
  void begin();
  // Ends all of them: every machine runs, every link works, every clock is right.
  void stop();
  [[nodiscard]] bool active() const { return !undo_.empty(); }
  [[nodiscard]] const std::array<std::uint64_t, kFaults>& struck() const { return struck_; }
  [[nodiscard]] std::uint64_t quarantines() const { return quarantines_; }
  // Starts that a node refused.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  // Machines that began again with nothing.
  [[nodiscard]] std::uint64_t emptied() const { return emptied_; }

 private:
  // A bit that is wrong on a disk.
  struct Flip {
    std::string path;
    std::uint64_t offset = 0;
    std::uint8_t bits = 0;
    std::uint8_t wrong = 0;  // the byte as it is now
  };
  // What a machine is to meet, or has met.
  struct Trouble {
    bool in_write = false;  // its disk is told to fail at a step
    bool loses_power = false;
    std::vector<Flip> flips;
    node::Quarantine quarantine = node::Quarantine::kRefuse;
    bool forgetful = false;  // what it said may be forgotten, and it does not vote again yet
    // The same power cut, had no noise been left where nothing was synced.
    std::unique_ptr<tests::SimulatedDisk> without_noise;
    std::map<std::string, crypto::Bytes> old_journal;
    std::uint64_t old_journal_height = 0;
  };

  void schedule();
  void strike(Fault fault);
  bool strike_link(Fault fault);
  bool strike_power(Fault fault);
  bool strike_disk(Fault fault);
  bool strike_at_rest(Fault fault);
  bool strike_clock(Fault fault);
  // Ends what began after `delay`, or with stop().
  void end_after(Micros delay, std::function<void()> undo);

  void stopped(Slot slot, const crypto::Error& why);
  void power_off(Slot slot, bool kill);
  void restart_after(Slot slot, Micros delay);
  void restart(Slot slot);
  void begin_with_damage(Slot slot, const crypto::Error& why);
  void begin_with_noise(Slot slot);
  bool flip(Slot slot, const std::string& path);
  void unflip(Slot slot);
  void keep_old_journal(Slot slot);
  bool put_old_journal_back(Slot slot);
  [[nodiscard]] bool may_forget(Slot slot);
  [[nodiscard]] std::size_t hostile_or_forgetful() const;
  [[nodiscard]] Slot any_slot() { return random_.below(world_.machines()); }
  [[nodiscard]] std::optional<Slot> any_running();
  [[nodiscard]] tests::Unsynced any_loss();

  World& world_;
  Random random_;
  bool stopped_ = false;
  std::vector<Trouble> troubles_;
  std::set<MemberIndex> days_off_;
  std::uint64_t undo_number_ = 0;
  std::map<std::uint64_t, std::function<void()>> undo_;
  std::array<std::uint64_t, kFaults> struck_{};
  std::uint64_t quarantines_ = 0;
  std::uint64_t emptied_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace sanad::simulation::nodes
