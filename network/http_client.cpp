#include "network/http_client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "network/io_core.h"
#include "network/tls.h"

namespace sanad::network {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;
using Request = http::request<http::string_body>;
using ResponseParser = http::response_parser<http::string_body>;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string text_of(beast::string_view text) { return {text.data(), text.size()}; }

Errc errc_of(const boost::system::error_code& error, Errc otherwise) {
  if (error == beast::error::timeout) return Errc::kTimeout;
  if (error == http::error::body_limit) return Errc::kHttpBodyTooLong;
  if (error == http::error::end_of_stream || error == asio::error::eof ||
      error == asio::error::connection_reset || error == asio::error::broken_pipe) {
    return Errc::kClosed;
  }
  return otherwise;
}

}  // namespace

// One connection at a time; every call runs its own little event loop to the end.
class HttpClient::Connection {
 public:
  explicit Connection(HttpClientOptions options) : options_(std::move(options)) {}

  Result<HttpAnswer> call(const HttpCall& call) {
    const bool kept = stream_.has_value();
    Result<HttpAnswer> answer = attempt(call);
    const bool may_repeat = call.repeatable || call.method == "GET" || call.method == "HEAD";
    if (!answer && kept && may_repeat && answer.error() == Errc::kClosed) answer = attempt(call);
    return answer;
  }

 private:
  struct Stream {
    Stream(asio::io_context& context, asio::ssl::context* tls_context) : tcp(context) {
      if (tls_context != nullptr) tls.emplace(tcp, *tls_context);
    }
    beast::tcp_stream tcp;
    std::optional<asio::ssl::stream<beast::tcp_stream&>> tls;
    beast::flat_buffer buffer;
  };

  std::string where() const { return options_.host + " port " + std::to_string(options_.port); }
  Error error(Errc otherwise, const boost::system::error_code& code, std::string_view doing) const {
    const Errc kind = errc_of(code, otherwise);
    std::string text = where() + ", " + std::string(doing);
    if (kind != Errc::kTimeout) text += ": " + code.message();
    return Error{kind, std::move(text)};
  }

  Result<HttpAnswer> attempt(const HttpCall& call) {
    if (options_.tls && !tls_) {
      SANAD_TRY(TlsContext made, make_client_context(options_.trusted_certificate));
      tls_.emplace(made.release());
    }
    std::optional<Result<HttpAnswer>> answer;
    context_.restart();
    spawn(context_.get_executor(),
          [](Connection* self, const HttpCall* what,
             std::optional<Result<HttpAnswer>>* out) -> asio::awaitable<void> {
            out->emplace(co_await self->exchange(*what));
          }(this, &call, &answer));
    context_.run();
    assert(answer);
    if (!*answer) stream_.reset();
    return std::move(*answer);
  }

  asio::awaitable<Result<HttpAnswer>> exchange(const HttpCall& call) {
    if (!stream_) {
      const Status connected = co_await connect();
      if (!connected) co_return connected.error();
    }
    stream_->tcp.expires_after(milliseconds(options_.request_timeout_ms));
    const Request request = make_request(call);
    const auto sent = co_await write(request);
    if (sent) co_return error(Errc::kClosed, sent, "sending");
    ResponseParser parser;
    parser.header_limit(16u << 10);
    parser.body_limit(options_.response_bytes_max);
    parser.skip(call.method == "HEAD");
    const auto got = co_await read(parser);
    if (got) co_return error(Errc::kHttpMalformed, got, "reading the answer");
    HttpAnswer answer = take(parser);
    if (!parser.keep_alive()) stream_.reset();
    co_return answer;
  }

  asio::awaitable<Status> connect() {
    stream_.emplace(context_, tls_ ? &*tls_ : nullptr);
    auto& tcp = stream_->tcp;
    boost::system::error_code code;
    tcp.expires_after(milliseconds(options_.connect_timeout_ms));
    const auto numeric = asio::ip::make_address(options_.host, code);
    if (!code) {
      co_await tcp.async_connect({numeric, options_.port}, into(code));
    } else {
      Tcp::resolver resolver(context_);
      const std::string port = std::to_string(options_.port);
      const auto found = co_await resolver.async_resolve(options_.host, port, into(code));
      if (code) co_return error(Errc::kBadAddress, code, "resolving");
      co_await tcp.async_connect(found, into(code));
    }
    if (code) {
      const Errc kind = code == beast::error::timeout ? Errc::kTimeout : Errc::kConnectFailed;
      co_return Error{kind, where() + ": " + code.message()};
    }
    tcp.socket().set_option(Tcp::no_delay(true), code);
    if (stream_->tls) {
      stream_->tls->set_verify_callback(asio::ssl::host_name_verification(options_.host), code);
      co_await stream_->tls->async_handshake(asio::ssl::stream_base::client, into(code));
      if (code) co_return error(Errc::kTlsFailed, code, "TLS");
    }
    co_return Status{};
  }

  Request make_request(const HttpCall& call) const {
    Request request;
    request.version(11);
    request.method_string(call.method);
    request.target(call.target);
    request.set(http::field::host, options_.host + ":" + std::to_string(options_.port));
    for (const auto& [name, value] : call.headers) request.insert(name, value);
    if (!call.content_type.empty()) request.set(http::field::content_type, call.content_type);
    request.body() = call.body;
    request.prepare_payload();
    return request;
  }

  asio::awaitable<boost::system::error_code> write(const Request& request) {
    boost::system::error_code code;
    if (stream_->tls) {
      co_await http::async_write(*stream_->tls, request, into(code));
    } else {
      co_await http::async_write(stream_->tcp, request, into(code));
    }
    co_return code;
  }

  asio::awaitable<boost::system::error_code> read(ResponseParser& parser) {
    boost::system::error_code code;
    if (stream_->tls) {
      co_await http::async_read(*stream_->tls, stream_->buffer, parser, into(code));
    } else {
      co_await http::async_read(stream_->tcp, stream_->buffer, parser, into(code));
    }
    co_return code;
  }

  static HttpAnswer take(ResponseParser& parser) {
    auto& message = parser.get();
    HttpAnswer answer;
    answer.status = message.result_int();
    answer.content_type = text_of(message[http::field::content_type]);
    for (const auto& field : message) {
      answer.headers.emplace_back(lower(text_of(field.name_string())), text_of(field.value()));
    }
    answer.body = std::move(message.body());
    return answer;
  }

  HttpClientOptions options_;
  asio::io_context context_{1};
  std::optional<asio::ssl::context> tls_;
  std::optional<Stream> stream_;
};

HttpClient::HttpClient(HttpClientOptions options)
    : connection_(std::make_unique<Connection>(std::move(options))) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<HttpAnswer> HttpClient::call(const HttpCall& call) { return connection_->call(call); }

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || c == '-' || c == '.' || c == '_' || c == '~') {
      result += c;
    } else {
      result += '%';
      result += kHex[byte >> 4];
      result += kHex[byte & 15];
    }
  }
  return result;
}

}  // namespace sanad::network
