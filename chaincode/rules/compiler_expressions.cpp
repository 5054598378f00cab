#include <algorithm>

#include "chaincode/rules/compiler.h"
#include "crypto/codec.h"

namespace sanad::chaincode::rules {

// Recursion is as deep as the tree, which the parser bounds. Temporaries are a stack: a caller puts
// next_register_ back when it has what it wants.
RegisterId Compiler::emit(NodeId id) {
  const Node& node = node_of(id);
  switch (node.kind) {
    case NodeKind::kName:
      return emit_name(node);
    case NodeKind::kLiteral:
      return constant(node.number);
    case NodeKind::kAnd:
    case NodeKind::kOr:
      return emit_logic(node);
    case NodeKind::kNot:
      return negate(emit(node.parts[0]));
    case NodeKind::kCompare:
      return emit_compare(node);
    case NodeKind::kIn:
    case NodeKind::kIncludes:
    case NodeKind::kStartsWith:
      return emit_items(node);
    case NodeKind::kIsMissing:
      return add(Op::kMissing, emit(node.parts[0]));
    case NodeKind::kOrElse:
      return emit_or_else(node);
    case NodeKind::kMeasure:
      return measures_[node.measure];
  }
  assert(false);
  return 0;
}

RegisterId Compiler::constant(std::int64_t number) { return add(Op::kConstant, 0, 0, number); }

RegisterId Compiler::emit_name(const Node& node) {
  if (node.term != nullptr) return facts_.at(node.term);
  for (std::size_t i = 0; i < syntax_.parameters.size(); ++i) {
    const ParameterSyntax& parameter = syntax_.parameters[i];
    if (parameter.name.text != node.text) continue;
    if (node.type != Type::kMoneyTable) return constant(node_of(parameter.amounts[0]).number);
    return emit_amount(node);
  }
  assert(node.definition < definitions_.size());
  return definitions_[node.definition];
}

// The amount of a money parameter in the declaration's currency.
RegisterId Compiler::emit_amount(const Node& node) {
  const RegisterId currency = facts_.at(find_term("currency"));
  const CauseId none = cause("no amount of " + std::string(node.text) + " in this currency");
  return add(Op::kAmount, none, currency, static_cast<std::int64_t>(node.definition));
}

// acc ← part and/or part …, each part's temporaries given back.
RegisterId Compiler::emit_logic(const Node& node) {
  const Op op = node.kind == NodeKind::kAnd ? Op::kAnd : Op::kOr;
  const RegisterId to = temporary();
  const std::size_t mark = next_register_;
  RegisterId before = emit(node.parts[0]);
  for (std::size_t i = 1; i < node.parts.size(); ++i) {
    if (i > 1) next_register_ = mark;
    const RegisterId part = emit(node.parts[i]);
    set_.code.push_back({op, 1, to, before, part, 0});
    before = to;
  }
  next_register_ = mark;
  return to;
}

RegisterId Compiler::emit_compare(const Node& node) {
  const Node& left = node_of(node.parts[0]);
  const Node& right = node_of(node.parts[1]);
  const bool unequal = node.comparison == Comparison::kNotEqual;
  const bool ratio = left.type == Type::kRatio || right.type == Type::kRatio;
  const bool constant_side = left.kind == NodeKind::kLiteral || right.kind == NodeKind::kLiteral;
  if (ratio) {
    const bool first = left.type == Type::kRatio && left.kind != NodeKind::kLiteral;
    const RegisterId pair = emit(node.parts[first ? 0 : 1]);
    return emit_ratio(node, pair, emit(node.parts[first ? 1 : 0]), first);
  }
  if (is_text(left.type)) {
    RegisterId equal = 0;
    if (constant_side) {
      const bool first = right.kind == NodeKind::kLiteral;
      Items items;
      items.type = left.type;
      items.texts.emplace_back(first ? right.text : left.text);
      set_.items.push_back(std::move(items));
      equal = add(Op::kTextEqualConstant, emit(node.parts[first ? 0 : 1]), 0,
                  static_cast<std::int64_t>(set_.items.size() - 1));
    } else {
      const RegisterId a = emit(node.parts[0]);
      equal = add(Op::kTextEqual, a, emit(node.parts[1]));
    }
    return unequal ? negate(equal) : equal;
  }
  if (constant_side) {
    const bool first = right.kind == NodeKind::kLiteral;
    return emit_compare_constant(node, node.parts[first ? 0 : 1], (first ? right : left).number,
                                 first);
  }
  const RegisterId a = emit(node.parts[0]);
  const RegisterId b = emit(node.parts[1]);
  switch (node.comparison) {
    case Comparison::kEqual:
      return add(Op::kEqual, a, b);
    case Comparison::kNotEqual:
      return negate(add(Op::kEqual, a, b));
    case Comparison::kLess:
      return add(Op::kLess, a, b);
    case Comparison::kLessEqual:
      return add(Op::kLessEqual, a, b);
    case Comparison::kGreater:
      return add(Op::kLess, b, a);
    case Comparison::kGreaterEqual:
      return add(Op::kLessEqual, b, a);
  }
  assert(false);
  return 0;
}

// Constants lie in 0 … 2^62: one more or less cannot overflow.
RegisterId Compiler::emit_compare_constant(const Node& node, NodeId value, std::int64_t constant,
                                           bool value_first) {
  const RegisterId a = emit(value);
  switch (node.comparison) {
    case Comparison::kEqual:
      return add(Op::kEqualConstant, a, 0, constant);
    case Comparison::kNotEqual:
      return negate(add(Op::kEqualConstant, a, 0, constant));
    case Comparison::kLess:
      return value_first ? add(Op::kAtMostConstant, a, 0, constant - 1)
                         : add(Op::kAtLeastConstant, a, 0, constant + 1);
    case Comparison::kLessEqual:
      return add(value_first ? Op::kAtMostConstant : Op::kAtLeastConstant, a, 0, constant);
    case Comparison::kGreater:
      return value_first ? add(Op::kAtLeastConstant, a, 0, constant + 1)
                         : add(Op::kAtMostConstant, a, 0, constant - 1);
    case Comparison::kGreaterEqual:
      return add(value_first ? Op::kAtLeastConstant : Op::kAtMostConstant, a, 0, constant);
  }
  assert(false);
  return 0;
}

// Compared by cross-multiplication: exact, no quotient is ever rounded.
RegisterId Compiler::emit_ratio(const Node& node, RegisterId ratio, RegisterId rate,
                                bool ratio_first) {
  switch (node.comparison) {
    case Comparison::kEqual:
      return add(Op::kRatioEqual, ratio, rate);
    case Comparison::kNotEqual:
      return negate(add(Op::kRatioEqual, ratio, rate));
    case Comparison::kGreaterEqual:
      return ratio_first ? add(Op::kRatioAtLeast, ratio, rate)
                         : negate(add(Op::kRatioAbove, ratio, rate));
    case Comparison::kLess:
      return ratio_first ? negate(add(Op::kRatioAtLeast, ratio, rate))
                         : add(Op::kRatioAbove, ratio, rate);
    case Comparison::kGreater:
      return ratio_first ? add(Op::kRatioAbove, ratio, rate)
                         : negate(add(Op::kRatioAtLeast, ratio, rate));
    case Comparison::kLessEqual:
      return ratio_first ? negate(add(Op::kRatioAbove, ratio, rate))
                         : add(Op::kRatioAtLeast, ratio, rate);
  }
  assert(false);
  return 0;
}

RegisterId Compiler::emit_items(const Node& node) {
  const Type type = node_of(node.parts[0]).type;
  const RegisterId value = emit(node.parts[0]);
  const auto items = static_cast<std::int64_t>(node.items);
  if (node.kind == NodeKind::kIncludes) return add(Op::kTextsInclude, value, 0, items);
  if (!is_text(type)) return add(Op::kInIntervals, value, 0, items);
  return add(node.kind == NodeKind::kIn ? Op::kTextIn : Op::kTextStartsWith, value, 0, items);
}

RegisterId Compiler::emit_or_else(const Node& node) {
  const bool ratio = node.type == Type::kRatio;
  const RegisterId to = temporary(ratio ? 2 : 1);
  const std::size_t mark = next_register_;
  const RegisterId from = emit(node.parts[0]);
  const RegisterId fallback = constant(node_of(node.parts[1]).number);
  set_.code.push_back({Op::kOrElse, 1, to, from, fallback, 0});
  if (ratio) {
    // A rate is so many hits of a million inspections.
    const RegisterId million = constant(1'000'000);
    set_.code.push_back({Op::kOrElse, 1, static_cast<RegisterId>(to + 1),
                         static_cast<RegisterId>(from + 1), million, 0});
  }
  next_register_ = mark;
  return to;
}

// ---------------------------------------------------------------- identity of a history's filter

const std::string& Compiler::canonical_items(const Node& node) {
  const auto [at, fresh] = items_texts_.try_emplace(node.items);
  if (!fresh) return at->second;
  const Items& items = set_.items[node.items];
  std::string text = "(";
  for (const Interval& interval : items.intervals) {
    text += std::to_string(interval.first) + ".." + std::to_string(interval.last) + " ";
  }
  for (const std::string& each : items.texts) {
    text += std::to_string(each.size()) + ":" + each + " ";
  }
  text += ")";
  // A long list stands for itself by its hash: filters may name it many times.
  at->second = text.size() <= 64 ? text : crypto::tagged_hash("history items", text).hex();
  return at->second;
}

std::string Compiler::canonical(NodeId id) {
  const Node& node = node_of(id);
  const auto parts = [&](std::string_view word) {
    std::string text = "(" + std::string(word);
    for (const NodeId part : node.parts) text += " " + canonical(part);
    return text + ")";
  };
  const auto listed = [&](std::string_view word) {
    return "(" + std::string(word) + " " + canonical(node.parts[0]) + " " + canonical_items(node) +
           ")";
  };
  switch (node.kind) {
    case NodeKind::kName: {
      if (node.term != nullptr) return std::string(node.term->name);
      const ParameterSyntax& parameter = syntax_.parameters[node.definition];
      if (node.type != Type::kMoneyTable) {
        return std::to_string(node_of(parameter.amounts[0]).number);
      }
      std::string text = "(amounts";
      for (const MoneyTable::Amount& amount : set_.tables[node.definition].amounts) {
        text += " " + std::to_string(amount.currency) + ":" + std::to_string(amount.minor_units);
      }
      return text + ")";
    }
    case NodeKind::kLiteral:
      return is_text(node.type) ? std::to_string(node.text.size()) + ":" + std::string(node.text)
                                : std::to_string(node.number);
    case NodeKind::kAnd:
      return parts("and");
    case NodeKind::kOr:
      return parts("or");
    case NodeKind::kNot:
      return parts("not");
    case NodeKind::kCompare:
      return parts("compare" + std::to_string(static_cast<int>(node.comparison)));
    case NodeKind::kIn:
      return listed("in");
    case NodeKind::kStartsWith:
      return listed("starts");
    case NodeKind::kIncludes:
      return listed("includes");
    case NodeKind::kIsMissing:
      return parts("missing");
    case NodeKind::kOrElse:
      return parts("else");
    case NodeKind::kMeasure:
      break;
  }
  assert(false);  // the checker allows no history in a filter
  return {};
}

}  // namespace sanad::chaincode::rules
