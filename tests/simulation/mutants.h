// The rules that can be broken on purpose (consensus/mutant.h), for people and for the hunt.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "consensus/mutant.h"

namespace sanad::simulation {

struct MutantEntry {
  consensus::Mutant mutant{};
  std::string_view name;
  std::string_view rule;  // of docs/protocol.md, its number alone
  std::string_view what;  // what such a member does
  // Rules that repair the same loss and are broken with it, or it would hide behind them.
  std::vector<consensus::Mutant> twins;
  std::uint64_t seed = 0;  // one that catches it
};

// In the order of the enumeration, all of them.
[[nodiscard]] std::span<const MutantEntry> mutants();
[[nodiscard]] const MutantEntry* find_mutant(std::string_view name);

// Breaks the entry's rule and its twins' from here on, in the whole process; none with nullptr.
void break_rules(const MutantEntry* entry);

}  // namespace sanad::simulation
