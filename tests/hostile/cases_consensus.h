// C, by what a member gone bad does: votes.cpp, leader.cpp.
#pragma once

#include "tests/hostile/attack.h"

namespace sanad::hostile {

// Any member's words.
void foreign_votes(Attack& attack);
void no_such_signer(Attack& attack);
void bad_bitmaps(Attack& attack);
void one_signature_short(Attack& attack);
void mixed_certificates(Attack& attack);
void other_epochs(Attack& attack);
void far_views(Attack& attack);
void contradictions(Attack& attack);
void nullifies_only(Attack& attack);
void outdated(Attack& attack);
void repeated_votes(Attack& attack);
void other_result(Attack& attack);
void repeats_and_reorders(Attack& attack);
void bad_signatures(Attack& attack);
void evidence_flood(Attack& attack);
// A leader's.
void equivocates(Attack& attack);
void proposes_to_some(Attack& attack);
void withholds_batches(Attack& attack);
void bad_ancestry(Attack& attack);
void slow_leader(Attack& attack);
void takes_it_back(Attack& attack);
void bad_times(Attack& attack);

}  // namespace sanad::hostile
