// What /readyz says: whether this node can be relied on now, and if not, why.
#pragma once

#include "network/http_server.h"
#include "node/replica/replica.h"

namespace sanad::node {

// 200, or 503 with the reason.
network::HttpResponse readiness(const ReplicaStatus& status);

}  // namespace sanad::node
