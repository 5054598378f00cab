// HTTP/1.1 server (RFC 9110, RFC 9112) for the API. Strict by design: what two implementations
// could read in two ways is refused (HOSTILE 92–94, 99). Bodies need a Content-Length; transfer
// codings are not taken (411).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "network/io.h"
#include "network/listener.h"
#include "network/result.h"

namespace sanad::network {

using TextPair = std::pair<std::string, std::string>;

struct HttpRequest {
  std::string method;  // upper case; HEAD arrives as GET, the body is left out for it
  std::string path;    // as received, without the query
  std::vector<std::string>
      segments;                   // of the path, percent-decoded, clean UTF-8; never "." or ".."
  std::vector<TextPair> query;    // decoded, in order
  std::vector<TextPair> headers;  // names in lower case, in order; values trimmed
  Bytes body;

  // The first value of that name; null if there is none.
  [[nodiscard]] const std::string* header(std::string_view lower_case_name) const;
  [[nodiscard]] const std::string* query_value(std::string_view name) const;
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  std::vector<TextPair> headers = {};  // more of them; values without control characters
};

// An RFC 9457 problem document without members of its own: status, its title, and `detail`.
HttpResponse http_problem(unsigned status, std::string_view detail);

// What is decided from the head alone, before a byte of the body is read.
struct Admission {
  std::size_t body_bytes_max = 0;            // a longer body is answered with 413
  std::optional<HttpResponse> refusal = {};  // answer this instead, and do not read the body
};

// Answers a request once, from any thread, now or later; later calls do nothing. When the last copy
// goes without an answer, the client gets 500. A client that is gone by then is no error.
class HttpReply {
 public:
  class State;
  explicit HttpReply(std::shared_ptr<State> state) : state_(std::move(state)) {}

  void operator()(HttpResponse response) const;
  // Calls `gone` on the I/O thread, within moments, if the client closes its side before it is
  // answered: for whoever keeps something for it. REQUIRES: called on the I/O thread, once.
  void when_gone(std::function<void()> gone) const;

 private:
  std::shared_ptr<State> state_;
};

// Both run on the I/O thread and must not block or throw.
struct HttpCallbacks {
  std::function<Admission(const HttpRequest& head)> admit;  // head.body is empty
  std::function<void(HttpRequest request, HttpReply reply)> handle;
};

struct HttpLimits {
  std::size_t head_bytes_max = 8192;         // request line and fields: 431 above
  std::size_t fields_max = 64;               // 431 above
  std::size_t connections_max = 1024;        // one more displaces the one that waits longest for
                                             // its client's bytes, else is answered with 503
  std::size_t requests_max = 512;            // from the whole body to the answer: 503 above
  std::size_t bodies_bytes_max = 64u << 20;  // of all requests together: 503 above, and
                                             // a body that is slow makes way
  std::uint64_t idle_timeout_ms = 60'000;    // between requests
  std::uint64_t head_timeout_ms = 5'000;     // from the first byte of a head to its last; TLS too
  std::uint64_t body_timeout_ms = 20'000;    // the whole body
  std::uint64_t write_timeout_ms = 20'000;   // the whole answer
  std::uint64_t reply_timeout_ms = 120'000;  // until `reply` is called: 504 then
  std::uint64_t gone_poll_ms = 250;          // between looks whether a client still waits
};

// PEM texts.
struct HttpTls {
  std::string certificate_chain;
  std::string private_key;
};

struct HttpServerOptions {
  ListenAddress listen;
  std::optional<HttpTls> tls;  // TLS 1.3; without it only loopback addresses are served
  HttpLimits limits;
};

// kPlainOutside if the address is not loopback and there is no certificate, kBadAddress,
// kTlsFailed. For checking a configuration before anything starts; HttpServer::start checks again.
Status check(const HttpServerOptions& options);

struct HttpStats {
  std::uint64_t connections = 0, requests = 0;  // open now
  std::uint64_t accepted = 0, answered = 0;     // since the start
  std::uint64_t refused = 0;                    // answered by the server itself, not by `handle`
  std::uint64_t displaced = 0, timed_out = 0;   // connections
};

// Thread-safe.
class HttpServer {
 public:
  // `io` must outlive the server.
  static Result<std::unique_ptr<HttpServer>> start(IoThread& io, HttpServerOptions options,
                                                   HttpCallbacks callbacks);
  // stop().
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] HttpStats stats() const;
  // Closes the socket and all connections; no callback starts afterwards. Replies that come later
  // do nothing. Idempotent.
  void stop();

 private:
  class State;
  explicit HttpServer(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace sanad::network
