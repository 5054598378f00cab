// One node: the composition root. Nobody else constructs collaborators.
#pragma once

#include <memory>

#include "node/api/static_page.h"
#include "node/config.h"
#include "node/quarantine_choice.h"

namespace sanad::node {

struct NodeOptions {
  NodeConfig config;
  std::string passphrase;      // opens encrypted key files
  int inherited_peer_fd = -1;  // listening sockets passed by a parent process
  int inherited_api_fd = -1;
  Quarantine quarantine = Quarantine::kRefuse;
  StaticPage verifier_page = {};  // none: /verify/ says so
};

// Thread-safe.
class Node {
 public:
  // Checks keys and genesis, opens the ledger, recovers, joins the network, serves the API. Nothing
  // is left running where it fails.
  static crypto::Result<std::unique_ptr<Node>> start(NodeOptions options);
  // stop(0).
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  [[nodiscard]] std::uint16_t peer_port() const;
  [[nodiscard]] std::uint16_t api_port() const;
  [[nodiscard]] const std::string& member() const;
  [[nodiscard]] bool insecure_keys() const;
  // Why this node must end (its disk failed, its result differs from a quorum's), or success.
  [[nodiscard]] crypto::Status health() const;
  // Takes no more submissions, waits at most `drain_ms` until the admitted ones are final, then
  // leaves the network and closes every file. Idempotent.
  void stop(std::uint64_t drain_ms);

 private:
  class Parts;
  explicit Node(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace sanad::node
