// The member gone bad: its folder of a development network, with its real keys.
#pragma once

#include <filesystem>

#include "consensus/committee.h"
#include "network/tls.h"
#include "node/member_files.h"
#include "node/replica/beacon_source.h"
#include "node/replica/checkpointer.h"
#include "tests/hostile/session.h"

namespace sanad::hostile {

using consensus::MemberIndex;

struct Member {
  node::MemberFiles files;
  consensus::Committee committee;
  std::vector<network::PeerAddress> addresses;  // by index; its own has no port
  // Made once: who walks the whole chain at each turn to lead is too late with every proposal.
  node::BeaconSource beacon;

  [[nodiscard]] MemberIndex self() const { return files.self; }
  [[nodiscard]] const crypto::Hash& network() const { return files.network_id; }
  [[nodiscard]] const std::string& name(MemberIndex member) const {
    return files.genesis.members[member].id;
  }
  [[nodiscard]] std::optional<MemberIndex> index(const std::string& name) const;
  // What a link of it is made with; it takes whoever answers.
  [[nodiscard]] network::TlsContext context() const { return context(files.tls.seed()); }
  [[nodiscard]] network::TlsContext context(const crypto::Seed& seed) const;
  // A vote that it really signs.
  [[nodiscard]] consensus::Vote vote(const consensus::Subject& subject) const;
  [[nodiscard]] node::CheckpointVote cosign(const node::BlockEnd& end) const;
};

// Throws Failed. `config` is the member's node.toml; its own node must not be running.
Member load_member(const std::filesystem::path& config);

}  // namespace sanad::hostile
