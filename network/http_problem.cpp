#include <boost/beast/http/status.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include "network/http_server.h"

namespace sanad::network {

HttpResponse http_problem(unsigned status, std::string_view detail) {
  const auto title = boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
  const auto quoted = [](std::string_view text) {
    return boost::json::serialize(boost::json::string(text.data(), text.size()));
  };
  HttpResponse response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = "{\"type\":\"about:blank\",\"title\":" +
                  quoted(std::string_view(title.data(), title.size())) +
                  ",\"status\":" + std::to_string(status) + ",\"detail\":" + quoted(detail) + "}";
  return response;
}

}  // namespace sanad::network
