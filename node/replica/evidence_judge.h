// What consensus calls evidence, as the contracts judge it: the two meet only here.
#pragma once

#include "chaincode/accusation.h"
#include "consensus/evidence.h"

namespace sanad::node {

// Of the first epoch: the consensus keys of genesis' members, in their order.
consensus::Committee committee_of(const chaincode::Genesis& genesis, const crypto::Hash& network);

// Whom it accuses of what, be it true or not: consensus::check() tells.
chaincode::Accusation accusation_of(const consensus::Evidence& evidence);

// The chaincode::JudgeMaker of every node, auditor and tool. A claim's check is
// consensus::check().
chaincode::EvidenceJudge evidence_judge(const chaincode::Genesis& genesis,
                                        const crypto::Hash& network);

}  // namespace sanad::node
