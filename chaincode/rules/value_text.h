// Values as the analyst writes them, exactly: what a verdict's detail says that a rule read (C13).
#pragma once

#include <string>

#include "chaincode/rules/machine.h"

namespace sanad::chaincode::rules {

// "KW", "851712", "12.5 kg", "6.5 %", "1250.000 KWD", "53.3 % (8 of 15)", "yes", "unknown".
// Texts are cut after 300 bytes.
std::string value_text(const CompiledSet& set, const Machine& machine, const Explained& explained);

}  // namespace sanad::chaincode::rules
