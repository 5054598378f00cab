#include "node/api/static_page.h"

#include "node/api/problem.h"

namespace sanad::node {

network::HttpResponse page_answer(const StaticPage& page, const network::HttpRequest& request) {
  if (page.html.empty()) {
    return problem(404, "Not built in",
                   "this program was built without the page that checks proofs: build it where "
                   "npm is, or check them with sanad verify");
  }
  network::HttpResponse response;
  response.content_type = "text/html; charset=utf-8";
  const std::string etag(page.etag);
  // A new program may have a new page: clients ask each time, and mostly get no bytes.
  response.headers = {{"cache-control", "no-cache"}, {"etag", etag}};
  const std::string* known = request.header("if-none-match");
  if (known != nullptr && *known == etag) {
    response.status = 304;
    return response;
  }
  response.headers.insert(
      response.headers.end(),
      {{"content-security-policy", std::string(page.policy) + "; frame-ancestors 'none'"},
       {"x-content-type-options", "nosniff"},
       {"referrer-policy", "no-referrer"}});
  response.body = page.html;
  return response;
}

}  // namespace sanad::node
