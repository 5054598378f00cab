#include "node/replica/batch.h"

#include "consensus/evidence.h"

namespace sanad::node {
namespace {

using crypto::Bytes;
using crypto::Error;
using crypto::Hash;
using crypto::Result;
using crypto::Status;

// What the digest covers: who says so, every submission without its bodies, and the size that its
// author counted. A digest stands for one reference, or two halves of the network could hold two.
struct Content {
  consensus::MemberIndex author = 0;
  consensus::Epoch epoch = 0;
  std::uint64_t seq = 0;
  std::uint32_t bytes = 0;
  std::vector<Hash> submissions;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(author), SANAD_FIELD(epoch), SANAD_FIELD(seq), SANAD_FIELD(bytes),
       SANAD_FIELD(submissions));
  }
};

Error invalid(std::string what) { return Error{ReplicaErrc::kBatchInvalid, std::move(what)}; }

Error invalid_submission(std::size_t i, const Error& why) {
  return invalid("submission " + std::to_string(i) + ": " + why.message());
}

}  // namespace

CheckedBatch::CheckedBatch(consensus::Epoch epoch, consensus::MemberIndex author, std::uint64_t seq,
                           std::uint32_t bytes, std::vector<SubmissionPtr> submissions)
    : epoch_(epoch), submissions_(std::move(submissions)) {
  Content content{author, epoch, seq, bytes, {}};
  std::size_t statements = 0;
  for (const SubmissionPtr& submission : submissions_) {
    content.submissions.push_back(
        crypto::tagged_hash_bytes("batch-submission", submission->core_bytes()));
    statements += submission->statements().size();
  }
  ref_ = {author, seq, crypto::tagged_hash("batch-content", content), bytes,
          static_cast<std::uint32_t>(statements)};
}

Batch CheckedBatch::wire() const {
  Batch batch{ref_.author, epoch_, ref_.seq, ref_.bytes, {}, signature_};
  for (const SubmissionPtr& submission : submissions_) {
    batch.submissions.push_back({submission->raw()});
  }
  return batch;
}

Bytes CheckedBatch::stored() const {
  Batch batch{ref_.author, epoch_, ref_.seq, ref_.bytes, {}, signature_};
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
  CheckedBatch batch(epoch, self, seq, static_cast<std::uint32_t>(bytes), std::move(submissions));
  batch.signature_ =
      consensus::sign_batch_ref(context.network_id, epoch, batch.ref_, key).signature;
  return std::make_shared<const CheckedBatch>(std::move(batch));
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
  CheckedBatch result(batch.epoch, batch.author, batch.seq, batch.bytes, std::move(submissions));
  result.signature_ = batch.signature;
  const Hash message = consensus::signed_digest(context.network_id, batch.epoch, result.ref_);
  if (!crypto::verify(context.committee.key(batch.author), message.view(), batch.signature)) {
    return invalid("its author did not sign it");
  }
  const bool checked_by_quorum = known != nullptr && known->contains(result.ref_.digest);
  for (std::size_t i = 0; i < result.submissions_.size() && !checked_by_quorum; ++i) {
    const Status checked = chaincode::check_signature(*result.submissions_[i]);
    if (!checked) return invalid_submission(i, checked.error());
  }
  return std::make_shared<const CheckedBatch>(std::move(result));
}

Result<Batch> join_batch(crypto::ByteView stored,
                         const std::function<std::optional<Bytes>(const Hash&)>& body) {
  SANAD_TRY(Batch batch, crypto::decode<Batch>(stored));
  for (SubmissionBytes& submission : batch.submissions) {
    SANAD_TRY(submission.bytes, chaincode::join_submission(submission.bytes, body));
  }
  return batch;
}

}  // namespace sanad::node
