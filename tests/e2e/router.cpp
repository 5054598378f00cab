// Joins network namespaces of its own by a user-space router that delays and loses IP packets, so
// that the kernel's own TCP has to live with both. Linux, root (or CAP_SYS_ADMIN and
// CAP_NET_ADMIN), /dev/net/tun.
//
//   router SEED MEMBERS
//
// Member i gets a namespace with a TUN device, address 10.77.0.(i + 1). It prints for each
// "i PID FD": the namespace is /proc/PID/fd/FD for whoever wants to enter (nsenter --net=…). They
// have no name in the file system and are gone with the last process in them. Then it takes orders
// on standard input (command_line.h), answers "ok" or "no", and ends when standard input does.
//
//   delay F T US JITTER_US   one way, packets of one direction stay in order
//   loss F T PPM             each packet is lost with this chance, in millionths
//   cut F T · mend F T       all packets are lost until mended
//   count F T                answers "PACKETS LOST OVERFLOWED" so far
//
// One thread. A direction holds at most kHeldMax bytes, then it loses what comes.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <deque>
#include <iostream>
#include <random>

#include "tests/e2e/command_line.h"

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr std::size_t kMembersMax = 13;
constexpr std::size_t kHeldMax = 8U << 20U;
constexpr std::size_t kPacketMax = 2048;
constexpr int kMtu = 1500;
constexpr int kDeviceQueue = 10'000;  // packets; full ones would be a loss that nobody ordered
constexpr std::uint64_t kMillion = 1'000'000;
constexpr std::uint32_t kNet = 0x0A4D0000;  // 10.77.0.0/24

[[noreturn]] void give_up(const std::string& what) {
  std::cerr << "router: " << what << ": " << std::strerror(errno) << '\n';
  std::exit(3);
}

// An ioctl on a device's settings, by way of any socket of the namespace.
void configure(int socket, unsigned long request, ifreq& device, const char* what) {
  if (::ioctl(socket, request, &device) != 0) give_up(what);
}

sockaddr address_of(std::uint32_t address) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(address);
  sockaddr out{};
  std::memcpy(&out, &in, sizeof(out));
  return out;
}

// A namespace with loopback and one TUN device. This thread is in it afterwards.
struct Place {
  int space = -1;   // the namespace
  int device = -1;  // its packets

  explicit Place(std::size_t member) {
    if (::unshare(CLONE_NEWNET) != 0) give_up("a network namespace");
    space = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    device = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (space < 0 || device < 0) give_up("/dev/net/tun");
    ifreq tun{};
    std::strncpy(tun.ifr_name, "sanad0", IFNAMSIZ - 1);
    tun.ifr_flags = IFF_TUN | IFF_NO_PI;
    configure(device, TUNSETIFF, tun, "TUNSETIFF");
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    tun.ifr_mtu = kMtu;
    configure(socket, SIOCSIFMTU, tun, "MTU");
    tun.ifr_qlen = kDeviceQueue;
    configure(socket, SIOCSIFTXQLEN, tun, "queue length");
    tun.ifr_addr = address_of(kNet + static_cast<std::uint32_t>(member) + 1);
    configure(socket, SIOCSIFADDR, tun, "address");
    tun.ifr_netmask = address_of(0xFFFFFF00);
    configure(socket, SIOCSIFNETMASK, tun, "netmask");
    up(socket, tun);
    ifreq loopback{};
    std::strncpy(loopback.ifr_name, "lo", IFNAMSIZ - 1);
    up(socket, loopback);
    ::close(socket);
  }

 private:
  static void up(int socket, ifreq& device) {
    configure(socket, SIOCGIFFLAGS, device, "flags");
    device.ifr_flags |= IFF_UP | IFF_RUNNING;
    configure(socket, SIOCSIFFLAGS, device, "up");
  }
};

struct Packet {
  Clock::time_point due;
  std::string bytes;
};

// One direction of a pair.
struct Road {
  microseconds delay{0};
  std::uint64_t jitter_us = 0;
  std::uint64_t loss_ppm = 0;
  bool cut = false;
  std::deque<Packet> waiting;
  Clock::time_point last_due;
  std::size_t held = 0;
  std::uint64_t passed = 0, lost = 0, overflowed = 0;
};

class Router {
 public:
  Router(std::uint64_t seed, std::size_t members) : random_(seed) {
    for (std::size_t i = 0; i < members; ++i) {
      places_.emplace_back(i);
      std::cout << i << ' ' << ::getpid() << ' ' << places_.back().space << '\n';
    }
    roads_.resize(members * members);
    std::cout << "ready" << std::endl;
  }

