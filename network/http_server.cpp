#include "network/http_server.h"

#include <set>

#include "network/http_session.h"
#include "network/tls.h"

namespace sanad::network {
namespace {

using Tcp = asio::ip::tcp;

// Sent at once, without a session, when even the connections are used up.
constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
    "Connection: close\r\n\r\n";

const std::string* find(const std::vector<TextPair>& pairs, std::string_view name) {
  for (const auto& [key, value] : pairs) {
    if (key == name) return &value;
  }
  return nullptr;
}

Status check_plain(const HttpServerOptions& options, const std::string& host) {
  if (options.tls || is_loopback(host)) return {};
  return Error{Errc::kPlainOutside, host};
}

// A body that takes longer than this is slow where others need its room.
constexpr std::chrono::milliseconds kSlowBody{1'000};

template <class Owner>
asio::awaitable<void> keeping(std::shared_ptr<Owner> owner, asio::awaitable<void> work) {
  co_await std::move(work);
  owner.reset();
}

}  // namespace

const std::string* HttpRequest::header(std::string_view lower_case_name) const {
  return find(headers, lower_case_name);
}

const std::string* HttpRequest::query_value(std::string_view name) const {
  return find(query, name);
}

Status check(const HttpServerOptions& options) {
  if (options.listen.inherited_fd < 0) {
    SANAD_TRY_STATUS(check_plain(options, options.listen.host));
  }
  if (options.tls) {
    SANAD_TRY_STATUS(make_server_context(options.tls->certificate_chain, options.tls->private_key));
  }
  return {};
}

// Everything but the counters lives on the I/O thread.
class HttpServer::State : public std::enable_shared_from_this<State> {
 public:
  State(IoThread& io, HttpLimits limits, HttpCallbacks callbacks)
      : io_(io),
        executor_(io.core().context.get_executor()),
        shared_(std::make_shared<HttpShared>()),
        acceptor_(executor_),
        accept_pause_(executor_) {
    shared_->limits = limits;
    shared_->callbacks = std::move(callbacks);
    shared_->displace_slow_body = [this] { return displace(true); };
  }

  void use_tls(TlsContext context) { tls_.emplace(context.release()); }
  Status begin(ListenSocket socket);
  void stop();
  HttpStats stats() const;
  std::uint16_t port() const { return port_; }
  IoThread& io() { return io_; }

 private:
  asio::awaitable<void> accept_loop();
  void accepted(Tcp::socket socket);
  bool displace(bool slow_body);
  asio::awaitable<void> serve(std::shared_ptr<HttpSession> session);

  IoThread& io_;
  const asio::any_io_executor executor_;
  const std::shared_ptr<HttpShared> shared_;
  std::optional<asio::ssl::context> tls_;
  Tcp::acceptor acceptor_;
  asio::steady_timer accept_pause_;
  std::uint16_t port_ = 0;
  bool stopped_ = false;
  std::set<std::shared_ptr<HttpSession>> sessions_;
  std::atomic<std::uint64_t> connections_ = 0, accepted_ = 0, displaced_ = 0;
};

Status HttpServer::State::begin(ListenSocket socket) {
  port_ = socket.port();
  const bool v6 = socket.host().find(':') != std::string::npos;
  boost::system::error_code error;
  acceptor_.assign(v6 ? Tcp::v6() : Tcp::v4(), socket.fd(), error);
  if (error) return Error{Errc::kListenFailed, error.message()};
  socket.release();
  spawn(executor_, keeping(shared_from_this(), accept_loop()));
  return {};
}

asio::awaitable<void> HttpServer::State::accept_loop() {
  while (!stopped_) {
    boost::system::error_code error;
    Tcp::socket socket(executor_);
    co_await acceptor_.async_accept(socket, into(error));
    if (stopped_) break;
    if (!error) {
      accepted(std::move(socket));
    } else if (error != asio::error::connection_aborted) {
      // Out of descriptors or memory: what is open goes on, and the next try may succeed.
      accept_pause_.expires_after(milliseconds(100));
      co_await accept_pause_.async_wait(into(error));
    }
  }
}

void HttpServer::State::accepted(Tcp::socket socket) {
  ++accepted_;
  if (sessions_.size() >= shared_->limits.connections_max && !displace(false)) {
    ++shared_->refused;
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    if (!tls_) socket.write_some(asio::buffer(kFull), ignored);
    return;
  }
  auto session = std::make_shared<HttpSession>(std::move(socket), tls_ ? &*tls_ : nullptr, shared_);
  sessions_.insert(session);
  connections_ = sessions_.size();
  spawn(executor_, keeping(shared_from_this(), serve(std::move(session))));
}

// Closes the session that has waited longest for its client. An honest client's bytes are there
// within moments, so that slow and idle ones cannot lock it out.
bool HttpServer::State::displace(bool slow_body) {
  const SteadyTime now = SteadyClock::now();
  auto oldest = sessions_.end();
  for (auto it = sessions_.begin(); it != sessions_.end(); ++it) {
    const auto since = (*it)->waiting_since();
    if (!since || (slow_body && (!(*it)->holds_body() || now - *since < kSlowBody))) continue;
    if (oldest == sessions_.end() || *since < *(*oldest)->waiting_since()) oldest = it;
  }
  if (oldest == sessions_.end()) return false;
  ++displaced_;
  (*oldest)->close();
  sessions_.erase(oldest);
  return true;
}

asio::awaitable<void> HttpServer::State::serve(std::shared_ptr<HttpSession> session) {
  co_await session->run();
  sessions_.erase(session);
  connections_ = sessions_.size();
}

void HttpServer::State::stop() {
  io_.core().run([this] {
    stopped_ = true;
    {
      const std::scoped_lock lock(shared_->mutex);
      shared_->stopped = true;
    }
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    accept_pause_.cancel();
    for (const auto& session : sessions_) session->close();
  });
}

HttpStats HttpServer::State::stats() const {
  return {.connections = connections_,
          .requests = shared_->requests,
          .accepted = accepted_,
          .answered = shared_->answered,
          .refused = shared_->refused,
          .displaced = displaced_,
          .timed_out = shared_->timed_out};
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(IoThread& io, HttpServerOptions options,
                                                      HttpCallbacks callbacks) {
  SANAD_TRY(ListenSocket socket, open_listener(options.listen));
  SANAD_TRY_STATUS(check_plain(options, socket.host()));
  auto state = std::make_shared<State>(io, options.limits, std::move(callbacks));
  if (options.tls) {
    SANAD_TRY(TlsContext context,
              make_server_context(options.tls->certificate_chain, options.tls->private_key));
    state->use_tls(std::move(context));
  }
  Status begun;
  io.core().run([&] { begun = state->begin(std::move(socket)); });
  if (!begun) return begun.error();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

HttpServer::HttpServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

HttpServer::~HttpServer() { stop(); }

std::uint16_t HttpServer::port() const { return state_->port(); }

HttpStats HttpServer::stats() const { return state_->stats(); }

void HttpServer::stop() { state_->stop(); }

}  // namespace sanad::network
