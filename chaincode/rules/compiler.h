// The checked tree → code (program.h). Cannot fail: what the checker let through has code, except
// that a set may need more registers or histories than there are, which is reported.
#pragma once

#include <map>
#include <set>
#include <string>

#include "chaincode/rules/checker.h"
#include "chaincode/rules/program.h"

namespace sanad::chaincode::rules {

class Compiler {
 public:
  // REQUIRES: `syntax` was checked without error; its texts are views into set.text.
  Compiler(const Syntax& syntax, Checked checked, CompiledSet& set, DiagnosticLog& log);

  // Fills the set, but for its text and id.
  void run();

 private:
  void add_bindings();
  void add_measures();
  void add_measure(const MeasureSyntax& measure, std::uint32_t index, RegisterId to);
  std::uint32_t add_index(const MeasureSyntax& measure);
  void add_definitions();
  void add_rules();
  void add_costs();

  // The register that holds a value after the instructions emitted so far.
  RegisterId emit(NodeId node);
  RegisterId emit_name(const Node& node);
  RegisterId emit_compare(const Node& node);
  RegisterId emit_compare_constant(const Node& node, NodeId value, std::int64_t constant,
                                   bool value_first);
  RegisterId emit_ratio(const Node& node, RegisterId ratio, RegisterId rate, bool ratio_first);
  RegisterId emit_logic(const Node& node);
  RegisterId emit_items(const Node& node);
  RegisterId emit_or_else(const Node& node);
  RegisterId emit_amount(const Node& node);
  RegisterId constant(std::int64_t number);
  RegisterId add(Op op, RegisterId a, RegisterId b = 0, std::int64_t immediate = 0);
  RegisterId negate(RegisterId value) { return add(Op::kNot, value); }
  RegisterId temporary(std::size_t count = 1);
  [[nodiscard]] const Node& node_of(NodeId id) const { return syntax_.nodes[id]; }
  std::string canonical(NodeId id);
  const std::string& canonical_items(const Node& node);
  [[nodiscard]] std::string label(const MeasureSyntax& measure) const;
  [[nodiscard]] std::vector<const Term*> key_terms(const MeasureSyntax& measure) const;
  CauseId cause(std::string text);
  void explain(NodeId id, CompiledRule& rule);

  const Syntax& syntax_;
  CompiledSet& set_;
  DiagnosticLog& log_;
  std::map<const Term*, RegisterId> facts_;
  std::map<std::string, std::uint32_t> indexes_;                    // by canonical text
  std::vector<RegisterId> measures_;                                // of each mention: its register
  std::map<const MeasureSyntax*, std::string_view> measure_names_;  // of definitions
  std::vector<RegisterId> definitions_;
  std::map<std::uint32_t, std::string> items_texts_;  // canonical_items, worked out once
  std::map<std::string, CauseId> causes_;
  std::size_t next_register_ = 0;
  std::size_t registers_ = 0;
};

}  // namespace sanad::chaincode::rules
