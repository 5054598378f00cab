// The tree of a rule file. The parser fills the upper part of a node, the checker the lower.
//
// Nodes live in one vector and name each other by index: nothing is recursive in memory, and depth
// is bounded by kNestingMax.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chaincode/lane.h"
#include "chaincode/rules/lexer.h"
#include "chaincode/rules/vocabulary.h"

namespace sanad::chaincode::rules {

using NodeId = std::uint32_t;
inline constexpr NodeId kNoNode = UINT32_MAX;

enum class NodeKind : std::uint8_t {
  kName,        // text
  kLiteral,     // text, unit, literal
  kAnd,         // parts: two or more
  kOr,          // parts: two or more
  kNot,         // parts: one
  kCompare,     // parts: left, right; comparison
  kIn,          // parts: value, then a list's name or literals
  kStartsWith,  // parts: value, literal
  kIncludes,    // parts: list of texts, then a list's name or literals
  kIsMissing,   // parts: value
  kOrElse,      // parts: value, default
  kMeasure,     // measure
};

enum class Comparison : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual
};

struct Node {
  NodeKind kind = NodeKind::kName;
  Comparison comparison = Comparison::kEqual;
  TokenKind literal = TokenKind::kEnd;
  Span span;
  std::string_view text;
  std::string_view unit;
  std::vector<NodeId> parts;
  std::uint32_t measure = 0;  // position in Syntax::measures

  Type type = Type::kUnknown;
  std::int64_t number = 0;       // of a literal, converted to its type
  const Term* term = nullptr;    // of a name that is a fact
  std::uint32_t definition = 0;  // of a name: position in Syntax::lists, parameters or definitions
  std::uint32_t items = 0;       // of in/includes/starts with: position in Checked::items
};

enum class Family : std::uint8_t { kCount, kHitRate };

struct MeasureSyntax {
  Family family = Family::kCount;
  std::vector<NodeId> keys;  // names
  NodeId filter = kNoNode;
  std::int64_t window_days = 0;
  std::int64_t at_least = 0;
  Span span;
};

struct Name {
  std::string_view text;
  Span span;
};

struct ListSyntax {
  Name name;
  Name type;
  std::vector<NodeId> items;
};
struct ParameterSyntax {
  Name name;
  Name type;
  std::vector<NodeId> amounts;
};
struct DefinitionSyntax {
  Name name;
  NodeId value = kNoNode;
};
struct RuleSyntax {
  Name id;
  std::string_view title;
  std::string_view owner;
  std::string_view legal_basis;
  std::int64_t review_by = 0;  // day number
  NodeId condition = kNoNode;
  std::int64_t score = 0;
  Lane lane_at_least = Lane::kGreen;
  std::vector<NodeId> explained;  // names or measures
  bool complete = false;          // every clause parsed
};
struct OutcomeStep {
  std::int64_t score = 0;
  Lane lane = Lane::kGreen;
};

// `name literal…`: a fact given in a test.
struct Assignment {
  Name name;
  bool missing = false;
  std::vector<NodeId> literals;
};
struct PastDeclarations {
  std::int64_t count = 0;
  std::vector<Assignment> changes;  // against the given facts
  bool inspected = false;
  std::int64_t offences = 0;
  std::int64_t days_ago = 0;
  Span span;
};
struct TestSyntax {
  std::string_view name;
  Span span;
  std::vector<Assignment> given;
  std::vector<PastDeclarations> history;
  Lane lane = Lane::kGreen;
  bool has_score = false;
  std::int64_t score = 0;
  std::vector<Name> because;
  std::vector<Name> not_evaluated;
};

struct Syntax {
  std::vector<Node> nodes;
  std::vector<MeasureSyntax> measures;
  Name name;
  std::int64_t version = 0;
  std::vector<Name> flows;  // empty: all
  std::vector<ListSyntax> lists;
  std::vector<ParameterSyntax> parameters;
  std::vector<DefinitionSyntax> definitions;
  std::vector<RuleSyntax> rules;
  std::vector<OutcomeStep> outcome;
  std::vector<TestSyntax> tests;
};

}  // namespace sanad::chaincode::rules
