// Virtual time: what is to be done when. Things due at one moment are done in the order in which
// they were asked for.
#pragma once

#include <functional>
#include <queue>
#include <tuple>
#include <vector>

#include "simulation/nodes/plan.h"

namespace sanad::simulation::nodes {

class Agenda {
 public:
  [[nodiscard]] Micros now() const { return now_; }
  void after(Micros delay, std::function<void()> work) {
    entries_.push({now_ + delay, ++order_, std::move(work)});
  }
  // Does what comes next if that is not later than `end`; else time moves to `end`.
  bool step(Micros end) {
    if (entries_.empty() || entries_.top().at > end) {
      now_ = end;
      return false;
    }
    const Entry next = entries_.top();
    entries_.pop();
    now_ = next.at;
    next.work();
    return true;
  }

 private:
  struct Entry {
    Micros at = 0;
    std::uint64_t order = 0;
    std::function<void()> work;
    bool operator>(const Entry& other) const {
      return std::tie(at, order) > std::tie(other.at, other.order);
    }
  };

  Micros now_ = 0;
  std::uint64_t order_ = 0;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> entries_;
};

}  // namespace sanad::simulation::nodes
