// The page that checks proofs in a browser (tools/verifier), as a node serves it: one file, the
// same for everybody.
#pragma once

#include <string_view>

#include "network/http_server.h"

namespace sanad::node {

// All three empty where the program was built without the page. They live as long as the program.
struct StaticPage {
  std::string_view html;
  std::string_view policy;  // Content-Security-Policy of what is in it
  std::string_view etag;    // with its quotation marks
};

// 200 with the page, 304 for a client that has it, 404 in words where there is none.
network::HttpResponse page_answer(const StaticPage& page, const network::HttpRequest& request);

}  // namespace sanad::node
