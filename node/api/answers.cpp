#include "node/api/answers.h"

#include <algorithm>

#include "chaincode/declaration.h"
#include "node/ledger/errc.h"

namespace sanad::node {

using chaincode::Record;
using crypto::Bytes;
using crypto::Hash;
using crypto::Result;

namespace {

// Adds where the declaration that `record` filed stands now; nothing for other records.
crypto::Status add_state(std::vector<chaincode::DeclarationState>& states, const Record& record,
                         const chaincode::Registry& registry, const chaincode::StateReader& state) {
  const auto* filed = std::get_if<chaincode::Declared>(&record.content);
  if (filed == nullptr) return {};
  const auto authority = registry.authority_of(record.authority);
  const auto found =
      authority ? chaincode::read_declaration(state, *authority, filed->declaration) : std::nullopt;
  if (!found) {
    return crypto::Error{LedgerErrc::kDamaged,
                         "the state lacks declaration " + filed->declaration.hex()};
  }
  states.push_back({record.authority, filed->declaration, found->flow, found->phase, found->held,
                    found->approver.has_value(), found->lane, found->inspection});
  return {};
}

}  // namespace

Result<chaincode::BundleStatement> Answers::statement(std::uint64_t height,
                                                      const chaincode::StatementOrigin& origin) {
  SANAD_TRY(const chaincode::Submission* source, blocks_.find(view_, height, origin.submission));
  crypto::MemoryTree tree;
  for (const Bytes& one : source->statements) tree.append(crypto::leaf_hash(one));
  SANAD_TRY(auto path, crypto::inclusion_proof(origin.index, tree.size(), tree));
  return chaincode::BundleStatement{source->cose, origin.index, source->statements[origin.index],
                                    std::move(path)};
}

Result<Bytes> Answers::stored(const Hash& digest) const {
  auto bytes = view_.body(digest);
  if (!bytes && bytes.error() == LedgerErrc::kNotFound) return Bytes{};
  return bytes;
}

Result<Bytes> Answers::body_of(const Record& record) {
  if (!record.origin) return Bytes{};
  const auto* origin = std::get_if<chaincode::StatementOrigin>(&*record.origin);
  if (origin == nullptr) return Bytes{};
  SANAD_TRY(const chaincode::Submission* source,
            blocks_.find(view_, record.height, origin->submission));
  if (origin->index >= source->statements.size()) return Bytes{};
  SANAD_TRY(const auto statement,
            crypto::decode<chaincode::Statement>(source->statements[origin->index]));
  const auto digest = chaincode::named_body(statement);
  return digest ? stored(*digest) : Bytes{};
}

Result<Bytes> Answers::detail_of(const Record& record) const {
  const auto* verdict = std::get_if<chaincode::VerdictGiven>(&record.content);
  return verdict != nullptr ? stored(verdict->detail) : Bytes{};
}

Result<chaincode::RecordAnswer> Answers::record(std::uint64_t index) {
  SANAD_TRY(Bytes bytes, view_.record(index));
  SANAD_TRY(const Record record, chaincode::decode_record(bytes));
  SANAD_TRY(Bytes body, body_of(record));
  SANAD_TRY(Bytes detail, detail_of(record));
  return chaincode::RecordAnswer{index, std::move(bytes), std::move(body), std::move(detail)};
}

Result<chaincode::RecordPage> Answers::page(std::uint64_t first, std::uint64_t count) {
  chaincode::RecordPage page;
  page.size = view_.tip().tree_size;
  const std::uint64_t end = first < page.size ? first + std::min(count, page.size - first) : first;
  std::size_t bytes = 0;
  for (std::uint64_t index = first; index < end && bytes < kPageBytesMax; ++index) {
    SANAD_TRY(auto answer, record(index));
    bytes += answer.record.size() + answer.body.size() + answer.detail.size();
    page.records.push_back(std::move(answer));
  }
  return page;
}

Result<std::vector<std::uint64_t>> Answers::indices(const crypto::Handle& handle) const {
  SANAD_TRY(auto indices, view_.consignment(handle));
  if (indices.size() <= kConsignmentRecordsMax) return indices;
  return crypto::Error{LedgerErrc::kTooLarge,
                       std::to_string(indices.size()) + " records name the consignment, at most " +
                           std::to_string(kConsignmentRecordsMax) + " fit one answer"};
}

Result<chaincode::ConsignmentAnswer> Answers::consignment(const crypto::Handle& handle,
                                                          const chaincode::Registry& registry) {
  SANAD_TRY(const auto indices, this->indices(handle));
  if (indices.empty()) {
    return crypto::Error{LedgerErrc::kNotFound, "no record names consignment " + handle.hex()};
  }
  chaincode::ConsignmentAnswer answer;
  std::copy(handle.bytes.begin(), handle.bytes.end(), answer.handle.bytes.begin());
  answer.height = view_.tip().height;
  answer.size = view_.tip().tree_size;
  for (const std::uint64_t index : indices) {
    SANAD_TRY(auto one, record(index));
    SANAD_TRY(const Record decoded, chaincode::decode_record(one.record));
    SANAD_TRY_STATUS(add_state(answer.declarations, decoded, registry, view_.state()));
    answer.records.push_back(std::move(one));
  }
  return answer;
}

crypto::Status Answers::add_record(chaincode::Bundle& bundle, const Record& record) {
  const auto n = static_cast<std::uint32_t>(record.n);
  if (const auto* origin =
          record.origin ? std::get_if<chaincode::StatementOrigin>(&*record.origin) : nullptr) {
    SANAD_TRY(auto cause, statement(record.height, *origin));
    const bool known = std::any_of(bundle.statements.begin(), bundle.statements.end(),
                                   [&cause](const auto& other) {
                                     return other.cose == cause.cose && other.index == cause.index;
                                   });
    if (!known) bundle.statements.push_back(std::move(cause));
  }
  const bool facts = record.kind() == chaincode::RecordKind::kDeclared ||
                     record.kind() == chaincode::RecordKind::kAmended;
  if (facts) {
    SANAD_TRY(const Bytes bytes, body_of(record));
    if (!bytes.empty()) {
      SANAD_TRY(auto body, crypto::decode<crypto::Body>(bytes));
      bundle.bodies.push_back({n, std::move(body)});
    }
  }
  SANAD_TRY(Bytes detail, detail_of(record));
  if (!detail.empty()) bundle.details.push_back({n, std::move(detail)});
  return {};
}

Result<chaincode::Bundle> Answers::bundle(const crypto::Handle& handle, std::string_view note,
                                          std::uint64_t since) {
  const CommittedBlock& tip = view_.tip();
  chaincode::Bundle bundle;
  bundle.checkpoint = chaincode::note_lines(note);
  SANAD_TRY(bundle.commit_record, view_.record(tip.commit_record));
  SANAD_TRY(bundle.commit_path, view_.inclusion_proof(tip.commit_record, tip.tree_size));
  SANAD_TRY(bundle.index_proof, view_.index_proof(crypto::index_key("consignment", handle.view())));
  SANAD_TRY(const auto indices, this->indices(handle));
  if (since > indices.size()) {
    return crypto::Error{LedgerErrc::kNotFound,
                         "the consignment has " + std::to_string(indices.size()) +
                             " records, fewer than " + std::to_string(since)};
  }
  if (since > 0) bundle.since.emplace();
  for (std::size_t i = 0; i < indices.size(); ++i) {
    SANAD_TRY(Bytes bytes, view_.record(indices[i]));
    if (i < since) {
      bundle.since->append(crypto::leaf_hash(bytes));
      continue;
    }
    SANAD_TRY(const Record record, chaincode::decode_record(bytes));
    SANAD_TRY_STATUS(add_record(bundle, record));
    bundle.records.push_back(std::move(bytes));
  }
  return bundle;
}

Result<chaincode::ProvedSubmission> Answers::proved(const chaincode::SubmissionStatus& status,
                                                    std::string_view note) {
  std::vector<crypto::Handle> handles;
  for (const chaincode::StatementOutcome& outcome : status.outcomes) {
    if (!outcome.record) continue;
    SANAD_TRY(const Bytes bytes, view_.record(*outcome.record));
    SANAD_TRY(const Record record, chaincode::decode_record(bytes));
    for (const crypto::Handle& handle : record.consignments) {
      if (std::find(handles.begin(), handles.end(), handle) == handles.end()) {
        handles.push_back(handle);
      }
    }
  }
  if (handles.size() > chaincode::kBundlesPerAnswerMax) {
    return crypto::Error{LedgerErrc::kTooLarge,
                         std::to_string(handles.size()) + " consignments, at most " +
                             std::to_string(chaincode::kBundlesPerAnswerMax) +
                             " have their proofs in one answer"};
  }
  chaincode::ProvedSubmission proved{status, {}};
  for (const crypto::Handle& handle : handles) {
    SANAD_TRY(auto bundle, this->bundle(handle, note));
    proved.bundles.push_back(std::move(bundle));
  }
  return proved;
}

}  // namespace sanad::node
