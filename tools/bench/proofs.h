// What checking a proof costs whoever is handed it.
#pragma once

#include "chaincode/bundle.h"

namespace sanad::tools {

struct ProofCost {
  std::uint64_t bytes = 0;
  std::size_t records = 0;
  std::size_t signatures = 0;   // of checkpoints and statements
  std::uint64_t parse_ns = 0;   // from text, the form checked; median of the rounds
  std::uint64_t verify_ns = 0;  // median
};

// An error where the proof does not hold. REQUIRES: rounds > 0.
crypto::Result<ProofCost> measure_proof(std::string_view text, const chaincode::Trust& trust,
                                        std::size_t rounds);

}  // namespace sanad::tools
