// One connection of the HTTP server: heads, bodies and answers in turn. Knows nothing of the others
// but the budget that they share.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <mutex>

#include "network/http_head.h"
#include "network/io_core.h"

namespace sanad::network {

// What the connections of one server share.
struct HttpShared {
  HttpLimits limits;
  HttpCallbacks callbacks;
  std::atomic<std::uint64_t> requests = 0, bodies_bytes = 0;
  std::atomic<std::uint64_t> answered = 0, refused = 0, timed_out = 0;
  // Closes the session that has waited longest, and for more than a moment, for a body.
  std::function<bool()> displace_slow_body;
  [[nodiscard]] bool has_room(std::size_t body_bytes) const;

  std::mutex mutex;      // held while a reply is passed to the I/O thread
  bool stopped = false;  // guarded by mutex: nothing may be posted afterwards
};

// Lives on the I/O thread, except deliver(). Every wait ends when it is closed.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  using Tcp = asio::ip::tcp;

  // Without `tls` the connection is plain.
  HttpSession(Tcp::socket socket, asio::ssl::context* tls, std::shared_ptr<HttpShared> shared);

  // Serves requests until the connection ends.
  asio::awaitable<void> run();
  void close();
  [[nodiscard]] bool closed() const { return closed_; }
  // Since when the session has waited for bytes of its client; nothing while it serves.
  [[nodiscard]] std::optional<SteadyTime> waiting_since() const { return waiting_since_; }

  // A share of the budget for bodies is taken, by a body that may still be on its way.
  [[nodiscard]] bool holds_body() const { return holds_body_; }

  // The answer to request number `turn`; ignored if that is no longer the current one. Any thread.
  void deliver(std::uint64_t turn, HttpResponse response);

 private:
  class Ticket;
  [[nodiscard]] bool client_is_gone();
  asio::awaitable<bool> serve_one();
  asio::awaitable<bool> serve(HttpHead head);
  asio::awaitable<bool> make_room(std::size_t body_bytes);
  void note_timeout(const Error& error);
  asio::awaitable<Result<HttpHead>> read_head();
  asio::awaitable<Status> read_body(HttpHead& head);
  asio::awaitable<HttpResponse> await_reply(HttpRequest request);
  asio::awaitable<bool> refuse(const HttpHead& head, HttpResponse response);
  asio::awaitable<bool> answer(HttpResponse response, bool head_only, bool keep_alive);
  asio::awaitable<void> drain();
  asio::awaitable<Result<std::size_t>> read_some(std::uint8_t* into_bytes, std::size_t size);
  template <class Message>
  asio::awaitable<Status> write(Message& message, bool head_only);
  template <class Buffer>
  asio::awaitable<Status> write_raw(Buffer buffer);
  void expire_in(std::uint64_t timeout_ms);

  boost::beast::tcp_stream tcp_;
  std::optional<asio::ssl::stream<boost::beast::tcp_stream&>> tls_;
  std::shared_ptr<HttpShared> shared_;
  asio::steady_timer reply_timer_;
  std::optional<HttpResponse> reply_;
  std::uint64_t turn_ = 0;
  bool closed_ = false;
  bool holds_body_ = false;
  std::optional<SteadyTime> waiting_since_ = SteadyClock::now();
  Bytes buffered_;  // received and not used: at most a head, plus what came with it
};

}  // namespace sanad::network
