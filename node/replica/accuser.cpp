#include "node/replica/accuser.h"

#include <algorithm>

#include "node/replica/evidence_judge.h"

namespace sanad::node {
namespace {

constexpr std::uint64_t kTurnMs = 1'000;        // between one member's first attempt and the next's
constexpr std::uint64_t kValidMaxMs = 300'000;  // of a submission; then it is signed again

}  // namespace

bool Accuser::keep(consensus::Evidence evidence, std::uint64_t now_ms) {
  const chaincode::Accusation accusation = accusation_of(evidence);
  if (std::ranges::find(kept_, accusation, &Kept::accusation) != kept_.end()) return false;
  const auto is_about = [&](const Kept& kept) {
    return kept.accusation.accused == accusation.accused;
  };
  if (std::ranges::count_if(kept_, is_about) >= std::ptrdiff_t{kKeptMax}) {
    const auto recorded = std::ranges::find_if(
        kept_, [&](const Kept& kept) { return is_about(kept) && kept.recorded; });
    if (recorded == kept_.end()) return false;
    kept_.erase(recorded);
  }
  const std::size_t n = validator_.members;
  const std::size_t turn = (validator_.self + n - accusation.accused) % n;
  kept_.push_back({std::move(evidence), accusation, now_ms + turn * kTurnMs, false});
  return true;
}

std::vector<SubmissionPtr> Accuser::due(std::uint64_t now_ms, std::uint64_t wall_ms,
                                        const chaincode::StateReader& state) {
  std::vector<SubmissionPtr> submissions;
  for (Kept& kept : kept_) {
    if (submissions.size() == kSubmittedMax) break;
    if (kept.recorded || now_ms < kept.next_ms) continue;
    kept.recorded = chaincode::is_recorded(state, kept.accusation);
    if (kept.recorded) continue;
    kept.next_ms = now_ms + valid_for_ms();
    submissions.push_back(submission(kept.evidence, wall_ms));
  }
  return submissions;
}

bool Accuser::waits() const {
  return std::ranges::find(kept_, false, &Kept::recorded) != kept_.end();
}

std::vector<consensus::Evidence> Accuser::unrecorded() const {
  std::vector<consensus::Evidence> evidence;
  for (const Kept& kept : kept_) {
    if (!kept.recorded) evidence.push_back(kept.evidence);
  }
  return evidence;
}

// F8: a block takes it from a window before its end. Half a window each way allows for clocks.
std::uint64_t Accuser::valid_for_ms() const {
  return std::min(kValidMaxMs, validator_.window_ms / 2);
}

SubmissionPtr Accuser::submission(const consensus::Evidence& evidence,
                                  std::uint64_t wall_ms) const {
  const chaincode::Accuse statement{crypto::encode(evidence)};
  const auto wire = chaincode::build_submission(
      key_, {validator_.network, wall_ms + valid_for_ms(), 0}, {{statement, std::nullopt}});
  auto checked = chaincode::check_submission(crypto::encode(wire), validator_.network);
  assert(checked);
  return std::make_shared<const chaincode::CheckedSubmission>(std::move(*checked));
}

}  // namespace sanad::node
