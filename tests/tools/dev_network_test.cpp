#include "tools/dev_network.h"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "chaincode/contracts.h"
#include "chaincode/trust.h"
#include "node/replica/evidence_judge.h"
#include "tests/tools/folder.h"

namespace sanad::tools {
namespace {

using tests::OwnFolder;
namespace fs = std::filesystem;

TEST_CASE("a development network holds together: genesis, trust, keys, secrets, configuration") {
  const OwnFolder folder;
  const NetworkFolder network{folder.path() / "dev net"};
  NetworkPlan plan;
  plan.validators = 4;
  plan.insecure_keys = true;
  const auto made = init_network(network, plan);
  if (!made) FAIL(made.error().message());
  const auto loaded = load_genesis(network.genesis());
  REQUIRE(loaded.ok());
  REQUIRE(loaded->genesis.members.size() == 4);
  CHECK(member_ids(network).value() == std::vector<std::string>{"AE-DU", "AE-AZ", "KW", "QA"});
  const auto trust = chaincode::parse_trust(read_file(network.trust(), 1U << 20U).value());
  REQUIRE(trust.ok());
  CHECK(trust->network_id == loaded->network_id);
  CHECK(trust->quorum() == 3);
  for (const chaincode::Member& one : loaded->genesis.members) {
    const auto member = open_member(network, one.id);
    if (!member) FAIL(member.error().message());
    CHECK(member->token.size() == 64);
    CHECK(open_key_file(member->key("consensus"))->public_key() == one.consensus_key);
    CHECK(open_key_file(member->key("tls"))->public_key() == one.tls_key);
    const auto mode = fs::status(member->key("log")).permissions();
    CHECK((mode & (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none);
    CHECK(chaincode::Contracts::create(loaded->genesis, member->secret, node::evidence_judge).ok());
    const auto config = node::load_config(member->folder / "node.toml");
    REQUIRE(config.ok());
    CHECK(config->peers.size() == 3);
  }
}

TEST_CASE("a folder with something in it, or an impossible plan, is left alone") {
  const OwnFolder folder;
  REQUIRE(write_file(folder.path() / "mine.txt", "keep").ok());
  NetworkPlan plan;
  plan.insecure_keys = true;
  CHECK_FALSE(init_network({folder.path()}, plan).ok());
  CHECK(fs::exists(folder.path() / "mine.txt"));
  for (const std::size_t validators : {std::size_t{0}, kDevMembersMax + 1}) {
    plan.validators = validators;
    CHECK_FALSE(init_network({folder.path() / "new"}, plan).ok());
  }
  plan.validators = 1;
  plan.rule_files = {folder.path() / "mine.txt"};
  const auto made = init_network({folder.path() / "new"}, plan);
  REQUIRE_FALSE(made.ok());
  CHECK(made.error().detail.find("mine.txt") != std::string::npos);
  CHECK_FALSE(fs::exists(folder.path() / "new"));
}

TEST_CASE("a pid that was given away again is not taken for ours") {
  const OwnFolder folder;
  const fs::path file = folder.path() / "node.pid";
  CHECK_FALSE(running_process(file).has_value());
  for (const char* text : {"", "x", "1 1", "-5 3", "999999999 12"}) {
    REQUIRE(write_file(file, text).ok());
    CHECK_FALSE(running_process(file).has_value());
  }
  // This very process, under another start time.
  REQUIRE(write_file(file, std::to_string(getpid()) + " 1").ok());
  CHECK_FALSE(running_process(file).has_value());
}

TEST_CASE("a member that does not exist is answered with those that do") {
  const OwnFolder folder;
  NetworkPlan plan;
  plan.validators = 1;
  plan.insecure_keys = true;
  REQUIRE(init_network({folder.path()}, plan).ok());
  const auto member = open_member({folder.path()}, "ZZ");
  REQUIRE_FALSE(member.ok());
  CHECK(member.error().detail.find("AE-DU") != std::string::npos);
}

}  // namespace
}  // namespace sanad::tools
