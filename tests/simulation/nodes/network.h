// The links between machines: who is connected, what is on its way, what goes wrong there.
//
// A link is up or down for both ends, which learn of it some time later, as with TCP. What is on a
// link that breaks is lost. While a direction is blocked, links that keep their order hold what is
// sent until that is too much, and deliver it in a burst; the others lose it.
#pragma once

#include <deque>
#include <memory>
#include <set>

#include "simulation/nodes/agenda.h"

namespace sanad::simulation::nodes {

using Slot = std::size_t;  // of a machine; a member may have two (Attack::kTwin)
using FramePtr = std::shared_ptr<const crypto::Bytes>;

struct NetworkTally {
  std::uint64_t frames = 0;
  std::uint64_t lost = 0;
  std::uint64_t refused = 0;
  std::uint64_t breaks = 0;
};

// Those at the ends.
struct Ends {
  std::function<bool(Slot)> runs;
  std::function<void(Slot from, Slot to, const FramePtr&)> deliver;
  std::function<void(Slot at, Slot peer, bool up)> notice;
};

class Network {
 public:
  // `machines`: slots, of which each two of different members may be joined.
  Network(const Plan& plan, Agenda& agenda, std::vector<MemberIndex> machines, Ends ends);

  // False: the link is down or its queue is full.
  bool takes(Slot from, Slot to);
  void send(Slot from, Slot to, const FramePtr& frame);
  // The slot that stands for `member` where `at` looks.
  [[nodiscard]] Slot slot_of(Slot at, MemberIndex member) const { return routes_[at][member]; }
  void route(Slot at, MemberIndex member, Slot to);
  // A process began or ended: its links follow.
  void refresh(Slot slot);

  // Faults.
  void cut(Slot a, Slot b, bool off);        // the link, both ways
  void block(Slot from, Slot to, bool off);  // one direction
  [[nodiscard]] bool blocked(Slot from, Slot to) const { return path(from, to).blocked > 0; }
  void lossy(bool on) { lossy_ = on; }
  [[nodiscard]] const NetworkTally& tally() const { return tally_; }
  [[nodiscard]] Micros draw_delay() { return random_.between(plan_.delay_min, plan_.delay_max); }

 private:
  struct Link {
    bool up = false;
    unsigned cuts = 0;
    Micros ready_at = 0;  // not up again before both ends have noticed
    std::uint64_t life = 0;
  };
  struct Path {
    unsigned blocked = 0;
    Micros last_at = 0;
    std::deque<FramePtr> held;
  };
  [[nodiscard]] Link& link(Slot a, Slot b);
  [[nodiscard]] Path& path(Slot from, Slot to) { return paths_[from * machines_.size() + to]; }
  [[nodiscard]] const Path& path(Slot from, Slot to) const {
    return paths_[from * machines_.size() + to];
  }
  [[nodiscard]] bool wanted(Slot a, Slot b);
  void follow(Slot a, Slot b);
  void raise(Slot a, Slot b);
  void drop(Slot a, Slot b);
  void transmit(Slot from, Slot to, const FramePtr& frame);
  void give_up_if_stalled(Slot from, Slot to);

  const Plan& plan_;
  Agenda& agenda_;
  std::vector<MemberIndex> machines_;
  Ends ends_;
  Random random_;
  NetworkTally tally_;
  bool lossy_ = true;
  std::vector<Link> links_;
  std::vector<Path> paths_;
  std::vector<std::vector<Slot>> routes_;  // by slot and member
};

}  // namespace sanad::simulation::nodes
