// Why the contracts refused an authorised statement: the one table of codes.
//
// Codes are history (they are in `refused` records): new ones are appended, none is renumbered.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sanad::chaincode {

enum class Code : std::uint8_t {
  kAccepted,            // not a refusal
  kApproved,            // not a refusal: first of two officers, the second one releases
  kRoleMissing,         // the key has not the role that the statement takes
  kUnknownDeclaration,  // its authority has filed no declaration of that name
  kAlreadyDeclared,     // its authority has filed that commitment before
  kHandleMismatch,      // the consignment's handle is not the UCR's
  kConsignmentChanged,  // an amendment names another consignment or flow
  kCancelled,           // the declaration was cancelled
  kSeized,              // an inspection ended in seizure
  kExited,              // the goods have left by the gate
  kUnderControl,        // cancelling it takes an officer: yellow, red or held
  kAlreadyInspected,    // the declaration as it stands has its inspection result
  kAlreadyHeld,
  kAlreadyReleased,
  kNoVerdict,           // no rule set judged it, so nothing can release it
  kNotInspected,        // leaving red takes an inspection result
  kSameOfficer,         // leaving red takes two different officers
  kReasonMissing,       // an override carries the digest of a reason
  kNotReleased,         // goods move on only when released
  kHeld,                // goods move on only when not held
  kNotEvidence,         // an accusation whose proof shows no fault
  kAlreadyAccused,      // of this fault in this view or batch
  kTooManyAccusations,  // the validator's proofs in this block are as many as one may have checked
};
// Short names, as in JSON and the API: "accepted", "unknown-declaration", …
inline constexpr std::array<std::string_view, 23> kCodeNames = {
    "accepted",         "approved",         "role-missing",        "unknown-declaration",
    "already-declared", "handle-mismatch",  "consignment-changed", "cancelled",
    "seized",           "exited",           "under-control",       "already-inspected",
    "already-held",     "already-released", "no-verdict",          "not-inspected",
    "same-officer",     "reason-missing",   "not-released",        "held",
    "not-evidence",     "already-accused",  "too-many-accusations"};
constexpr const std::array<std::string_view, 23>& enum_names(Code) { return kCodeNames; }
inline std::string_view name_of(Code code) { return kCodeNames[static_cast<std::size_t>(code)]; }

// A sentence for the person who is refused: what is wrong and what would help.
std::string_view text_of(Code code);

// True for kAccepted and kApproved.
constexpr bool is_accepted(Code code) { return code == Code::kAccepted || code == Code::kApproved; }

}  // namespace sanad::chaincode
