// The head of an HTTP/1.1 request, judged strictly (RFC 9112): one way to read it, or none.
// Pure; HOSTILE 93, 94, 99.
#pragma once

#include "network/http_server.h"

namespace sanad::network {

struct HttpHead {
  HttpRequest request;  // without the body
  std::size_t content_length = 0;
  bool head_only = false;  // HEAD: the method given to the handler is GET
  bool keep_alive = true;
  bool expects_continue = false;
};

// `bytes` is a whole head, its last four bytes being the empty line that ends it. Refused:
//   kHttpMalformed    line endings other than CR LF, control characters, folded fields, spaces
//   around
//                     names or in the target, a missing or repeated Host, a Content-Length that is
//                     not plain digits or comes twice or beside Transfer-Encoding, a path with ".",
//                     "..", bad escapes, escaped control characters or text that is not UTF-8
//   kHttpHeadTooLong  more than `fields_max` fields
//   kHttpUnsupported  another version, method or expectation, or a transfer coding; the text begins
//                     with the status to answer with: 505, 501, 417 or 411
Result<HttpHead> parse_head(std::string_view bytes, std::size_t fields_max);

// The status with which such an error is answered.
unsigned status_of(const Error& error);

}  // namespace sanad::network
