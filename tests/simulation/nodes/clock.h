// The wall clock of one machine: ahead or behind, and sometimes still. The monotonic clock is
// virtual time.
#pragma once

#include <functional>
#include <optional>

#include "simulation/nodes/agenda.h"

namespace sanad::simulation::nodes {

class WallClock {
 public:
  explicit WallClock(std::uint64_t start_ms) : start_ms_(start_ms) {}

  [[nodiscard]] std::uint64_t at(Micros now) const {
    if (frozen_ms_) return *frozen_ms_;
    const std::uint64_t true_ms = start_ms_ + now / kMillisecond;
    if (face_) return face_(true_ms);
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(true_ms) + ahead_ms_);
  }
  void set_ahead(std::int64_t ms) { ahead_ms_ = ms; }
  // What it shows at a true time, from now on.
  using Face = std::function<std::uint64_t(std::uint64_t true_ms)>;
  void show(Face face) { face_ = std::move(face); }
  void freeze(Micros now) { frozen_ms_ = at(now); }
  void run() { frozen_ms_.reset(); }

 private:
  std::uint64_t start_ms_;
  std::int64_t ahead_ms_ = 0;
  Face face_;
  std::optional<std::uint64_t> frozen_ms_;
};

}  // namespace sanad::simulation::nodes
