// The page that checks proofs in a browser, as this program carries it (tools/verifier).
#pragma once

#include "node/api/static_page.h"

namespace sanad::tools {

// Empty where the program was built without it.
node::StaticPage verifier_page();

}  // namespace sanad::tools
