// The /v1 HTTP interface of one node (docs/api.md). It answers from ledger views and the replica,
// and owns nothing that the network agrees on.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "network/http_server.h"
#include "node/api/access.h"
#include "node/api/static_page.h"

namespace sanad::chaincode {
class Contracts;
}

namespace sanad::node {

class Ledger;
class Replica;

struct ApiOptions {
  network::ListenAddress listen;
  std::optional<network::HttpTls> tls;  // demanded by the server beyond loopback
  ApiTokens tokens;
  std::uint16_t self = 0;  // this member's index in genesis
  StaticPage page = {};    // under /verify/, for everybody
};

// What the API reads from; all outlive it.
struct ApiSources {
  const chaincode::Contracts& contracts;
  Ledger& ledger;
  Replica& replica;
  network::IoThread& io;
};

// Thread-safe.
class Api {
 public:
  static crypto::Result<std::unique_ptr<Api>> start(ApiOptions options, ApiSources sources);
  // stop().
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  // No request is taken afterwards; those that wait get no answer. Idempotent.
  void stop();

 private:
  class Routes;
  explicit Api(std::unique_ptr<Routes> routes);
  std::unique_ptr<Routes> routes_;
};

}  // namespace sanad::node
