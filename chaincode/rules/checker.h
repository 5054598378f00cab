// The tree → types, units and references: everything that can be wrong with a rule file that
// parses.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "chaincode/rules/literals.h"
#include "chaincode/rules/program.h"

namespace sanad::chaincode::rules {

// What the compiler needs beside the annotated tree.
struct Checked {
  std::vector<Items> items;        // first one per list, then those written in place
  std::vector<MoneyTable> tables;  // one per money parameter
  std::vector<TestCase> tests;
};

class Checker {
 public:
  Checker(Syntax& syntax, DiagnosticLog& log)
      : syntax_(syntax), log_(log), literals_(syntax, log) {}

  // Annotates the tree. The result is of use only if the log shows no error.
  Checked run();

 private:
  enum class SymbolKind : std::uint8_t { kList, kParameter, kDefinition, kRule };
  struct Symbol {
    SymbolKind kind;
    std::uint32_t position;
    Span span;
    bool used = false;
  };

  void check_limits();
  void declare(Name name, SymbolKind kind, std::size_t position);
  void check_lists();
  void check_parameters();
  void check_definitions();
  void check_rules();
  void check_outcome();
  void warn_unused();

  Type check(NodeId id);
  bool check_condition(NodeId id);
  Type check_name(NodeId id);
  Type check_compare(NodeId id);
  bool comparable(const Node& node, Type left, Type right);
  bool compare_with_literal(Node& node, NodeId value, NodeId literal, Type type);
  void warn_range(const Node& node, const Node& value, const Node& literal, bool value_first);
  Type check_in(NodeId id);
  Type check_includes(NodeId id);
  Type check_starts_with(NodeId id);
  Type check_or_else(NodeId id);
  Type check_measure(NodeId id);
  bool check_items(Node& node, Type type);
  Symbol* find(std::string_view name, SymbolKind kind);
  void unknown_name(const Node& node);
  [[nodiscard]] std::string source_name(const Node& node) const;
  bool error(std::string_view code, Span span, std::string text, std::string suggestion = {});

  Syntax& syntax_;
  DiagnosticLog& log_;
  LiteralReader literals_;
  Checked checked_;
  std::map<std::string_view, Symbol> symbols_;
  bool in_filter_ = false;
};

// Turns the tests' assignments into facts; `rules` are the known ids, sorted.
std::vector<TestCase> check_tests(Syntax& syntax, DiagnosticLog& log, LiteralReader& literals,
                                  std::span<const std::string_view> rules);

}  // namespace sanad::chaincode::rules
