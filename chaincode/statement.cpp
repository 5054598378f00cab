#include "chaincode/statement.h"

#include <algorithm>

#include "chaincode/accusation.h"
#include "crypto/log_tree.h"

namespace sanad::chaincode {
namespace {

Error at_statement(std::size_t index, const Error& error) {
  const std::string where = "statement " + std::to_string(index);
  return {error.code, error.detail.empty() ? where : where + ": " + error.detail};
}

// The commitment that the statement's body must have, where it needs one.
const Hash* named_commitment(const Statement& statement) {
  if (const auto* declare = std::get_if<Declare>(&statement)) return &declare->commitment;
  if (const auto* amend = std::get_if<Amend>(&statement)) return &amend->commitment;
  return nullptr;
}

Status check_bound_body(const Statement& statement, ByteView bytes, const Body& body) {
  const std::optional<Hash> named = named_body(statement);
  if (!named) return Error{Errc::kBodyUnexpected};
  if (body_digest(bytes) != *named) return Error{Errc::kBodyMismatch, "its digest is another"};
  const Hash* commitment = named_commitment(statement);
  if (commitment == nullptr) return check_reason_body(body);
  SANAD_TRY_STATUS(check_body(body));
  SANAD_TRY(const Hash actual, crypto::commitment_of(body));
  if (actual != *commitment) return Error{Errc::kBodyMismatch, "its commitment is another"};
  return {};
}

Result<std::optional<Body>> open_body(const Statement& statement,
                                      const std::optional<Bytes>& bytes) {
  if (!bytes) {
    if (named_commitment(statement) != nullptr) return Error{Errc::kBodyMissing};
    return std::optional<Body>{};
  }
  SANAD_TRY(Body body, crypto::decode<Body>(*bytes));
  SANAD_TRY_STATUS(check_bound_body(statement, *bytes, body));
  return std::optional<Body>(std::move(body));
}

Hash root_of(std::span<const Bytes> statements) {
  crypto::LogFrontier tree;
  for (const Bytes& statement : statements) tree.append(crypto::leaf_hash(statement));
  return tree.root();
}

Status check_counts(const Submission& wire) {
  if (wire.statements.empty() || wire.bodies.size() != wire.statements.size()) {
    return Error{Errc::kStatementCount, std::to_string(wire.statements.size()) +
                                            " statements and " +
                                            std::to_string(wire.bodies.size()) + " bodies"};
  }
  return {};
}

Status check_payload(const SubmissionPayload& payload, const Submission& wire,
                     const Hash& network) {
  if (payload.network != network) return Error{Errc::kOtherNetwork, payload.network.hex()};
  if (payload.count != wire.statements.size()) {
    return Error{Errc::kStatementCount, "signed for " + std::to_string(payload.count) + ", got " +
                                            std::to_string(wire.statements.size())};
  }
  if (root_of(wire.statements) != payload.root) return Error{Errc::kWrongRoot};
  return {};
}

Bytes payload_bytes(const SubmissionTerms& terms, std::span<const Bytes> statements) {
  SubmissionPayload payload;
  payload.network = terms.network;
  payload.valid_until_ms = terms.valid_until_ms;
  payload.nonce = terms.nonce;
  payload.count = static_cast<std::uint32_t>(statements.size());
  payload.root = root_of(statements);
  return crypto::encode(payload);
}

}  // namespace

Hash body_digest(ByteView body_bytes) { return crypto::tagged_hash_bytes("body", body_bytes); }

std::optional<Hash> named_body(const Statement& statement) {
  return std::visit(
      [](const auto& value) -> std::optional<Hash> {
        if constexpr (requires { value.body; }) {
          return value.body;
        } else if constexpr (requires { value.evidence; }) {
          return std::nullopt;
        } else {
          return value.reason;
        }
      },
      statement);
}

Hash subject_of(const Statement& statement) {
  return std::visit(
      [](const auto& value) -> Hash {
        if constexpr (requires { value.declaration; }) {
          return value.declaration;
        } else if constexpr (requires { value.evidence; }) {
          return evidence_digest(value.evidence);
        } else {
          return value.commitment;
        }
      },
      statement);
}

std::string consignment_reference(const Body& body, std::string_view authority) {
  if (const std::string* ucr = opened_text(body, FieldId::kUcr)) return *ucr;
  const std::string* id = opened_text(body, FieldId::kDeclarationId);
  assert(id != nullptr);
  return std::string(authority) + ":" + *id;
}

Handle consignment_handle(const crypto::NetworkSecret& secret, const Body& body,
                          std::string_view authority) {
  const std::string reference = consignment_reference(body, authority);
  return crypto::make_handle("consignment", crypto::handle_salt(secret, "consignment", reference),
                             reference);
}

std::string container_reference(std::string_view number) {
  std::string reference;
  for (const char c : number) {
    if (c == ' ' || c == '-') continue;
    reference += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return reference;
}

std::vector<Handle> container_handles(const crypto::NetworkSecret& secret, const Body& body) {
  const crypto::FieldValue* value = opened_field(body, FieldId::kContainers);
  const auto* numbers = value ? std::get_if<std::vector<std::string>>(value) : nullptr;
  if (numbers == nullptr) return {};
  std::vector<Handle> handles;
  for (const std::string& number : *numbers) {
    const std::string reference = container_reference(number);
    if (reference.empty()) continue;
    handles.push_back(crypto::make_handle(
        "container", crypto::handle_salt(secret, "container", reference), reference));
  }
  std::sort(handles.begin(), handles.end());
  handles.erase(std::unique(handles.begin(), handles.end()), handles.end());
  return handles;
}

Result<StatementWithBody> make_declare(const Handle& consignment, const Body& body) {
  SANAD_TRY_STATUS(check_body(body));
  SANAD_TRY(const Hash commitment, crypto::commitment_of(body));
  Bytes bytes = crypto::encode(body);
  const Hash digest = body_digest(bytes);
  return StatementWithBody{Declare{consignment, commitment, digest}, std::move(bytes)};
}

Result<StatementWithBody> make_amend(const Hash& declaration, const Handle& consignment,
                                     const Body& body) {
  SANAD_TRY_STATUS(check_body(body));
  SANAD_TRY(const Hash commitment, crypto::commitment_of(body));
  Bytes bytes = crypto::encode(body);
  const Hash digest = body_digest(bytes);
  return StatementWithBody{Amend{declaration, consignment, commitment, digest}, std::move(bytes)};
}

Body make_reason(std::string text, const crypto::Salt& salt) {
  Body body;
  body.schema = kReasonSchema;
  body.opened.push_back({1, std::move(text), salt});
  return body;
}

Submission build_submission(const crypto::SigningKey& key, const SubmissionTerms& terms,
                            std::vector<StatementWithBody> statements) {
  assert(!statements.empty() && statements.size() <= kStatementsMax);
  Submission wire;
  for (StatementWithBody& entry : statements) {
    wire.statements.push_back(crypto::encode(entry.statement));
    wire.bodies.push_back(std::move(entry.body));
  }
  wire.cose = crypto::encode_cose(crypto::sign_cose(key, payload_bytes(terms, wire.statements)));
  return wire;
}

Bytes submission_bytes(const SubmissionDocument& document, const Hash& network) {
  Submission wire;
  for (const Statement& statement : document.statements) {
    wire.statements.push_back(crypto::encode(statement));
  }
  for (const std::optional<Body>& body : document.bodies) {
    wire.bodies.push_back(body ? std::optional(crypto::encode(*body)) : std::nullopt);
  }
  const SubmissionTerms terms{network, document.valid_until_ms, document.nonce};
  wire.cose = crypto::encode_cose(
      {document.key, payload_bytes(terms, wire.statements), document.signature});
  return crypto::encode(wire);
}

SubmissionDocument submission_document(const CheckedSubmission& submission) {
  const auto cose = crypto::parse_cose(submission.cose_bytes());
  assert(cose);
  const auto payload = crypto::decode<SubmissionPayload>(cose->payload);
  assert(payload);
  return {submission.key(),        submission.valid_until_ms(), payload->nonce,
          submission.statements(), submission.bodies(),         cose->signature};
}

Result<CheckedSubmission> check_submission(ByteView bytes, const Hash& network) {
  SANAD_TRY(CheckedSubmission checked, check_but_signature(bytes, network));
  SANAD_TRY_STATUS(check_signature(checked));
  return checked;
}

Status check_signature(const CheckedSubmission& submission) {
  SANAD_TRY(const crypto::CoseSign1 cose, crypto::parse_cose(submission.cose_bytes()));
  return crypto::verify_cose(cose);
}

Result<CheckedSubmission> check_but_signature(ByteView bytes, const Hash& network) {
  if (bytes.size() > kSubmissionBytesMax) {
    return Error{Errc::kTooLarge, std::to_string(bytes.size()) + " bytes, at most " +
                                      std::to_string(kSubmissionBytesMax)};
  }
  CheckedSubmission checked;
  SANAD_TRY(checked.wire_, crypto::decode<Submission>(bytes));
  const Submission& wire = checked.wire_;
  SANAD_TRY_STATUS(check_counts(wire));
  SANAD_TRY(const crypto::CoseSign1 cose, crypto::parse_cose(wire.cose));
  SANAD_TRY(const auto payload, crypto::decode<SubmissionPayload>(cose.payload));
  SANAD_TRY_STATUS(check_payload(payload, wire, network));
  for (std::size_t i = 0; i < wire.statements.size(); ++i) {
    if (wire.statements[i].size() > kStatementBytesMax) {
      return at_statement(i, Error{crypto::Errc::kTooLong,
                                   "at most " + std::to_string(kStatementBytesMax) + " bytes"});
    }
    auto statement = crypto::decode<Statement>(wire.statements[i]);
    if (!statement) return at_statement(i, statement.error());
    auto body = open_body(*statement, wire.bodies[i]);
    if (!body) return at_statement(i, body.error());
    checked.statements_.push_back(std::move(*statement));
    checked.bodies_.push_back(std::move(*body));
  }
  checked.raw_.assign(bytes.begin(), bytes.end());
  checked.id_ = crypto::cose_id(cose.kid, cose.payload);
  checked.key_ = cose.kid;
  checked.valid_until_ms_ = payload.valid_until_ms;
  return checked;
}

Bytes CheckedSubmission::core_bytes() const {
  Submission core;
  core.cose = wire_.cose;
  core.statements = wire_.statements;
  core.bodies.resize(wire_.bodies.size());
  return crypto::encode(core);
}

std::vector<CheckedSubmission::StoredBody> CheckedSubmission::stored_bodies() const {
  std::vector<StoredBody> bodies;
  for (std::size_t i = 0; i < wire_.bodies.size(); ++i) {
    if (!wire_.bodies[i]) continue;
    const std::optional<Hash> digest = named_body(statements_[i]);
    assert(digest);
    bodies.push_back({*digest, *wire_.bodies[i]});
  }
  return bodies;
}

Result<Bytes> join_submission(ByteView core,
                              const std::function<std::optional<Bytes>(const Hash&)>& body) {
  SANAD_TRY(Submission wire, crypto::decode<Submission>(core));
  SANAD_TRY_STATUS(check_counts(wire));
  for (std::size_t i = 0; i < wire.statements.size(); ++i) {
    if (wire.bodies[i]) return at_statement(i, Error{Errc::kBodyUnexpected});
    SANAD_TRY(const auto statement, crypto::decode<Statement>(wire.statements[i]));
    if (const auto named = named_body(statement)) wire.bodies[i] = body(*named);
  }
  return crypto::encode(wire);
}

Result<std::vector<Hash>> named_bodies(ByteView core) {
  SANAD_TRY(const Submission wire, crypto::decode<Submission>(core));
  std::vector<Hash> named;
  for (const Bytes& bytes : wire.statements) {
    SANAD_TRY(const auto statement, crypto::decode<Statement>(bytes));
    if (const auto digest = named_body(statement)) named.push_back(*digest);
  }
  return named;
}

}  // namespace sanad::chaincode
