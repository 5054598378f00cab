// What consensus calls evidence, as the contracts judge it: the two meet only here.
#pragma once

#include "chaincode/accusation.h"
#include "consensus/evidence.h"

namespace sanad::node {

// Of the first epoch: the consensus keys of genesis' members, in their order.
consensus::Committee committee_of(const chaincode::Genesis& genesis, const crypto::Hash& network);

// Whom it convicts of what. REQUIRES: consensus::check() holds.
chaincode::Accusation accusation_of(const consensus::Evidence& evidence);

// The chaincode::EvidenceJudge of every node, auditor and tool. Errors: the codec's and those of
// consensus::check().
crypto::Result<chaincode::Accusation> judge_evidence(crypto::ByteView evidence,
                                                     const chaincode::Genesis& genesis);

}  // namespace sanad::node
