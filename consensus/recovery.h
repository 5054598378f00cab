// R2: the state that a journal leaves behind, and the records that leave the present state behind.
#pragma once

#include "consensus/state.h"

namespace sanad::consensus {

// Puts what was recovered into a fresh state. The view is the highest that the own votes, the
// certificates and the final floor lead to. REQUIRES: nothing happened in `state` yet.
void restore(RecoveredState recovered, State& state);

// Records that fold to what must not be forgotten.
[[nodiscard]] std::vector<JournalRecord> snapshot_of(const State& state);

}  // namespace sanad::consensus
