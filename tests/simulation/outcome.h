// One run in a process of its own, so that an assertion ends only the run; and the smallest plan
// that still ends a run in the same way.
#pragma once

#include <functional>
#include <string>

#include "simulation/plan.h"

namespace sanad::simulation {

struct Outcome {
  enum class Kind : std::uint8_t { kPassed, kCaught, kDied } kind = Kind::kDied;
  std::string invariant;       // "assertion" of who died, or took too long
  bool by_refinement = false;  // then `invariant` is the rule of the abstract protocol
  std::string what;
  std::uint64_t step = 0;
  Micros at = 0;
};

// `prepare` is called first, in the new process.
[[nodiscard]] Outcome run_apart(const Plan& plan, const std::function<void()>& prepare);

// Leaves out one fault after the other and keeps it out where the run still breaks the same
// invariant: the faults left out, as leave_out() takes them. What stays cannot be left out alone.
// Empty also where the plan as it is breaks nothing.
[[nodiscard]] std::vector<std::string> minimize(const Plan& plan,
                                                const std::function<void()>& prepare);

// Minimizes, and says what is left and how to replay it with `program`. True if the plan fails.
bool report_minimized(const Plan& plan, const std::function<void()>& prepare,
                      const std::string& program);

}  // namespace sanad::simulation
