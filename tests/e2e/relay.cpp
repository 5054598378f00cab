// Stands between validators and plays the network: every byte of a pair's TCP connection passes
// through here, late, in bursts, one way only, or not at all. TLS is end to end, so bytes are all
// it sees.
//
//   relay SEED MEMBERS DIALLER:LISTENER:PORT…
//
// For each pair it listens on loopback, prints "DIALLER LISTENER ITS-OWN-PORT", and connects
// whoever dials to 127.0.0.1:PORT. Then it takes orders on standard input (command_line.h), answers
// each with "ok" or "no", and ends when standard input does.
//
//   delay F T US JITTER_US   one way; each piece takes from US to US + JITTER_US. In order, always
//   stall F T MS             nothing arrives for so long, then all at once
//   cut F T · mend F T       nothing arrives until mended; the connection stays
//   reset F T                the pair's connections break, both ways
//   refuse F T · accept F T  the same, and new ones are refused until `accept`
//
// One thread. A direction of a connection holds at most kHeldMax bytes; then it stops reading.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <iostream>
#include <memory>
#include <random>

#include "tests/e2e/command_line.h"

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr std::size_t kReadMax = 64U << 10U;
constexpr std::size_t kHeldMax = 8U << 20U;

// What one direction of a pair suffers now.
struct Weather {
  microseconds delay{0};
  std::uint64_t jitter_us = 0;
  bool cut = false;
  Clock::time_point stalled_until;
};

// One direction of one connection. Callbacks hold the connection that it is part of.
class Flow {
 public:
  Flow(tcp::socket& from, tcp::socket& to, const Weather& weather, std::mt19937_64& random)
      : from_(from), to_(to), weather_(weather), random_(random), timer_(from.get_executor()) {}

  template <class Owner>
  void read(std::shared_ptr<Owner> owner) {
    if (reading_ || ended_ || held_ >= kHeldMax) return;
    reading_ = true;
    in_.resize(kReadMax);
    from_.async_read_some(asio::buffer(in_), [this, owner](error_code error, std::size_t size) {
      reading_ = false;
      ended_ = static_cast<bool>(error);
      // An end travels like a byte: the other side learns of it as late as of what came before.
      hold(std::string(in_.data(), error ? 0 : size));
      deliver(owner);
      read(owner);
    });
  }

  template <class Owner>
  void deliver(std::shared_ptr<Owner> owner) {
    if (writing_ || waiting_.empty() || weather_.cut) return;
    const auto due = std::max(waiting_.front().due, weather_.stalled_until);
    if (due > Clock::now()) {
      timer_.expires_at(due);
      timer_.async_wait([this, owner](error_code error) {
        if (!error) deliver(owner);
      });
      return;
    }
    if (waiting_.front().bytes.empty()) return owner->close();
    writing_ = true;
    asio::async_write(to_, asio::buffer(waiting_.front().bytes),
                      [this, owner](error_code error, std::size_t size) {
                        writing_ = false;
                        if (error) return owner->close();
                        held_ -= size;
                        waiting_.pop_front();
                        read(owner);
                        deliver(owner);
                      });
  }

  void stop() { timer_.cancel(); }

 private:
  struct Piece {
    Clock::time_point due;
    std::string bytes;
  };

  void hold(std::string bytes) {
    const std::uint64_t late = weather_.jitter_us == 0 ? 0 : random_() % (weather_.jitter_us + 1);
    const auto due = Clock::now() + weather_.delay + microseconds(static_cast<std::int64_t>(late));
    last_due_ = std::max(last_due_, due);
    held_ += bytes.size();
    waiting_.push_back({last_due_, std::move(bytes)});
  }

  tcp::socket& from_;
  tcp::socket& to_;
  const Weather& weather_;
  std::mt19937_64& random_;
  asio::steady_timer timer_;
  std::string in_;
  std::deque<Piece> waiting_;
  Clock::time_point last_due_;
  std::size_t held_ = 0;
  bool reading_ = false;
  bool writing_ = false;
  bool ended_ = false;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket dialler, asio::io_context& context, const std::array<Weather, 2>& weather,
             std::mt19937_64& random)
      : dialler_(std::move(dialler)),
        listener_(context),
        there_(dialler_, listener_, weather[0], random),
        back_(listener_, dialler_, weather[1], random) {}

  void start(const tcp::endpoint& target) {
    listener_.async_connect(target, [self = shared_from_this()](error_code error) {
      if (error) return self->close();
      error_code ignored;  // a connection that is gone already is found out by the first read
      self->dialler_.set_option(tcp::no_delay(true), ignored);
      self->listener_.set_option(tcp::no_delay(true), ignored);
      self->there_.read(self);
      self->back_.read(self);
    });
  }
  // The weather has changed.
  void look_again() {
    there_.stop();
    back_.stop();
    there_.deliver(shared_from_this());
    back_.deliver(shared_from_this());
  }
  void close() {
    error_code ignored;
    dialler_.close(ignored);
    listener_.close(ignored);
    there_.stop();
    back_.stop();
  }

 private:
  tcp::socket dialler_;
  tcp::socket listener_;
  Flow there_;
  Flow back_;
};

