// The links between validators: one TLS 1.3 connection per pair of members, over which each side
// sends messages that the network does not understand.
//
//   who dials      the member with the lower index; again and again, with jittered exponential
//   backoff identity       both sides prove an Ed25519 key (self-signed certificate, made in
//   memory) that the
//                  member list names; dates and names in certificates mean nothing
//   hello          first frame each way: protocol version, network id, both indices, and the TLS
//                  exporter value of this very session (HOSTILE 15, 21, 22)
//   two at once    a newer link of a member replaces the older one and is counted (HOSTILE 20)
//   liveness       pings; a link that is silent, stalls inside a frame or stops reading is closed
//   bounds         bytes per queue and frame; a full queue refuses, it never grows (C5)
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crypto/signature.h"
#include "network/io.h"
#include "network/listener.h"
#include "network/result.h"

namespace sanad::network {

// Position in the member list.
using PeerIndex = std::uint16_t;

// Frames of the first kind overtake those of the second that still wait in the queue.
enum class Priority : std::uint8_t { kConsensus, kBulk };
inline constexpr std::size_t kPriorities = 2;

struct PeerAddress {
  std::string host;  // a numeric address or a name
  std::uint16_t port = 0;
  crypto::PublicKey tls_key;
};

struct MeshLimits {
  std::size_t frame_bytes_max = 4u << 20;            // payload of one message
  std::size_t consensus_queue_bytes_max = 8u << 20;  // waiting to be sent, per peer
  std::size_t bulk_queue_bytes_max = 32u << 20;      // waiting to be sent, per peer
  std::size_t handshakes_max = 128;                  // half-open; one more displaces the oldest
  std::uint64_t handshake_timeout_ms = 5'000;        // connect, TLS and hello, each way
  std::uint64_t frame_timeout_ms = 10'000;           // from a frame's first byte to its last
  std::uint64_t write_timeout_ms = 10'000;           // until 64 KiB or less are taken by the peer
  std::uint64_t ping_interval_ms = 1'000;
  std::uint64_t silence_timeout_ms = 5'000;  // without any byte from the peer
  std::uint64_t backoff_first_ms = 50;       // doubles with each failed attempt,
  std::uint64_t backoff_max_ms = 2'000;      // up to this; the wait is 50–100 % of it
};

struct MeshOptions {
  PeerIndex self = 0;
  std::vector<PeerAddress> members;  // all of them in genesis order, this one included
  ListenAddress listen;
  crypto::Seed tls_seed;  // its public key must be members[self].tls_key
  crypto::Hash network_id;
  std::uint64_t jitter_seed = 0;  // differs per process, e.g. drawn from the system
  MeshLimits limits;
};

// Called on the I/O thread, never after stop() has returned; must not block or throw.
struct MeshCallbacks {
  // A message of a member. Frames of one link arrive in the order in which they were sent within
  // a priority. 1 ≤ size ≤ frame_bytes_max.
  std::function<void(PeerIndex, Bytes)> on_frame;
  // The link came up (hello done) or went down. Alternates per peer, beginning with up.
  std::function<void(PeerIndex, bool up)> on_link;
};

struct PeerStats {
  bool up = false;
  std::uint64_t frames_in = 0, frames_out = 0;  // messages only
  std::uint64_t bytes_in = 0, bytes_out = 0;    // stream bytes inside TLS, heads and pings included
  std::uint64_t frames_dropped = 0;             // refused by send(), or lost with a link
  std::uint64_t queued_bytes = 0;               // now waiting
  std::uint64_t links = 0;                      // times that a link came up
  std::uint64_t replaced = 0;                   // alert: a second live link of the same identity
  std::uint64_t round_trip_us = 0;              // of the last answered ping; 0: none yet
  std::string last_error;                       // why the last link or attempt ended
  ReasonCounts ends;                            // all of them, by reason
};

struct MeshStats {
  std::vector<PeerStats> peers;            // by member index; this member's own entry stays empty
  std::uint64_t handshakes_open = 0;       // accepted and not yet through the hello
  std::uint64_t handshakes_refused = 0;    // accepted, then refused for whatever reason
  ReasonCounts refusals;                   // of them, by reason
  std::uint64_t handshakes_displaced = 0;  // of them, by newer ones
  std::string last_refusal;
};

// Thread-safe.
class PeerMesh {
 public:
  // Opens the socket and begins to dial. `io` must outlive the mesh. kBadOptions, kListenFailed, ….
  static Result<std::unique_ptr<PeerMesh>> start(IoThread& io, MeshOptions options,
                                                 MeshCallbacks callbacks);
  // stop().
  ~PeerMesh();
  PeerMesh(const PeerMesh&) = delete;
  PeerMesh& operator=(const PeerMesh&) = delete;

  // Where the mesh listens.
  [[nodiscard]] std::uint16_t port() const;

  // Queues a message for a peer. False: the queue is full or the link is down; nothing was queued
  // and the drop is counted. What is still queued when a link ends is lost with it (and counted).
  // REQUIRES: peer is another member; 1 ≤ frame->size() ≤ frame_bytes_max.
  bool send(PeerIndex peer, Priority priority, std::shared_ptr<const Bytes> frame);
  // The same for every other member; returns how many took it.
  std::size_t broadcast(Priority priority, const std::shared_ptr<const Bytes>& frame);

  // Stops and resumes taking bytes from a peer, for a receiver whose own queue is full; TCP then
  // pushes back. Frames already read are still delivered: at most 64 KiB and one frame. A new link
  // of the peer begins in the state set last.
  void pause_reading(PeerIndex peer, bool paused);

  [[nodiscard]] MeshStats stats() const;

  // Closes every link and the socket; on_link(peer, false) comes for each link that was up.
  // Idempotent. May be called from any thread.
  void stop();

 private:
  class State;
  explicit PeerMesh(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace sanad::network
