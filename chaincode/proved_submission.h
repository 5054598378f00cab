// What a node answers to a submission that asked for its proofs (docs/api.md).
#pragma once

#include "chaincode/api_types.h"
#include "chaincode/bundle.h"

namespace sanad::chaincode {

// A client that wants more proofs asks for them one by one.
inline constexpr std::size_t kBundlesPerAnswerMax = 16;

struct ProvedSubmission : SubmissionStatus {
  // Of the consignments that its records name, in the order of its statements. Empty while no
  // checkpoint covers them, and where nothing was recorded.
  std::vector<Bundle> bundles;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(id), SANAD_FIELD(state), SANAD_FIELD(height), SANAD_FIELD(time_ms),
       SANAD_FIELD(outcomes), SANAD_FIELD_MAX(bundles, kBundlesPerAnswerMax));
  }
};

}  // namespace sanad::chaincode