  void run() {
    std::vector<pollfd> watched;
    for (const Place& place : places_) watched.push_back({place.device, POLLIN, 0});
    watched.push_back({STDIN_FILENO, POLLIN, 0});
    while (true) {
      const timespec wait = until_next();
      if (::ppoll(watched.data(), watched.size(), &wait, nullptr) < 0 && errno != EINTR) {
        give_up("ppoll");
      }
      for (std::size_t i = 0; i < places_.size(); ++i) {
        if (watched[i].revents != 0) take_packets(i);
      }
      if (watched.back().revents != 0 && !take_orders()) return;
      deliver();
    }
  }

 private:
  Road& road(std::size_t from, std::size_t to) { return roads_[from * places_.size() + to]; }

  void take_packets(std::size_t from) {
    std::array<char, kPacketMax> bytes{};
    while (true) {
      const ssize_t size = ::read(places_[from].device, bytes.data(), bytes.size());
      if (size < 0) return;
      // RFC 791: version in the first four bits, destination in bytes 16 to 19.
      if (size < 20 || (static_cast<unsigned char>(bytes[0]) >> 4U) != 4) continue;
      std::uint32_t destination = 0;
      std::memcpy(&destination, bytes.data() + 16, sizeof(destination));
      const std::uint32_t to = ntohl(destination) - kNet - 1;
      if (to >= places_.size() || to == from) continue;
      hold(road(from, to), {bytes.data(), static_cast<std::size_t>(size)});
    }
  }

  void hold(Road& road, std::string_view bytes) {
    if (road.cut || random_() % kMillion < road.loss_ppm) {
      ++road.lost;
      return;
    }
    if (road.held + bytes.size() > kHeldMax) {
      ++road.overflowed;
      return;
    }
    const std::uint64_t late = road.jitter_us == 0 ? 0 : random_() % (road.jitter_us + 1);
    const auto due = Clock::now() + road.delay + microseconds(static_cast<std::int64_t>(late));
    road.last_due = std::max(road.last_due, due);
    road.held += bytes.size();
    road.waiting.push_back({road.last_due, std::string(bytes)});
  }

  void deliver() {
    const auto now = Clock::now();
    for (std::size_t from = 0; from < places_.size(); ++from) {
      for (std::size_t to = 0; to < places_.size(); ++to) {
        Road& one = road(from, to);
        while (!one.waiting.empty() && one.waiting.front().due <= now) {
          const std::string& bytes = one.waiting.front().bytes;
          const bool sent = ::write(places_[to].device, bytes.data(), bytes.size()) > 0;
          ++(sent ? one.passed : one.overflowed);
          one.held -= bytes.size();
          one.waiting.pop_front();
        }
      }
    }
  }

  [[nodiscard]] timespec until_next() const {
    auto next = Clock::now() + std::chrono::seconds(1);
    for (const Road& one : roads_) {
      if (!one.waiting.empty()) next = std::min(next, one.waiting.front().due);
    }
    const auto left = std::max(Clock::duration::zero(), next - Clock::now());
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
    return {ns / 1'000'000'000, ns % 1'000'000'000};
  }

  // False once standard input has ended.
  bool take_orders() {
    std::array<char, 512> bytes{};
    const ssize_t size = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (size <= 0) return false;
    input_.append(bytes.data(), static_cast<std::size_t>(size));
    for (std::size_t end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
      std::cout << take(input_.substr(0, end)) << std::endl;
      input_.erase(0, end + 1);
    }
    return true;
  }

  std::string take(const std::string& line) {
    const auto order = sanad::tests::parse_order(line, places_.size());
    if (!order) return "no";
    Road& one = road(order->from, order->to);
    const auto& n = order->numbers;
    if (order->word == "count" && n.empty()) {
      return std::to_string(one.passed) + ' ' + std::to_string(one.lost) + ' ' +
             std::to_string(one.overflowed);
    }
    if (order->word == "delay" && n.size() == 2) {
      one.delay = microseconds(n[0]);
      one.jitter_us = n[1];
    } else if (order->word == "loss" && n.size() == 1 && n[0] <= kMillion) {
      one.loss_ppm = n[0];
    } else if ((order->word == "cut" || order->word == "mend") && n.empty()) {
      one.cut = order->word == "cut";
    } else {
      return "no";
    }
    return "ok";
  }

  std::mt19937_64 random_;
  std::vector<Place> places_;
  std::vector<Road> roads_;
  std::string input_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const std::size_t members = words.size() == 2 ? std::stoull(words[1]) : 0;
  if (members < 1 || members > kMembersMax) {
    std::cerr << "router SEED MEMBERS (1 to " << kMembersMax << ")\n";
    return 2;
  }
  Router(std::stoull(words[0]), members).run();
  return 0;
}
