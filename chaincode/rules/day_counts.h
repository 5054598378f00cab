// The value of one history key: how many of what on which day (layout: history.h).
#pragma once

#include <cstdint>
#include <vector>

#include "chaincode/rules/program.h"
#include "crypto/bytes.h"

namespace sanad::chaincode::rules {

// Of a count: declarations in `total`. Of a hit rate: inspections in `total`, offences in `hits`.
struct Tally {
  std::int64_t total = 0;
  std::int64_t hits = 0;
};

// What the days first_day … last_day hold together. REQUIRES: bytes that DayCounts wrote.
Tally tally(crypto::ByteView bytes, Family family, std::int64_t first_day, std::int64_t last_day);

class DayCounts {
 public:
  explicit DayCounts(Family family) : family_(family) {}
  // REQUIRES: bytes that encode() gave.
  DayCounts(Family family, crypto::ByteView bytes);

  // Adds to one day, or takes away where `by` is negative; what is not there cannot be taken away.
  void add(std::int64_t day, Tally by);
  // Forgets the days that a window of so many days, ending at the newest day, cannot see.
  void prune(std::int64_t window_days);
  [[nodiscard]] bool empty() const { return days_.empty(); }
  [[nodiscard]] crypto::Bytes encode() const;

 private:
  struct Day {
    std::int64_t day = 0;
    Tally tally;
  };
  Family family_;
  std::vector<Day> days_;  // ascending
};

}  // namespace sanad::chaincode::rules
