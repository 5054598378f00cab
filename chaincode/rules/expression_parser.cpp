#include "chaincode/rules/expression_parser.h"

#include <algorithm>
#include <array>

#include "chaincode/rules/rule_set.h"

namespace sanad::chaincode::rules {
namespace {

constexpr std::array<std::string_view, 12> kReserved = {"and",  "or",    "not",    "in",
                                                        "is",   "when",  "then",   "explain",
                                                        "else", "where", "starts", "includes"};

bool is_code(std::string_view word) { return word[0] >= 'A' && word[0] <= 'Z'; }

bool is_word_literal(std::string_view word) {
  return is_code(word) || word == "yes" || word == "no" || flow_of(word).has_value();
}

bool is_unit(std::string_view word) {
  if (word == "kg" || word == "g" || word == "t") return true;
  return word.size() == 3 &&
         std::all_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::optional<Comparison> comparison_of(const Token& token) {
  if (token.kind != TokenKind::kSymbol) return std::nullopt;
  if (token.text == "=") return Comparison::kEqual;
  if (token.text == "!=") return Comparison::kNotEqual;
  if (token.text == "<") return Comparison::kLess;
  if (token.text == "<=") return Comparison::kLessEqual;
  if (token.text == ">") return Comparison::kGreater;
  if (token.text == ">=") return Comparison::kGreaterEqual;
  return std::nullopt;
}

// Counts a level of nesting for as long as it lives.
class Level {
 public:
  explicit Level(std::size_t& depth) : depth_(depth) { ++depth_; }
  ~Level() { --depth_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

 private:
  std::size_t& depth_;
};

}  // namespace

NodeId ExpressionParser::add(NodeKind kind, Span span, std::vector<NodeId> parts) {
  Node& node = syntax_.nodes.emplace_back();
  node.kind = kind;
  node.span = span;
  node.parts = std::move(parts);
  return static_cast<NodeId>(syntax_.nodes.size() - 1);
}

NodeId ExpressionParser::negated(NodeId node) {
  if (node == kNoNode) return kNoNode;
  return add(NodeKind::kNot, syntax_.nodes[node].span, {node});
}

NodeId ExpressionParser::condition() {
  const Level level(depth_);
  if (depth_ > kNestingMax) {
    cursor_.report("E0502", cursor_.peek().span,
                   "This condition is nested more than " + std::to_string(kNestingMax) + " deep",
                   "give its inner part a name with define");
    return kNoNode;
  }
  std::vector<NodeId> parts{all()};
  if (parts.back() == kNoNode) return kNoNode;
  while (cursor_.at_word("or") && !cursor_.at_word("else", 1)) {
    cursor_.next();
    parts.push_back(all());
    if (parts.back() == kNoNode) return kNoNode;
  }
  if (parts.size() == 1) return parts[0];
  const Span span = join(syntax_.nodes[parts.front()].span, syntax_.nodes[parts.back()].span);
  return add(NodeKind::kOr, span, std::move(parts));
}

NodeId ExpressionParser::all() {
  std::vector<NodeId> parts{one()};
  if (parts.back() == kNoNode) return kNoNode;
  while (cursor_.accept_word("and")) {
    parts.push_back(one());
    if (parts.back() == kNoNode) return kNoNode;
  }
  if (parts.size() == 1) return parts[0];
  const Span span = join(syntax_.nodes[parts.front()].span, syntax_.nodes[parts.back()].span);
  return add(NodeKind::kAnd, span, std::move(parts));
}

NodeId ExpressionParser::one() {
  if (!cursor_.accept_word("not")) return comparison();
  bool odd = true;
  while (cursor_.accept_word("not")) odd = !odd;
  const NodeId inner = comparison();
  return odd ? negated(inner) : inner;
}

NodeId ExpressionParser::comparison() {
  const NodeId left = value();
  if (left == kNoNode) return kNoNode;
  if (const auto comparison = comparison_of(cursor_.peek())) {
    cursor_.next();
    const NodeId right = value();
    if (right == kNoNode) return kNoNode;
    const NodeId node =
        add(NodeKind::kCompare, join(syntax_.nodes[left].span, syntax_.nodes[right].span),
            {left, right});
    syntax_.nodes[node].comparison = *comparison;
    if (comparison_of(cursor_.peek())) {
      cursor_.report("E0204", cursor_.peek().span, "A comparison has two sides only",
                     "write: a >= 1 and a <= 5");
      return kNoNode;
    }
    return node;
  }
  if (cursor_.accept_word("is")) return is_clause(left);
  if (cursor_.at_word("not") && cursor_.at_word("in", 1)) {
    cursor_.next();
    cursor_.next();
    return negated(items(NodeKind::kIn, left));
  }
  if (cursor_.at_word("in") && !cursor_.at_word("the", 1)) {
    cursor_.next();
    return items(NodeKind::kIn, left);
  }
  if (cursor_.accept_word("starts")) {
    if (!cursor_.expect_words({"with"})) return kNoNode;
    const NodeId prefix = literal();
    if (prefix == kNoNode) return kNoNode;
    return add(NodeKind::kStartsWith, join(syntax_.nodes[left].span, syntax_.nodes[prefix].span),
               {left, prefix});
  }
  if (cursor_.accept_word("includes")) {
    if (cursor_.accept_word("any") && !cursor_.expect_words({"of"})) return kNoNode;
    return items(NodeKind::kIncludes, left);
  }
  return left;
}

// value "is" ("missing" | "given" | ["not"] ("in" items | value))
NodeId ExpressionParser::is_clause(NodeId left) {
  const Span from = syntax_.nodes[left].span;
  if (cursor_.accept_word("missing")) {
    return add(NodeKind::kIsMissing, join(from, cursor_.last_span()), {left});
  }
  if (cursor_.accept_word("given")) {
    return negated(add(NodeKind::kIsMissing, join(from, cursor_.last_span()), {left}));
  }
  const bool unequal = cursor_.accept_word("not");
  if (cursor_.accept_word("in")) {
    const NodeId node = items(NodeKind::kIn, left);
    return unequal ? negated(node) : node;
  }
  const NodeId right = value();
  if (right == kNoNode) return kNoNode;
  const NodeId node = add(NodeKind::kCompare, join(from, syntax_.nodes[right].span), {left, right});
  syntax_.nodes[node].comparison = unequal ? Comparison::kNotEqual : Comparison::kEqual;
  return node;
}

// items := list name | literal | "(" literal {"," literal} ")"
NodeId ExpressionParser::items(NodeKind kind, NodeId left) {
  std::vector<NodeId> parts{left};
  if (cursor_.accept_symbol("(")) {
    do {
      parts.push_back(literal());
      if (parts.back() == kNoNode) return kNoNode;
    } while (cursor_.accept_symbol(","));
    if (!cursor_.expect_symbol(")", "a comma or ) that ends the list")) return kNoNode;
  } else {
    parts.push_back(at_literal() ? literal() : name());
    if (parts.back() == kNoNode) return kNoNode;
  }
  const Span span = join(syntax_.nodes[left].span, cursor_.last_span());
  return add(kind, span, std::move(parts));
}

// value := primary ["or else" primary]
NodeId ExpressionParser::value() {
  const NodeId first = primary();
  if (first == kNoNode || !cursor_.at_word("or") || !cursor_.at_word("else", 1)) return first;
  cursor_.next();
  cursor_.next();
  const NodeId fallback = primary();
  if (fallback == kNoNode) return kNoNode;
  return add(NodeKind::kOrElse, join(syntax_.nodes[first].span, syntax_.nodes[fallback].span),
             {first, fallback});
}

NodeId ExpressionParser::primary() {
  if (cursor_.accept_symbol("(")) {
    const NodeId inner = condition();
    if (inner == kNoNode) return kNoNode;
    if (!cursor_.expect_symbol(")", "and, or, or a closing )")) return kNoNode;
    return inner;
  }
  if (at_measure()) return measure();
  if (at_literal()) return literal();
  return name();
}

bool ExpressionParser::at_literal() const {
  const Token& token = cursor_.peek();
  switch (token.kind) {
    case TokenKind::kNumber:
    case TokenKind::kDate:
    case TokenKind::kText:
      return true;
    case TokenKind::kWord:
      return is_word_literal(token.text);
    default:
      return false;
  }
}

NodeId ExpressionParser::literal() {
  if (!at_literal()) {
    cursor_.expected("a value: a number with its unit, a code, a date or a text in quotes");
    return kNoNode;
  }
  const Token token = cursor_.next();
  const NodeId node = add(NodeKind::kLiteral, token.span);
  syntax_.nodes[node].literal = token.kind;
  syntax_.nodes[node].text = token.text;
  if (token.kind != TokenKind::kNumber) return node;
  const Token& unit = cursor_.peek();
  if (cursor_.at_symbol("%") || (unit.kind == TokenKind::kWord && is_unit(unit.text))) {
    syntax_.nodes[node].unit = unit.text;
    syntax_.nodes[node].span = join(token.span, unit.span);
    cursor_.next();
  }
  return node;
}

NodeId ExpressionParser::name() {
  const Token& token = cursor_.peek();
  if (token.kind != TokenKind::kWord || is_code(token.text) ||
      std::find(kReserved.begin(), kReserved.end(), token.text) != kReserved.end()) {
    cursor_.expected("a field, a list, a defined name or a value",
                     "names are written in small letters, e.g. net_mass");
    return kNoNode;
  }
  const NodeId node = add(NodeKind::kName, token.span);
  syntax_.nodes[node].text = token.text;
  cursor_.next();
  return node;
}

bool ExpressionParser::at_measure() const {
  return (cursor_.at_word("count") && cursor_.at_word("of", 1)) ||
         (cursor_.at_word("hit") && cursor_.at_word("rate", 1));
}

NodeId ExpressionParser::measure() {
  const Level level(depth_);
  MeasureSyntax measure;
  const Span from = cursor_.peek().span;
  measure.family = cursor_.next().text == "count" ? Family::kCount : Family::kHitRate;
  if (measure.family == Family::kHitRate) cursor_.next();
  if (!cursor_.expect_words({"of", "declarations", "with", "same"})) return kNoNode;
  if (!measure_keys(measure)) return kNoNode;
  if (cursor_.accept_word("where")) {
    measure.filter = condition();
    if (measure.filter == kNoNode) return kNoNode;
  }
  if (!cursor_.expect_words({"in", "the", "last"})) return kNoNode;
  const Span window_span = cursor_.peek().span;
  const auto window = cursor_.expect_whole("a number of days", kWindowDaysMax);
  if (!window) return kNoNode;
  if (*window == 0) {
    cursor_.report("E0205", window_span, "A window has at least 1 day: today alone");
    return kNoNode;
  }
  measure.window_days = *window;
  if (!cursor_.accept_word("day") && !cursor_.expect_words({"days"})) return kNoNode;
  if (cursor_.at_word("at") && cursor_.at_word("least", 1)) {
    cursor_.next();
    cursor_.next();
    const auto least = cursor_.expect_whole("how many there must be at least", 1'000'000);
    if (!least) return kNoNode;
    measure.at_least = *least;
  }
  measure.span = join(from, cursor_.last_span());
  const NodeId node = add(NodeKind::kMeasure, measure.span);
  syntax_.nodes[node].measure = static_cast<std::uint32_t>(syntax_.measures.size());
  syntax_.measures.push_back(std::move(measure));
  return node;
}

// name {("and" | ",") name}
bool ExpressionParser::measure_keys(MeasureSyntax& measure) {
  do {
    const NodeId key = name();
    if (key == kNoNode) return false;
    measure.keys.push_back(key);
  } while (cursor_.accept_word("and") || cursor_.accept_symbol(","));
  if (measure.keys.size() <= 4) return true;
  cursor_.report("E0503", syntax_.nodes[measure.keys[4]].span,
                 "A history looks at no more than 4 fields together",
                 "leave out a field after 'same'");
  return false;
}

}  // namespace sanad::chaincode::rules
