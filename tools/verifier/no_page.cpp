// In place of the page where it could not be built.
#include "tools/verifier_page.h"

namespace sanad::tools {

node::StaticPage verifier_page() { return {}; }

}  // namespace sanad::tools
