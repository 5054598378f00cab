// The options of every command that acts for one member.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "tools/member.h"

namespace sanad::tools {

struct MemberOptions {
  std::string network;
  std::string member;

  void add_to(CLI::App& command) {
    command.add_option("--network", network, "The network's folder")->required();
    command.add_option("--as", member, "The member that acts, e.g. AE-DU")->required();
  }
  [[nodiscard]] crypto::Result<Member> open() const { return open_member({network}, member); }
};

}  // namespace sanad::tools
