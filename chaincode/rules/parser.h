// Tokens → tree. Grammar: docs/rules.md.
#pragma once

#include <span>

#include "chaincode/rules/syntax.h"

namespace sanad::chaincode::rules {

// Reports every statement's first error and goes on with the next statement. What failed to parse
// is absent from the tree; it is whole only if nothing was reported as an error.
Syntax parse(std::span<const Token> tokens, DiagnosticLog& log);

}  // namespace sanad::chaincode::rules
