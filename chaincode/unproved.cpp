#include "chaincode/unproved.h"

namespace sanad::chaincode {

const std::error_category& unproved_category() {
  static constexpr std::array<std::string_view, kUnprovedNames.size()> kTexts = {
      "no error",
      "this is no proof that can be read",
      "a proof has one text form, and this is another one",
      "a proof of a version that this program does not know",
      "the proof does not say what it is about",
      "the trust file is of an earlier epoch than the proof begins with",
      "the trust file is of a later epoch than the proof",
      "the trust file is past its age",
      "a policy cannot check handovers between committees",
      "the proof is of another network",
      "the checkpoint is malformed",
      "the checkpoint is of an empty log",
      "the commit record is not the last record of the checkpoint",
      "the commit record cannot be read",
      "the last record of the checkpoint ends no block",
      "the checkpoint has a signature line of nobody known, or one twice",
      "a signature line of the checkpoint does not verify",
      "the checkpoint is not cosigned by a quorum",
      "a handover between committees is missing",
      "a handover does not lead to the next epoch",
      "a handover names another committee than its commit record",
      "the checkpoints of the handovers are out of order",
      "the keys of the actors are not those that the committee signed",
      "the index proof does not lead to the checkpoint",
      "records were left out or added",
      "a record cannot be read",
      "a record does not belong to what the proof is about",
      "a record has the wrong number",
      "the records are out of order",
      "the records are not those of the index: one was changed or moved",
      "the earlier history is not one",
      "the history does not grow out of the earlier one",
      "two checkpoints of one network contradict each other: keep both files, they are evidence",
      "signed statements were left out or added",
      "a signed statement cannot be read",
      "a statement's signature does not verify",
      "a signed statement is not the one that its record names",
      "a statement was signed for another network",
      "a statement is not covered by its signature",
      "a statement is signed by an unknown key",
      "a statement is signed by another authority than its record names",
      "a record says something else than its signed statement",
      "facts of a record that has none, or out of order",
      "the facts are not those declared",
      "the facts are of another consignment or container",
      "reasons of a record that has none, or out of order",
      "the reasons are not the verdict's",
      "the record is not in the log at this place",
  };
  static const crypto::TableCategory kCategory("sanad.unproved", kTexts);
  return kCategory;
}

std::string_view reason_name(const Error& error) {
  const auto at = static_cast<std::size_t>(error.code.value());
  if (error.code.category() != unproved_category() || at >= kUnprovedNames.size()) {
    return kUnprovedNames[static_cast<std::size_t>(Unproved::kUnreadable)];
  }
  return kUnprovedNames[at];
}

Error refused_for(Unproved reason, const Error& error) { return {reason, error.message()}; }

}  // namespace sanad::chaincode
