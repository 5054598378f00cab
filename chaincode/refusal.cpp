#include "chaincode/refusal.h"

namespace sanad::chaincode {

std::string_view text_of(Code code) {
  static constexpr std::array<std::string_view, 23> kTexts = {
      "accepted",
      "approved by the first of two officers; a second officer's release is needed",
      "this key may not do that: declare, amend and cancel take a submitter, inspect, hold and "
      "release an officer, accuse a validator",
      "your authority has filed no declaration of that name",
      "your authority has already filed this commitment; a new declaration needs new salts",
      "the consignment's handle does not belong to the UCR in the body",
      "an amendment cannot change the consignment or the flow; cancel and declare again",
      "the declaration was cancelled",
      "the goods were seized",
      "the goods have left by the gate",
      "the declaration is under control; an officer must cancel it",
      "the declaration has its inspection result; amend it before inspecting again",
      "the declaration is already held",
      "the declaration is already released",
      "no rule set has judged the declaration, so it cannot be released",
      "a red declaration is released only after an inspection",
      "a red declaration takes two officers; this one has already approved",
      "this release is an override and needs the digest of a reason",
      "the goods are not released",
      "the goods are held",
      "the evidence does not show that the member signed what contradicts itself",
      "this fault of the member is on record already",
      "so many proofs of one validator are not checked in one block; accuse again later",
  };
  return kTexts[static_cast<std::size_t>(code)];
}

}  // namespace sanad::chaincode
