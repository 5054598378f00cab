// What rules remember: for each distinct (key fields, filter, family of measure) one index in the
// state, shared by all rules of all sets, exact, per key one small value (C6).
//
//   State key    'h', index id (16 bytes), the key fields' values
//   State value  CBOR array of unsigned integers, oldest day first, days without events absent:
//                count:     [day, declarations,        days since the one before, declarations, …]
//                hit rate:  [day, inspections, offences, days since …, inspections, offences, …]
//   Index id     the first 16 bytes of H("history index", canonical text of key, filter, family)
//
// Days are UTC ledger days. A declaration counts on the ledger day of the block that first declared
// it, an inspection on the day of the block that recorded it. The window "last N days" on day d is
// d−N+1 … d. Days that the widest window can no longer see are pruned when the value is written.
//
// A declaration with an unknown key field, or one whose filter is not true, is not counted.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "chaincode/rules/facts.h"
#include "chaincode/rules/rule_set.h"
#include "chaincode/state.h"

namespace sanad::chaincode::rules {

// The distinct indexes of all adopted rule sets. Immutable; thread-safe.
class HistoryIndexes {
 public:
  HistoryIndexes() = default;
  explicit HistoryIndexes(std::span<const RuleSet> rule_sets);

  // The block of `ledger_day` (re-)records a declaration with these facts.
  // For an amendment: retract the old facts on the day they were recorded with, then record the new
  // facts on that same day. Retracting what is no longer, or was never, held changes nothing.
  void record_declaration(State& state, const Facts& facts, std::int64_t ledger_day) const;
  void retract_declaration(State& state, const Facts& facts, std::int64_t ledger_day) const;

  // An inspection of a declaration with these facts, recorded on `ledger_day`.
  void record_inspection(State& state, const Facts& facts, std::int64_t ledger_day,
                         bool offence) const;
  void retract_inspection(State& state, const Facts& facts, std::int64_t ledger_day,
                          bool offence) const;

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    RuleSet rule_set;              // whose compiled form holds the index
    std::size_t index = 0;         // which of its indexes
    std::int64_t window_days = 0;  // the widest window of any rule of any set
  };
  struct Change;
  void change(State& state, const Facts& facts, std::int64_t ledger_day,
              const Change& change) const;

  std::vector<Entry> entries_;
};

}  // namespace sanad::chaincode::rules
