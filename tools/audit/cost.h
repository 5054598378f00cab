// What an audit cost, beside what no audit can do without: hashing what is stored once, and
// checking each signature once, on this machine in the same minute.
#pragma once

#include "tools/audit/audit.h"

namespace sanad::tools {

struct AuditCost {
  std::uint64_t wall_ms = 0;
  std::uint64_t processor_ms = 0;   // of the auditing thread
  std::uint64_t floor_ms = 0;       // processor time
  std::uint64_t records_per_s = 0;  // of wall time
  // Processor time in hundredths of the floor's.
  [[nodiscard]] std::uint64_t ratio_percent() const {
    return floor_ms == 0 ? 0 : processor_ms * 100 / floor_ms;
  }
};

class CostMeter {
 public:
  // `before`: what was checked in earlier runs.
  explicit CostMeter(const AuditFindings& before);
  // Measures the floor's two prices: about 30 ms.
  [[nodiscard]] AuditCost cost(const AuditFindings& found) const;

 private:
  AuditFindings before_;
  std::uint64_t began_ms_;
  std::uint64_t began_processor_ns_;
};

}  // namespace sanad::tools
