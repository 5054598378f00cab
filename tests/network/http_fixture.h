// A server on loopback with a few routes, for the HTTP tests.
#pragma once

#include <catch2/catch.hpp>
#include <future>
#include <mutex>

#include "network/http_client.h"
#include "network/http_server.h"
#include "tests/network/eventually.h"
#include "tests/network/raw_socket.h"

namespace sanad::tests {

// Routes: /echo answers with the method and body, /later keeps the reply for the test to give,
// /drop never answers, /large?n=N answers with N bytes, /secret is refused before its body is read,
// /bad answers with a header that would split the response. Bodies of at most 1000 bytes.
class WebServer {
 public:
  explicit WebServer(const std::function<void(network::HttpServerOptions&)>& change = [](auto&) {
  }) {
    network::HttpServerOptions options;
    change(options);
    network::HttpCallbacks callbacks;
    callbacks.admit = [](const network::HttpRequest& head) { return admit(head); };
    callbacks.handle = [this](network::HttpRequest request, network::HttpReply reply) {
      handle(std::move(request), std::move(reply));
    };
    auto started = network::HttpServer::start(io_, std::move(options), std::move(callbacks));
    if (!started) FAIL(started.error().message());
    server_ = std::move(*started);
  }
  ~WebServer() { stop(); }

  void stop() {
    server_->stop();
    io_.stop();
  }

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] network::IoThread& io() { return io_; }
  [[nodiscard]] network::HttpStats stats() const { return server_->stats(); }
  network::HttpClient client() {
    network::HttpClientOptions options;
    options.port = port();
    return network::HttpClient(options);
  }

  // The replies that /later has kept so far.
  std::vector<network::HttpReply> kept() {
    const std::scoped_lock lock(mutex_);
    return kept_;
  }
  void forget_kept() {
    const std::scoped_lock lock(mutex_);
    kept_.clear();
  }

  // Runs `work` on the I/O thread, after timers of up to `delay_ms`, and waits for it.
  void on_io(std::uint64_t delay_ms, const std::function<void()>& work) {
    std::promise<void> done;
    io_.after(delay_ms, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  // The server still answers somebody else.
  bool alive() {
    const auto answer = client().call({.target = "/echo"});
    return answer.ok() && answer->status == 200;
  }

 private:
  static network::Admission admit(const network::HttpRequest& head) {
    if (head.segments == std::vector<std::string>{"secret"}) {
      return {.body_bytes_max = 0, .refusal = network::http_problem(401, "no token")};
    }
    return {.body_bytes_max = 1000};
  }
  void handle(network::HttpRequest request, network::HttpReply reply) {
    const std::string route = request.segments.empty() ? "" : request.segments[0];
    if (route == "later") {
      const std::scoped_lock lock(mutex_);
      kept_.push_back(std::move(reply));
      return;
    }
    if (route == "drop") return;
    network::HttpResponse response;
    response.content_type = "text/plain";
    response.body = request.method + " " + std::string(crypto::as_text(request.body));
    if (route == "large") response.body.assign(std::stoul(*request.query_value("n")), 'L');
    if (route == "bad") response.headers.emplace_back("X-Bad", "a\r\nInjected: yes");
    reply(std::move(response));
  }

  std::mutex mutex_;
  std::vector<network::HttpReply> kept_;
  network::IoThread io_;
  std::unique_ptr<network::HttpServer> server_;
};

}  // namespace sanad::tests
