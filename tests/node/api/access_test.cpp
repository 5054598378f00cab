#include "node/api/access.h"

#include <catch2/catch.hpp>

#include <set>

#include "network/http_head.h"

namespace sanad::tests {
namespace {

const node::ApiTokens kTokens{std::string(32, 'm'), std::string(32, 'a')};

// 200 where the request may be handled.
unsigned answer_to(const std::string& method, const std::string& path, const std::string& token,
                   const node::ApiTokens& tokens = kTokens) {
  std::string text = method + " " + path + " HTTP/1.1\r\nHost: node\r\n";
  if (!token.empty()) text += "Authorization: Bearer " + token + "\r\n";
  const auto head = network::parse_head(text + "\r\n", 8);
  if (!head) FAIL(path);
  const auto refusal = node::access_refusal(head->request, tokens);
  if (!refusal) return 200;
  CHECK(refusal->content_type == "application/problem+json");
  return refusal->status;
}

struct Row {
  const char* method;
  const char* path;
  unsigned anyone, auditor, member;
};

TEST_CASE("API: who may call what") {
  const Row rows[] = {
      {"POST", "/v1/submissions", 401, 403, 200},
      {"GET", "/v1/submissions/00", 401, 200, 200},
      {"GET", "/v1/consignments/00", 401, 200, 200},
      {"GET", "/v1/consignments/00/bundle", 401, 200, 200},
      {"GET", "/v1/records?from=1", 401, 200, 200},
      {"GET", "/v1/records/1", 401, 200, 200},
      {"HEAD", "/v1/records/1", 401, 200, 200},
      {"GET", "/v1/records/1/proof", 401, 200, 200},
      {"GET", "/v1/bodies/00", 401, 200, 200},
      {"GET", "/v1/checkpoint", 401, 200, 200},
      {"GET", "/v1/network", 401, 200, 200},
      {"GET", "/v1/nothing", 401, 200, 200},
      {"GET", "/v1", 401, 200, 200},
      {"GET", "/%761/records", 401, 200, 200},
      {"GET", "/metrics", 401, 403, 200},
      {"GET", "/healthz", 200, 200, 200},
      {"GET", "/readyz", 200, 200, 200},
      {"GET", "/log/checkpoint", 200, 200, 200},
      {"GET", "/log/policy", 200, 200, 200},
      {"GET", "/log/vkeys", 200, 200, 200},
      {"GET", "/log/tile/0/000", 200, 200, 200},
      {"GET", "/log/tile/2/x001/000.p/3", 200, 200, 200},
      {"GET", "/log/tile/entries/000", 401, 200, 200},
      {"HEAD", "/log/tile/entries/000", 401, 200, 200},
      {"GET", "/log/tile/entries/x001/000.p/3", 401, 200, 200},
      {"GET", "/log/tile/entries", 401, 200, 200},
      {"GET", "/log/tile/%65ntries/000", 401, 200, 200},
      {"GET", "/log/receipt/1", 401, 200, 200},
      {"GET", "/", 200, 200, 200},
      {"GET", "/nothing", 200, 200, 200},
      {"POST", "/v1/records", 401, 405, 405},
      {"DELETE", "/v1/network", 401, 405, 405},
      {"PUT", "/v1/submissions", 401, 405, 405},
      {"POST", "/v1/submissions/00", 401, 405, 405},
      {"POST", "/metrics", 401, 405, 405},
      {"POST", "/log/checkpoint", 405, 405, 405},
      {"POST", "/log/tile/entries/000", 401, 405, 405},
      {"POST", "/healthz", 405, 405, 405},
      {"POST", "/", 405, 405, 405},
  };
  for (const Row& row : rows) {
    CAPTURE(row.method, row.path);
    CHECK(answer_to(row.method, row.path, "") == row.anyone);
    CHECK(answer_to(row.method, row.path, std::string(32, 'x')) == row.anyone);
    CHECK(answer_to(row.method, row.path, kTokens.auditor) == row.auditor);
    CHECK(answer_to(row.method, row.path, kTokens.member) == row.member);
    // No part of a token, nor more than it, is one.
    CHECK(answer_to(row.method, row.path, kTokens.member.substr(1)) == row.anyone);
    CHECK(answer_to(row.method, row.path, kTokens.member + "m") == row.anyone);
  }
}

TEST_CASE("API: every row of the table refuses whoever is below it, and nobody else") {
  for (const node::AccessRule& rule : node::access_rules()) {
    std::string path(rule.path);
    if (path.ends_with("/**")) path = path.substr(0, path.size() - 2) + "x";
    CAPTURE(path);
    CHECK((answer_to(std::string(rule.method), path, "") == 200) ==
          (rule.least == node::Caller::kAnyone));
    CHECK((answer_to(std::string(rule.method), path, kTokens.auditor) == 200) ==
          (rule.least != node::Caller::kMember));
    CHECK(answer_to(std::string(rule.method), path, kTokens.member) == 200);
  }
}

TEST_CASE("API: without an auditor's token in the configuration nobody is an auditor") {
  const node::ApiTokens only_member{kTokens.member, ""};
  CHECK(answer_to("GET", "/v1/network", kTokens.auditor, only_member) == 401);
  const auto bare = network::parse_head(
      "GET /v1/network HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer \r\n\r\n", 8);
  REQUIRE(bare.ok());
  CHECK(node::access_refusal(bare->request, only_member).has_value());
}

}  // namespace
}  // namespace sanad::tests
