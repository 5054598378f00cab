// What a node reads before it starts: genesis, its own keys and secrets. All of it is checked
// against genesis, so that a wrong file is a clear error and not a silent validator.
#pragma once

#include <string>

#include "chaincode/genesis.h"
#include "crypto/handle.h"
#include "node/config.h"
#include "node/replica/member_keys.h"

namespace sanad::node {

struct MemberFiles {
  chaincode::Genesis genesis;
  crypto::Hash network_id;
  std::uint16_t self = 0;  // index of config.member in genesis
  MemberKeys keys;
  crypto::SigningKey tls;
  crypto::NetworkSecret secret;
  std::string api_token;
  std::string auditor_token;   // empty where the configuration names none
  bool insecure_keys = false;  // at least one key file is not encrypted
};

// kConfig names the file and what is wrong with it. `passphrase` opens encrypted key files.
crypto::Result<MemberFiles> load_member_files(const NodeConfig& config,
                                              std::string_view passphrase);

// All of a small file; kFile with path and reason, or when it is larger than `max` bytes.
crypto::Result<crypto::Bytes> read_small_file(const std::filesystem::path& path, std::size_t max);

}  // namespace sanad::node
