// One TLS connection of a member gone bad: says whatever it is told to, and remembers how the other
// side ended it. Every wait has a deadline. Not thread-safe.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <stdexcept>
#include <vector>

#include "network/frame.h"
#include "network/peer_mesh.h"
#include "network/tls.h"

namespace sanad::hostile {

using crypto::Bytes;
using crypto::ByteView;

// A case that could not do what it is for; ends it with its text.
struct Failed : std::runtime_error {
  using std::runtime_error::runtime_error;
};
void require(bool condition, const std::string& what);

// A frame's bytes in the stream.
Bytes wire(network::FrameKind kind, ByteView payload);

// A connected TCP socket. Throws Failed if nobody answers.
class Socket {
 public:
  explicit Socket(const network::PeerAddress& address);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] int fd() const { return fd_; }
  // False once the other side has closed.
  [[nodiscard]] bool send(ByteView bytes) const;
  // True if the other side closes within that time.
  [[nodiscard]] bool closes_within(int ms) const;

 private:
  int fd_;
};

class Session {
 public:
  // `context` is the attacker's choice and outlives the session.
  Session(const network::PeerAddress& address, SSL_CTX* context);

  // False if it does not come about on this side.
  bool handshake();
  [[nodiscard]] crypto::Hash binding();
  // Stream bytes; takes what arrives while it waits for room. False once the link has ended.
  bool write(ByteView bytes);
  bool frame(network::FrameKind kind, ByteView payload) { return write(wire(kind, payload)); }
  // Takes what has arrived and answers pings; waits that long for the first byte.
  void read(int wait_ms);
  // Messages taken so far; leaves none.
  std::vector<Bytes> messages() { return std::exchange(messages_, {}); }
  // Until everything sent so far was read by the other side. False if the link ended before.
  bool flush(int limit_ms);
  // False if it does not within that time.
  bool ends_within(int ms);

  [[nodiscard]] bool ended() const { return !end_.empty(); }
  [[nodiscard]] const std::string& end() const { return end_; }
  // The other side's hello has come.
  [[nodiscard]] bool greeted() const { return greeted_; }
  SSL* ssl() { return ssl_.get(); }
  // Whether pings are answered.
  bool lively = true;

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  void take(std::vector<network::Frame> frames);
  bool read_once();
  void note_end(const char* otherwise);
  void wait(bool for_writing, int ms);

  Socket socket_;
  std::unique_ptr<SSL, Free> ssl_;
  network::FrameParser parser_{8u << 20};
  std::vector<Bytes> messages_;
  std::vector<Bytes> pings_;  // to be answered
  std::uint64_t flushed_ = 0;
  std::uint64_t flushes_ = 0;
  bool greeted_ = false;
  bool writing_ = false;
  std::string end_;
};

}  // namespace sanad::hostile
