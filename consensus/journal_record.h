// What a member must not forget (R1), as records of an append-only journal, and their fold.
//
// Headers are recorded once, with the own vote that names them or as a block that was fetched. The
// file, its checksums and its syncing are the journal's; the meaning is here.
#pragma once

#include <map>
#include <set>
#include <span>
#include <variant>

#include "consensus/types.h"

namespace sanad::consensus {

// Durable before the vote leaves: N1, N2, F1 hold across restarts.
struct OwnVote {
  Subject subject;
  std::optional<BlockHeader> header;  // of a notarize whose header is not yet recorded

  friend bool operator==(const OwnVote&, const OwnVote&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(subject), SANAD_FIELD(header));
  }
};

struct HeldCertificate {
  Certificate certificate;
  friend bool operator==(const HeldCertificate&, const HeldCertificate&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(certificate));
  }
};

struct HeldBlock {
  BlockHeader header;
  friend bool operator==(const HeldBlock&, const HeldBlock&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(header));
  }
};

// All blocks up to this one are final here. `committed` is the executor's durable height as known
// then: older headers may be forgotten.
struct FinalFloor {
  View view = 0;  // of the finalization
  Height height = 0;
  Hash block;
  Height committed = 0;

  friend bool operator==(const FinalFloor&, const FinalFloor&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(view), SANAD_FIELD(height), SANAD_FIELD(block), SANAD_FIELD(committed));
  }
};

// R3: votes may have been forgotten. Nothing is voted in views up to `through`; without one, in
// none.
struct Silence {
  std::optional<View> through;

  friend bool operator==(const Silence&, const Silence&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(through));
  }
};

using JournalRecord = std::variant<OwnVote, HeldCertificate, HeldBlock, FinalFloor, Silence>;

// The first records of a journal in quarantine: nothing is voted, and all up to the executor's tip
// is final. `finalization` names the tip or a descendant. REQUIRES: tip.height > 0.
[[nodiscard]] std::vector<JournalRecord> quarantined_at(const BlockHeader& tip,
                                                        const Certificate& finalization);

// What one member voted in one view.
struct ViewVotes {
  std::optional<Subject> notarize;
  bool nullify = false;
  std::optional<Subject> finalize;
};

// The state to restart from. Default: a member that never ran.
struct RecoveredState {
  std::map<View, ViewVotes> own_votes;
  std::vector<Certificate> certificates;  // in the order they were recorded
  std::map<Hash, BlockHeader> headers;
  std::optional<FinalFloor> floor;  // none: the genesis block
  std::optional<Silence> silence;   // the newest
};

// Folds a journal, oldest record first. O(records). Votes and certificates below the final floor
// and headers of committed blocks are dropped on the way, so the result is bounded as the core is.
[[nodiscard]] RecoveredState replay(std::span<const JournalRecord> records);

}  // namespace sanad::consensus
