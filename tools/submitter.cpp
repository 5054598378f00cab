#include "tools/submitter.h"

#include <algorithm>
#include <chrono>

namespace sanad::tools {
namespace {

using chaincode::StatementWithBody;
using crypto::Error;
using crypto::Result;
using crypto::Status;

constexpr std::uint64_t kValidForMs = 600'000;
// A statement, its place in the arrays around it and its body's head.
constexpr std::size_t kStatementOverhead = 160;
// COSE, heads of the arrays, and room for one declaration of the largest usual size.
constexpr std::size_t kReserveBytes = 16'384;

std::uint64_t fresh_nonce() {
  const auto bytes = fresh<crypto::Salt>();
  return crypto::read_u64be(bytes.view());
}

// Before the submission is forgotten: an import that dies in between must not inspect twice.
Status note_inspections(Vault& vault, const PendingSubmission& pending) {
  SANAD_TRY(std::vector<VaultEntry> inspected, vault.inspected_by(pending));
  if (inspected.empty()) return {};
  for (VaultEntry& entry : inspected) entry.inspected = true;
  return vault.put(inspected, nullptr);
}

}  // namespace

std::uint64_t now_ms() {
  using namespace std::chrono;
  const auto since = duration_cast<milliseconds>(system_clock::now().time_since_epoch());
  return static_cast<std::uint64_t>(since.count());
}

SubmissionBuilder::SubmissionBuilder(const Member& member, const crypto::SigningKey& key,
                                     std::size_t statements_max)
    : member_(member), key_(key), statements_max_(statements_max) {
  assert(statements_max >= 1 && statements_max <= chaincode::kStatementsMax);
}

crypto::Salt SubmissionBuilder::next_salt() {
  if (random_left_ == 0) {
    fill_random(random_);
    random_left_ = random_.size();
  }
  crypto::Salt salt;
  random_left_ -= salt.bytes.size();
  std::copy_n(random_.begin() + static_cast<std::ptrdiff_t>(random_left_), salt.bytes.size(),
              salt.bytes.begin());
  return salt;
}

Status SubmissionBuilder::add_declaration(const Declaration& declaration) {
  SANAD_TRY(crypto::Body body,
            make_body(declaration, member_.secret, [this] { return next_salt(); }));
  const auto handle = chaincode::consignment_handle(member_.secret, body, member_.id);
  SANAD_TRY(StatementWithBody made, chaincode::make_declare(handle, body));
  const crypto::Hash commitment = std::get<chaincode::Declare>(made.statement).commitment;
  keep({.declaration = commitment, .commitment = commitment, .consignment = handle},
       std::move(body));
  add_statement(std::move(made));
  return {};
}

Status SubmissionBuilder::add_amendment(const VaultEntry& earlier, const Declaration& declaration) {
  SANAD_TRY(crypto::Body body,
            make_body(declaration, member_.secret, [this] { return next_salt(); }));
  const auto handle = chaincode::consignment_handle(member_.secret, body, member_.id);
  SANAD_TRY(StatementWithBody made, chaincode::make_amend(earlier.declaration, handle, body));
  const crypto::Hash commitment = std::get<chaincode::Amend>(made.statement).commitment;
  keep({.declaration = earlier.declaration, .commitment = commitment, .consignment = handle},
       std::move(body));
  add_statement(std::move(made));
  return {};
}

void SubmissionBuilder::keep(const Names& names, crypto::Body body) {
  VaultEntry entry;
  entry.declaration_id = *chaincode::opened_text(body, chaincode::FieldId::kDeclarationId);
  entry.reference = chaincode::consignment_reference(body, member_.id);
  entry.declaration = names.declaration;
  entry.commitment = names.commitment;
  entry.consignment = names.consignment;
  entry.statement = static_cast<std::uint32_t>(statements_.size());
  entry.body = std::move(body);
  ids_.insert(entry.declaration_id);
  entries_.push_back(std::move(entry));
}

void SubmissionBuilder::add_statement(StatementWithBody statement) {
  bytes_ += kStatementOverhead;
  if (statement.body) bytes_ += statement.body->size();
  statements_.push_back(std::move(statement));
}

bool SubmissionBuilder::full() const {
  return statements_.size() >= statements_max_ ||
         bytes_ + kReserveBytes >= chaincode::kSubmissionBytesMax;
}

bool SubmissionBuilder::holds(std::string_view declaration_id) const {
  return ids_.contains(declaration_id);
}

Prepared SubmissionBuilder::take() {
  assert(!statements_.empty());
  const chaincode::SubmissionTerms terms{member_.network_id, now_ms() + kValidForMs, fresh_nonce()};
  const chaincode::Submission built =
      chaincode::build_submission(key_, terms, std::exchange(statements_, {}));
  Prepared prepared;
  prepared.submission.wire = crypto::encode(built);
  prepared.submission.valid_until_ms = terms.valid_until_ms;
  const auto cose = crypto::parse_cose(built.cose);
  assert(cose.ok());
  prepared.submission.id = crypto::cose_id(cose->kid, cose->payload);
  prepared.entries = std::move(entries_);
  for (VaultEntry& entry : prepared.entries) entry.submission = prepared.submission.id;
  entries_.clear();
  ids_.clear();
  bytes_ = 0;
  return prepared;
}

StatementWithBody make_inspection(const crypto::Hash& declaration,
                                  chaincode::InspectionResult result, std::string reason) {
  crypto::Bytes body =
      crypto::encode(chaincode::make_reason(std::move(reason), fresh<crypto::Salt>()));
  const crypto::Hash digest = chaincode::body_digest(body);
  return {chaincode::Inspect{declaration, result, digest}, std::move(body)};
}

Result<chaincode::SubmissionStatus> send(NodeClient& node, Vault& vault, const Prepared& prepared) {
  SANAD_TRY_STATUS(vault.put(prepared.entries, &prepared.submission));
  return deliver(node, vault, prepared);
}

Result<chaincode::SubmissionStatus> deliver(NodeClient& node, Vault& vault,
                                            const Prepared& prepared) {
  const auto answer = node.submit(prepared.submission.id, prepared.submission.wire);
  if (!answer) {
    if (answer.error() == make_error_code(Errc::kInvalid)) {
      SANAD_TRY_STATUS(vault.drop(prepared.submission.id, prepared.entries));
    }
    return answer.error();
  }
  const chaincode::SubmissionStatus& status = *answer;
  if (status.state == chaincode::SubmissionState::kExpired) {
    SANAD_TRY_STATUS(vault.drop(prepared.submission.id, prepared.entries));
    return Error{Errc::kExpired, "it was valid for ten minutes and no block took it; try again"};
  }
  SANAD_TRY_STATUS(note_inspections(vault, prepared.submission));
  SANAD_TRY_STATUS(vault.settle(status, prepared.entries));
  return status;
}

Result<Settled> settle_pending(NodeClient& node, Vault& vault) {
  Settled settled;
  SANAD_TRY(const std::vector<PendingSubmission> pending, vault.pending());
  for (const PendingSubmission& one : pending) {
    SANAD_TRY(std::vector<VaultEntry> entries, vault.entries_of(one));
    SANAD_TRY(const auto status, node.submit(one.id, one.wire));
    if (status.state == chaincode::SubmissionState::kExpired) {
      SANAD_TRY_STATUS(vault.drop(one.id, entries));
      ++settled.expired;
    } else {
      SANAD_TRY_STATUS(note_inspections(vault, one));
      SANAD_TRY_STATUS(vault.settle(status, entries));
      ++settled.finished;
    }
  }
  return settled;
}

}  // namespace sanad::tools
