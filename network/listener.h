// Listening TCP sockets as file descriptors, so that a parent process can open them and a child
// inherit them (systemd's LISTEN_FDS protocol: the first one is descriptor 3).
#pragma once

#include <string>

#include "network/result.h"

namespace sanad::network {

// Where to listen. An inherited descriptor wins over the address.
struct ListenAddress {
  std::string host = "127.0.0.1";  // a numeric IPv4 or IPv6 address
  std::uint16_t port = 0;          // 0: the kernel chooses
  int inherited_fd = -1;           // a bound, listening stream socket that becomes ours
};

// An open listening socket, closed when destroyed. Move-only.
class ListenSocket {
 public:
  ListenSocket() = default;
  ListenSocket(int fd, std::string host, std::uint16_t port);
  ~ListenSocket();
  ListenSocket(ListenSocket&& other) noexcept;
  ListenSocket& operator=(ListenSocket&& other) noexcept;
  ListenSocket(const ListenSocket&) = delete;
  ListenSocket& operator=(const ListenSocket&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Gives the descriptor away, e.g. to a child process.
  int release();

 private:
  int fd_ = -1;
  std::string host_;
  std::uint16_t port_ = 0;
};

// Opens the socket, or adopts and checks the inherited one (kBadAddress, kListenFailed). The
// descriptor is closed on exec; a parent clears that flag for a child that is to inherit it.
Result<ListenSocket> open_listener(const ListenAddress& address);

// True for numeric addresses of 127.0.0.0/8 and ::1.
bool is_loopback(const std::string& host);

// The descriptors that a parent passed in the environment (LISTEN_PID, LISTEN_FDS): how many there
// are, from descriptor 3 on; 0 where none were passed to this process.
unsigned inherited_listeners();

}  // namespace sanad::network
