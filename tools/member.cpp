#include "tools/member.h"

namespace sanad::tools {
namespace {

using crypto::Error;
using crypto::Result;

constexpr std::size_t kTokenFileMax = 256;

std::string_view without_line_end(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<LoadedGenesis> load_genesis(const std::filesystem::path& file) {
  auto text = read_file(file, kGenesisFileMax);
  if (!text) {
    return Error{Errc::kNetworkFolder, text.error().detail +
                                           "; `sanad network init DIR --insecure-dev-keys` makes a "
                                           "development network"};
  }
  auto genesis = crypto::decode<chaincode::Genesis>(crypto::as_bytes(*text));
  if (!genesis) {
    return Error{Errc::kNetworkFolder, file.string() + ": " + genesis.error().message()};
  }
  if (const crypto::Status status = chaincode::check(*genesis); !status) {
    return Error{Errc::kNetworkFolder, file.string() + ": " + status.error().message()};
  }
  const crypto::Hash id = chaincode::network_id(*genesis);
  return LoadedGenesis{std::move(*genesis), id};
}

Result<crypto::NetworkSecret> load_secret(const std::filesystem::path& file) {
  SANAD_TRY(const std::string text, read_file(file, kTokenFileMax));
  auto secret = crypto::decode<crypto::NetworkSecret>(crypto::as_bytes(text));
  if (!secret) return Error{Errc::kBadFile, file.string() + ": " + secret.error().message()};
  return *secret;
}

Result<Member> open_member(const NetworkFolder& network, std::string_view id) {
  SANAD_TRY(const LoadedGenesis loaded, load_genesis(network.genesis()));
  Member member;
  member.id = id;
  member.folder = network.member(id);
  member.network_id = loaded.network_id;
  std::string known;
  bool found = false;
  for (const chaincode::Member& one : loaded.genesis.members) {
    found = found || one.id == id;
    known += " " + one.id;
  }
  if (!found) {
    return Error{Errc::kNetworkFolder,
                 "there is no member \"" + member.id + "\"; the members are" + known};
  }
  SANAD_TRY(const node::NodeConfig config, node::load_config(member.folder / "node.toml"));
  SANAD_TRY(member.secret, load_secret(config.secret));
  SANAD_TRY(const std::string token, read_file(config.api_token, kTokenFileMax));
  member.token = without_line_end(token);
  member.api = config.api_listen;
  return member;
}

}  // namespace sanad::tools
