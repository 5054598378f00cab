// One TLS connection to another member, from the first packet to the last. Knows deadlines, hello,
// pings and frames; who may connect and which link counts is peer_mesh's.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <optional>

#include "network/frame.h"
#include "network/hello.h"
#include "network/io_core.h"
#include "network/peer_mesh.h"
#include "network/send_queue.h"
#include "network/tls.h"

namespace sanad::network {

// What all links of one peer share; usable from any thread.
struct Lane {
  explicit Lane(const MeshLimits& limits)
      : queue({limits.consensus_queue_bytes_max, limits.bulk_queue_bytes_max}) {}

  SendQueue queue;
  std::atomic<std::uint64_t> frames_in = 0, frames_out = 0, bytes_in = 0, bytes_out = 0;
  std::atomic<std::uint64_t> links = 0, replaced = 0, round_trip_us = 0;
  std::atomic<bool> up = false, paused = false;
};

// Lives on the I/O thread. Every wait of it ends when it is closed.
class Link : public std::enable_shared_from_this<Link> {
 public:
  using Tcp = asio::ip::tcp;
  using OnMessage = std::function<void(Bytes)>;

  Link(Tcp::socket socket, asio::ssl::context& tls, const MeshLimits& limits);

  // Opens the TCP connection of a dialling link.
  asio::awaitable<Status> connect(const PeerAddress& address);
  asio::awaitable<Status> handshake(TlsSide side);
  // The key that the other side proved in the handshake.
  [[nodiscard]] std::optional<crypto::PublicKey> peer_key();
  // Sends our hello and checks theirs.
  asio::awaitable<Status> exchange_hello(const crypto::Hash& network_id, PeerIndex self,
                                         PeerIndex peer);
  // Carries frames until the link is closed; then `on_message` is not called any more.
  asio::awaitable<void> run(std::shared_ptr<Lane> lane, OnMessage on_message);

  // Ends the link; the first reason is kept.
  void close(Error reason);
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] const std::optional<Error>& reason() const { return reason_; }

  // There may be something to send.
  void wake() { wake_.cancel(); }
  void set_paused(bool paused);
  // Closes the link if a deadline has passed, and pings when it is time. To be called often.
  void tick(SteadyTime now);

 private:
  asio::awaitable<Status> read_some();
  asio::awaitable<void> read_loop();
  asio::awaitable<void> write_loop();
  void dispatch(Frame frame, SteadyTime now);
  void take_pong(std::uint64_t number, SteadyTime now);
  std::optional<Error> overdue(SteadyTime now) const;
  void add_control_frames();
  Error stream_error(Errc code, const boost::system::error_code& error, const char* doing);

  const MeshLimits limits_;
  asio::ssl::stream<Tcp::socket> stream_;
  Tcp::resolver resolver_;
  asio::steady_timer wake_;    // never expires; cancelled to wake the writer
  asio::steady_timer resume_;  // the same for a paused reader
  std::shared_ptr<Lane> lane_;
  OnMessage on_message_;

  bool up_ = false;
  bool closed_ = false;
  bool paused_ = false;
  std::optional<Error> reason_;

  FrameParser parser_;
  Bytes in_;
  std::vector<Frame> frames_;
  Bytes out_;
  Bytes control_;  // whole frames that go before messages
  bool ping_due_ = false;
  std::optional<Bytes> pong_due_;  // only the last one: a flood of pings cannot fill anything

  SteadyTime started_;
  SteadyTime heard_;
  SteadyTime pinged_;
  // The ping that waits for its pong. Until that comes, later ones repeat its number: what takes
  // longer than the time between two pings is measured as well.
  std::optional<SteadyTime> unanswered_;
  std::optional<SteadyTime> frame_since_;
  std::optional<SteadyTime> writing_since_;
};

}  // namespace sanad::network
