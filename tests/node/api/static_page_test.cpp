#include "node/api/static_page.h"

#include <catch2/catch.hpp>

namespace sanad::node::tests {
namespace {

constexpr StaticPage kSomePage = {"<!doctype html>", "default-src 'none'", "\"abc\""};

std::string header_of(const network::HttpResponse& response, std::string_view name) {
  for (const auto& [known, value] : response.headers) {
    if (known == name) return value;
  }
  return {};
}

}  // namespace

TEST_CASE("The verifier's page is served with what keeps it from the network", "[page]") {
  const auto answer = page_answer(kSomePage, {});
  CHECK(answer.status == 200);
  CHECK(answer.content_type == "text/html; charset=utf-8");
  CHECK(answer.body == kSomePage.html);
  CHECK(header_of(answer, "content-security-policy") ==
        "default-src 'none'; frame-ancestors 'none'");
  CHECK(header_of(answer, "x-content-type-options") == "nosniff");
}

TEST_CASE("A client that has the page gets no bytes of it", "[page]") {
  network::HttpRequest request;
  request.headers = {{"if-none-match", header_of(page_answer(kSomePage, {}), "etag")}};
  const auto answer = page_answer(kSomePage, request);
  CHECK(answer.status == 304);
  CHECK(answer.body.empty());
  CHECK(header_of(answer, "etag") == kSomePage.etag);

  request.headers = {{"if-none-match", "\"old\""}};
  CHECK(page_answer(kSomePage, request).status == 200);
}

TEST_CASE("A program without the page says so in words", "[page]") {
  const auto answer = page_answer({}, {});
  CHECK(answer.status == 404);
  CHECK(answer.body.find("built without the page") != std::string::npos);
}

}  // namespace sanad::node::tests
