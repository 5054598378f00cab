#include <algorithm>

#include "chaincode/rules/checker.h"
#include "chaincode/rules/cursor.h"

namespace sanad::chaincode::rules {
namespace {

bool is_equality(Comparison comparison) {
  return comparison == Comparison::kEqual || comparison == Comparison::kNotEqual;
}

// Literals of these types have a field to compare with; the others never reach a comparison.
std::string example(Type type) {
  switch (type) {
    case Type::kMass:
      return "write a mass, e.g. 10 kg";
    case Type::kRate:
    case Type::kRatio:
      return "write a percentage, e.g. 20 %";
    case Type::kMoney:
      return "compare it with a parameter of money";
    case Type::kDate:
      return "write a date, e.g. 2027-06-30";
    case Type::kCount:
      return "write a number, e.g. 5";
    case Type::kYesNo:
      return "write yes or no";
    default:
      return "compare like with like";
  }
}

}  // namespace

std::string Checker::source_name(const Node& node) const {
  switch (node.kind) {
    case NodeKind::kName:
      return std::string(node.text);
    case NodeKind::kMeasure:
      return syntax_.measures[node.measure].family == Family::kCount ? "this count"
                                                                     : "this hit rate";
    case NodeKind::kOrElse:
      return source_name(syntax_.nodes[node.parts[0]]);
    case NodeKind::kLiteral:
      return "'" + std::string(node.text.substr(0, 40)) + (node.unit.empty() ? "" : " ") +
             std::string(node.unit) + "'";
    default:
      return "this condition";
  }
}

bool Checker::check_condition(NodeId id) {
  const Type type = check(id);
  const Node& node = syntax_.nodes[id];
  if (type == Type::kYesNo || type == Type::kUnknown) return type == Type::kYesNo;
  return error("E0408", node.span,
               source_name(node) + " is " + std::string(type_phrase(type)) + ", not a condition",
               "compare it with something: >=, is, in, starts with");
}

// Depth of recursion: that of the tree, which the parser bounds.
Type Checker::check(NodeId id) {
  Type type = Type::kUnknown;
  switch (syntax_.nodes[id].kind) {
    case NodeKind::kName:
      type = check_name(id);
      break;
    case NodeKind::kLiteral:
      type = literals_.shown_type(id);
      if (type == Type::kYesNo) {
        literals_.convert(id, type);
      } else {
        error("E0406", syntax_.nodes[id].span, "A constant stands alone here",
              "compare a field with it, e.g. origin is KP");
        type = Type::kUnknown;
      }
      break;
    case NodeKind::kAnd:
    case NodeKind::kOr:
    case NodeKind::kNot: {
      type = Type::kYesNo;
      const std::vector<NodeId> parts = syntax_.nodes[id].parts;
      for (const NodeId part : parts) check_condition(part);
      break;
    }
    case NodeKind::kCompare:
      type = check_compare(id);
      break;
    case NodeKind::kIn:
      type = check_in(id);
      break;
    case NodeKind::kStartsWith:
      type = check_starts_with(id);
      break;
    case NodeKind::kIncludes:
      type = check_includes(id);
      break;
    case NodeKind::kIsMissing:
      if (check(syntax_.nodes[id].parts[0]) == Type::kMoneyTable) {
        error("E0407", syntax_.nodes[id].span, "A parameter is never missing", "name a field");
      }
      type = Type::kYesNo;
      break;
    case NodeKind::kOrElse:
      type = check_or_else(id);
      break;
    case NodeKind::kMeasure:
      type = check_measure(id);
      break;
  }
  syntax_.nodes[id].type = type;
  return type;
}

void Checker::unknown_name(const Node& node) {
  const std::string text =
      "There is no field, parameter or definition '" + std::string(node.text.substr(0, 40)) + "'";
  if (log_.full()) {
    error("E0301", node.span, text);
    return;
  }
  std::vector<std::string_view> names;
  for (const Term& term : vocabulary()) names.push_back(term.name);
  for (const auto& [name, symbol] : symbols_) {
    if (symbol.kind != SymbolKind::kRule) names.push_back(name);
  }
  error("E0301", node.span, text, did_you_mean(node.text, names, "docs/rules.md lists the fields"));
}

Type Checker::check_name(NodeId id) {
  Node& node = syntax_.nodes[id];
  if (const Term* term = find_term(node.text)) {
    node.term = term;
    return term->type;
  }
  const auto found = symbols_.find(node.text);
  if (found == symbols_.end() || found->second.kind == SymbolKind::kRule) {
    unknown_name(node);
    return Type::kUnknown;
  }
  Symbol& symbol = found->second;
  symbol.used = true;
  node.definition = symbol.position;
  if (symbol.span.offset > node.span.offset) {
    error("E0304", node.span,
          "'" + std::string(node.text) + "' is defined further down, on line " +
              std::to_string(log_.line_of(symbol.span.offset)),
          "move its definition above this line");
    return Type::kUnknown;
  }
  switch (symbol.kind) {
    case SymbolKind::kParameter:
      return type_named(syntax_.parameters[symbol.position].type.text);
    case SymbolKind::kDefinition:
      if (in_filter_) {
        error("E0409", node.span, "What a history counts is chosen by fields, lists and parameters",
              "write the condition out instead of '" + std::string(node.text) + "'");
        return Type::kUnknown;
      }
      {
        const NodeId value = syntax_.definitions[symbol.position].value;
        const Span whole = syntax_.nodes[value].span;
        if (node.span.offset < whole.offset || node.span.offset >= whole.offset + whole.length) {
          return syntax_.nodes[value].type;
        }
      }
      error("E0304", node.span, "'" + std::string(node.text) + "' is defined by itself",
            "definitions build on fields and on definitions above");
      return Type::kUnknown;
    default:
      error("E0410", node.span, "'" + std::string(node.text) + "' is a list",
            "write: … in " + std::string(node.text));
      return Type::kUnknown;
  }
}

Type Checker::check_compare(NodeId id) {
  const NodeId left_id = syntax_.nodes[id].parts[0];
  const NodeId right_id = syntax_.nodes[id].parts[1];
  const bool left_literal = syntax_.nodes[left_id].kind == NodeKind::kLiteral;
  const bool right_literal = syntax_.nodes[right_id].kind == NodeKind::kLiteral;
  Node& node = syntax_.nodes[id];
  if (left_literal && right_literal) {
    error("E0406", node.span, "Two constants are compared: the answer is always the same",
          "name a field on one side");
  } else if (left_literal || right_literal) {
    const NodeId value = left_literal ? right_id : left_id;
    const NodeId literal = left_literal ? left_id : right_id;
    const Type type = check(value);
    if (compare_with_literal(node, value, literal, type)) {
      warn_range(node, syntax_.nodes[value], syntax_.nodes[literal], right_literal);
    }
  } else {
    const Type left = check(left_id);
    const Type right = check(right_id);
    comparable(node, left, right);
  }
  return Type::kYesNo;
}

bool Checker::compare_with_literal(Node& node, NodeId value_id, NodeId literal_id, Type type) {
  const Node& value = syntax_.nodes[value_id];
  const Node& literal = syntax_.nodes[literal_id];
  if (type == Type::kUnknown) return false;
  const Type shown = literals_.shown_type(literal_id);
  if (type == Type::kMoney && shown == Type::kMoney) {
    const std::string amount = std::string(literal.text) + " " + std::string(literal.unit);
    return error("E0402", node.span,
                 "Two currencies in one comparison: " + source_name(value) +
                     " is in the declaration's currency, " + amount + " is in " +
                     std::string(literal.unit),
                 "write: parameter limit : money is " + amount +
                     ", … one amount per currency …   and compare with: limit");
  }
  if (type == Type::kTexts) {
    return error("E0403", node.span, source_name(value) + " is a list of texts",
                 "write: " + source_name(value) + " includes …");
  }
  const bool rates = shown == Type::kRate && (type == Type::kRate || type == Type::kRatio);
  if (type == Type::kMoneyTable || (shown != Type::kUnknown && shown != type && !rates)) {
    return error("E0403", node.span,
                 source_name(value) + " is " + std::string(type_phrase(type)) +
                     " and cannot be compared with " +
                     std::string(type_phrase(shown == Type::kUnknown ? Type::kCount : shown)),
                 example(type));
  }
  if (!is_equality(node.comparison) && !is_ordered(type)) {
    return error(
        "E0411", node.span,
        source_name(value) + " is " + std::string(type_phrase(type)) +
            ": it has no greater and smaller",
        type == Type::kHs ? "write: starts with, or in a list" : "write: is, is not or in");
  }
  return literals_.convert(literal_id, type);
}

// Within the bounds that a field declares, some comparisons have one answer only.
void Checker::warn_range(const Node& node, const Node& value, const Node& literal,
                         bool value_first) {
  if (value.term == nullptr || is_equality(node.comparison)) return;
  const Extract extract = value.term->extract;
  if (extract != Extract::kInteger && extract != Extract::kBasisPoints) return;
  const FieldSpec* spec = field_spec(static_cast<std::uint8_t>(value.term->field));
  const std::int64_t scale = extract == Extract::kBasisPoints ? 100 : 1;
  const std::int64_t low = spec->minimum * scale;
  const std::int64_t high = spec->maximum * scale;
  const bool below =
      node.comparison == Comparison::kLess || node.comparison == Comparison::kLessEqual;
  const bool at_most = below == value_first;  // value <(=) literal
  const bool strict =
      node.comparison == Comparison::kLess || node.comparison == Comparison::kGreater;
  const std::int64_t number = literal.number;
  // Whether the value can, and whether it must, be on the side that the comparison asks for.
  const bool can =
      at_most ? (strict ? low < number : low <= number) : (strict ? high > number : high >= number);
  const bool must =
      at_most ? (strict ? high < number : high <= number) : (strict ? low > number : low >= number);
  if (can && !must) return;
  log_.add("W0902", node.span,
           std::string("This is ") + (must ? "true" : "false") + " of every " +
               std::string(value.term->name) + " that a declaration can have",
           "check the number and its unit");
}

bool Checker::comparable(const Node& node, Type left, Type right) {
  if (left == Type::kUnknown || right == Type::kUnknown) return false;
  const Node& a = syntax_.nodes[node.parts[0]];
  const Node& b = syntax_.nodes[node.parts[1]];
  if (left == Type::kRatio && right == Type::kRatio) {
    return error("E0403", node.span, "Two hit rates cannot be compared with each other yet",
                 "compare each with a percentage");
  }
  const auto pair = [left, right](Type x, Type y) {
    return (left == x && right == y) || (left == y && right == x);
  };
  const bool alike = (left == right && left != Type::kTexts && left != Type::kMoneyTable) ||
                     pair(Type::kRatio, Type::kRate) || pair(Type::kMoney, Type::kMoneyTable);
  if (!alike) {
    return error("E0403", node.span,
                 source_name(a) + " is " + std::string(type_phrase(left)) + " and " +
                     source_name(b) + " is " + std::string(type_phrase(right)) +
                     ": they cannot be compared",
                 example(left));
  }
  if (is_equality(node.comparison) || is_ordered(left)) return true;
  return error(
      "E0411", node.span,
      source_name(a) + " is " + std::string(type_phrase(left)) + ": it has no greater and smaller",
      "write: is or is not");
}

// parts[1 …]: the name of a list, or literals of the value's type.
bool Checker::check_items(Node& node, Type type) {
  const Node& first = syntax_.nodes[node.parts[1]];
  if (first.kind == NodeKind::kName) {
    Symbol* list = find(first.text, SymbolKind::kList);
    if (list == nullptr) {
      std::vector<std::string_view> names;
      if (!log_.full()) {
        for (const ListSyntax& each : syntax_.lists) names.push_back(each.name.text);
      }
      const std::string name(first.text.substr(0, 40));
      return error("E0305", first.span, "There is no list '" + name + "'",
                   did_you_mean(first.text, names, "write: list " + name + " of … is …"));
    }
    list->used = true;
    node.items = list->position;
    if (list->span.offset > first.span.offset) {
      return error("E0304", first.span,
                   "This list is declared further down, on line " +
                       std::to_string(log_.line_of(list->span.offset)),
                   "move the list above this line");
    }
    const Type of = type_named(syntax_.lists[list->position].type.text);
    if (of == type || (type == Type::kTexts && is_text(of))) return true;
    return error("E0412", node.span,
                 "List " + std::string(first.text) + " is of " +
                     std::string(syntax_.lists[list->position].type.text) + ", and " +
                     source_name(syntax_.nodes[node.parts[0]]) + " is " +
                     std::string(type_phrase(type)),
                 "use a list of the field's own type");
  }
  Items items;
  bool whole = true;
  for (std::size_t i = 1; i < node.parts.size(); ++i) {
    whole = literals_.add_item(node.parts[i], type == Type::kTexts ? Type::kText : type, items) &&
            whole;
  }
  LiteralReader::finish(items);
  node.items = static_cast<std::uint32_t>(checked_.items.size());
  checked_.items.push_back(std::move(items));
  return whole;
}

Type Checker::check_in(NodeId id) {
  const Type type = check(syntax_.nodes[id].parts[0]);
  Node& node = syntax_.nodes[id];
  const Node& value = syntax_.nodes[node.parts[0]];
  if (type == Type::kUnknown) return Type::kYesNo;
  if (type == Type::kTexts) {
    error("E0403", node.span, source_name(value) + " is a list of texts itself",
          "write: " + source_name(value) + " includes any of …");
  } else if (type < Type::kCountry) {
    error("E0412", node.span,
          source_name(value) + " is " + std::string(type_phrase(type)) +
              ": lists are of codes and texts",
          example(type));
  } else {
    check_items(node, type);
  }
  return Type::kYesNo;
}

Type Checker::check_includes(NodeId id) {
  const Type type = check(syntax_.nodes[id].parts[0]);
  Node& node = syntax_.nodes[id];
  const Node& value = syntax_.nodes[node.parts[0]];
  if (type == Type::kUnknown) return Type::kYesNo;
  if (type != Type::kTexts) {
    error("E0403", node.span,
          source_name(value) + " is " + std::string(type_phrase(type)) + ", a single value",
          "write: " + source_name(value) + " in …");
  } else {
    check_items(node, type);
  }
  return Type::kYesNo;
}

Type Checker::check_starts_with(NodeId id) {
  const Type type = check(syntax_.nodes[id].parts[0]);
  Node& node = syntax_.nodes[id];
  if (type == Type::kUnknown) return Type::kYesNo;
  if (type != Type::kHs && !is_text(type)) {
    const Node& value = syntax_.nodes[node.parts[0]];
    error("E0411", node.span,
          source_name(value) + " is " + std::string(type_phrase(type)) +
              ": only HS codes and texts have a beginning",
          example(type));
    return Type::kYesNo;
  }
  check_items(node, type);
  return Type::kYesNo;
}

Type Checker::check_or_else(NodeId id) {
  const Type type = check(syntax_.nodes[id].parts[0]);
  const Node& node = syntax_.nodes[id];
  const Node& value = syntax_.nodes[node.parts[0]];
  const Node& fallback = syntax_.nodes[node.parts[1]];
  if (type == Type::kUnknown) return type;
  if (is_text(type) || type == Type::kTexts || type == Type::kMoneyTable) {
    error("E0413", node.span,
          source_name(value) + " is " + std::string(type_phrase(type)) + ": it has no default",
          "write: (" + source_name(value) + " is missing or …)");
    return Type::kUnknown;
  }
  if (fallback.kind != NodeKind::kLiteral) {
    error("E0413", fallback.span, "What stands after or else is a constant", example(type));
    return Type::kUnknown;
  }
  literals_.convert(node.parts[1], type);
  return type;
}

Type Checker::check_measure(NodeId id) {
  MeasureSyntax& measure = syntax_.measures[syntax_.nodes[id].measure];
  const Type type = measure.family == Family::kCount ? Type::kCount : Type::kRatio;
  if (in_filter_) {
    error("E0409", measure.span, "A history cannot be chosen by another history",
          "choose by fields, lists and parameters");
    return type;
  }
  for (std::size_t i = 0; i < measure.keys.size(); ++i) {
    const NodeId key_id = measure.keys[i];
    const Type key = check(key_id);
    const Node& node = syntax_.nodes[key_id];
    const bool again =
        std::any_of(measure.keys.begin(), measure.keys.begin() + static_cast<std::ptrdiff_t>(i),
                    [this, &node](NodeId other) { return syntax_.nodes[other].text == node.text; });
    if (again) {
      error("E0414", node.span, "'" + std::string(node.text) + "' stands here twice",
            "leave one of them out");
    } else if (key != Type::kUnknown &&
               (node.term == nullptr || key == Type::kTexts || key == Type::kMoney)) {
      error("E0414", node.span,
            "Declarations are compared by single fields; " + std::string(node.text) + " is " +
                (node.term == nullptr ? "not a field" : std::string(type_phrase(key))),
            "e.g. with same importer");
    }
  }
  if (measure.filter != kNoNode) {
    in_filter_ = true;
    check_condition(measure.filter);
    in_filter_ = false;
  }
  return type;
}

}  // namespace sanad::chaincode::rules
