// What must hold at the end of a run, on disks that are whole: the stores of honest members are
// equal, what they keep verifies, and executing it all again gives the same.
#pragma once

#include "simulation/nodes/world.h"

namespace sanad::simulation::nodes {

// I10 to I13, I15. Gives how many accusations the ledgers hold. REQUIRES: world.settled(); every
// honest member runs.
std::uint64_t audit(World& world);

}  // namespace sanad::simulation::nodes
