#include "tools/bench/proofs.h"

#include "crypto/note.h"
#include "tools/bench/measure.h"

namespace sanad::tools {
namespace {

std::size_t lines_in(const std::vector<std::string>& checkpoint) {
  const auto note = crypto::SignedNote::parse(chaincode::note_text(checkpoint));
  return note ? note->lines.size() : 0;
}

}  // namespace

crypto::Result<ProofCost> measure_proof(std::string_view text, const chaincode::Trust& trust,
                                        std::size_t rounds) {
  SANAD_TRY(const chaincode::Bundle bundle, chaincode::parse_bundle(text));
  ProofCost cost;
  cost.bytes = text.size();
  cost.records = bundle.records.size();
  cost.signatures = lines_in(bundle.checkpoint) + bundle.statements.size();
  for (const auto& handover : bundle.handovers) cost.signatures += lines_in(handover.checkpoint);
  std::vector<std::uint64_t> parsing;
  std::vector<std::uint64_t> verifying;
  for (std::size_t i = 0; i < rounds; ++i) {
    const std::uint64_t begin = thread_processor_time_ns();
    SANAD_TRY(const chaincode::Bundle again, chaincode::parse_bundle(text));
    const std::uint64_t parsed = thread_processor_time_ns();
    SANAD_TRY(const auto found, chaincode::verify_bundle(again, trust));
    verifying.push_back(thread_processor_time_ns() - parsed);
    parsing.push_back(parsed - begin);
    assert(found.records.size() == cost.records);
  }
  cost.parse_ns = percentile(parsing, 50);
  cost.verify_ns = percentile(verifying, 50);
  return cost;
}

}  // namespace sanad::tools
