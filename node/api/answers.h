// What the API says of records and consignments, read from one ledger view.
#pragma once

#include "chaincode/api_types.h"
#include "chaincode/proved_submission.h"
#include "chaincode/registry.h"
#include "node/api/block_submissions.h"

namespace sanad::node {

// What the readers of an answer or a bundle take, and what bounds the work of one request.
inline constexpr std::size_t kConsignmentRecordsMax = crypto::kDefaultItemsMax;
inline constexpr std::size_t kPageBytesMax = 2U << 20U;  // in JSON less than crypto::kJsonTextMax

// Answers from one view. Not thread-safe. Errors are the view's (LedgerErrc).
class Answers {
 public:
  // Both outlive this. `blocks`: of the same ledger, kept from answer to answer.
  Answers(const LedgerView& view, BlockSubmissions& blocks) : view_(view), blocks_(blocks) {}

  crypto::Result<chaincode::RecordAnswer> record(std::uint64_t index);
  // At most `count` records from `first` on, fewer where kPageBytesMax is reached.
  crypto::Result<chaincode::RecordPage> page(std::uint64_t first, std::uint64_t count);
  // kNotFound where no record names the handle. This and bundle(): kTooLarge for a consignment of
  // more than kConsignmentRecordsMax records.
  crypto::Result<chaincode::ConsignmentAnswer> consignment(const crypto::Handle& handle,
                                                           const chaincode::Registry& registry);
  // The proof of a consignment's whole history, or of its absence, under `note`, which must be a
  // checkpoint of the view's tip. UCR and handle salt are left for the member's tool to fill in.
  // `since`: without the first so many records, which the reader has; kNotFound if there are fewer.
  crypto::Result<chaincode::Bundle> bundle(const crypto::Handle& handle, std::string_view note,
                                           std::uint64_t since = 0);
  // The bundles of the consignments that a final submission's records name. kTooLarge for more than
  // kBundlesPerAnswerMax. REQUIRES: the view's tip is at or after the submission's block.
  crypto::Result<chaincode::ProvedSubmission> proved(const chaincode::SubmissionStatus& status,
                                                     std::string_view note);

 private:
  [[nodiscard]] crypto::Result<std::vector<std::uint64_t>> indices(
      const crypto::Handle& handle) const;
  crypto::Result<chaincode::BundleStatement> statement(std::uint64_t height,
                                                       const chaincode::StatementOrigin& origin);
  // The stored bytes beside a record: its statement's body, its verdict's detail; empty where there
  // is none or it is not held any more.
  crypto::Result<crypto::Bytes> body_of(const chaincode::Record& record);
  crypto::Result<crypto::Bytes> detail_of(const chaincode::Record& record) const;
  crypto::Result<crypto::Bytes> stored(const crypto::Hash& digest) const;
  crypto::Status add_record(chaincode::Bundle& bundle, const chaincode::Record& record);

  const LedgerView& view_;
  BlockSubmissions& blocks_;
};

}  // namespace sanad::node
