#include "node/api/problem.h"

#include "chaincode/errors.h"
#include "crypto/codec_json.h"
#include "node/ledger/errc.h"
#include "node/replica/errors.h"

namespace sanad::node {
namespace {

constexpr std::string_view kRetryAfterS = "1";

// "statement 3: field hs: …" names statements[3] and hs; a JSON path stands at the end: "… at
// nonce".
std::string field_of(std::string_view detail) {
  std::string field;
  constexpr std::string_view kStatement = "statement ";
  if (detail.starts_with(kStatement)) {
    const auto end = detail.find(':');
    if (end == std::string_view::npos) return {};
    field = "statements[" + std::string(detail.substr(kStatement.size(), end - kStatement.size())) +
            "]";
    detail.remove_prefix(std::min(detail.size(), end + 2));
  }
  constexpr std::string_view kField = "field ";
  if (detail.starts_with(kField)) {
    const auto end = detail.find(':');
    const auto name =
        detail.substr(kField.size(),
                      end == std::string_view::npos ? std::string_view::npos : end - kField.size());
    field += (field.empty() ? "" : ".") + std::string(name);
  }
  return field;
}

network::HttpResponse try_again(std::string_view title, std::string_view why) {
  auto response = problem(503, title, why);
  response.headers.emplace_back("retry-after", kRetryAfterS);
  return response;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string clean(text);
  if (crypto::is_clean_text(text)) return clean;
  for (char& c : clean) {
    if (c < ' ' || c > '~') c = '?';
  }
  return clean;
}

network::HttpResponse problem(unsigned status, std::string_view title, std::string_view detail,
                              std::string_view field) {
  crypto::JsonWriter json;
  const auto member = [&json](std::string_view name, std::string_view value) {
    json.name(name);
    json.write_text(printable(value));
  };
  json.begin_object();
  member("type", "about:blank");
  member("title", title);
  json.name("status");
  json.write_number(status);
  member("detail", detail);
  if (!field.empty()) member("field", field);
  json.end_object();
  network::HttpResponse response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = json.take() + "\n";
  return response;
}

network::HttpResponse not_found(std::string_view what) { return problem(404, "Not found", what); }

network::HttpResponse later(std::string_view why) { return try_again("Not now", why); }

network::HttpResponse plain(std::string text, std::string type) {
  network::HttpResponse response;
  response.content_type = std::move(type);
  response.body = std::move(text);
  return response;
}

network::HttpResponse problem_of_submission(const crypto::Error& error) {
  if (error == ReplicaErrc::kBusy || error == ReplicaErrc::kStopping ||
      error == ReplicaErrc::kQuarantined || error == ReplicaErrc::kDiskFailed) {
    return try_again("This node cannot take it now", error.message());
  }
  const bool contract =
      error.code.category() == chaincode::error_category() || error == ReplicaErrc::kTooFarAhead;
  const unsigned status = contract && !(error == chaincode::Errc::kTooLarge) ? 422 : 400;
  return problem(error == chaincode::Errc::kTooLarge ? 413 : status, error.code.message(),
                 error.detail.empty() ? error.code.message() : error.detail,
                 field_of(error.detail));
}

network::HttpResponse problem_of_read(const crypto::Error& error) {
  if (error == LedgerErrc::kNotFound) return not_found(error.message());
  if (error == LedgerErrc::kTooLarge) return problem(422, "Too large", error.detail);
  return problem(500, "This node cannot read its ledger", error.code.message());
}

}  // namespace sanad::node
