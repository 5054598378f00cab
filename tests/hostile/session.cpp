#include "tests/hostile/session.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace sanad::hostile {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kDeadlineMs = 30'000;

int left_ms(Clock::time_point end) {
  const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now()).count();
  return left > 0 ? static_cast<int>(left) : 0;
}

}  // namespace

void require(bool condition, const std::string& what) {
  if (!condition) throw Failed(what);
}

Bytes wire(network::FrameKind kind, ByteView payload) {
  Bytes bytes;
  crypto::append(bytes, network::frame_head(kind, payload.size()));
  crypto::append(bytes, payload);
  return bytes;
}

// ------------------------------------------------------------------------------ Socket

Socket::Socket(const network::PeerAddress& address)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  require(fd_ >= 0, "no socket");
  const timeval deadline{.tv_sec = kDeadlineMs / 1000, .tv_usec = 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline));
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof(deadline));
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(address.port);
  require(inet_pton(AF_INET, address.host.c_str(), &to.sin_addr) == 1, "address " + address.host);
  require(connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0,
          "nobody listens at port " + std::to_string(address.port));
}

Socket::~Socket() { close(fd_); }

bool Socket::send(ByteView bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Socket::closes_within(int ms) const {
  const auto end = Clock::now() + milliseconds(ms);
  std::array<char, 4096> piece{};
  while (true) {
    pollfd one{fd_, POLLIN, 0};
    if (poll(&one, 1, left_ms(end)) <= 0) return false;
    if (recv(fd_, piece.data(), piece.size(), 0) <= 0) return true;
  }
}

// ----------------------------------------------------------------------------- Session

Session::Session(const network::PeerAddress& address, SSL_CTX* context)
    : socket_(address), ssl_(SSL_new(context)) {
  require(ssl_ != nullptr, "no TLS session");
  SSL_set_fd(ssl_.get(), socket_.fd());
  SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

bool Session::handshake() {
  ERR_clear_error();
  const bool done = SSL_connect(ssl_.get()) == 1;
  if (!done) note_end("no handshake");
  fcntl(socket_.fd(), F_SETFL, O_NONBLOCK);
  return done;
}

crypto::Hash Session::binding() {
  const auto value = network::session_binding(ssl_.get());
  require(value.ok(), "no exporter value");
  return *value;
}

void Session::note_end(const char* otherwise) {
  if (ended()) return;
  const unsigned long code = ERR_get_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  end_ = reason == nullptr ? otherwise : reason;
}

void Session::wait(bool for_writing, int ms) {
  pollfd one{socket_.fd(), static_cast<short>(POLLIN | (for_writing ? POLLOUT : 0)), 0};
  poll(&one, 1, ms);
}

bool Session::write(ByteView bytes) {
  const auto end = Clock::now() + milliseconds(kDeadlineMs);
  writing_ = true;
  while (!bytes.empty() && !ended()) {
    ERR_clear_error();
    const int sent = SSL_write(ssl_.get(), bytes.data(),
                               static_cast<int>(std::min<std::size_t>(bytes.size(), 64u << 10)));
    if (sent > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
      continue;
    }
    const int error = SSL_get_error(ssl_.get(), sent);
    if (error != SSL_ERROR_WANT_WRITE && error != SSL_ERROR_WANT_READ) {
      note_end("closed while writing");
      break;
    }
    wait(true, 100);
    while (read_once()) {
    }
    require(Clock::now() < end, "the other side takes nothing for 30 s");
  }
  writing_ = false;
  return !ended();
}

bool Session::read_once() {
  if (ended()) return false;
  Bytes bytes(16u << 10);
  ERR_clear_error();
  const int size = SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  if (size <= 0) {
    const int error = SSL_get_error(ssl_.get(), size);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) note_end("closed");
    return false;
  }
  std::vector<network::Frame> frames;
  require(parser_.feed(ByteView(bytes).first(static_cast<std::size_t>(size)), frames).ok(),
          "the victim sent what is no frame");
  take(std::move(frames));
  return true;
}

void Session::take(std::vector<network::Frame> frames) {
  for (network::Frame& frame : frames) {
    switch (frame.kind) {
      case network::FrameKind::kHello:
        greeted_ = true;
        break;
      case network::FrameKind::kMessage:
        messages_.push_back(std::move(frame.payload));
        break;
      case network::FrameKind::kPing:
        pings_.push_back(std::move(frame.payload));
        break;
      case network::FrameKind::kPong:
        flushed_ = crypto::read_u64be(frame.payload);
        break;
    }
  }
}

void Session::read(int wait_ms) {
  if (ended()) return;
  if (SSL_pending(ssl_.get()) == 0 && wait_ms > 0) wait(false, wait_ms);
  while (read_once()) {
  }
  for (const Bytes& ping : std::exchange(pings_, {})) {
    if (lively && !writing_) frame(network::FrameKind::kPong, ping);
  }
}

bool Session::flush(int limit_ms) {
  const auto end = Clock::now() + milliseconds(limit_ms);
  Bytes number;
  crypto::append_u64be(number, ++flushes_);
  frame(network::FrameKind::kPing, number);
  while (!ended() && flushed_ != flushes_ && Clock::now() < end) read(50);
  return flushed_ == flushes_;
}

bool Session::ends_within(int ms) {
  const auto end = Clock::now() + milliseconds(ms);
  while (!ended() && Clock::now() < end) read(50);
  return ended();
}

}  // namespace sanad::hostile
