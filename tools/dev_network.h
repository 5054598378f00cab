// A development network: every member's keys, secrets and configuration made on one machine, and
// all its nodes run there.
#pragma once

#include "tools/member.h"
#include "tools/processes.h"

namespace sanad::tools {

inline constexpr std::size_t kDevMembersMax = 13;

struct NetworkPlan {
  std::string name = "gcc-dev";
  std::size_t validators = 7;  // 1 to kDevMembersMax; the first seven are those of CUSTOMS
  bool insecure_keys = false;  // unprotected key files; else they take a pass-phrase
  std::vector<std::filesystem::path> rule_files;  // empty: the rule sets shipped with the program
};

// Makes the folder, which must not exist or be empty. All or nothing: a failed attempt leaves none.
// kNetworkFolder, kBadFile; a rule file that does not compile is named with its diagnostics.
crypto::Status init_network(const NetworkFolder& network, const NetworkPlan& plan);

// The rule sets that the program ships: file name and text.
struct ShippedRules {
  std::string_view name;
  std::string_view text;
};
std::span<const ShippedRules> shipped_rules();

struct UpOptions {
  std::vector<std::string> only;  // empty: all that are not running
  bool wait = true;               // until /readyz of each that was started says yes
  std::uint64_t ready_within_ms = 60'000;
  std::string quarantine;  // given to the nodes that are started; empty: none
};
struct StartedNode {
  std::string member;
  pid_t pid = 0;
  node::Address api;
  bool was_running = false;
};
// Opens the sockets, writes their ports into every node.toml and starts the nodes. Where none runs,
// new ports are chosen; where some do, the others take the ports that are recorded.
// kProcess with the end of the log of a node that did not come up.
crypto::Result<std::vector<StartedNode>> network_up(const NetworkFolder& network,
                                                    const UpOptions& options);

struct DownOptions {
  std::vector<std::string> only;
  std::uint64_t within_ms = 30'000;
  bool kill = false;  // SIGKILL at once: a crash
};
// SIGTERM, then waits. The ids of the nodes that were ended. kProcess names what did not end.
crypto::Result<std::vector<std::string>> network_down(const NetworkFolder& network,
                                                      const DownOptions& options);

// The ids of the network's members in the genesis' order.
crypto::Result<std::vector<std::string>> member_ids(const NetworkFolder& network);

}  // namespace sanad::tools
