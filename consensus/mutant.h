// Rules that tests break on purpose, to see the simulator catch it (docs/reliability.md,
// "Mutants").
//
// Each switch stands at the place of its rule and breaks nothing else. Only the test library
// sanad_consensus_mutants has them: everywhere else broken() is false at compile time and leaves no
// code behind. What each means, and what must catch it, is in tests/simulation/mutants.cpp.
#pragma once

#include <cstdint>

namespace sanad::consensus {

enum class Mutant : std::uint8_t {
  // Leaders.
  kLeaderNeverChanges,
  kSilentLeaderAwaited,
  kSkipsUnheard,
  kLeadersNullifyAwaited,
  kDecliningLeaderAwaited,
  // Batches.
  kUnheldBatchesAccepted,
  kMissingBatchesNotFetched,
  kAnnouncesIgnored,
  kWorkNotAnnounced,
  kWorkNotRepeated,
  kSameNumberRefused,
  kAncestorsBatchesAgain,
  // Pace.
  kWorkWithoutEnd,
  kNoEmptyBlock,
  // A view.
  kProposesTwice,
  kParentOverGap,
  kNoEntryCertificate,
  kNotarizesTwice,
  kNotarizesAfterNullify,
  kGapsAssumed,
  kParentNotCertified,
  kAnyHeight,
  kTimeMayFall,
  kClockMayRunAhead,
  kRepeatedReferences,
  kAnyProposer,
  kInvalidAwaited,
  kMissingIsInvalid,
  kCertificateNotPassedOn,
  kFinalizesAfterNullify,
  kNullifiesAfterFinalize,
  kFinalizesUnnotarized,
  kLateFinalizeIgnored,
  kAncestorsOutOfOrder,
  kAncestorsNotEmitted,
  // Time.
  kNoTimeout,
  kTimeoutAtOnce,
  kNoGrowth,
  kNotarizationResetsGrowth,
  kNothingRepeated,
  kOwnVotesNotRepeated,
  kOnlyNewestRepeated,
  kLeavesWithoutCertificate,
  // Admission.
  kSignerCountedTwice,
  kQuorumTooSmall,
  kForeignEpoch,
  kBitmapTailIgnored,
  kSubjectsNotCompared,
  kCertificateUnchecked,
  kFirstSignatureOnly,
  kVoteUnchecked,
  kEntryUnchecked,
  kStatusUnchecked,
  kBlocksUnchecked,
  kBlocksUnasked,
  kFarViewsTaken,
  kRelayedVoteTaken,
  // Recovery and catch-up.
  kVoteNotJournalled,
  kVoteSentFirst,
  kVoteWithoutHeader,
  kCertificateNotJournalled,
  kBlockNotJournalled,
  kFloorNotJournalled,
  kOwnVotesForgotten,
  kRestartsInViewOne,
  kSnapshotWithoutVotes,
  kSnapshotWithoutCertificates,
  kSnapshotWithoutBlocks,
  kQuarantineIgnored,
  kOneReportSuffices,
  kNoViewAboveReports,
  kOnlyParentFetched,
  kAsksOneMember,
  kCertificatesNotFetched,
  kReplyAsksAgain,
  // Evidence.
  kAccusesTheHonest,
  kCount,
};

#ifdef SANAD_MUTANTS
// Set by the simulator for the whole process.
[[nodiscard]] bool broken(Mutant mutant);
#else
[[nodiscard]] constexpr bool broken(Mutant) { return false; }
#endif

}  // namespace sanad::consensus
