#include "node/member_files.h"

#include <fstream>

#include "crypto/key_file.h"
#include "node/errors.h"

namespace sanad::node {
namespace {

constexpr std::size_t kGenesisMax = 32u << 20;
constexpr std::size_t kSecretMax = 4096;

crypto::Error fault(const std::filesystem::path& file, const std::string& what) {
  return crypto::Error{Errc::kConfig, file.string() + ": " + what};
}

// Opens <folder>/<role>.key and holds it to what genesis says of it.
crypto::Result<crypto::OpenedKey> open_role(const NodeConfig& config, const std::string& role,
                                            std::string_view passphrase,
                                            const crypto::PublicKey& expected) {
  const auto path = config.keys / (role + ".key");
  SANAD_TRY(const crypto::Bytes text, read_small_file(path, crypto::kKeyFileMax));
  auto opened = crypto::open_key(crypto::as_text(text), passphrase);
  if (!opened) return fault(path, opened.error().message());
  if (opened->role != role) return fault(path, "is a key for \"" + opened->role + "\"");
  if (opened->key.public_key() != expected) {
    return fault(path, "is not the " + role + " key that genesis names for " + config.member);
  }
  return opened;
}

crypto::Result<std::string> read_line(const std::filesystem::path& path) {
  SANAD_TRY(const crypto::Bytes bytes, read_small_file(path, kSecretMax));
  std::string_view text = crypto::as_text(bytes);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  return std::string(text);
}

crypto::Result<std::string> read_token(const std::filesystem::path& path) {
  SANAD_TRY(std::string token, read_line(path));
  if (token.size() < 32) return fault(path, "a token has 32 characters or more");
  return token;
}

crypto::Result<crypto::Seed> read_beacon_seed(const std::filesystem::path& path) {
  SANAD_TRY(const std::string text, read_line(path));
  auto seed = crypto::Seed::from_hex(text);
  if (!seed) return fault(path, "must hold 64 hexadecimal digits");
  return *seed;
}

crypto::Result<std::uint16_t> member_index(const chaincode::Genesis& genesis,
                                           const std::string& member) {
  std::string known;
  for (std::size_t i = 0; i < genesis.members.size(); ++i) {
    if (genesis.members[i].id == member) return static_cast<std::uint16_t>(i);
    known += (known.empty() ? "" : ", ") + genesis.members[i].id;
  }
  return crypto::Error{Errc::kConfig,
                       "member \"" + member + "\" is not in genesis, which names " + known};
}

crypto::Status check_peers(const NodeConfig& config, const chaincode::Genesis& genesis) {
  for (const PeerConfig& peer : config.peers) {
    SANAD_TRY_STATUS([&]() -> crypto::Status {
      SANAD_TRY([[maybe_unused]] const auto index, member_index(genesis, peer.member));
      return {};
    }());
  }
  if (config.peers.size() + 1 != genesis.members.size()) {
    return crypto::Error{Errc::kConfig, "genesis has " + std::to_string(genesis.members.size()) +
                                            " members, so [[peers]] must name the other " +
                                            std::to_string(genesis.members.size() - 1)};
  }
  return {};
}

}  // namespace

crypto::Result<crypto::Bytes> read_small_file(const std::filesystem::path& path, std::size_t max) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return crypto::Error{Errc::kFile, "cannot read " + path.string()};
  crypto::Bytes bytes;
  std::array<char, 65'536> chunk{};
  while (stream.read(chunk.data(), chunk.size()) || stream.gcount() > 0) {
    bytes.insert(bytes.end(), chunk.begin(), chunk.begin() + stream.gcount());
    if (bytes.size() > max) {
      return crypto::Error{Errc::kFile,
                           path.string() + " is larger than " + std::to_string(max) + " bytes"};
    }
  }
  return bytes;
}

crypto::Result<MemberFiles> load_member_files(const NodeConfig& config,
                                              std::string_view passphrase) {
  SANAD_TRY(const crypto::Bytes genesis_bytes, read_small_file(config.genesis, kGenesisMax));
  auto genesis = crypto::decode<chaincode::Genesis>(genesis_bytes);
  if (!genesis) return fault(config.genesis, genesis.error().message());
  if (const auto status = chaincode::check(*genesis); !status) {
    return fault(config.genesis, status.error().message());
  }
  SANAD_TRY(const std::uint16_t self, member_index(*genesis, config.member));
  SANAD_TRY_STATUS(check_peers(config, *genesis));
  const chaincode::Member& member = genesis->members[self];
  SANAD_TRY(auto consensus, open_role(config, "consensus", passphrase, member.consensus_key));
  SANAD_TRY(auto log, open_role(config, "log", passphrase, member.log_key));
  SANAD_TRY(auto cosigner, open_role(config, "cosigner", passphrase, member.cosigner_key));
  SANAD_TRY(auto tls, open_role(config, "tls", passphrase, member.tls_key));
  SANAD_TRY(const crypto::Seed beacon, read_beacon_seed(config.beacon));
  SANAD_TRY(const crypto::Bytes secret_bytes, read_small_file(config.secret, kSecretMax));
  auto secret = crypto::decode<crypto::NetworkSecret>(secret_bytes);
  if (!secret) return fault(config.secret, secret.error().message());
  SANAD_TRY(std::string token, read_token(config.api_token));
  std::string auditor_token;
  if (!config.auditor_token.empty()) {
    SANAD_TRY(auditor_token, read_token(config.auditor_token));
    if (auditor_token == token) {
      return fault(config.auditor_token, "this is the member's own token: make another one");
    }
  }
  const bool insecure = consensus.insecure || log.insecure || cosigner.insecure || tls.insecure;
  const crypto::Hash network = chaincode::network_id(*genesis);
  return MemberFiles{
      std::move(*genesis),
      network,
      self,
      MemberKeys{std::move(consensus.key), std::move(log.key), std::move(cosigner.key), beacon},
      std::move(tls.key),
      std::move(*secret),
      std::move(token),
      std::move(auditor_token),
      insecure};
}

}  // namespace sanad::node
