// What ends a run: which invariant does not hold, and what was seen.
#pragma once

#include <stdexcept>
#include <string>

namespace sanad::simulation {

struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};
[[noreturn]] void violate(const std::string& invariant, const std::string& what);

}  // namespace sanad::simulation
