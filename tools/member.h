// A member's side of a development network on disk: where its keys, secret, vault and node are.
//
//   NETWORK/genesis.cbor, trust.json, rules/…
//   NETWORK/members/<ID>/{node.toml, keys/<role>.key, network.secret, beacon.seed, api.token,
//                         auditor.token, data/, vault/, node.log, node.pid}
#pragma once

#include "chaincode/genesis.h"
#include "crypto/handle.h"
#include "node/config.h"
#include "tools/files.h"

namespace sanad::tools {

inline constexpr std::size_t kGenesisFileMax = 32U << 20U;

// The folders and files of a network.
struct NetworkFolder {
  std::filesystem::path root;

  [[nodiscard]] std::filesystem::path genesis() const { return root / "genesis.cbor"; }
  [[nodiscard]] std::filesystem::path trust() const { return root / "trust.json"; }
  [[nodiscard]] std::filesystem::path member(std::string_view id) const {
    return root / "members" / id;
  }
};

struct LoadedGenesis {
  chaincode::Genesis genesis;
  crypto::Hash network_id;
};
// kNetworkFolder, with the command that makes one, where the folder holds no usable genesis.
crypto::Result<LoadedGenesis> load_genesis(const std::filesystem::path& file);

// What acting for a member takes.
struct Member {
  std::string id;
  std::filesystem::path folder;
  crypto::Hash network_id;
  crypto::NetworkSecret secret;
  node::Address api;
  std::string token;

  [[nodiscard]] std::filesystem::path key(std::string_view role) const {
    return folder / "keys" / (std::string(role) + ".key");
  }
  [[nodiscard]] std::filesystem::path vault() const { return folder / "vault"; }
};
// kNetworkFolder names the members that there are where `id` is none of them.
crypto::Result<Member> open_member(const NetworkFolder& network, std::string_view id);

crypto::Result<crypto::NetworkSecret> load_secret(const std::filesystem::path& file);

}  // namespace sanad::tools
