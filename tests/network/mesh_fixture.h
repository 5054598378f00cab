// Meshes on loopback for tests: members with keys from seeds, sockets opened beforehand so that
// every port is known, and a log of what the callbacks said.
#pragma once

#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <mutex>

#include "network/peer_mesh.h"
#include "tests/network/eventually.h"

namespace sanad::tests {

inline crypto::Seed seed_of(std::uint8_t number) {
  crypto::Seed seed;
  seed.bytes.fill(number);
  return seed;
}

inline std::shared_ptr<const crypto::Bytes> message(std::string_view text) {
  const auto bytes = crypto::as_bytes(text);
  return std::make_shared<const crypto::Bytes>(bytes.begin(), bytes.end());
}

// A network of members that are started and stopped one by one.
struct MeshNetwork {
  explicit MeshNetwork(std::size_t members) : sockets(members) {
    network_id.bytes.fill(0xaa);
    for (std::size_t i = 0; i < members; ++i) {
      auto socket = network::open_listener({});
      REQUIRE(socket.ok());
      const crypto::SigningKey key(seed_of(static_cast<std::uint8_t>(i + 1)));
      addresses.push_back({"127.0.0.1", socket->port(), key.public_key()});
      sockets[i] = std::move(*socket);
    }
    limits.backoff_first_ms = 5;
    limits.backoff_max_ms = 50;
  }

  // The first start of a member takes the socket that is open; a later one binds its port again.
  network::MeshOptions options(std::size_t self) {
    network::MeshOptions made;
    made.self = static_cast<network::PeerIndex>(self);
    made.members = addresses;
    made.listen.port = addresses[self].port;
    made.listen.inherited_fd = sockets[self].release();
    made.tls_seed = seed_of(static_cast<std::uint8_t>(self + 1));
    made.network_id = network_id;
    made.limits = limits;
    made.jitter_seed = self;
    return made;
  }

  std::vector<network::ListenSocket> sockets;
  std::vector<network::PeerAddress> addresses;
  crypto::Hash network_id;
  network::MeshLimits limits;
};

// One member: its thread, its mesh, and what arrived.
class Member {
 public:
  explicit Member(network::MeshOptions options) : self_(options.self) {
    auto started = network::PeerMesh::start(
        io_, std::move(options),
        {.on_frame = [this](network::PeerIndex peer,
                            crypto::Bytes frame) { on_frame(peer, std::move(frame)); },
         .on_link = [this](network::PeerIndex peer, bool up) { on_link(peer, up); }});
    if (!started) FAIL(started.error().message());
    mesh_ = std::move(*started);
  }
  ~Member() { stop(); }

  void stop() {
    mesh_->stop();
    io_.stop();
  }

  network::PeerMesh& mesh() { return *mesh_; }
  [[nodiscard]] network::PeerIndex self() const { return self_; }
  network::PeerStats stats(std::size_t peer) { return mesh_->stats().peers.at(peer); }

  bool send(std::size_t peer, std::string_view text,
            network::Priority priority = network::Priority::kConsensus) {
    return mesh_->send(static_cast<network::PeerIndex>(peer), priority, message(text));
  }
  // All frames of a peer so far, as texts in order.
  std::vector<std::string> frames(std::size_t peer) {
    const std::scoped_lock lock(mutex_);
    return frames_[static_cast<network::PeerIndex>(peer)];
  }
  std::vector<bool> link_events(std::size_t peer) {
    const std::scoped_lock lock(mutex_);
    return links_[static_cast<network::PeerIndex>(peer)];
  }
  bool is_up(std::size_t peer) {
    const auto events = link_events(peer);
    return !events.empty() && events.back();
  }
  bool got(std::size_t peer, std::string_view text) {
    for (const auto& frame : frames(peer)) {
      if (frame == text) return true;
    }
    return false;
  }

 private:
  void on_frame(network::PeerIndex peer, crypto::Bytes frame) {
    const std::scoped_lock lock(mutex_);
    frames_[peer].emplace_back(crypto::as_text(frame));
  }
  void on_link(network::PeerIndex peer, bool up) {
    const std::scoped_lock lock(mutex_);
    links_[peer].push_back(up);
  }

  network::PeerIndex self_;
  std::mutex mutex_;
  std::map<network::PeerIndex, std::vector<std::string>> frames_;
  std::map<network::PeerIndex, std::vector<bool>> links_;
  network::IoThread io_;
  std::unique_ptr<network::PeerMesh> mesh_;
};

}  // namespace sanad::tests
