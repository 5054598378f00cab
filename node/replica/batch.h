// A batch that was checked (B1): the only form in which the pool, the driver and the executor meet
// one. Pure; immutable; thread-safe.
#pragma once

#include <functional>
#include <memory>

#include "chaincode/statement.h"
#include "consensus/committee.h"
#include "consensus/evidence.h"
#include "node/replica/errors.h"
#include "node/replica/final_batches.h"
#include "node/replica/wire.h"

namespace sanad::node {

// Whose batches are good: the committee of the epoch and the network.
struct BatchContext {
  const consensus::Committee& committee;
  crypto::Hash network_id;
};

using SubmissionPtr = std::shared_ptr<const chaincode::CheckedSubmission>;

class CheckedBatch;
using BatchPtr = std::shared_ptr<const CheckedBatch>;

class CheckedBatch {
 public:
  [[nodiscard]] const consensus::BatchRef& ref() const { return ref_; }
  [[nodiscard]] const consensus::SignedBatch& signed_header() const { return signed_; }
  [[nodiscard]] const std::vector<SubmissionPtr>& submissions() const { return submissions_; }
  // As it travels, with bodies.
  [[nodiscard]] Batch wire() const;
  // As it is kept with its block, without bodies (LEDGER F11).
  [[nodiscard]] crypto::Bytes stored() const;

 private:
  friend BatchPtr make_batch(const BatchContext&, consensus::MemberIndex, std::uint64_t,
                             std::vector<SubmissionPtr>, const crypto::SigningKey&);
  friend crypto::Result<BatchPtr> check_batch(const BatchContext&, const Batch&,
                                              const FinalBatches*);
  CheckedBatch(consensus::SignedBatch signed_header, std::vector<SubmissionPtr> submissions);

  consensus::SignedBatch signed_;
  consensus::BatchRef ref_;
  std::vector<SubmissionPtr> submissions_;
};

// Signs a new batch of this member. REQUIRES: at least one submission, within the limits of wire.h.
BatchPtr make_batch(const BatchContext& context, consensus::MemberIndex self, std::uint64_t seq,
                    std::vector<SubmissionPtr> submissions, const crypto::SigningKey& key);

// The only door for bytes: limits, author, epoch, signature, and every submission statically. The
// answer depends on the bytes alone (B2). kBatchInvalid names the fault; one signature check for
// the batch and one a submission, none of a batch in `known`, whose digest covers them all.
crypto::Result<BatchPtr> check_batch(const BatchContext& context, const Batch& batch,
                                     const FinalBatches* known = nullptr);

// The wire form again from stored() and the body store, of at most kBatchBytesMax.
crypto::Result<Batch> join_batch(
    crypto::ByteView stored,
    const std::function<std::optional<crypto::Bytes>(const crypto::Hash&)>& body);

// What a stored batch says of itself, without its bodies: no signature is checked and no statement
// judged, but the reference's digest covers all of it.
struct StoredBatch {
  consensus::BatchRef ref;
  std::vector<crypto::Hash> bodies;  // that its statements name
};
crypto::Result<StoredBatch> read_stored_batch(crypto::ByteView stored);

}  // namespace sanad::node
