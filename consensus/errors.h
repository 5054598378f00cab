// The errors of consensus: why a peer's message or a piece of evidence was not accepted.
#pragma once

#include "crypto/result.h"

namespace sanad::consensus {

using crypto::Error;
using crypto::Result;
using crypto::Status;

// 0 is never used: an std::error_code of 0 means success.
enum class Errc {
  kNone,
  kTooLarge,        // more bytes than kMessageBytesMax
  kWrongEpoch,      // names another epoch than the committee's
  kOutsideWindow,   // a view that is too old, or too far ahead to be believed (C2)
  kNotNeeded,       // a certificate that is already held, or superseded by a finalization (C2)
  kNotTheSender,    // a vote or proposal that another member signed (C3)
  kUnknownMember,   // a member index outside the committee
  kBadSubject,      // a subject whose unused fields are not zero, or of the wrong kind
  kBadBitmap,       // signers: wrong length, or bits beyond the committee
  kBadSignerCount,  // signers: not exactly as many as signatures, or fewer than a quorum
  kBadSignature,    // a signature that does not verify
  kNotTheLeader,    // a proposal by a member that does not lead its view
  kHeaderMismatch,  // a header that is not the one the vote names
  kBrokenAncestry,  // headers that do not link, or do not end where they should
  kNotAskedFor,     // an answer to no request
  kNotEvidence,     // two objects that do not contradict each other
};
const std::error_category& error_category();
inline std::error_code make_error_code(Errc code) {
  return {static_cast<int>(code), error_category()};
}

}  // namespace sanad::consensus

template <>
struct std::is_error_code_enum<sanad::consensus::Errc> : std::true_type {};
