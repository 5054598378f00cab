// Runs compiled code over the facts of one declaration. Straight-line, total, metered: the cost of
// a run is the static cost, asserted (C12).
#pragma once

#include <array>
#include <cstdint>

#include "chaincode/rules/evaluate.h"
#include "chaincode/rules/program.h"

namespace sanad::chaincode::rules {

struct Register {
  std::int64_t value;
  CauseId unknown;  // 0: known
};

// What a run found, by position of the rules. Not initialised beyond the counts.
struct Findings {
  struct Unknown {
    std::uint16_t rule;
    CauseId cause;
  };
  std::size_t fired_count = 0;
  std::size_t unknown_count = 0;
  std::array<std::uint16_t, kRulesMax> fired;
  std::array<Unknown, kRulesMax> unknown;
};

// One declaration's registers. Not thread-safe; the set and the facts outlive it.
class Machine {
 public:
  // Loads the facts.
  Machine(const CompiledSet& set, const Facts& facts);

  // Loads the measures as they are seen on a ledger day (history.cpp).
  void read_measures(const Context& context);
  // Judges all rules.
  void judge(Findings& findings);
  // True if the declaration counts in this index of the set: its filter holds.
  bool passes(const HistoryIndex& index);
  // The state key of the declaration in this index; empty if a key field is unknown, and then
  // `unknown` says why.
  crypto::Bytes state_key(const HistoryIndex& index, CauseId& unknown) const;

  [[nodiscard]] const Register& at(RegisterId id) const { return registers_[id]; }
  [[nodiscard]] const Facts& facts() const { return facts_; }

 private:
  void bind(const Binding& binding);
  std::uint64_t run(Block block, Findings* findings);
  [[nodiscard]] const std::string& text(const Register& of) const;
  void test_text(const Instruction& instruction, Register& to) const;
  void ratio(const Instruction& instruction, Register& to) const;
  void amount(const Instruction& instruction, Register& to) const;
  void run_rare(const Instruction& instruction, Register& to) const;
  void conclude(const Instruction& instruction, Findings& findings) const;

  const CompiledSet& set_;
  const Facts& facts_;
  std::array<Register, kRegistersMax> registers_;  // each is written before it is read
};

}  // namespace sanad::chaincode::rules
