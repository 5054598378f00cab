#include "node/api/access.h"

#include <array>

#include "node/api/problem.h"

namespace sanad::node {
namespace {

using network::HttpRequest;
using network::HttpResponse;

// From what lies open nothing can be guessed: hashes, sizes, keys. Records name authorities and
// times, so their bundles are for those who may read; a receipt costs a signature.
constexpr std::array kRules = {
    AccessRule{"POST", "/v1/submissions", Caller::kMember},
    AccessRule{"GET", "/v1/**", Caller::kAuditor},
    AccessRule{"GET", "/metrics", Caller::kMember},
    AccessRule{"GET", "/log/tile/entries/**", Caller::kAuditor},
    AccessRule{"GET", "/log/receipt/**", Caller::kAuditor},
    AccessRule{"GET", "/**", Caller::kAnyone},
};

bool fits(std::string_view pattern, std::span<const std::string> segments) {
  pattern.remove_prefix(1);
  for (const std::string& segment : segments) {
    const std::string_view piece = pattern.substr(0, pattern.find('/'));
    if (piece == "**") return true;
    if (piece != segment) return false;
    pattern.remove_prefix(std::min(pattern.size(), piece.size() + 1));
  }
  return pattern.empty() || pattern == "**";
}

const AccessRule* rule_for(std::string_view method, std::span<const std::string> segments) {
  for (const AccessRule& rule : kRules) {
    if (rule.method == method && fits(rule.path, segments)) return &rule;
  }
  return nullptr;
}

// Looks at every byte, so that the time taken says nothing about the token.
bool same_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |=
        static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  }
  return difference == 0;
}

Caller caller_of(const HttpRequest& head, const ApiTokens& tokens) {
  const std::string* given = head.header("authorization");
  const auto gives = [given](const std::string& token) {
    return given != nullptr && !token.empty() && same_secret(*given, "Bearer " + token);
  };
  if (gives(tokens.member)) return Caller::kMember;
  return gives(tokens.auditor) ? Caller::kAuditor : Caller::kAnyone;
}

}  // namespace

std::span<const AccessRule> access_rules() { return kRules; }

std::optional<HttpResponse> access_refusal(const HttpRequest& head, const ApiTokens& tokens) {
  const AccessRule* rule = rule_for(head.method, head.segments);
  // Another method is no way to learn what a path would say.
  const Caller least = (rule != nullptr ? rule : rule_for("GET", head.segments))->least;
  const Caller caller = caller_of(head, tokens);
  if (caller == Caller::kAnyone && least != Caller::kAnyone) {
    HttpResponse refusal = problem(401, "A token is needed",
                                   "send the header Authorization: Bearer <text of api.token>");
    refusal.headers.emplace_back("www-authenticate", "Bearer");
    return refusal;
  }
  if (rule == nullptr) return problem(405, "Method not allowed", "only submissions are posted");
  if (caller < least) {
    return problem(403, "Not with this token", "an auditor's token reads the ledger, nothing else");
  }
  return std::nullopt;
}

}  // namespace sanad::node
