#include "simulation/nodes/network.h"

#include <algorithm>

namespace sanad::simulation::nodes {

namespace {

constexpr std::size_t kHeldMax = 256;    // frames, before a stalled link refuses more
constexpr Micros kStalledMax = kSecond;  // then the ends give a silent link up

}  // namespace

Network::Network(const Plan& plan, Agenda& agenda, std::vector<MemberIndex> machines, Ends ends)
    : plan_(plan),
      agenda_(agenda),
      machines_(std::move(machines)),
      ends_(std::move(ends)),
      random_(plan.seed ^ 0x6E6574776F726BULL),
      links_(machines_.size() * machines_.size()),
      paths_(machines_.size() * machines_.size()),
      routes_(machines_.size(), std::vector<Slot>(plan.n)) {
  for (auto& route : routes_) {
    for (MemberIndex member = 0; member < plan.n; ++member) route[member] = member;
  }
}

Network::Link& Network::link(Slot a, Slot b) {
  return links_[std::min(a, b) * machines_.size() + std::max(a, b)];
}

bool Network::wanted(Slot a, Slot b) {
  return ends_.runs(a) && ends_.runs(b) && link(a, b).cuts == 0 && routes_[a][machines_[b]] == b &&
         routes_[b][machines_[a]] == a;
}

void Network::refresh(Slot slot) {
  for (Slot other = 0; other < machines_.size(); ++other) {
    if (machines_[other] != machines_[slot]) follow(slot, other);
  }
}

void Network::route(Slot at, MemberIndex member, Slot to) {
  const Slot before = std::exchange(routes_[at][member], to);
  follow(at, before);
  follow(at, to);
}

void Network::follow(Slot a, Slot b) {
  Link& one = link(a, b);
  const bool want = wanted(a, b);
  if (one.up && !want) return drop(a, b);
  if (one.up || !want) return;
  const Micros earliest = std::max(one.ready_at, agenda_.now()) - agenda_.now();
  const std::uint64_t life = ++one.life;
  agenda_.after(earliest + random_.between(1, plan_.reconnect_max), [this, a, b, life] {
    const bool open = !blocked(a, b) && !blocked(b, a);  // else tried again when it is
    if (link(a, b).life == life && wanted(a, b) && open) raise(a, b);
  });
}

void Network::raise(Slot a, Slot b) {
  Link& one = link(a, b);
  one.up = true;
  ++one.life;
  ends_.notice(a, b, true);
  ends_.notice(b, a, true);
}

// What is on its way is lost. The ends learn of it one after the other.
void Network::drop(Slot a, Slot b) {
  Link& one = link(a, b);
  one.up = false;
  ++one.life;
  ++tally_.breaks;
  for (const auto& [from, to] : {std::pair{a, b}, std::pair{b, a}}) {
    Path& way = path(from, to);
    tally_.lost += way.held.size();
    way.held.clear();
    way.last_at = 0;
    const Micros delay = random_.below(plan_.notice_max);
    one.ready_at = std::max(one.ready_at, agenda_.now() + delay + 1);
    agenda_.after(delay, [this, at = from, peer = to] { ends_.notice(at, peer, false); });
  }
  follow(a, b);
}

void Network::cut(Slot a, Slot b, bool off) {
  Link& one = link(a, b);
  off ? ++one.cuts : --one.cuts;
  follow(a, b);
}

void Network::block(Slot from, Slot to, bool off) {
  Path& way = path(from, to);
  off ? ++way.blocked : --way.blocked;
  if (off) return give_up_if_stalled(from, to);
  if (way.blocked > 0) return;
  for (const FramePtr& frame : std::exchange(way.held, {})) transmit(from, to, frame);
  follow(from, to);
}

void Network::give_up_if_stalled(Slot from, Slot to) {
  const std::uint64_t life = link(from, to).life;
  agenda_.after(kStalledMax, [this, from, to, life] {
    if (!path(from, to).held.empty() && link(from, to).life == life) drop(from, to);
  });
}

bool Network::takes(Slot from, Slot to) {
  if (link(from, to).up && path(from, to).held.size() < kHeldMax) return true;
  ++tally_.refused;
  return false;
}

void Network::send(Slot from, Slot to, const FramePtr& frame) {
  ++tally_.frames;
  Path& way = path(from, to);
  const bool held = way.blocked > 0 && plan_.in_order && way.held.size() < kHeldMax;
  if (link(from, to).up && held) return way.held.push_back(frame);
  const bool chance = lossy_ && random_.chance(plan_.loss_per_mille);
  if (!link(from, to).up || way.blocked > 0 || chance) {
    ++tally_.lost;
    return;
  }
  transmit(from, to, frame);
  if (lossy_ && random_.chance(plan_.duplicate_per_mille)) transmit(from, to, frame);
}

void Network::transmit(Slot from, Slot to, const FramePtr& frame) {
  Path& way = path(from, to);
  Micros at = agenda_.now() + draw_delay();
  if (plan_.in_order) at = way.last_at = std::max(at, way.last_at);
  const std::uint64_t life = link(from, to).life;
  agenda_.after(at - agenda_.now(), [this, from, to, life, frame] {
    if (link(from, to).life != life) {
      ++tally_.lost;
    } else if (path(from, to).blocked > 0 && plan_.in_order) {
      path(from, to).held.push_back(frame);
    } else if (path(from, to).blocked > 0) {
      ++tally_.lost;
    } else {
      ends_.deliver(from, to, frame);
    }
  });
}

}  // namespace sanad::simulation::nodes
