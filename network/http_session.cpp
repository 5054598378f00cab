#include "network/http_session.h"

#include <netinet/tcp.h>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "crypto/codec.h"

namespace sanad::network {
namespace {

namespace http = boost::beast::http;
using boost::beast::error;

constexpr std::size_t kReadBytes = 16u << 10;
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
// After a refusal, so much of what the client still sends is read, that it may see the answer: a
// socket that is closed with unread bytes resets the connection.
constexpr std::size_t kDrainBytesMax = 1u << 20;
constexpr std::uint64_t kDrainTimeoutMs = 1'000;

Error read_error(const boost::system::error_code& code) {
  if (code == error::timeout) return Error{Errc::kTimeout};
  return Error{Errc::kClosed, code.message()};
}

// A LF without its CR will never become a well-formed head: no need to wait for more.
bool has_bare_line_feed(std::string_view text) {
  for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    if (at == 0 || text[at - 1] != '\r') return true;
  }
  return false;
}

bool is_clean(const HttpResponse& response) {
  const auto clean = [](const std::string& text) { return crypto::is_clean_text(text); };
  return clean(response.content_type) &&
         std::all_of(response.headers.begin(), response.headers.end(),
                     [&](const TextPair& pair) { return clean(pair.first) && clean(pair.second); });
}

HttpResponse busy() {
  HttpResponse response = http_problem(503, "too many requests are being served");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace

// One request's reply: given once, or 500 when everybody has let go of it.
class HttpReply::State {
 public:
  State(std::weak_ptr<HttpSession> session, std::uint64_t turn)
      : session_(std::move(session)), turn_(turn) {}
  ~State() {
    if (!given_) give(http_problem(500, "the request was not answered"));
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void give(HttpResponse response) {
    if (given_.exchange(true)) return;
    if (const auto session = session_.lock()) session->deliver(turn_, std::move(response));
  }
  void when_gone(std::function<void()> gone) { gone_ = std::move(gone); }
  void client_gone() {
    if (!given_.exchange(true) && gone_) gone_();
  }

 private:
  std::weak_ptr<HttpSession> session_;
  std::uint64_t turn_;
  std::atomic<bool> given_ = false;
  std::function<void()> gone_;
};

void HttpReply::operator()(HttpResponse response) const { state_->give(std::move(response)); }
void HttpReply::when_gone(std::function<void()> gone) const { state_->when_gone(std::move(gone)); }

// A body's share of the budget, and later its request's.
class HttpSession::Ticket {
 public:
  Ticket(HttpSession& session, std::size_t body_bytes)
      : session_(session), body_bytes_(body_bytes) {
    session_.shared_->bodies_bytes += body_bytes_;
    session_.holds_body_ = body_bytes_ > 0;
  }
  ~Ticket() {
    HttpShared& shared = *session_.shared_;
    shared.bodies_bytes -= body_bytes_;
    shared.requests -= served_ ? 1 : 0;
    session_.holds_body_ = false;
  }
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

  // The body is there; false if too many requests are being served.
  bool begin_serving() {
    HttpShared& shared = *session_.shared_;
    served_ = shared.requests < shared.limits.requests_max;
    shared.requests += served_ ? 1 : 0;
    return served_;
  }

 private:
  HttpSession& session_;
  std::size_t body_bytes_;
  bool served_ = false;
};

bool HttpShared::has_room(std::size_t body_bytes) const {
  return requests < limits.requests_max && body_bytes <= limits.bodies_bytes_max &&
         bodies_bytes <= limits.bodies_bytes_max - body_bytes;
}

HttpSession::HttpSession(Tcp::socket socket, asio::ssl::context* tls,
                         std::shared_ptr<HttpShared> shared)
    : tcp_(std::move(socket)), shared_(std::move(shared)), reply_timer_(tcp_.get_executor()) {
  if (tls != nullptr) tls_.emplace(tcp_, *tls);
}

void HttpSession::expire_in(std::uint64_t timeout_ms) {
  tcp_.expires_after(milliseconds(timeout_ms));
}

asio::awaitable<void> HttpSession::run() {
  boost::system::error_code error;
  tcp_.socket().set_option(Tcp::no_delay(true), error);
  if (tls_) {
    expire_in(shared_->limits.head_timeout_ms);
    co_await tls_->async_handshake(asio::ssl::stream_base::server, into(error));
    if (error) note_timeout(read_error(error));
  }
  bool more = !error;
  while (more && !closed_) more = co_await serve_one();
  if (!error && !closed_) co_await drain();
  close();
}

asio::awaitable<bool> HttpSession::serve_one() {
  waiting_since_ = SteadyClock::now();
  Result<HttpHead> head = co_await read_head();
  if (!head) {
    note_timeout(head.error());
    if (head.error() == Errc::kTimeout || head.error() == Errc::kClosed) co_return false;
    ++shared_->refused;
    HttpResponse problem = http_problem(status_of(head.error()), head.error().message());
    co_return co_await answer(std::move(problem), false, false);
  }
  Admission admission = shared_->callbacks.admit(head->request);
  if (closed_) co_return false;
  if (admission.refusal) co_return co_await refuse(*head, std::move(*admission.refusal));
  if (head->content_length > admission.body_bytes_max) {
    const std::string limit = std::to_string(admission.body_bytes_max);
    HttpResponse problem = http_problem(413, "at most " + limit + " bytes are taken here");
    co_return co_await refuse(*head, std::move(problem));
  }
  const bool room = co_await make_room(head->content_length);
  if (!room) co_return co_await refuse(*head, busy());
  co_return co_await serve(std::move(*head));
}

asio::awaitable<bool> HttpSession::serve(HttpHead head) {
  Ticket ticket(*this, head.content_length);
  const Status body = co_await read_body(head);
  if (!body) {
    note_timeout(body.error());
    co_return false;
  }
  if (!ticket.begin_serving()) {
    ++shared_->refused;
    co_return co_await answer(busy(), head.head_only, head.keep_alive);
  }
  waiting_since_.reset();
  HttpResponse response = co_await await_reply(std::move(head.request));
  if (closed_) co_return false;
  if (!is_clean(response)) response = http_problem(500, "the answer had an unusable header");
  ++shared_->answered;
  co_return co_await answer(std::move(response), head.head_only, head.keep_alive);
}

void HttpSession::note_timeout(const Error& error) {
  if (error == Errc::kTimeout) ++shared_->timed_out;
}

// Where slow bodies have used up the budget, the oldest of them makes way.
asio::awaitable<bool> HttpSession::make_room(std::size_t body_bytes) {
  if (shared_->has_room(body_bytes)) co_return true;
  if (!shared_->displace_slow_body()) co_return false;
  // The displaced session gives its share back as soon as its read has ended.
  co_await asio::post(tcp_.get_executor(), asio::use_awaitable);
  co_return shared_->has_room(body_bytes);
}

// Answers without having read the body, which therefore ends the connection unless there is none.
asio::awaitable<bool> HttpSession::refuse(const HttpHead& head, HttpResponse response) {
  ++shared_->refused;
  const bool keep_alive = head.keep_alive && head.content_length == 0;
  co_return co_await answer(std::move(response), head.head_only, keep_alive);
}

asio::awaitable<Result<std::size_t>> HttpSession::read_some(std::uint8_t* into_bytes,
                                                            std::size_t size) {
  boost::system::error_code error;
  const auto buffer = asio::buffer(into_bytes, size);
  std::size_t got = 0;
  if (tls_) {
    got = co_await tls_->async_read_some(buffer, into(error));
  } else {
    got = co_await tcp_.async_read_some(buffer, into(error));
  }
  if (error) co_return read_error(error);
  co_return got;
}

asio::awaitable<Result<HttpHead>> HttpSession::read_head() {
  const HttpLimits& limits = shared_->limits;
  expire_in(buffered_.empty() ? limits.idle_timeout_ms : limits.head_timeout_ms);
  while (true) {
    const std::string_view text = crypto::as_text(buffered_);
    const auto end = text.find(kHeadEnd);
    const auto head_bytes = end == std::string_view::npos ? text.size() : end + kHeadEnd.size();
    if (head_bytes > limits.head_bytes_max) {
      co_return Error{Errc::kHttpHeadTooLong,
                      "at most " + std::to_string(limits.head_bytes_max) + " bytes"};
    }
    if (end != std::string_view::npos) {
      Result<HttpHead> head = parse_head(text.substr(0, head_bytes), limits.fields_max);
      if (head)
        buffered_.erase(buffered_.begin(), buffered_.begin() + static_cast<long>(head_bytes));
      co_return head;
    }
    if (has_bare_line_feed(text)) {
      co_return Error{Errc::kHttpMalformed, "a line that ends in LF alone"};
    }
    const std::size_t before = buffered_.size();
    buffered_.resize(before + kReadBytes);
    const auto got = co_await read_some(buffered_.data() + before, kReadBytes);
    buffered_.resize(before + (got ? *got : 0));
    if (!got) co_return got.error();
    // The whole head must come in time, however its bytes trickle.
    if (before == 0) expire_in(limits.head_timeout_ms);
  }
}

asio::awaitable<Status> HttpSession::read_body(HttpHead& head) {
  Bytes& body = head.request.body;
  const std::size_t size = head.content_length;
  const std::size_t here = std::min(size, buffered_.size());
  body.assign(buffered_.begin(), buffered_.begin() + static_cast<long>(here));
  buffered_.erase(buffered_.begin(), buffered_.begin() + static_cast<long>(here));
  expire_in(shared_->limits.body_timeout_ms);
  if (head.expects_continue && here < size) {
    const Status told = co_await write_raw(asio::buffer(kContinue));
    if (!told) co_return told;
  }
  body.resize(size);
  for (std::size_t at = here; at < size;) {
    const auto got = co_await read_some(body.data() + at, size - at);
    if (!got) co_return got.error();
    at += *got;
  }
  co_return Status{};
}

asio::awaitable<HttpResponse> HttpSession::await_reply(HttpRequest request) {
  const HttpLimits& limits = shared_->limits;
  reply_.reset();
  tcp_.expires_never();
  const SteadyTime deadline = SteadyClock::now() + milliseconds(limits.reply_timeout_ms);
  auto given = std::make_shared<HttpReply::State>(weak_from_this(), ++turn_);
  const std::weak_ptr<HttpReply::State> asked = given;
  shared_->callbacks.handle(std::move(request), HttpReply(std::move(given)));
  // Replies are posted: none can come before this wait begins.
  for (SteadyTime now = SteadyClock::now(); !reply_ && !closed_ && now < deadline;
       now = SteadyClock::now()) {
    boost::system::error_code error;
    reply_timer_.expires_at(std::min(deadline, now + milliseconds(limits.gone_poll_ms)));
    co_await reply_timer_.async_wait(into(error));
    if (reply_ || closed_ || !client_is_gone()) continue;
    if (const auto state = asked.lock()) state->client_gone();
    close();
  }
  ++turn_;
  if (reply_) co_return std::move(*reply_);
  co_return http_problem(504, "no result in time");
}

// Nothing is read while a request is served, so it is the kernel that knows: what the client sent
// ahead may be a next request, but after its end there is nobody to answer.
bool HttpSession::client_is_gone() {
  tcp_info info{};
  socklen_t size = sizeof(info);
  const int asked = getsockopt(tcp_.socket().native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size);
  return asked == 0 && info.tcpi_state != TCP_ESTABLISHED;
}

void HttpSession::deliver(std::uint64_t turn, HttpResponse response) {
  const std::scoped_lock lock(shared_->mutex);
  if (shared_->stopped) return;
  asio::post(tcp_.get_executor(),
             [self = shared_from_this(), turn, given = std::move(response)]() mutable {
               if (self->turn_ != turn || self->closed_) return;
               self->reply_ = std::move(given);
               self->reply_timer_.cancel();
             });
}

template <class Buffer>
asio::awaitable<Status> HttpSession::write_raw(Buffer buffer) {
  boost::system::error_code error;
  if (tls_) {
    co_await asio::async_write(*tls_, buffer, into(error));
  } else {
    co_await asio::async_write(tcp_, buffer, into(error));
  }
  if (error) co_return read_error(error);
  co_return Status{};
}

template <class Message>
asio::awaitable<Status> HttpSession::write(Message& message, bool head_only) {
  boost::system::error_code error;
  http::response_serializer<http::string_body> serializer(message);
  serializer.split(head_only);
  if (tls_ && head_only) {
    co_await http::async_write_header(*tls_, serializer, into(error));
  } else if (tls_) {
    co_await http::async_write(*tls_, serializer, into(error));
  } else if (head_only) {
    co_await http::async_write_header(tcp_, serializer, into(error));
  } else {
    co_await http::async_write(tcp_, serializer, into(error));
  }
  // A close that the message itself announces is reported as an error of its kind.
  if (error && error != http::error::end_of_stream) co_return read_error(error);
  co_return Status{};
}

// True if the connection goes on.
asio::awaitable<bool> HttpSession::answer(HttpResponse response, bool head_only, bool keep_alive) {
  http::response<http::string_body> message;
  message.version(11);
  message.result(response.status);
  if (!response.body.empty()) message.set(http::field::content_type, response.content_type);
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  message.keep_alive(keep_alive);
  message.body() = std::move(response.body);
  message.prepare_payload();
  expire_in(shared_->limits.write_timeout_ms);
  waiting_since_ = SteadyClock::now();
  const Status written = co_await write(message, head_only);
  if (!written) note_timeout(written.error());
  co_return written.ok() && keep_alive;
}

asio::awaitable<void> HttpSession::drain() {
  waiting_since_ = SteadyClock::now();
  expire_in(kDrainTimeoutMs);
  boost::system::error_code error;
  if (tls_) co_await tls_->async_shutdown(into(error));
  tcp_.socket().shutdown(Tcp::socket::shutdown_send, error);
  buffered_.resize(kReadBytes);
  for (std::size_t total = 0; total < kDrainBytesMax && !error && !closed_;) {
    total += co_await tcp_.async_read_some(asio::buffer(buffered_), into(error));
  }
}

void HttpSession::close() {
  if (closed_) return;
  closed_ = true;
  waiting_since_.reset();
  tcp_.close();
  reply_timer_.cancel();
}

}  // namespace sanad::network
