#include "tests/hostile/member.h"

#include <chrono>

namespace sanad::hostile {

std::optional<MemberIndex> Member::index(const std::string& name) const {
  for (std::size_t i = 0; i < files.genesis.members.size(); ++i) {
    if (files.genesis.members[i].id == name) return static_cast<MemberIndex>(i);
  }
  return std::nullopt;
}

network::TlsContext Member::context(const crypto::Seed& seed) const {
  std::vector<crypto::PublicKey> anybody;
  for (const network::PeerAddress& address : addresses) anybody.push_back(address.tls_key);
  auto made = network::make_link_context(network::TlsSide::kDialling, seed, std::move(anybody));
  require(made.ok(), "no TLS context");
  return std::move(*made);
}

consensus::Vote Member::vote(const consensus::Subject& subject) const {
  return consensus::sign_vote(network(), subject, self(), files.keys.consensus);
}

node::CheckpointVote Member::cosign(const node::BlockEnd& end) const {
  const std::string origin = files.genesis.network + "/" + network().hex();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const crypto::Cosignature made = crypto::cosign(
      files.keys.cosigner, crypto::Checkpoint{origin, end.tree_size, end.root}.text(),
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count()));
  return {end.height, end.tree_size, end.root, made.time_s, made.signature};
}

Member load_member(const std::filesystem::path& path) {
  auto config = node::load_config(path);
  if (!config) throw Failed(config.error().message());
  auto files = node::load_member_files(*config, "");
  if (!files) throw Failed(files.error().message());
  std::vector<network::PeerAddress> addresses;
  std::vector<crypto::PublicKey> keys;
  for (const chaincode::Member& member : files->genesis.members) {
    network::PeerAddress address{"127.0.0.1", 0, member.tls_key};
    for (const node::PeerConfig& peer : config->peers) {
      if (peer.member != member.id) continue;
      address.host = peer.address.host;
      address.port = peer.address.port;
    }
    addresses.push_back(address);
    keys.push_back(member.consensus_key);
  }
  // Who is dialled by others would have to wait for them.
  require(files->self == 0, config->member + " is not the first member, which dials all others");
  consensus::Committee committee(consensus::kFirstEpoch, std::move(keys), files->network_id);
  node::BeaconSource beacon(*crypto::Hash::from(files->keys.beacon.view()),
                            files->genesis.members[0].beacon_length, committee.n());
  return Member{std::move(*files), std::move(committee), std::move(addresses), std::move(beacon)};
}

}  // namespace sanad::hostile
