#include "network/http_head.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "crypto/codec.h"

namespace sanad::network {
namespace {

constexpr std::array<std::string_view, 5> kMethods = {"GET", "HEAD", "POST", "PUT", "DELETE"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// RFC 9110 §5.6.2.
bool is_token(std::string_view text) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || is_letter(c) || kMarks.find(c) != std::string_view::npos;
  });
}

// RFC 9110 §5.5: visible characters, obsolete bytes above 127, blanks.
bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

// RFC 3986: what may stand in a path or query unescaped, and "%".
bool is_target_text(std::string_view text) {
  static constexpr std::string_view kMarks = "-._~!$&'()*+,;=:@/?%";
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || is_letter(c) || kMarks.find(c) != std::string_view::npos;
  });
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string_view trimmed(std::string_view text) {
  static constexpr std::string_view kBlanks = " \t";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

Error malformed(std::string what) { return Error{Errc::kHttpMalformed, std::move(what)}; }
Error unsupported(std::string what) { return Error{Errc::kHttpUnsupported, std::move(what)}; }

// Decodes %XX; the result is UTF-8 without control characters.
Result<std::string> decoded(std::string_view text, std::string_view what) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    unsigned value = 0;
    const char* begin = text.data() + i + 1;
    const bool complete = text.size() - i > 2;
    if (!complete || std::from_chars(begin, begin + 2, value, 16).ptr != begin + 2) {
      return malformed("a bad % escape in the " + std::string(what));
    }
    result += static_cast<char>(value);
    i += 2;
  }
  if (!crypto::is_clean_text(result)) {
    return malformed("the " + std::string(what) + " is not clean UTF-8");
  }
  return result;
}

// Calls `take` for each piece between separators.
template <class Take>
Status each_piece(std::string_view text, char separator, Take take) {
  while (true) {
    const auto end = text.find(separator);
    SANAD_TRY_STATUS(take(text.substr(0, end)));
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
}

// `mark` is where the "?" is.
Status parse_query(std::string_view target, std::size_t mark, HttpRequest& request) {
  if (mark == std::string_view::npos || mark + 1 == target.size()) return {};
  return each_piece(target.substr(mark + 1), '&', [&](std::string_view piece) -> Status {
    const auto equals = piece.find('=');
    SANAD_TRY(std::string name, decoded(piece.substr(0, equals), "query"));
    std::string value;
    if (equals != std::string_view::npos) {
      SANAD_TRY(value, decoded(piece.substr(equals + 1), "query"));
    }
    request.query.emplace_back(std::move(name), std::move(value));
    return {};
  });
}

bool is_dots(std::string_view segment) {
  return segment.size() == 1 ? segment[0] == '.'
                             : segment.size() == 2 && segment[0] == '.' && segment[1] == '.';
}

Status parse_target(std::string_view target, HttpRequest& request) {
  if (!target.starts_with('/') || !is_target_text(target)) {
    return malformed("the target is not an absolute path");
  }
  const auto mark = target.find('?');
  request.path = target.substr(0, mark);
  if (request.path == "/") return parse_query(target, mark, request);
  SANAD_TRY_STATUS(
      each_piece(target.substr(1, mark - 1), '/', [&](std::string_view piece) -> Status {
        SANAD_TRY(std::string segment, decoded(piece, "path"));
        if (is_dots(segment)) return malformed("the path has dot segments");
        request.segments.push_back(std::move(segment));
        return {};
      }));
  return parse_query(target, mark, request);
}

Status parse_request_line(std::string_view line, HttpHead& head) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return malformed("request line");
  const std::string_view method = line.substr(0, first);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method)) return malformed("method");
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) ||
      version[6] != '.' || !is_digit(version[7])) {
    return malformed("version");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return unsupported("505 HTTP version");
  head.keep_alive = version == "HTTP/1.1";
  SANAD_TRY_STATUS(parse_target(line.substr(first + 1, last - first - 1), head.request));
  if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end()) {
    return unsupported("501 method");
  }
  head.head_only = method == "HEAD";
  head.request.method = head.head_only ? "GET" : method;
  return {};
}

