#include "tools/node_client.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "crypto/codec_json.h"

namespace sanad::tools {
namespace {

using crypto::Error;
using crypto::Result;
using network::HttpAnswer;
using network::HttpCall;

constexpr unsigned kNotFound = 404;
constexpr unsigned kTooManyRequests = 429;
constexpr unsigned kUnavailable = 503;

// "title: detail (field)" of an RFC 9457 problem, or the start of whatever came.
std::string problem_text(const HttpAnswer& answer) {
  std::string text = "HTTP " + std::to_string(answer.status);
  boost::system::error_code error;
  const auto value = boost::json::parse(answer.body, error);
  if (error || !value.is_object()) return text + " " + answer.body.substr(0, 200);
  for (const char* name : {"title", "detail", "field"}) {
    const auto* part = value.get_object().if_contains(name);
    if (part == nullptr || !part->is_string()) continue;
    const std::string_view words{part->get_string().data(), part->get_string().size()};
    text += std::string(name) == "field" ? " (field " : ": ";
    text += words;
    if (std::string(name) == "field") text += ")";
  }
  return text;
}

// 400, 413, 415 and 422 blame the bytes, which no repeat will mend.
Error refused(const HttpAnswer& answer) {
  const bool invalid =
      answer.status == 400 || answer.status == 413 || answer.status == 415 || answer.status == 422;
  if (answer.status == kNotFound) return {Errc::kNotFound, problem_text(answer)};
  return {invalid ? Errc::kInvalid : Errc::kRefused, problem_text(answer)};
}

bool is_busy(const HttpAnswer& answer) {
  return answer.status == kUnavailable || answer.status == kTooManyRequests;
}

}  // namespace

NodeClient::NodeClient(const Member& member, Patience patience)
    : http_([&member] {
        network::HttpClientOptions options;
        options.host = member.api.host;
        options.port = member.api.port;
        return options;
      }()),
      address_(member.api.text() + " (" + member.id + ")"),
      authorization_("Bearer " + member.token),
      patience_(patience) {}

Result<HttpAnswer> NodeClient::call(HttpCall call) {
  call.headers.emplace_back("authorization", authorization_);
  auto answer = http_.call(call);
  if (answer) return std::move(*answer);
  return Error{Errc::kNoAnswer, address_ + ": " + answer.error().message() +
                                    "; is the node up? `sanad status` shows it, `sanad network up` "
                                    "starts it"};
}

template <class T>
Result<T> NodeClient::get_json(const std::string& target) {
  HttpCall request;
  request.target = target;
  SANAD_TRY(const HttpAnswer answer, call(std::move(request)));
  if (!answer.ok()) return refused(answer);
  auto value = crypto::from_json<T>(answer.body);
  if (value) return value;
  return Error{Errc::kBadAnswer, address_ + target + ": " + value.error().message()};
}

Result<chaincode::SubmissionStatus> NodeClient::submit(const crypto::Hash& id,
                                                       crypto::ByteView wire) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::milliseconds(patience_.total_ms);
  std::uint64_t pause_ms = patience_.pause_ms;
  HttpCall request;
  request.method = "POST";
  request.target = "/v1/submissions?wait=final";
  request.content_type = "application/cbor";
  request.body = crypto::as_text(wire);
  request.repeatable = true;
  while (true) {
    const auto answer = call(request);
    Error problem{Errc::kNoAnswer, "submission " + id.hex() + " is not final yet"};
    if (answer && answer->ok()) {
      SANAD_TRY(auto status, crypto::from_json<chaincode::SubmissionStatus>(answer->body));
      if (status.id != id) return Error{Errc::kBadAnswer, "the node answers another submission"};
      if (status.state != chaincode::SubmissionState::kPending) return status;
      pause_ms = patience_.pause_ms;  // the node waited for us already
    } else if (answer && !is_busy(*answer)) {
      return refused(*answer);
    } else {
      problem = answer ? refused(*answer) : answer.error();
    }
    if (Clock::now() + std::chrono::milliseconds(pause_ms) >= deadline) return problem;
    std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
    pause_ms = std::min(pause_ms * 2, patience_.pause_max_ms);
  }
}

Result<std::optional<chaincode::SubmissionStatus>> NodeClient::status(const crypto::Hash& id) {
  HttpCall request;
  request.target = "/v1/submissions/" + id.hex();
  SANAD_TRY(const HttpAnswer answer, call(std::move(request)));
  if (answer.status == kNotFound) return std::optional<chaincode::SubmissionStatus>();
  if (!answer.ok()) return refused(answer);
  SANAD_TRY(auto status, crypto::from_json<chaincode::SubmissionStatus>(answer.body));
  return std::optional(std::move(status));
}

Result<chaincode::NetworkAnswer> NodeClient::network() {
  return get_json<chaincode::NetworkAnswer>("/v1/network");
}

Result<chaincode::ConsignmentAnswer> NodeClient::consignment(const crypto::Handle& handle) {
  return get_json<chaincode::ConsignmentAnswer>("/v1/consignments/" + handle.hex());
}

Result<chaincode::Bundle> NodeClient::bundle(const crypto::Handle& handle, std::uint64_t since) {
  return get_json<chaincode::Bundle>("/v1/consignments/" + handle.hex() + "/bundle" +
                                     (since > 0 ? "?since=" + std::to_string(since) : ""));
}

Result<chaincode::RecordAnswer> NodeClient::record(std::uint64_t index) {
  return get_json<chaincode::RecordAnswer>("/v1/records/" + std::to_string(index));
}

Result<crypto::TlogProof> NodeClient::record_proof(std::uint64_t index) {
  HttpCall request;
  request.target = "/v1/records/" + std::to_string(index) + "/proof";
  SANAD_TRY(const HttpAnswer answer, call(std::move(request)));
  if (!answer.ok()) return refused(answer);
  auto proof = crypto::TlogProof::parse(answer.body);
  if (proof) return proof;
  return Error{Errc::kBadAnswer, address_ + ": " + proof.error().message()};
}

Result<chaincode::RecordPage> NodeClient::records(std::uint64_t first, std::uint64_t count) {
  return get_json<chaincode::RecordPage>("/v1/records?from=" + std::to_string(first) +
                                         "&count=" + std::to_string(count));
}

Result<crypto::Bytes> NodeClient::receipt(std::uint64_t index) {
  HttpCall request;
  request.target = "/log/receipt/" + std::to_string(index);
  SANAD_TRY(const HttpAnswer answer, call(std::move(request)));
  if (!answer.ok()) return refused(answer);
  const crypto::ByteView bytes = crypto::as_bytes(answer.body);
  return crypto::Bytes(bytes.begin(), bytes.end());
}

Result<unsigned> NodeClient::ready() {
  HttpCall request;
  request.target = "/readyz";
  SANAD_TRY(const HttpAnswer answer, call(std::move(request)));
  return answer.status;
}

}  // namespace sanad::tools
