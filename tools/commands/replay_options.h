// The options of commands that read a node's data folder without the node.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "chaincode/contracts.h"
#include "node/replica/evidence_judge.h"
#include "tools/member.h"

namespace sanad::tools {

struct ReplayOptions {
  std::string network;
  std::string member;
  std::string data;

  void add_to(CLI::App& command) {
    command.add_option("--network", network, "The network's folder")->required();
    command.add_option("--as", member, "The member whose secret and node are used")->required();
    command.add_option("--data", data, "A node's data folder; the member's own unless given");
  }
  [[nodiscard]] std::filesystem::path folder() const {
    return data.empty() ? NetworkFolder{network}.member(member) / "data"
                        : std::filesystem::path(data);
  }
  // Genesis, secret and compiled rules: all that execution takes.
  [[nodiscard]] crypto::Result<chaincode::Contracts> contracts() const {
    SANAD_TRY(const Member who, open_member({network}, member));
    SANAD_TRY(LoadedGenesis loaded, load_genesis(NetworkFolder{network}.genesis()));
    return chaincode::Contracts::create(std::move(loaded.genesis), who.secret,
                                        node::evidence_judge);
  }
};

}  // namespace sanad::tools
