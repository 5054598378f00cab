// The execution of one block, with an eye on its verdicts: execute() and explain() are both this.
#pragma once

#include "chaincode/clearance.h"
#include "chaincode/execute.h"

namespace sanad::chaincode {

// As execute(); `observer`, where there is one, sees each verdict as it is made.
Effects run_block(const Contracts& contracts, const OrderedBlock& block, const StateReader& state,
                  std::uint64_t first_record_index, const JudgeObserver* observer);

}  // namespace sanad::chaincode
