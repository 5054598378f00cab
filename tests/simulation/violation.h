// What ends a run: which invariant does not hold, and what was seen.
#pragma once

#include <stdexcept>
#include <string>

#include "consensus/types.h"

namespace sanad::simulation {

struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};
[[noreturn]] void violate(const std::string& invariant, const std::string& what);

inline std::string who(consensus::MemberIndex member, consensus::View view) {
  return "member " + std::to_string(member) + ", view " + std::to_string(view);
}

}  // namespace sanad::simulation
