// Sockets that say whatever a test wants, with or without TLS. Blocking; every wait has a deadline.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

#include "network/tls.h"
#include "tests/network/eventually.h"

namespace sanad::tests {

class RawSocket {
 public:
  explicit RawSocket(std::uint16_t port, int receive_buffer_bytes = 0)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    REQUIRE(fd_ >= 0);
    if (receive_buffer_bytes > 0) {
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof(int));
    }
    const timeval deadline{.tv_sec = kDeadline.count(), .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline));
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof(deadline));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  }
  ~RawSocket() {
    if (fd_ >= 0) close(fd_);
  }
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  [[nodiscard]] int fd() const { return fd_; }

  // False once the other side has closed.
  bool send(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // Everything until the other side closes; fails the test if it does not.
  [[nodiscard]] std::string read_to_end() const {
    std::string all;
    char piece[4096];
    while (true) {
      const ssize_t size = recv(fd_, piece, sizeof(piece), 0);
      if (size == 0 || (size < 0 && errno == ECONNRESET)) return all;
      REQUIRE(size > 0);  // a deadline
      all.append(piece, static_cast<std::size_t>(size));
    }
  }
  // Reads until `text` has come; false if the other side closes first.
  bool read_until(std::string_view text, std::string& all) const {
    char piece[4096];
    while (all.find(text) == std::string::npos) {
      const ssize_t size = recv(fd_, piece, sizeof(piece), 0);
      if (size <= 0) return false;
      all.append(piece, static_cast<std::size_t>(size));
    }
    return true;
  }

 private:
  int fd_;
};

// A TLS client over a RawSocket. The context is the attacker's choice.
class RawTls {
 public:
  RawTls(std::uint16_t port, SSL_CTX* context) : socket_(port), session_(SSL_new(context)) {
    REQUIRE(session_ != nullptr);
    SSL_set_fd(session_, socket_.fd());
  }
  ~RawTls() { SSL_free(session_); }
  RawTls(const RawTls&) = delete;
  RawTls& operator=(const RawTls&) = delete;

  bool handshake() { return SSL_connect(session_) == 1; }
  bool send(const crypto::Bytes& bytes) {
    return SSL_write(session_, bytes.data(), static_cast<int>(bytes.size())) > 0;
  }
  // The next bytes; empty once the connection has ended.
  crypto::Bytes read_some() {
    crypto::Bytes bytes(16 << 10);
    const int size = SSL_read(session_, bytes.data(), static_cast<int>(bytes.size()));
    bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return bytes;
  }
  void read_to_end() {
    while (!read_some().empty()) {
    }
  }
  SSL* session() { return session_; }
  const RawSocket& socket() const { return socket_; }

 private:
  RawSocket socket_;
  SSL* session_;
};

}  // namespace sanad::tests
