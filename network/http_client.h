// A small blocking HTTP/1.1 client for the command line: one connection, kept alive.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "network/result.h"

namespace sanad::network {

struct HttpClientOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  bool tls = false;
  std::string
      trusted_certificate;  // PEM: the server's or its authority's; empty: the system's list
  std::uint64_t connect_timeout_ms = 5'000;
  std::uint64_t request_timeout_ms = 150'000;  // from the first byte sent to the last one received
  std::size_t response_bytes_max = 64u << 20;
};

struct HttpCall {
  std::string method = "GET";
  std::string target = "/";  // path and query, percent-encoded (see percent_encode)
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string content_type = {};  // empty: no body header
  std::string body = {};
  // A kept connection may have been closed by the server: a call that may safely be sent twice is
  // then repeated once on a new one. GET and HEAD always may.
  bool repeatable = false;
};

struct HttpAnswer {
  unsigned status = 0;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

// Not thread-safe: one client per thread.
class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options);
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  // Any answer of the server, whatever its status, is a value. kConnectFailed, kClosed, kTimeout,
  // kTlsFailed, kHttpMalformed, kHttpBodyTooLong with the address in the text.
  Result<HttpAnswer> call(const HttpCall& call);

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

// A path segment or query value: everything but unreserved characters (RFC 3986 §2.3) as %XX.
std::string percent_encode(std::string_view text);

}  // namespace sanad::network
