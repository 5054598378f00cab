// Heads of HTTP requests, cut out of the input as the server cuts them. What is taken has one way
// to be read: written again from what was understood, it says the same.
#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "crypto/codec.h"
#include "network/http_head.h"

namespace {

using namespace sanad::network;

constexpr std::string_view kEnd = "\r\n\r\n";
constexpr std::size_t kFieldsMax = 64;

std::string written(const HttpHead& head) {
  const HttpRequest& request = head.request;
  // The target is kept as text only up to the query.
  std::string text = (head.head_only ? "HEAD" : request.method) + " " + request.path;
  const bool is_newer = head.keep_alive || request.header("host") != nullptr;
  text += is_newer ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n";
  for (const auto& [name, value] : request.headers) text.append(name + ": " + value + "\r\n");
  return text + "\r\n";
}

void check_refusal(const sanad::crypto::Error& error) {
  constexpr std::array<unsigned, 6> kStatuses = {400, 411, 417, 431, 501, 505};
  assert(std::ranges::find(kStatuses, status_of(error)) != kStatuses.end());
  assert(!error.message().empty());
}

void check_text(const HttpRequest& request) {
  for (const std::string& segment : request.segments) {
    assert(sanad::crypto::is_clean_text(segment) && segment != "." && segment != "..");
  }
  for (const auto& [name, value] : request.query) {
    assert(sanad::crypto::is_clean_text(name) && sanad::crypto::is_clean_text(value));
  }
  for (const auto& [name, value] : request.headers) {
    assert(!name.empty() && value.find_first_of("\r\n") == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  text.append(kEnd);
  text.resize(text.find(kEnd) + kEnd.size());
  const auto head = parse_head(text, kFieldsMax);
  if (!head) {
    check_refusal(head.error());
    return 0;
  }
  const HttpRequest& request = head->request;
  assert(request.headers.size() <= kFieldsMax);
  check_text(request);
  const auto again = parse_head(written(*head), kFieldsMax);
  assert(again && again->request.method == request.method && again->request.path == request.path);
  assert(again->request.segments == request.segments && again->request.headers == request.headers);
  assert(again->content_length == head->content_length && again->head_only == head->head_only);
  return 0;
}
