#include "network/link.h"

#include <netinet/tcp.h>
#include <openssl/ssl.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>

namespace sanad::network {
namespace {

// One write: about four TLS records; a consensus frame waits behind at most this and the kernel's.
constexpr std::size_t kWriteBytes = 64u << 10;
// One read: SSL_read gives at most one record of 16 KiB.
constexpr std::size_t kReadBytes = 16u << 10;
// Bytes that the kernel holds back unsent; more would queue in front of consensus frames.
constexpr int kKernelUnsentBytes = 128 << 10;

using UnsentLimit = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;

std::uint64_t microseconds(SteadyTime time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count());
}

asio::awaitable<void> wait_for_cancel(asio::steady_timer& timer) {
  boost::system::error_code cancelled;
  timer.expires_at(SteadyTime::max());
  co_await timer.async_wait(into(cancelled));
}

}  // namespace

Link::Link(Tcp::socket socket, asio::ssl::context& tls, const MeshLimits& limits)
    : limits_(limits),
      stream_(std::move(socket), tls),
      resolver_(stream_.get_executor()),
      wake_(stream_.get_executor()),
      resume_(stream_.get_executor()),
      parser_(limits.frame_bytes_max),
      in_(kReadBytes),
      started_(SteadyClock::now()),
      heard_(started_),
      pinged_(started_) {}

Error Link::stream_error(Errc code, const boost::system::error_code& error, const char* doing) {
  if (reason_) return *reason_;  // we closed it ourselves
  return Error{code, std::string(doing) + ": " + error.message()};
}

asio::awaitable<Status> Link::connect(const PeerAddress& address) {
  boost::system::error_code error;
  const auto numeric = asio::ip::make_address(address.host, error);
  if (!error) {
    co_await stream_.next_layer().async_connect({numeric, address.port}, into(error));
  } else {
    const std::string port = std::to_string(address.port);
    const auto found = co_await resolver_.async_resolve(address.host, port, into(error));
    if (error) co_return stream_error(Errc::kBadAddress, error, address.host.c_str());
    co_await asio::async_connect(stream_.next_layer(), found, into(error));
  }
  const std::string where = address.host + " port " + std::to_string(address.port);
  if (error || closed_) co_return stream_error(Errc::kConnectFailed, error, where.c_str());
  co_return Status{};
}

asio::awaitable<Status> Link::handshake(TlsSide side) {
  boost::system::error_code error;
  auto& socket = stream_.next_layer();
  socket.set_option(Tcp::no_delay(true), error);
  socket.set_option(UnsentLimit(kKernelUnsentBytes), error);
  const auto type =
      side == TlsSide::kAccepting ? asio::ssl::stream_base::server : asio::ssl::stream_base::client;
  co_await stream_.async_handshake(type, into(error));
  if (!error && !closed_) co_return Status{};
  const bool refused = SSL_get_verify_result(stream_.native_handle()) != X509_V_OK;
  co_return stream_error(refused ? Errc::kUnknownKey : Errc::kTlsFailed, error, "handshake");
}

std::optional<crypto::PublicKey> Link::peer_key() { return proved_key(stream_.native_handle()); }

asio::awaitable<Status> Link::exchange_hello(const crypto::Hash& network_id, PeerIndex self,
                                             PeerIndex peer) {
  const auto binding = session_binding(stream_.native_handle());
  if (!binding) co_return binding.error();
  const HelloFields ours{.network_id = network_id, .from = self, .to = peer, .binding = *binding};
  const HelloFields theirs{.network_id = network_id, .from = peer, .to = self, .binding = *binding};

  const Bytes payload = encode_hello(ours);
  crypto::append(out_, frame_head(FrameKind::kHello, payload.size()));
  crypto::append(out_, payload);
  boost::system::error_code error;
  co_await asio::async_write(stream_, asio::buffer(out_), into(error));
  if (error || closed_) co_return stream_error(Errc::kClosed, error, "sending hello");

  while (frames_.empty()) {
    const Status read = co_await read_some();
    if (!read) co_return read.error();
  }
  const Frame first = std::move(frames_.front());
  frames_.erase(frames_.begin());
  if (first.kind != FrameKind::kHello) {
    co_return Error{Errc::kFrameKind, "the first frame is not a hello"};
  }
  co_return check_hello(first.payload, theirs);
}

// Appends what arrives to frames_.
asio::awaitable<Status> Link::read_some() {
  boost::system::error_code error;
  const std::size_t size = co_await stream_.async_read_some(asio::buffer(in_), into(error));
  if (error || closed_) co_return stream_error(Errc::kClosed, error, "reading");
  heard_ = SteadyClock::now();
  if (lane_) lane_->bytes_in += size;
  const std::size_t before = frames_.size();
  const Status fed = parser_.feed(ByteView(in_).first(size), frames_);
  if (!parser_.inside_frame()) {
    frame_since_.reset();
  } else if (!frame_since_ || frames_.size() > before) {
    frame_since_ = heard_;
  }
  co_return fed;
}

