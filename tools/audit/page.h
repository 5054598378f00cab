// An audit as one page of HTML: its charts are drawn in it, it loads nothing and runs no script.
#pragma once

#include "tools/audit/cost.h"

namespace sanad::tools {

std::string audit_page(const std::string& network, const AuditFindings& found,
                       const AuditCost& cost, std::uint64_t made_ms);

}  // namespace sanad::tools
