#include "node/replica/batch.h"

namespace sanad::node {
namespace {

using crypto::Bytes;
using crypto::Error;
using crypto::Hash;
using crypto::Result;
using crypto::Status;

// `bytes` as the author counts them; the rest follows from the submissions.
consensus::BatchHeader header_of(consensus::MemberIndex author, consensus::Epoch epoch,
                                 std::uint64_t seq, std::uint32_t bytes,
                                 const std::vector<SubmissionPtr>& submissions) {
  std::vector<Hash> content;
  content.reserve(submissions.size());
  std::size_t statements = 0;
  for (const SubmissionPtr& submission : submissions) {
    content.push_back(crypto::tagged_hash_bytes("batch-submission", submission->core_bytes()));
    statements += submission->statements().size();
  }
  return {author, epoch,
          seq,    crypto::tagged_hash("batch-content", content),
          bytes,  static_cast<std::uint32_t>(statements)};
}

Error invalid(std::string what) { return Error{ReplicaErrc::kBatchInvalid, std::move(what)}; }

Error invalid_submission(std::size_t i, const Error& why) {
  return invalid("submission " + std::to_string(i) + ": " + why.message());
}

}  // namespace

CheckedBatch::CheckedBatch(consensus::SignedBatch signed_header,
                           std::vector<SubmissionPtr> submissions)
    : signed_(std::move(signed_header)),
      ref_(consensus::ref_of(signed_)),
      submissions_(std::move(submissions)) {}

Batch CheckedBatch::wire() const {
  Batch batch{ref_.author, signed_.header.epoch, ref_.seq, ref_.bytes, {}, signed_.signature};
  for (const SubmissionPtr& submission : submissions_) {
    batch.submissions.push_back({submission->raw()});
  }
  return batch;
}

Bytes CheckedBatch::stored() const {
  Batch batch{ref_.author, signed_.header.epoch, ref_.seq, ref_.bytes, {}, signed_.signature};
  for (const SubmissionPtr& submission : submissions_) {
    batch.submissions.push_back({submission->core_bytes()});
  }
  return crypto::encode(batch);
}

BatchPtr make_batch(const BatchContext& context, consensus::MemberIndex self, std::uint64_t seq,
                    std::vector<SubmissionPtr> submissions, const crypto::SigningKey& key) {
  assert(!submissions.empty() && submissions.size() <= kBatchSubmissionsMax);
  const consensus::Epoch epoch = context.committee.epoch();
  std::size_t bytes = 0;
  for (const SubmissionPtr& submission : submissions) bytes += submission->raw().size();
  assert(bytes <= kBatchBytesMax);
  const auto header = header_of(self, epoch, seq, static_cast<std::uint32_t>(bytes), submissions);
  return std::make_shared<const CheckedBatch>(
      CheckedBatch(consensus::sign_batch(context.network_id, header, key), std::move(submissions)));
}

Result<BatchPtr> check_batch(const BatchContext& context, const Batch& batch,
                             const FinalBatches* known) {
  if (!context.committee.has(batch.author)) return invalid("unknown author");
  if (batch.epoch != context.committee.epoch()) return invalid("of another epoch");
  if (batch.seq == 0) return invalid("sequence numbers begin at 1");
  if (batch.submissions.empty()) return invalid("without submissions");
  if (batch.bytes > kBatchBytesMax) return invalid("over the size of a batch");
  std::size_t bytes = 0;
  for (const SubmissionBytes& submission : batch.submissions) bytes += submission.bytes.size();
  if (bytes > batch.bytes) return invalid("longer than it says");

  std::vector<SubmissionPtr> submissions;
  submissions.reserve(batch.submissions.size());
  for (std::size_t i = 0; i < batch.submissions.size(); ++i) {
    auto checked = chaincode::check_but_signature(batch.submissions[i].bytes, context.network_id);
    if (!checked) return invalid_submission(i, checked.error());
    submissions.push_back(
        std::make_shared<const chaincode::CheckedSubmission>(std::move(*checked)));
  }
  const auto header = header_of(batch.author, batch.epoch, batch.seq, batch.bytes, submissions);
  auto result = std::make_shared<const CheckedBatch>(
      CheckedBatch({header, batch.signature}, std::move(submissions)));
  if (known != nullptr && known->contains(result->ref_.digest)) return BatchPtr(std::move(result));

  const Hash message = consensus::signed_digest(context.network_id, header);
  if (!crypto::verify(context.committee.key(batch.author), message.view(), batch.signature)) {
    return invalid("its author did not sign it");
  }
  for (std::size_t i = 0; i < result->submissions_.size(); ++i) {
    const Status checked = chaincode::check_signature(*result->submissions_[i]);
    if (!checked) return invalid_submission(i, checked.error());
  }
  return BatchPtr(std::move(result));
}

Result<Batch> join_batch(crypto::ByteView stored,
                         const std::function<std::optional<Bytes>(const Hash&)>& body) {
  SANAD_TRY(Batch batch, crypto::decode<Batch>(stored));
  for (SubmissionBytes& submission : batch.submissions) {
    SANAD_TRY(submission.bytes, chaincode::join_submission(submission.bytes, body));
  }
  return batch;
}

Result<StoredBatch> read_stored_batch(crypto::ByteView stored) {
  SANAD_TRY(const Batch batch, crypto::decode<Batch>(stored));
  StoredBatch read;
  std::vector<Hash> content;
  std::size_t statements = 0;
  for (const SubmissionBytes& submission : batch.submissions) {
    content.push_back(crypto::tagged_hash_bytes("batch-submission", submission.bytes));
    SANAD_TRY(const auto wire, crypto::decode<chaincode::Submission>(submission.bytes));
    statements += wire.statements.size();
    for (const Bytes& bytes : wire.statements) {
      SANAD_TRY(const auto statement, crypto::decode<chaincode::Statement>(bytes));
      if (const auto digest = chaincode::named_body(statement)) read.bodies.push_back(*digest);
    }
  }
  const consensus::BatchHeader header{batch.author, batch.epoch,
                                      batch.seq,    crypto::tagged_hash("batch-content", content),
                                      batch.bytes,  static_cast<std::uint32_t>(statements)};
  read.ref = consensus::ref_of({header, batch.signature});
  return read;
}

}  // namespace sanad::node
