// The compiled form of a rule set: straight-line code over registers. No jumps, so every run takes
// the same instructions and the same cost (C1, C12).
//
// Registers hold 64-bit numbers: first those of facts, then of measures, then of definitions, then
// temporaries. A register is known or *unknown for a cause* (C5). A yes/no register holds 0 or 1;
// and/or/not follow Kleene: `no and unknown` is no, `yes or unknown` is yes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "chaincode/lane.h"
#include "chaincode/rules/literals.h"
#include "chaincode/rules/rule_set.h"
#include "chaincode/rules/syntax.h"

namespace sanad::chaincode::rules {

using RegisterId = std::uint16_t;
using CauseId = std::uint16_t;  // position in CompiledSet::causes; 0: known
inline constexpr RegisterId kNoRegister = UINT16_MAX;
inline constexpr std::size_t kRegistersMax = 1024;

// Version of the cost table in program.cpp; part of what a ledger's height fixes (C12).
inline constexpr unsigned kCostVersion = 1;

enum class Op : std::uint8_t {
  kConstant,           // to ← immediate
  kEqual,              // to ← a = b
  kLess,               // to ← a < b
  kLessEqual,          // to ← a <= b
  kEqualConstant,      // to ← a = immediate
  kAtMostConstant,     // to ← a <= immediate
  kAtLeastConstant,    // to ← a >= immediate
  kRatioAtLeast,       // to ← a / (a+1) >= b parts per million
  kRatioAbove,         // to ← a / (a+1) > b parts per million
  kRatioEqual,         // to ← a / (a+1) = b parts per million
  kInIntervals,        // to ← a is in items[immediate]
  kTextEqual,          // to ← text of a = text of b
  kTextEqualConstant,  // to ← text of a = items[immediate].texts[0]
  kTextStartsWith,     // to ← text of a begins with items[immediate].texts[0]
  kTextIn,             // to ← text of a is in items[immediate]
  kTextsInclude,       // to ← a text of the list a is in items[immediate]
  kAmount,             // to ← amount of table immediate in currency b; unknown (cause a) if none
  kAnd,
  kOr,
  kNot,      // to ← not a
  kOrElse,   // to ← a, or b where a is unknown
  kMissing,  // to ← a is unknown
  kMove,     // to ← a
  kRule,     // rule `immediate` fires if a is yes
};

struct Instruction {
  Op op = Op::kConstant;
  std::uint8_t cost = 0;
  RegisterId to = 0;
  std::uint16_t a = 0;
  std::uint16_t b = 0;
  std::int64_t immediate = 0;
};
static_assert(sizeof(Instruction) == 16);

// Instructions begin … end − 1.
struct Block {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

struct Binding {
  const Term* term = nullptr;
  RegisterId to = 0;
  CauseId missing = 0;
  CauseId malformed = 0;
};

struct HistoryIndex {
  Family family = Family::kCount;
  std::vector<RegisterId> keys;    // registers of facts, in the vocabulary's order
  std::vector<const Term*> terms;  // of the same
  Block filter;                    // sets filter_result; runs on facts alone
  RegisterId filter_result = kNoRegister;
  std::string canonical;         // what the id is the hash of
  std::string key_prefix;        // 'h' and the id
  std::int64_t window_days = 0;  // the widest of this set
};

struct MeasureRead {
  std::uint32_t index = 0;  // position in indexes
  std::int64_t window_days = 0;
  std::int64_t at_least = 0;
  RegisterId to = 0;  // count; or hits, and inspections in the next
  CauseId too_few = 0;
};

struct Explained {
  std::string name;
  Type type = Type::kUnknown;
  RegisterId from = 0;
};

struct CompiledRule {
  std::int64_t score = 0;
  Lane lane_at_least = Lane::kGreen;
  std::vector<Explained> explained;
};

struct PastCase {
  std::int64_t count = 0;
  Facts facts;
  bool inspected = false;
  std::int64_t offences = 0;
  std::int64_t days_ago = 0;
};
struct TestCase {
  std::string name;
  std::uint32_t line = 0;
  Facts given;
  std::vector<PastCase> history;
  Lane lane = Lane::kGreen;
  bool has_score = false;
  std::int64_t score = 0;
  std::vector<std::string> because;  // sorted
  std::vector<std::string> not_evaluated;
};

struct CompiledSet {
  std::string text;
  crypto::Hash id;
  std::string name;
  std::uint64_t version = 0;
  std::uint8_t flows = 0;             // bit per Flow
  std::vector<RuleHeading> headings;  // by id
  std::vector<CompiledRule> rules;    // by id
  std::vector<Binding> bindings;
  std::vector<HistoryIndex> indexes;
  std::vector<MeasureRead> measures;
  std::vector<std::string> measure_texts;
  std::vector<Instruction> code;
  Block main;
  std::vector<Items> items;
  std::vector<MoneyTable> tables;
  std::vector<std::string> causes;  // [0] is empty
  std::vector<OutcomeStep> outcome;
  std::vector<TestCase> tests;
  std::uint64_t code_cost = 0;    // of main: what the machine's meter must show
  std::uint64_t cost = 0;         // of an evaluation
  std::uint64_t upkeep_cost = 0;  // of a declaration's history
  std::size_t registers = 0;
};

}  // namespace sanad::chaincode::rules
