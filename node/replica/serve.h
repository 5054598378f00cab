// Answers members that are behind from the ledger, in as many frames as it takes.
#pragma once

#include "node/replica/archive.h"
#include "node/replica/driver.h"

namespace sanad::node {

// In the order in which they are to be sent; empty where there is nothing to say.
std::vector<NodeMessage> answers_to(const Archive& archive, const Serve& request);

}  // namespace sanad::node