Status parse_field(std::string_view line, HttpRequest& request) {
  const auto colon = line.find(':');
  // A name that is no token also catches folded lines and a blank before the colon.
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return malformed("a field without a proper name");
  }
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!is_field_value(value)) return malformed("a control character in a field");
  request.headers.emplace_back(lower(line.substr(0, colon)), value);
  return {};
}

// The only value of a field that must not be repeated; null if absent.
Result<const std::string*> single(const HttpRequest& request, std::string_view name) {
  const std::string* value = nullptr;
  for (const auto& [field, text] : request.headers) {
    if (field != name) continue;
    if (value != nullptr) return malformed(std::string(name) + " twice");
    value = &text;
  }
  return value;
}

Status judge_framing(HttpHead& head) {
  const HttpRequest& request = head.request;
  SANAD_TRY(const std::string* length, single(request, "content-length"));
  SANAD_TRY(const std::string* coding, single(request, "transfer-encoding"));
  if (coding != nullptr && length != nullptr) {
    return malformed("Content-Length beside Transfer-Encoding");
  }
  if (coding != nullptr) return unsupported("411 Content-Length is needed");
  if (length == nullptr) return {};
  // 15 digits cannot overflow; longer ones are no length of ours anyway.
  const bool digits = !length->empty() && length->size() <= 15 &&
                      std::all_of(length->begin(), length->end(), is_digit);
  if (!digits) return malformed("Content-Length is not a number");
  std::from_chars(length->data(), length->data() + length->size(), head.content_length);
  return {};
}

Status judge_connection(HttpHead& head) {
  const HttpRequest& request = head.request;
  SANAD_TRY(const std::string* host, single(request, "host"));
  if (host == nullptr && head.keep_alive) return malformed("no Host");
  SANAD_TRY(const std::string* expectation, single(request, "expect"));
  if (expectation != nullptr) {
    if (lower(*expectation) != "100-continue") return unsupported("417 expectation");
    head.expects_continue = head.keep_alive;  // RFC 9110 §10.1.1: not for HTTP/1.0
  }
  for (const auto& [name, value] : request.headers) {
    if (name != "connection") continue;
    SANAD_TRY_STATUS(each_piece(value, ',', [&head](std::string_view option) -> Status {
      const std::string word = lower(trimmed(option));
      if (word == "close") head.keep_alive = false;
      return {};
    }));
  }
  return {};
}

}  // namespace

Result<HttpHead> parse_head(std::string_view bytes, std::size_t fields_max) {
  assert(bytes.ends_with("\r\n\r\n"));
  HttpHead head;
  bytes.remove_suffix(2);
  bool first = true;
  while (!bytes.empty()) {
    const auto end = bytes.find("\r\n");
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end + 2);
    if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
      return malformed("a line that ends in CR or LF alone, or a NUL");
    }
    if (first) {
      SANAD_TRY_STATUS(parse_request_line(line, head));
      first = false;
      continue;
    }
    if (head.request.headers.size() == fields_max) {
      return Error{Errc::kHttpHeadTooLong, "more than " + std::to_string(fields_max) + " fields"};
    }
    SANAD_TRY_STATUS(parse_field(line, head.request));
  }
  if (first) return malformed("no request line");
  SANAD_TRY_STATUS(judge_framing(head));
  SANAD_TRY_STATUS(judge_connection(head));
  return head;
}

unsigned status_of(const Error& error) {
  if (error == Errc::kHttpMalformed) return 400;
  if (error == Errc::kHttpHeadTooLong) return 431;
  unsigned status = 500;
  if (error == Errc::kHttpUnsupported) {
    std::from_chars(error.detail.data(), error.detail.data() + error.detail.size(), status);
  }
  return status;
}

}  // namespace sanad::network
