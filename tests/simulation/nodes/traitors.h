// The hostile members of a run. Each runs the node's own code; what it says is changed on the way
// out, or comes from a second machine or an old disk. Each attack that happens is counted.
#pragma once

#include "simulation/nodes/world.h"

namespace sanad::simulation::nodes {

class Traitors {
 public:
  explicit Traitors(World& world);

  // Their own doings, beside what they make of what they say.
  void begin();
  [[nodiscard]] const std::array<std::uint64_t, kAttacks>& happened() const { return happened_; }
  // A traitor that never did what it is there for makes the run worthless.
  void require_attacks() const;

 private:
  using Sent = Process::Sent;
  // What is said to some in place of a frame that goes to all.
  struct Other {
    FramePtr frame;
    FramePtr other;  // none: the same to all
    std::uint64_t side = 0;
  };

  std::vector<Sent> betray(Slot slot, Sent sent);
  std::vector<Sent> equivocate(Slot slot, const Sent& sent);
  std::vector<Sent> withhold(Slot slot, const Sent& sent);
  std::vector<Sent> lie_about_results(Slot slot, const Sent& sent);
  std::vector<Sent> lie_in_sync(Slot slot, const Sent& sent);
  std::vector<Sent> replay(Slot slot, const Sent& sent);
  [[nodiscard]] std::optional<node::NodeMessage> other_of(Slot slot, const node::NodeMessage& said);
  [[nodiscard]] std::optional<consensus::Message> other_of(Slot slot,
                                                           const consensus::Message& said);
  [[nodiscard]] node::CheckpointVote other_root(Slot slot, node::CheckpointVote vote);
  [[nodiscard]] std::optional<node::NodeMessage> spoiled(Slot slot, node::NodeMessage said);
  [[nodiscard]] consensus::Vote sign(Slot slot, const consensus::Subject& subject);
  void move_peers();
  void go_back(Slot slot);
  void happens(Slot slot) { ++happened_[static_cast<std::size_t>(attack_of(slot))]; }
  [[nodiscard]] Attack attack_of(Slot slot) const {
    return world_.plan().traitors[world_.machine(slot).member];
  }

  World& world_;
  Random random_;
  std::vector<Other> others_;                   // by slot, of the newest frame
  std::vector<std::vector<FramePtr>> records_;  // by slot: what it said
  std::array<std::uint64_t, kAttacks> happened_{};
};

}  // namespace sanad::simulation::nodes
