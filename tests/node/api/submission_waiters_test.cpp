// H80, C5: waiting costs nothing but memory, and that only while the client is there.
#include "node/api/submission_waiters.h"

#include <list>

#include "tests/network/http_fixture.h"

namespace sanad::tests {
namespace {

using network::HttpResponse;
using node::SubmissionWaiters;

crypto::Hash id_of(std::uint8_t number) { return crypto::Hash{{number}}; }

HttpResponse text(unsigned status, std::string body) {
  return {.status = status, .content_type = "text/plain", .body = std::move(body)};
}

// Clients that wait for submission 0, 1, … 9 in turn.
struct Waiting {
  explicit Waiting(std::size_t count, std::uint64_t wait_ms = 60'000)
      : waiters(server.io(), wait_ms) {
    for (std::size_t i = 0; i < count; ++i) {
      clients.emplace_back(server.port());
      REQUIRE(clients.back().send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n"));
      REQUIRE(eventually([&] { return server.kept().size() == i + 1; }));
      on_io([&] {
        waiters.add(id_of(static_cast<std::uint8_t>(i % 10)), server.kept()[i],
                    text(202, "pending " + std::to_string(i)),
                    [this, reply = server.kept()[i]](const auto& status) {
                      ++settled;
                      reply(text(200, "final " + std::to_string(status ? status->height : 0)));
                    });
      });
    }
    server.forget_kept();
  }
  ~Waiting() {
    waiters.stop();
    server.stop();
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  void on_io(const std::function<void()>& work) { server.on_io(0, work); }

  WebServer server;
  std::list<RawSocket> clients;
  SubmissionWaiters waiters;
  std::size_t settled = 0;  // I/O thread only
};

TEST_CASE("H80: who waits for a submission is answered when it is final, and nobody else") {
  Waiting waiting(20);
  std::size_t settled = 0;
  waiting.on_io([&] {
    chaincode::SubmissionStatus status;
    status.height = 1;
    waiting.waiters.settle(id_of(3), status);
    waiting.waiters.settle(id_of(33), status);
    settled = waiting.settled;
  });
  CHECK(settled == 2);
  auto client = waiting.clients.begin();
  std::advance(client, 3);
  std::string answers;
  CHECK(client->read_until("final 1", answers));
  std::advance(client, 10);
  answers.clear();
  CHECK(client->read_until("final 1", answers));
  REQUIRE(eventually([&] { return waiting.server.stats().requests == 18; }));
  CHECK(waiting.server.stats().answered == 2);
  CHECK(waiting.waiters.any());
}

TEST_CASE("H80: who waits in vain is told that it is pending") {
  Waiting waiting(1, 1);
  std::string answer;
  REQUIRE(waiting.clients.front().read_until("pending 0", answer));
  CHECK(answer.starts_with("HTTP/1.1 202 "));
  CHECK_FALSE(waiting.waiters.any());
}

TEST_CASE("H80: clients that are gone are not waited with") {
  Waiting waiting(8);
  REQUIRE(waiting.waiters.any());
  waiting.clients.clear();
  REQUIRE(eventually([&] { return !waiting.waiters.any(); }));
  REQUIRE(eventually([&] { return waiting.server.stats().requests == 0; }));
}

}  // namespace
}  // namespace sanad::tests
