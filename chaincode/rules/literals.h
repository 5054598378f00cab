// Constants as analysts write them → numbers of a type: the one place that knows units and
// decimals.
#pragma once

#include <string>
#include <vector>

#include "chaincode/rules/syntax.h"

namespace sanad::chaincode::rules {

struct Interval {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

// What a value may be one of. Numbers and packed codes as disjoint ascending intervals (an HS code
// stands for all codes that begin with it), texts sorted.
struct Items {
  Type type = Type::kUnknown;
  std::vector<Interval> intervals;
  std::vector<std::string> texts;
};

// An amount per currency (packed), ascending.
struct MoneyTable {
  std::string name;
  struct Amount {
    std::int64_t currency = 0;
    std::int64_t minor_units = 0;
  };
  std::vector<Amount> amounts;
};

class LiteralReader {
 public:
  LiteralReader(Syntax& syntax, DiagnosticLog& log) : syntax_(syntax), log_(log) {}

  // Sets the literal's type and number; false after reporting why it is none of that type.
  // Text types keep the node's text.
  bool convert(NodeId literal, Type type);
  // The minor units and packed currency of "900 AED".
  bool convert_money(NodeId literal, MoneyTable::Amount& amount);
  bool add_item(NodeId literal, Type type, Items& items);
  // Sorts and joins.
  static void finish(Items& items);
  // The type that a literal shows by its unit; kUnknown where it shows none.
  [[nodiscard]] Type shown_type(NodeId literal) const;

 private:
  bool fail(const Node& node, Type type, std::string_view suggestion);
  bool number(Node& node, Type type);
  bool mass(Node& node);
  bool hs(Node& node);
  bool country(Node& node);
  bool currency(Node& node);

  Syntax& syntax_;
  DiagnosticLog& log_;
};

}  // namespace sanad::chaincode::rules
