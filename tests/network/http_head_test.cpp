#include "network/http_head.h"

#include <catch2/catch.hpp>

using namespace sanad;
using namespace sanad::network;

namespace {

HttpHead good(const std::string& text) {
  auto head = parse_head(text, 64);
  if (!head) FAIL(text << head.error().message());
  return std::move(*head);
}

// The status with which a head is refused; 0 if it is taken.
unsigned refusal(const std::string& text) {
  const auto head = parse_head(text, 64);
  return head ? 0 : status_of(head.error());
}
unsigned refused_line(const std::string& line) { return refusal(line + "\r\nHost: a\r\n\r\n"); }
unsigned refused_field(const std::string& field) {
  return refusal("POST / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n\r\n");
}
unsigned refused_path(const std::string& path) { return refused_line("GET " + path + " HTTP/1.1"); }

}  // namespace

TEST_CASE("A head becomes method, segments, query and fields") {
  const HttpHead head = good(
      "POST /v1/consignments/a%2Fb%20%C3%A9/?wait=final&x&y=%26 HTTP/1.1\r\nHost: here\r\n"
      "X-Thing:  two words \r\ncontent-LENGTH: 12\r\nx-thing: more\r\n\r\n");
  CHECK(head.request.method == "POST");
  CHECK(head.request.path == "/v1/consignments/a%2Fb%20%C3%A9/");
  CHECK(head.request.segments ==
        std::vector<std::string>{"v1", "consignments", "a/b \xc3\xa9", ""});
  CHECK(head.request.query == std::vector<TextPair>{{"wait", "final"}, {"x", ""}, {"y", "&"}});
  REQUIRE(head.request.header("x-thing") != nullptr);
  CHECK(*head.request.header("x-thing") == "two words");
  CHECK(head.request.header("absent") == nullptr);
  CHECK(head.content_length == 12);
  CHECK(head.keep_alive);
  CHECK_FALSE(head.expects_continue);
  CHECK(good("GET / HTTP/1.1\r\nHost: a\r\n\r\n").request.segments.empty());
  CHECK(good("GET /? HTTP/1.1\r\nHost: a\r\n\r\n").request.query.empty());
}

TEST_CASE("HEAD, versions, Connection and Expect are understood") {
  const HttpHead head = good("HEAD / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n\r\n");
  CHECK(head.head_only);
  CHECK(head.request.method == "GET");
  CHECK(head.expects_continue);
  CHECK_FALSE(good("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n").keep_alive);
  CHECK_FALSE(good("GET / HTTP/1.0\r\n\r\n").keep_alive);
  CHECK(refused_line("GET / HTTP/2.0") == 505);
  CHECK(refused_line("GET / HTTP/1.10") == 400);
  CHECK(refused_line("BREW / HTTP/1.1") == 501);
  CHECK(refused_field("Expect: 200-ok") == 417);
}

TEST_CASE("H93: too many fields are refused") {
  std::string text = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 63; ++i) text += "a:b\r\n";
  CHECK(refusal(text + "\r\n") == 0);
  CHECK(refusal(text + "a:b\r\n\r\n") == 431);
}

TEST_CASE("H94: bodies are framed in one way or not at all") {
  CHECK(refused_field("Content-Length: 5") == 0);
  CHECK(refused_field("Content-Length: 5\r\nContent-Length: 5") == 400);
  CHECK(refused_field("Content-Length: 5\r\nContent-Length: 6") == 400);
  CHECK(refused_field("Content-Length: 5\r\nTransfer-Encoding: chunked") == 400);
  CHECK(refused_field("Transfer-Encoding: chunked\r\nContent-Length: 5") == 400);
  CHECK(refused_field("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked") == 400);
  CHECK(refused_field("Transfer-Encoding: chunked") == 411);
  CHECK(refused_field("Transfer-Encoding: xchunked") == 411);
  for (const char* value : {"+5", "0x5", "-1", "5,5", "5 5", "", "5.0", "1e3", "٥",
                            "99999999999999999999999", "18446744073709551616"}) {
    CAPTURE(value);
    CHECK(refused_field(std::string("Content-Length: ") + value) == 400);
  }
}

TEST_CASE("H94: lines and fields have one form") {
  CHECK(refused_field("a : b") == 400);
  CHECK(refused_field(" folded: x") == 400);
  CHECK(refused_field("x: y\r\n folded") == 400);
  CHECK(refused_field("no colon") == 400);
  CHECK(refused_field(": nameless") == 400);
  CHECK(refused_field("x: a\nb: c") == 400);
  CHECK(refused_field("x: a\rb: c") == 400);
  CHECK(refused_field(std::string("x: a\0b", 6)) == 400);
  CHECK(refused_field("x: \x01") == 400);
  CHECK(refused_field("x: \x7f") == 400);
  CHECK(refused_field("x\x80: a") == 400);
  CHECK(refused_field("Host: b") == 400);
  CHECK(refusal("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(refusal("\r\n\r\n") == 400);
  CHECK(refusal("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
  CHECK(refused_line("GET  / HTTP/1.1") == 400);
  CHECK(refused_line("GET /\tHTTP/1.1") == 400);
  CHECK(refused_line(" GET / HTTP/1.1") == 400);
  CHECK(refused_line("GET / http/1.1") == 400);
  CHECK(refused_line("GET /") == 400);
  CHECK(refused_line("G\"T / HTTP/1.1") == 400);
}

TEST_CASE("H99: paths cannot leave their place") {
  CHECK(refused_path("/a/../b") == 400);
  CHECK(refused_path("/a/..") == 400);
  CHECK(refused_path("/./a") == 400);
  CHECK(refused_path("/%2e%2e/b") == 400);
  CHECK(refused_path("/a/%2E") == 400);
  CHECK(refused_path("/a%00b") == 400);
  CHECK(refused_path("/a%0d%0ab") == 400);
  CHECK(refused_path("/a%") == 400);
  CHECK(refused_path("/a%4") == 400);
  CHECK(refused_path("/a%4g") == 400);
  CHECK(refused_path("/a%-4") == 400);
  CHECK(refused_path("/%ff") == 400);
  CHECK(refused_path("/%c0%ae") == 400);
  CHECK(refused_path("/a\\b") == 400);
  CHECK(refused_path("/a#b") == 400);
  CHECK(refused_path("/\xc3\xa9") == 400);
  CHECK(refused_path("http://other/") == 400);
  CHECK(refused_path("*") == 400);
  CHECK(refused_path("/a?b=%00") == 400);
  // An escaped slash stays inside its segment.
  CHECK(good("GET /..%2f..%2fetc HTTP/1.1\r\nHost: a\r\n\r\n").request.segments ==
        std::vector<std::string>{"../../etc"});
  CHECK(refused_path("/...") == 0);
}
