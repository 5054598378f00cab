// The node's figures in Prometheus' text format 0.0.4 (docs/operations.md lists them). No label
// holds personal data: members' ids are the only ones.
#pragma once

#include <string>
#include <vector>

#include "network/http_server.h"
#include "network/peer_mesh.h"
#include "node/replica/replica.h"

namespace sanad::node {

struct MetricsInput {
  ReplicaCounters counters;
  ReplicaStatus status;
  network::MeshStats mesh;
  network::HttpStats http;
  std::vector<std::string> member_ids;  // by index
  std::size_t self = 0;                 // has no link to itself
};

std::string metrics_text(const MetricsInput& input);
// What labels call an error of ours: "<folder>: <text>".
std::string reason_label(const std::error_code& code);

}  // namespace sanad::node
