// Conditions and values: the recursive part of the grammar, with a bound on its depth.
#pragma once

#include "chaincode/rules/cursor.h"
#include "chaincode/rules/syntax.h"

namespace sanad::chaincode::rules {

// Each parse returns kNoNode after it reported why.
class ExpressionParser {
 public:
  ExpressionParser(Cursor& cursor, Syntax& syntax) : cursor_(cursor), syntax_(syntax) {}

  // condition := all {"or" all};  all := one {"and" one};  one := "not" one | comparison
  NodeId condition();
  // A number with its unit, a date, a text, a code, yes or no.
  NodeId literal();
  // A name of a fact, a list, a parameter or a definition.
  NodeId name();
  // "count of declarations with same …" or "hit rate of …".
  NodeId measure();
  [[nodiscard]] bool at_literal() const;
  [[nodiscard]] bool at_measure() const;

 private:
  NodeId all();
  NodeId one();
  NodeId comparison();
  NodeId is_clause(NodeId left);
  NodeId value();
  NodeId primary();
  NodeId items(NodeKind kind, NodeId left);
  bool measure_keys(MeasureSyntax& measure);
  NodeId add(NodeKind kind, Span span, std::vector<NodeId> parts = {});
  NodeId negated(NodeId node);

  Cursor& cursor_;
  Syntax& syntax_;
  std::size_t depth_ = 0;
};

}  // namespace sanad::chaincode::rules
