// A compiled rule set: the one entrance to the rule language (docs/rules.md).
//
//   auto compiled = compile(text);
//   if (!compiled.rule_set) …   // compiled.diagnostics says why
//   const Verdict verdict = evaluate(*compiled.rule_set, facts, context);   // evaluate.h
//
// What compiles cannot fail (C1): no loop, no recursion, no overflow, no error at run time; its
// cost is known and printed (C12).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chaincode/rules/diagnostic.h"
#include "crypto/bytes.h"

namespace sanad::chaincode::rules {

struct CompiledSet;  // program.h

// The heading of one rule, as its author wrote it.
struct RuleHeading {
  std::string id;  // upper case, e.g. "HIT_RATIO"
  std::string title;
  std::string owner;
  std::string legal_basis;
  std::int64_t review_by = 0;  // day number
  std::uint64_t cost = 0;      // of its own part; definitions are counted in the set's cost
};

// Immutable and cheap to copy; safe to use from any thread.
class RuleSet {
 public:
  explicit RuleSet(std::shared_ptr<const CompiledSet> compiled) : compiled_(std::move(compiled)) {}

  // H("rule set", the text's bytes): the identity that verdict records carry.
  [[nodiscard]] const crypto::Hash& id() const;
  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] std::uint64_t version() const;
  // True if declarations of this flow ("import", "export", …: field 2) are judged by this set.
  [[nodiscard]] bool applies_to(std::string_view flow) const;
  [[nodiscard]] std::span<const RuleHeading> rules() const;
  // The history measures it reads, each as canonical text. Shared ones are listed once.
  [[nodiscard]] std::span<const std::string> measures() const;
  // C12: cost units of one evaluation, the same for every declaration (1 unit ≈ one comparison).
  [[nodiscard]] std::uint64_t cost() const;
  // Cost units of keeping its history for one declaration.
  [[nodiscard]] std::uint64_t upkeep_cost() const;
  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] const CompiledSet& compiled() const { return *compiled_; }

 private:
  std::shared_ptr<const CompiledSet> compiled_;
};

struct Compilation {
  std::optional<RuleSet> rule_set;      // absent if any diagnostic is an error
  std::vector<Diagnostic> diagnostics;  // in the order of the text; at most kDiagnosticsMax
};

// Any bytes may be given; time and memory are bounded by kSourceBytesMax.
Compilation compile(std::string_view text);

// Bounds of a rule file. Beyond one of them it is refused with a diagnostic.
inline constexpr std::size_t kSourceBytesMax = 256 * 1024;
inline constexpr std::size_t kRulesMax = 256;
inline constexpr std::size_t kListItemsMax = 20'000;  // of all lists together
inline constexpr std::size_t kDefinitionsMax = 256;   // lists, parameters and definitions
inline constexpr std::size_t kMeasuresMax = 32;
inline constexpr std::size_t kNestingMax = 32;
inline constexpr std::size_t kExplainMax = 8;  // values explained by a rule
inline constexpr std::size_t kTestsMax = 1024;
inline constexpr std::size_t kDiagnosticsMax = 100;
inline constexpr std::int64_t kScoreMax = 1'000'000;  // absolute value of one rule's score
inline constexpr std::int64_t kWindowDaysMax = 1830;

}  // namespace sanad::chaincode::rules
