// Why a proof is refused. Each reason has a name that never changes, for programs and tests, and
// words for people; the error's detail says where.
#pragma once

#include <array>
#include <string_view>

#include "chaincode/errors.h"

namespace sanad::chaincode {

enum class Unproved {
  kNone,
  // the text
  kUnreadable,
  kNotCanonical,
  kUnknownVersion,
  kSubject,
  // whom to believe
  kTrustOlder,
  kTrustNewer,
  kTrustExpired,
  kPolicyHandovers,
  kOtherNetwork,
  // checkpoints and the committees that sign them
  kCheckpointMalformed,
  kEmptyLog,
  kCommitNotLast,
  kCommitMalformed,
  kNoBlockEnd,
  kStrangerLine,
  kBadCosignature,
  kNotCosigned,
  kHandoverMissing,
  kHandoverEpoch,
  kHandoverCommittee,
  kHandoverOrder,
  kActors,
  // the index and the history
  kIndexMismatch,
  kRecordCount,
  kRecordMalformed,
  kRecordForeign,
  kRecordNumber,
  kRecordOrder,
  kHistoryMismatch,
  kSinceMalformed,
  kSinceMismatch,
  kTwoHistories,
  // what stands behind the records
  kStatementCount,
  kStatementMalformed,
  kStatementSignature,
  kStatementOrigin,
  kStatementNetwork,
  kStatementPath,
  kStatementSigner,
  kStatementAuthority,
  kStatementContent,
  kFactsPlace,
  kFactsMismatch,
  kFactsSubject,
  kReasonsPlace,
  kReasonsMismatch,
  // one record alone
  kNotIncluded,
};
inline constexpr std::array<std::string_view, 48> kUnprovedNames = {
    "none",
    "unreadable",
    "not-canonical",
    "unknown-version",
    "subject",
    "trust-older",
    "trust-newer",
    "trust-expired",
    "policy-handovers",
    "other-network",
    "checkpoint-malformed",
    "empty-log",
    "commit-not-last",
    "commit-malformed",
    "no-block-end",
    "stranger-line",
    "bad-cosignature",
    "not-cosigned",
    "handover-missing",
    "handover-epoch",
    "handover-committee",
    "handover-order",
    "actors",
    "index-mismatch",
    "record-count",
    "record-malformed",
    "record-foreign",
    "record-number",
    "record-order",
    "history-mismatch",
    "since-malformed",
    "since-mismatch",
    "two-histories",
    "statement-count",
    "statement-malformed",
    "statement-signature",
    "statement-origin",
    "statement-network",
    "statement-path",
    "statement-signer",
    "statement-authority",
    "statement-content",
    "facts-place",
    "facts-mismatch",
    "facts-subject",
    "reasons-place",
    "reasons-mismatch",
    "not-included",
};

const std::error_category& unproved_category();
inline std::error_code make_error_code(Unproved reason) {
  return {static_cast<int>(reason), unproved_category()};
}
// The reason's name; "unreadable" for an error of another kind.
[[nodiscard]] std::string_view reason_name(const Error& error);
// `error` in words, as a proof's refusal for this reason.
[[nodiscard]] Error refused_for(Unproved reason, const Error& error);

}  // namespace sanad::chaincode

template <>
struct std::is_error_code_enum<sanad::chaincode::Unproved> : std::true_type {};
