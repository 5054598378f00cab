// Problem documents (RFC 9457) of the API: a title per kind of fault, the reason in words, and the
// field where one is to blame.
#pragma once

#include "network/http_server.h"

namespace sanad::node {

// What JSON can hold of a text that comes from elsewhere, a path in an error for one: where it is
// not clean, every byte but printable ASCII becomes a question mark.
std::string printable(std::string_view text);

// `field` is left out where it is empty.
network::HttpResponse problem(unsigned status, std::string_view title, std::string_view detail,
                              std::string_view field = {});

// 404 with the reason.
network::HttpResponse not_found(std::string_view what);
// 503 with the reason, and when to come again.
network::HttpResponse later(std::string_view why);
// 200 with these bytes.
network::HttpResponse plain(std::string text, std::string type = "text/plain; charset=utf-8");

// What a refused submission is answered with: 400 for bytes that are none, 422 for ones that do not
// hold, 503 with Retry-After where this node cannot take it now.
network::HttpResponse problem_of_submission(const crypto::Error& error);

// What a failed read is answered with: 404, 422 for more than one answer may hold, or 500 where the
// node's own data is to blame.
network::HttpResponse problem_of_read(const crypto::Error& error);

}  // namespace sanad::node