asio::awaitable<void> Link::run(std::shared_ptr<Lane> lane, OnMessage on_message) {
  lane_ = std::move(lane);
  on_message_ = std::move(on_message);
  up_ = true;
  paused_ = lane_->paused;
  heard_ = pinged_ = SteadyClock::now();
  // A coroutine of its own that keeps the link alive; it ends when the link is closed.
  spawn(stream_.get_executor(), [](std::shared_ptr<Link> self) -> asio::awaitable<void> {
    co_await self->write_loop();
  }(shared_from_this()));
  co_await read_loop();
  on_message_ = nullptr;
}

asio::awaitable<void> Link::read_loop() {
  Status read;
  while (!closed_) {
    for (Frame& frame : frames_) {
      if (!closed_) dispatch(std::move(frame), heard_);
    }
    frames_.clear();
    if (closed_) break;
    if (!read) {
      close(read.error());
    } else if (paused_) {
      co_await wait_for_cancel(resume_);
    } else {
      // An error may come with whole frames before it: they are delivered first.
      read = co_await read_some();
    }
  }
}

void Link::dispatch(Frame frame, SteadyTime now) {
  switch (frame.kind) {
    case FrameKind::kHello:
      return close(Error{Errc::kFrameKind, "a second hello"});
    case FrameKind::kPing:
      pong_due_ = std::move(frame.payload);
      return wake();
    case FrameKind::kPong:
      return take_pong(crypto::read_u64be(frame.payload), now);
    case FrameKind::kMessage:
      ++lane_->frames_in;
      return on_message_(std::move(frame.payload));
  }
}

// Counts once, and only for the ping that waits for it.
void Link::take_pong(std::uint64_t number, SteadyTime now) {
  if (!unanswered_ || number != microseconds(*unanswered_)) return;
  lane_->round_trip_us = std::max<std::uint64_t>(1, microseconds(now) - number);
  unanswered_.reset();
}

// At most one ping and one pong wait in control_, whatever the peer does.
void Link::add_control_frames() {
  if (!control_.empty()) return;
  if (pong_due_) {
    crypto::append(control_, frame_head(FrameKind::kPong, kPingBytes));
    crypto::append(control_, *pong_due_);
    pong_due_.reset();
  }
  if (ping_due_) {
    ping_due_ = false;
    crypto::append(control_, frame_head(FrameKind::kPing, kPingBytes));
    if (!unanswered_) unanswered_ = pinged_;
    crypto::append_u64be(control_, microseconds(*unanswered_));
  }
}

asio::awaitable<void> Link::write_loop() {
  out_.reserve(kWriteBytes + 2 * (kFrameHeadBytes + kPingBytes));
  while (!closed_) {
    out_.clear();
    add_control_frames();
    const std::size_t frames = lane_->queue.take(out_, kWriteBytes, control_);
    if (out_.empty()) {
      co_await wait_for_cancel(wake_);
      continue;
    }
    boost::system::error_code error;
    writing_since_ = SteadyClock::now();
    co_await asio::async_write(stream_, asio::buffer(out_), into(error));
    writing_since_.reset();
    if (error) {
      close(stream_error(Errc::kClosed, error, "writing"));
      break;
    }
    lane_->frames_out += frames;
    lane_->bytes_out += out_.size();
  }
}

void Link::close(Error reason) {
  if (closed_) return;
  closed_ = true;
  reason_ = std::move(reason);
  boost::system::error_code ignored;
  resolver_.cancel();
  stream_.next_layer().close(ignored);
  wake_.cancel();
  resume_.cancel();
}

void Link::set_paused(bool paused) {
  if (paused_ == paused) return;
  paused_ = paused;
  if (paused) return;
  // The peer is not to blame for the time in which we did not listen.
  heard_ = SteadyClock::now();
  if (frame_since_) frame_since_ = heard_;
  resume_.cancel();
}

std::optional<Error> Link::overdue(SteadyTime now) const {
  if (!up_) {
    if (now - started_ < milliseconds(limits_.handshake_timeout_ms)) return std::nullopt;
    return Error{Errc::kTimeout, "handshake"};
  }
  if (writing_since_ && now - *writing_since_ >= milliseconds(limits_.write_timeout_ms)) {
    return Error{Errc::kTimeout, "the peer does not read"};
  }
  if (paused_) return std::nullopt;
  if (frame_since_ && now - *frame_since_ >= milliseconds(limits_.frame_timeout_ms)) {
    return Error{Errc::kTimeout, "stalled inside a frame"};
  }
  if (now - heard_ >= milliseconds(limits_.silence_timeout_ms)) {
    return Error{Errc::kTimeout, "silent"};
  }
  return std::nullopt;
}

void Link::tick(SteadyTime now) {
  if (closed_) return;
  if (auto late = overdue(now)) return close(std::move(*late));
  if (!up_ || now - pinged_ < milliseconds(limits_.ping_interval_ms)) return;
  pinged_ = now;
  ping_due_ = true;
  wake();
}

}  // namespace sanad::network
