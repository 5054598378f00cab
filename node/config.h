// A node's configuration: one TOML file, checked as a whole before anything starts.
//
// Relative paths in the file are relative to the folder it lies in. Unknown keys are refused with
// the nearest known one; every fault found is in the one error, a line each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "crypto/result.h"

namespace sanad::node {

// "host:port" of an IPv4 address or [IPv6]; port 0 lets the kernel choose.
struct Address {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;

  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool is_loopback() const;
  static crypto::Result<Address> parse(std::string_view text);
  friend bool operator==(const Address&, const Address&) = default;
};

struct PeerConfig {
  std::string member;  // id in genesis, e.g. "KW"
  Address address;
};

struct NodeConfig {
  std::string member;             // this node's id in genesis
  std::filesystem::path genesis;  // genesis.cbor
  std::filesystem::path data;     // ledger and journal; made if absent
  std::filesystem::path keys;     // folder with consensus.key, log.key, cosigner.key, tls.key
  std::filesystem::path secret;   // network.secret (LEDGER F4)
  std::filesystem::path beacon;   // beacon.seed
  Address peer_listen;
  std::vector<PeerConfig> peers;  // every other member, once
  Address api_listen;
  std::filesystem::path api_token;        // file with the member's bearer token
  std::filesystem::path auditor_token;    // with one that only reads; empty: there is none
  std::filesystem::path api_certificate;  // PEM; both needed where api_listen is not loopback
  std::filesystem::path api_key;
  std::string log_level = "info";  // trace, debug, info, warn, error
};

// Reads and checks `file`. kConfig with one line per fault.
crypto::Result<NodeConfig> load_config(const std::filesystem::path& file);
// The file that load_config() reads back as `config`; paths are written as they are.
std::string to_toml(const NodeConfig& config);

}  // namespace sanad::node
