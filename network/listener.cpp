#include "network/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace sanad::network {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

std::optional<SocketAddress> numeric_address(const std::string& host, std::uint16_t port) {
  SocketAddress address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  if (inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof(sockaddr_in);
    return address;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.size = sizeof(sockaddr_in6);
    return address;
  }
  return std::nullopt;
}

Error listen_error(const std::string& what) {
  return Error{Errc::kListenFailed, what + ": " + std::strerror(errno)};
}

// Reads back which address the kernel gave.
Result<ListenSocket> bound(ListenSocket socket) {
  SocketAddress address;
  address.size = sizeof(address.storage);
  auto* raw = reinterpret_cast<sockaddr*>(&address.storage);
  if (getsockname(socket.fd(), raw, &address.size) != 0) {
    return listen_error("descriptor " + std::to_string(socket.fd()));
  }
  char text[INET6_ADDRSTRLEN] = {};
  std::uint16_t port = 0;
  if (address.storage.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
    inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
    port = ntohs(v4->sin_port);
  } else if (address.storage.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
    inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
    port = ntohs(v6->sin6_port);
  } else {
    return Error{Errc::kListenFailed,
                 "descriptor " + std::to_string(socket.fd()) + " is not a TCP socket"};
  }
  return ListenSocket(socket.release(), text, port);
}

Result<ListenSocket> adopt(int fd) {
  const std::string name = "inherited descriptor " + std::to_string(fd);
  int listening = 0;
  socklen_t size = sizeof(listening);
  if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0) return listen_error(name);
  if (listening == 0) return Error{Errc::kListenFailed, name + " is not a listening socket"};
  if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) return listen_error(name);
  return bound(ListenSocket(fd, "", 0));
}

}  // namespace

ListenSocket::ListenSocket(int fd, std::string host, std::uint16_t port)
    : fd_(fd), host_(std::move(host)), port_(port) {}

ListenSocket::~ListenSocket() {
  if (fd_ >= 0) close(fd_);
}

ListenSocket::ListenSocket(ListenSocket&& other) noexcept
    : fd_(other.release()), host_(std::move(other.host_)), port_(other.port_) {}

ListenSocket& ListenSocket::operator=(ListenSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(host_, other.host_);
  std::swap(port_, other.port_);
  return *this;
}

int ListenSocket::release() { return std::exchange(fd_, -1); }

Result<ListenSocket> open_listener(const ListenAddress& address) {
  if (address.inherited_fd >= 0) return adopt(address.inherited_fd);
  const auto numeric = numeric_address(address.host, address.port);
  if (!numeric) {
    return Error{Errc::kBadAddress,
                 "\"" + address.host + "\" is not a numeric address to listen on"};
  }
  const std::string name = address.host + " port " + std::to_string(address.port);
  const int fd = socket(numeric->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return listen_error(name);
  ListenSocket socket(fd, address.host, address.port);
  // A restarted node takes its port back although old connections still linger in TIME_WAIT.
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(fd, numeric->get(), numeric->size) != 0) return listen_error(name);
  if (listen(fd, SOMAXCONN) != 0) return listen_error(name);
  return bound(std::move(socket));
}

bool is_loopback(const std::string& host) {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

unsigned inherited_listeners() {
  const auto number = [](const char* name) -> long {
    const char* text = std::getenv(name);
    if (text == nullptr) return -1;
    long value = -1;
    const char* end = text + std::strlen(text);
    const auto parsed = std::from_chars(text, end, value);
    return parsed.ec == std::errc{} && parsed.ptr == end ? value : -1;
  };
  if (number("LISTEN_PID") != static_cast<long>(getpid())) return 0;
  const long count = number("LISTEN_FDS");
  return count > 0 && count <= 16 ? static_cast<unsigned>(count) : 0;
}

}  // namespace sanad::network
