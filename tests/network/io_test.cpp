#include "network/io.h"

#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <future>

#include "network/listener.h"
#include "tests/network/eventually.h"

using namespace sanad::network;
using sanad::tests::eventually;

TEST_CASE("Posted work runs in order on the one thread") {
  IoThread io;
  std::promise<std::vector<int>> done;
  std::vector<int> order;
  for (int i = 0; i < 1000; ++i) {
    io.post([&, i] {
      order.push_back(i);
      if (i == 999) done.set_value(order);
    });
  }
  const auto result = done.get_future().get();
  for (int i = 0; i < 1000; ++i) REQUIRE(result[static_cast<std::size_t>(i)] == i);
  CHECK_FALSE(io.is_current());
  std::promise<bool> current;
  io.post([&] { current.set_value(io.is_current()); });
  CHECK(current.get_future().get());
}

TEST_CASE("Timers run once, in order of their times, unless they are cancelled") {
  IoThread io;
  std::promise<std::vector<int>> done;
  std::vector<int> order;
  io.post([&] {
    io.after(30, [&] {
      order.push_back(3);
      done.set_value(order);
    });
    const auto cancelled = io.after(20, [&] { order.push_back(2); });
    io.after(10, [&, cancelled] {
      order.push_back(1);
      io.cancel(cancelled);
    });
  });
  CHECK(done.get_future().get() == std::vector<int>{1, 3});
}

TEST_CASE("Timers can be set and cancelled from any thread") {
  IoThread io;
  std::atomic<int> fired = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto timer = io.after(60'000, [&] { ++fired; });
    io.after(1, [&] { ++fired; });
    io.cancel(timer);
    io.cancel(timer);
  }
  REQUIRE(eventually([&] { return fired == 1000; }));
}

TEST_CASE("After stop nothing runs any more") {
  std::atomic<bool> ran = false;
  IoThread io;
  io.after(60'000, [&] { ran = true; });
  io.stop();
  io.post([&] { ran = true; });
  io.stop();
  CHECK_FALSE(ran);
}

TEST_CASE("The kernel chooses a port, and it can be taken back at once") {
  auto first = open_listener({});
  REQUIRE(first.ok());
  CHECK(first->port() > 0);
  CHECK(first->host() == "127.0.0.1");
  ListenAddress again;
  again.port = first->port();
  CHECK(open_listener(again).error() == Errc::kListenFailed);
  *first = ListenSocket();
  CHECK(open_listener(again).ok());
}

TEST_CASE("Only listening stream sockets are inherited") {
  auto socket = open_listener({});
  REQUIRE(socket.ok());
  ListenAddress inherited;
  inherited.inherited_fd = socket->release();
  const auto adopted = open_listener(inherited);
  REQUIRE(adopted.ok());
  CHECK(adopted->port() == socket->port());

  inherited.inherited_fd = ::socket(AF_INET, SOCK_STREAM, 0);
  CHECK(open_listener(inherited).error().message().find("not a listening socket") !=
        std::string::npos);
  close(inherited.inherited_fd);
  CHECK_FALSE(open_listener(inherited).ok());
  CHECK(open_listener({.host = "example", .port = 0, .inherited_fd = -1}).error() ==
        Errc::kBadAddress);
}

TEST_CASE("LISTEN_FDS counts only where it is meant for this process") {
  setenv("LISTEN_FDS", "2", 1);
  setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
  CHECK(inherited_listeners() == 2);
  setenv("LISTEN_PID", "1", 1);
  CHECK(inherited_listeners() == 0);
  setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
  for (const char* bad : {"", "-1", "2x", "99999"}) {
    setenv("LISTEN_FDS", bad, 1);
    CHECK(inherited_listeners() == 0);
  }
  unsetenv("LISTEN_FDS");
  unsetenv("LISTEN_PID");
  CHECK(inherited_listeners() == 0);
}
