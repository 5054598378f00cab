#include "node/api/api.h"

#include "node/api/routes.h"

namespace sanad::node {

Api::Api(std::unique_ptr<Routes> routes) : routes_(std::move(routes)) {}
Api::~Api() = default;

crypto::Result<std::unique_ptr<Api>> Api::start(ApiOptions options, ApiSources sources) {
  auto routes = std::make_unique<Routes>(std::move(options), sources);
  SANAD_TRY_STATUS(routes->start());
  return std::unique_ptr<Api>(new Api(std::move(routes)));
}

std::uint16_t Api::port() const { return routes_->port(); }
void Api::stop() { routes_->stop(); }

}  // namespace sanad::node
