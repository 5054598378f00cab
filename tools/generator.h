// Plausible declarations for a development network, from a seed: the same plan gives the same
// declarations on every machine, for ever.
//
// Two kinds of consignment: an export at one member and the import of the same UCR at another, and
// an import from outside the region. A share of them carries one injected case; which one is a
// label that goes to a side file and never into a declaration, so the ledger cannot see it.
#pragma once

#include "tools/declaration.h"

namespace sanad::tools {

struct GeneratorPlan {
  std::uint64_t seed = 1;
  std::vector<std::string> members;  // at least one; pairs need two
  std::int64_t first_day = 20'454;   // 2026-01-01
  unsigned cases_per_mille = 80;     // consignments with an injected case
};

// What was injected; "" is a clean consignment.
//   prohibited          goods that may not enter
//   embargoed           an origin under embargo
//   bad-container       a container number whose check digit fails
//   false-preference    preference claimed though the goods came another way
//   high-value          a first importer with a large value
//   duplicate-ucr       an import of a UCR that was imported before
//   duplicate-invoice   an invoice that was used before
//   undervalued         the import's value is half the export's
//   mass-shift          the import's mass is a fifth over the export's
//   code-shift          another HS code at import than at export
//   no-import           an export that never arrives
//   no-export           an import from a member that declared no export
struct Generated {
  Declaration declaration;
  std::string label;
};

class Generator {
 public:
  // REQUIRES: a member.
  explicit Generator(GeneratorPlan plan);
  // The declarations of the next consignment: one or two, the export first.
  std::vector<Generated> next();

 private:
  struct Goods;
  struct Consignment;

  std::uint64_t draw();                      // SplitMix64
  std::uint64_t below(std::uint64_t bound);  // uniform enough: 64 bits modulo a small bound
  template <class T, std::size_t N>
  const T& pick(const std::array<T, N>& items) {
    return items[below(N)];
  }
  Consignment plan_consignment(bool pair);
  Declaration declare(const Consignment& one, bool is_import);
  std::string choose_case(bool pair);
  void inject(const std::string& label, Declaration& subject);
  void remember(const Declaration& import);
  std::string container();
  std::string trader(std::string_view country);

  GeneratorPlan plan_;
  std::uint64_t state_;
  std::uint64_t serial_ = 0;
  // Earlier imports, for duplicates: the last few are enough.
  std::vector<Declaration> imports_;
};

// {"declaration_id":…,"member":…,"flow":…,"case":…}: a line of the side file.
std::string format_label(const Generated& one);

}  // namespace sanad::tools
