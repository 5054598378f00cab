// Progress of long work on records, with its rate; silent where there is no terminal.
#pragma once

#include "tools/commands/report.h"
#include "tools/submitter.h"

namespace sanad::tools {

class Rate {
 public:
  // "block 1,234: 56,789 records, 61,000 a second"
  void show(const std::string& what, std::uint64_t number, std::uint64_t records) {
    const std::uint64_t ms = std::max<std::uint64_t>(now_ms() - begun_ms_, 1);
    progress_.show(what + " " + grouped(number) + ": " + grouped(records) + " records, " +
                   grouped(records * 1'000 / ms) + " a second");
  }

 private:
  Progress progress_;
  std::uint64_t begun_ms_ = now_ms();
};

}  // namespace sanad::tools
