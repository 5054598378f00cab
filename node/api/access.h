// Who may call what (docs/api.md), decided from a request's head alone.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "network/http_server.h"

namespace sanad::node {

// By rising rights: a member may do what an auditor may.
enum class Caller { kAnyone, kAuditor, kMember };

// One row of the table. `path` ends in "/**" where it stands for everything below it too.
struct AccessRule {
  std::string_view method;
  std::string_view path;
  Caller least;
};
// The first row that fits decides; the last fits every read.
[[nodiscard]] std::span<const AccessRule> access_rules();

// Bearer tokens. An empty one is nobody's.
struct ApiTokens {
  std::string member;
  std::string auditor;
};

// 401 without a token that is known, 403 for an auditor where only the member may, 405 for another
// method; nothing where the request may be handled.
[[nodiscard]] std::optional<network::HttpResponse> access_refusal(const network::HttpRequest& head,
                                                                  const ApiTokens& tokens);

}  // namespace sanad::node