// Two members, the one that dials first.
class Pair {
 public:
  Pair(asio::io_context& context, std::array<std::size_t, 2> members, std::uint16_t target,
       std::mt19937_64& random)
      : context_(context),
        members_(members),
        target_(asio::ip::address_v4::loopback(), target),
        acceptor_(context, {asio::ip::address_v4::loopback(), 0}),
        random_(random) {
    accept();
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  [[nodiscard]] bool joins(std::size_t a, std::size_t b) const {
    return (members_[0] == a && members_[1] == b) || (members_[0] == b && members_[1] == a);
  }
  bool take(const sanad::tests::Order& order) {
    Weather& weather = weather_[order.from == members_[0] ? 0 : 1];
    const auto& n = order.numbers;
    if (order.word == "delay" && n.size() == 2) {
      weather.delay = microseconds(n[0]);
      weather.jitter_us = n[1];
    } else if (order.word == "stall" && n.size() == 1) {
      weather.stalled_until = Clock::now() + std::chrono::milliseconds(n[0]);
    } else if (order.word == "cut" && n.empty()) {
      weather.cut = true;
    } else if (order.word == "mend" && n.empty()) {
      weather.cut = false;
    } else if (order.word == "reset" && n.empty()) {
      reset();
    } else if ((order.word == "refuse" || order.word == "accept") && n.empty()) {
      refusing_ = order.word == "refuse";
      if (refusing_) reset();
    } else {
      return false;
    }
    for (const auto& one : alive()) one->look_again();
    return true;
  }

 private:
  void accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (!error && !refusing_) {
        const auto made =
            std::make_shared<Connection>(std::move(socket), context_, weather_, random_);
        std::erase_if(connections_, [](const auto& one) { return one.expired(); });
        connections_.push_back(made);
        made->start(target_);
      }
      accept();
    });
  }
  std::vector<std::shared_ptr<Connection>> alive() {
    std::vector<std::shared_ptr<Connection>> found;
    for (const auto& one : connections_) {
      if (auto held = one.lock()) found.push_back(std::move(held));
    }
    return found;
  }
  void reset() {
    for (const auto& one : alive()) one->close();
  }

  asio::io_context& context_;
  std::array<std::size_t, 2> members_;
  tcp::endpoint target_;
  tcp::acceptor acceptor_;
  std::mt19937_64& random_;
  std::array<Weather, 2> weather_;
  std::vector<std::weak_ptr<Connection>> connections_;
  bool refusing_ = false;
};

class Relay {
 public:
  Relay(std::uint64_t seed, std::size_t members) : random_(seed), members_(members) {}

  // "DIALLER:LISTENER:PORT"
  bool add(const std::string& text) {
    std::istringstream in(text);
    std::array<std::size_t, 2> who{};
    std::uint16_t port = 0;
    char colon = 0;
    char second = 0;
    if (!(in >> who[0] >> colon >> who[1] >> second >> port) || colon != ':' || second != ':' ||
        who[0] >= members_ || who[1] >= members_ || who[0] == who[1]) {
      return false;
    }
    pairs_.push_back(std::make_unique<Pair>(context_, who, port, random_));
    std::cout << who[0] << ' ' << who[1] << ' ' << pairs_.back()->port() << '\n';
    return true;
  }
  void run() {
    std::cout << "ready" << std::endl;
    read_order();
    context_.run();
  }

 private:
  void read_order() {
    asio::async_read_until(input_, line_, '\n', [this](error_code error, std::size_t) {
      if (error) return context_.stop();
      std::istream in(&line_);
      std::string line;
      std::getline(in, line);
      std::cout << (take(line) ? "ok" : "no") << std::endl;
      read_order();
    });
  }
  bool take(const std::string& line) {
    const auto order = sanad::tests::parse_order(line, members_);
    if (!order) return false;
    for (const auto& pair : pairs_) {
      if (pair->joins(order->from, order->to)) return pair->take(*order);
    }
    return false;
  }

  asio::io_context context_{1};
  asio::posix::stream_descriptor input_{context_, STDIN_FILENO};
  asio::streambuf line_;
  std::mt19937_64 random_;
  std::size_t members_;
  std::vector<std::unique_ptr<Pair>> pairs_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 3) {
    std::cerr << "relay SEED MEMBERS DIALLER:LISTENER:PORT…\n";
    return 2;
  }
  Relay relay(std::stoull(words[0]), std::stoull(words[1]));
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (relay.add(words[i])) continue;
    std::cerr << "relay: no pair: " << words[i] << '\n';
    return 2;
  }
  relay.run();
  return 0;
}
