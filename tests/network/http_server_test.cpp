#include "network/http_server.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <list>
#include <thread>

#include "tests/network/http_fixture.h"

using namespace sanad;
using namespace sanad::network;
using namespace sanad::tests;
using namespace std::string_literals;

namespace {

// Sends the text as it is and gives all that comes back until the server closes.
std::string answers_of(const WebServer& server, std::string_view text) {
  const RawSocket socket(server.port());
  socket.send(text);
  return socket.read_to_end();
}

bool starts_with_status(const std::string& answer, unsigned status) {
  return answer.starts_with("HTTP/1.1 " + std::to_string(status) + " ");
}

std::string pem_of(const std::function<int(BIO*)>& write) {
  BIO* bio = BIO_new(BIO_s_mem());
  REQUIRE(write(bio) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(bio);
  return pem;
}

// A certificate for 127.0.0.1 that ends in 2050.
HttpTls certificate() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* made = X509_new();
  X509_set_version(made, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
  ASN1_TIME_set_string(X509_getm_notBefore(made), "20200101000000Z");
  ASN1_TIME_set_string(X509_getm_notAfter(made), "20500101000000Z");
  X509_NAME* name = X509_get_subject_name(made);
  const auto* text = reinterpret_cast<const unsigned char*>("test");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
  X509_set_issuer_name(made, name);
  X509_EXTENSION* address =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
  REQUIRE(address != nullptr);
  X509_add_ext(made, address, -1);
  X509_EXTENSION_free(address);
  X509_set_pubkey(made, key);
  REQUIRE(X509_sign(made, key, EVP_sha256()) > 0);
  HttpTls tls;
  tls.certificate_chain = pem_of([&](BIO* bio) { return PEM_write_bio_X509(bio, made); });
  tls.private_key = pem_of([&](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  X509_free(made);
  EVP_PKEY_free(key);
  return tls;
}

}  // namespace

TEST_CASE("Requests are answered, over one connection after another's answer") {
  WebServer server;
  HttpClient client = server.client();
  for (int i = 0; i < 50; ++i) {
    HttpCall call{.method = "POST", .target = "/echo", .content_type = "text/plain"};
    call.body = std::string(static_cast<std::size_t>(i), 'b');
    const auto answer = client.call(call);
    if (!answer) FAIL(answer.error().message());
    CHECK(answer->status == 200);
    CHECK(answer->content_type == "text/plain");
    CHECK(answer->body == "POST " + call.body);
  }
  CHECK(server.stats().accepted == 1);
  CHECK(server.stats().answered == 50);
}

TEST_CASE("HEAD gives the head of GET, and the connection goes on") {
  WebServer server;
  HttpClient client = server.client();
  const auto head = client.call({.method = "HEAD", .target = "/large?n=5000"});
  REQUIRE(head.ok());
  CHECK(head->body.empty());
  bool length = false;
  for (const auto& [name, value] : head->headers) {
    length = length || (name == "content-length" && value == "5000");
  }
  CHECK(length);
  CHECK(client.call({.target = "/large?n=5000"})->body.size() == 5000);
  CHECK(server.stats().accepted == 1);
}

TEST_CASE("A reply may come later, from any thread, once") {
  WebServer server;
  std::optional<Result<HttpAnswer>> answer;
  std::thread asking([&] { answer = server.client().call({.target = "/later"}); });
  const bool arrived = eventually([&] { return server.kept().size() == 1; });
  if (arrived) {
    const HttpReply reply = server.kept()[0];
    reply({.status = 202, .content_type = "text/plain", .body = "done"});
    reply({.status = 500, .content_type = "text/plain", .body = "again"});
  }
  asking.join();
  REQUIRE(arrived);
  REQUIRE((answer && answer->ok()));
  CHECK((*answer)->status == 202);
  CHECK((*answer)->body == "done");
}

TEST_CASE("A request that nobody answers gets 500, one answered too late 504") {
  WebServer server([](HttpServerOptions& options) { options.limits.reply_timeout_ms = 100; });
  CHECK(server.client().call({.target = "/drop"})->status == 500);
  HttpClient client = server.client();
  CHECK(client.call({.target = "/later"})->status == 504);
  server.kept()[0]({.status = 200, .content_type = "", .body = "too late"});
  CHECK(client.call({.target = "/echo"})->body == "GET ");
}

TEST_CASE("F80: a client that is gone when its reply comes harms nobody") {
  WebServer server;
  {
    const RawSocket socket(server.port());
    socket.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
    REQUIRE(eventually([&] { return server.kept().size() == 1; }));
  }
  server.kept()[0]({.status = 200, .content_type = "", .body = "nobody"});
  REQUIRE(eventually([&] { return server.stats().requests == 0; }));
  CHECK(server.alive());
  // And a reply that comes after the server's end does nothing.
  const RawSocket socket(server.port());
  socket.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(eventually([&] { return server.kept().size() == 2; }));
  server.stop();
  server.kept()[1]({.status = 200, .content_type = "", .body = "nobody"});
}

TEST_CASE("H80: a client that is gone while it waits holds nothing any more") {
  const bool tls = GENERATE(false, true);
  WebServer server([tls](HttpServerOptions& options) {
    options.limits.requests_max = 1;
    if (tls) options.tls = certificate();
  });
  const std::string request = "GET /later HTTP/1.1\r\nHost: a\r\n\r\n";
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                            SSL_CTX_free);
  std::optional<RawTls> secured;
  std::optional<RawSocket> plain;
  if (tls) {
    secured.emplace(server.port(), context.get());
    REQUIRE(secured->handshake());
    REQUIRE(secured->send(Bytes(request.begin(), request.end())));
  } else {
    plain.emplace(server.port());
    REQUIRE(plain->send(request));
  }
  REQUIRE(eventually([&] { return server.kept().size() == 1; }));
  std::atomic<bool> gone = false;
  server.on_io(0, [&] { server.kept()[0].when_gone([&] { gone = true; }); });
  CHECK(server.stats().requests == 1);
  secured.reset();
  plain.reset();
  REQUIRE(eventually([&] { return server.stats().requests == 0; }));
  CHECK(gone);
  server.kept()[0]({.status = 200, .content_type = "", .body = "nobody"});
  if (!tls) CHECK(server.alive());
}

TEST_CASE("A client that waits is not taken for gone, whatever it sends ahead") {
  WebServer server([](HttpServerOptions& options) { options.limits.gone_poll_ms = 1; });
  const RawSocket socket(server.port());
  REQUIRE(
      socket.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n"
                  "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"));
  REQUIRE(eventually([&] { return server.kept().size() == 1; }));
  server.on_io(20, [] {});  // it was looked at before this
  CHECK(server.stats().requests == 1);
  server.kept()[0]({.status = 200, .content_type = "a/b", .body = "done"});
  std::string answers;
  REQUIRE(socket.read_until("GET ", answers));
  CHECK(answers.find("done") != std::string::npos);
}

TEST_CASE("Routes decide from the head: refusals and body limits come before the body is read") {
  WebServer server;
  // The bodies never come; the answers do.
  CHECK(starts_with_status(
      answers_of(server, "POST /secret HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n"), 401));
  CHECK(starts_with_status(
      answers_of(server, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n"), 413));
  const auto whole = server.client().call(
      {.method = "POST", .target = "/echo", .content_type = "a/b", .body = std::string(1000, 'x')});
  CHECK(whole->status == 200);
  const auto problem = server.client().call({.target = "/secret"});
  CHECK(problem->content_type == "application/problem+json");
  CHECK(problem->body.find("\"detail\":\"no token\"") != std::string::npos);
}

TEST_CASE("Expect: 100-continue is honoured only where the body is wanted") {
  WebServer server;
  const RawSocket socket(server.port());
  socket.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  std::string answer;
  REQUIRE(socket.read_until("HTTP/1.1 100 Continue\r\n\r\n", answer));
  socket.send("abc");
  REQUIRE(socket.read_until("POST abc", answer));
  const std::string refused = answers_of(
      server,
      "POST /secret HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  CHECK(starts_with_status(refused, 401));
}

TEST_CASE("Pipelined requests are answered in turn") {
  WebServer server;
  const std::string answers =
      answers_of(server,
                 "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none"
                 "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\ntwo"
                 "GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const auto first = answers.find("POST one");
  const auto second = answers.find("POST two");
  REQUIRE(first != std::string::npos);
  REQUIRE(second != std::string::npos);
  CHECK(first < second);
  CHECK(answers.find("GET ", second) != std::string::npos);
}

TEST_CASE("503 with Retry-After when too many requests are being served") {
  WebServer server([](HttpServerOptions& options) { options.limits.requests_max = 2; });
  const RawSocket one(server.port());
  const RawSocket two(server.port());
  one.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  two.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(eventually([&] { return server.kept().size() == 2; }));
  const auto busy = server.client().call({.target = "/echo"});
  CHECK(busy->status == 503);
  CHECK(std::find(busy->headers.begin(), busy->headers.end(), TextPair{"retry-after", "1"}) !=
        busy->headers.end());
  server.forget_kept();
  REQUIRE(eventually([&] { return server.stats().requests == 0; }));
  CHECK(server.alive());
}

TEST_CASE("H92: bodies together are bounded, and a slow one makes way in the end") {
  WebServer server([](HttpServerOptions& options) { options.limits.bodies_bytes_max = 1500; });
  const RawSocket half(server.port());
  // The "Continue" shows that the room is taken.
  half.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n");
  std::string told;
  REQUIRE(half.read_until("100 Continue", told));
  CHECK(starts_with_status(
      answers_of(server, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 600\r\n\r\n"), 503));
  CHECK(server.alive());
  HttpClient client = server.client();
  const HttpCall upload{.method = "POST", .target = "/echo", .body = std::string(600, 'x')};
  REQUIRE(eventually([&] {
    const auto answer = client.call(upload);
    return answer.ok() && answer->status == 200;
  }));
  CHECK(server.stats().displaced == 1);
}

TEST_CASE("H92: slow heads, slow bodies and idle connections are timed out") {
  WebServer server([](HttpServerOptions& options) {
    options.limits.head_timeout_ms = 100;
    options.limits.body_timeout_ms = 100;
    options.limits.idle_timeout_ms = 100;
  });
  CHECK(answers_of(server, "").empty());
  CHECK(answers_of(server, "GET / HTTP/1.1\r\nHo").empty());
  CHECK(
      answers_of(server, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc").empty());
  REQUIRE(eventually([&] { return server.stats().timed_out == 3; }));
  CHECK(server.alive());
}

TEST_CASE("H92: a client that does not read its answer is cut off") {
  WebServer server([](HttpServerOptions& options) { options.limits.write_timeout_ms = 200; });
  const RawSocket socket(server.port(), 4096);
  socket.send("GET /large?n=50000000 HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(eventually([&] { return server.stats().timed_out == 1; }));
  REQUIRE(eventually([&] { return server.stats().requests == 0; }));
  CHECK(server.alive());
}

TEST_CASE("H92: slow and idle clients cannot take all connections") {
  WebServer server([](HttpServerOptions& options) { options.limits.connections_max = 10; });
  std::list<RawSocket> idle;
  for (int i = 0; i < 200; ++i) {
    idle.emplace_back(server.port());
    idle.back().send(i % 2 == 0 ? "" : "GET / HTTP/1.1\r\nX: ");
  }
  for (int i = 0; i < 20; ++i) CHECK(server.alive());
  CHECK(server.stats().connections <= 10);
  CHECK(server.stats().displaced >= 190);
}

TEST_CASE("Where every connection is being served, one more is told so") {
  WebServer server([](HttpServerOptions& options) { options.limits.connections_max = 2; });
  const RawSocket one(server.port());
  const RawSocket two(server.port());
  one.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  two.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(eventually([&] { return server.kept().size() == 2; }));
  const RawSocket three(server.port());
  CHECK(starts_with_status(three.read_to_end(), 503));
}

TEST_CASE("H93: a head of 8 KiB passes, one byte more does not; a 1 MiB URL neither") {
  WebServer server;
  const std::string begin = "GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: ";
  const std::string fill(8192 - begin.size() - 4, 'x');
  CHECK(starts_with_status(answers_of(server, begin + fill + "\r\n\r\n"), 200));
  CHECK(starts_with_status(answers_of(server, begin + fill + "x\r\n\r\n"), 431));
  CHECK(starts_with_status(answers_of(server, "GET /" + std::string(1 << 20, 'u')), 431));
  std::string many = "GET /echo HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 10'000; ++i) many += "a:b\r\n";
  CHECK(starts_with_status(answers_of(server, many + "\r\n"), 431));
  CHECK(server.alive());
}

TEST_CASE("H94: what could smuggle a request is refused and ends the connection") {
  WebServer server;
  const std::string hidden = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";
  const auto refused = [&](const std::string& text, unsigned status = 400) {
    CAPTURE(text);
    const std::string answer = answers_of(server, text + hidden);
    CHECK(starts_with_status(answer, status));
    CHECK(answer.find("200 OK") == std::string::npos);
  };
  const std::string post = "POST /echo HTTP/1.1\r\nHost: a\r\n";
  refused(post + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  refused(post + "Content-Length: 0\r\nContent-Length: 29\r\n\r\n");
  refused(post + "Content-Length: +5\r\n\r\nabcde");
  refused(post + "Content-Length: 0x5\r\n\r\nabcde");
  refused(post + "Transfer-Encoding: chunked\r\n\r\n0;ext=" + std::string(5000, 'e') + "\r\n\r\n",
          411);
  refused("GET /echo HTTP/1.1\nHost: a\n\n");
  refused("GET /echo HTTP/1.1\r\nHost: a\n\r\n");
  refused("GET /echo\0 HTTP/1.1\r\nHost: a\r\n\r\n"s);
  refused(post + "X: a\r\n Content-Length: 5\r\n\r\n");
  CHECK(server.alive());
}

TEST_CASE("H100: an answer cannot be split by its headers") {
  WebServer server;
  const auto answer = server.client().call({.target = "/bad"});
  CHECK(answer->status == 500);
  for (const auto& [name, value] : answer->headers) CHECK(name != "injected");
}

TEST_CASE("Plain HTTP is for loopback addresses only") {
  HttpServerOptions options;
  options.listen.host = "0.0.0.0";
  REQUIRE_FALSE(check(options).ok());
  CHECK(check(options).error() == Errc::kPlainOutside);
  IoThread io;
  CHECK(HttpServer::start(io, options, {}).error() == Errc::kPlainOutside);
  for (const char* host : {"::", "192.0.2.1", "126.0.0.1", "128.0.0.1", "localhost"}) {
    options.listen.host = host;
    CHECK_FALSE(check(options).ok());
  }
  options.tls = certificate();
  CHECK(check(options).ok());
  options.tls->private_key = certificate().private_key;
  CHECK(check(options).error() == Errc::kTlsFailed);
  for (const char* host : {"127.0.0.1", "127.1.2.3", "::1"}) {
    HttpServerOptions local;
    local.listen.host = host;
    CHECK(check(local).ok());
  }
}

TEST_CASE("With a certificate the API speaks TLS 1.3 to clients that trust it") {
  const HttpTls tls = certificate();
  WebServer server([&](HttpServerOptions& options) { options.tls = tls; });
  HttpClientOptions options;
  options.port = server.port();
  options.tls = true;
  options.trusted_certificate = tls.certificate_chain;
  HttpClient trusting(options);
  for (int i = 0; i < 3; ++i) {
    const auto answer = trusting.call({.method = "POST", .target = "/echo", .body = "secret"});
    if (!answer) FAIL(answer.error().message());
    CHECK(answer->body == "POST secret");
  }
  CHECK(trusting.call({.method = "HEAD", .target = "/large?n=100000"})->body.empty());
  CHECK(trusting.call({.target = "/large?n=100000"})->body.size() == 100'000);
  options.trusted_certificate = certificate().certificate_chain;
  CHECK(HttpClient(options).call({.target = "/echo"}).error() == Errc::kTlsFailed);
  options.tls = false;
  CHECK_FALSE(HttpClient(options).call({.target = "/echo"}).ok());
  CHECK(trusting.call({.target = "/echo"})->status == 200);
}

TEST_CASE("A listening socket can be inherited") {
  auto socket = open_listener({});
  REQUIRE(socket.ok());
  const std::uint16_t port = socket->port();
  WebServer server(
      [&](HttpServerOptions& options) { options.listen.inherited_fd = socket->release(); });
  CHECK(server.port() == port);
  CHECK(server.alive());
}

TEST_CASE("The client says what went wrong, with the address") {
  auto socket = open_listener({});
  REQUIRE(socket.ok());
  HttpClientOptions options;
  options.port = socket->port();
  options.request_timeout_ms = 100;
  const auto silent = HttpClient(options).call({.target = "/"});
  CHECK(silent.error() == Errc::kTimeout);
  CHECK(silent.error().message().find(std::to_string(options.port)) != std::string::npos);
  *socket = ListenSocket();
  CHECK(HttpClient(options).call({.target = "/"}).error() == Errc::kConnectFailed);

  WebServer server;
  options.port = server.port();
  options.request_timeout_ms = 20'000;
  options.response_bytes_max = 1000;
  CHECK(HttpClient(options).call({.target = "/large?n=1001"}).error() == Errc::kHttpBodyTooLong);
  CHECK(HttpClient(options).call({.target = "/large?n=1000"}).ok());
}

TEST_CASE("A kept connection that the server has closed is opened again") {
  WebServer server([](HttpServerOptions& options) { options.limits.idle_timeout_ms = 50; });
  HttpClient client = server.client();
  CHECK(client.call({.target = "/echo"}).ok());
  REQUIRE(eventually([&] { return server.stats().connections == 0; }));
  CHECK(client.call({.target = "/echo"}).ok());
  CHECK(server.stats().accepted == 2);
}

TEST_CASE("Everything but unreserved characters is escaped") {
  CHECK(percent_encode("aZ9-._~") == "aZ9-._~");
  CHECK(percent_encode("a/b c%\xc3\xa9") == "a%2Fb%20c%25%C3%A9");
}
