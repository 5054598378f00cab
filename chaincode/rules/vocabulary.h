// The words of the language: types, and the names by which rules know a declaration's facts.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "chaincode/rules/facts.h"

namespace sanad::chaincode::rules {

// Types carry their unit; values of two types never meet in a comparison (C4).
enum class Type : std::uint8_t {
  kUnknown,     // an expression that did not check: further errors about it are suppressed
  kYesNo,       // 0 or 1
  kCount,       // a number of things
  kDate,        // days since 1970-01-01
  kMass,        // grams
  kRate,        // parts per million
  kRatio,       // hits of inspections, a pair of registers; compared with rates, exactly
  kMoney,       // minor units of the declaration's currency
  kMoneyTable,  // a parameter: one amount per currency
  kCountry,     // packed text
  kCurrency,    // packed text
  kHs,          // 12 digits in base 11 (hs_number)
  kFlow,        // position in kFlowNames
  kOffice,      // the rest is text, compared as such
  kPlace,
  kParty,
  kCode,
  kText,
  kTexts,  // a list of texts
};

// "a country", "an HS code": for messages.
std::string_view type_phrase(Type type);
// The type that a list or parameter may be declared of: "country", "hs", …; kUnknown if none.
Type type_named(std::string_view word);
std::span<const std::string_view> type_words();
constexpr bool is_text(Type type) { return type >= Type::kOffice && type <= Type::kText; }
// Types with an order: < and > make sense.
constexpr bool is_ordered(Type type) { return type >= Type::kCount && type <= Type::kMoneyTable; }

// How a register is filled from a fact.
enum class Extract : std::uint8_t {
  kInteger,
  kBasisPoints,  // × 100 → parts per million
  kPacked,       // a text of at most 7 bytes as a number
  kFlowName,
  kHs,
  kHsPrefix2,  // the first digits; unknown if there are fewer
  kHsPrefix4,
  kHsPrefix6,
  kTextOfField,      // the register holds the field id; operations look the text up
  kHsShape,          // yes/no: hs_shape_ok
  kContainerDigits,  // yes/no: every container's check digit holds
  kFact,             // yes/no set by the contracts
};

// A name in rules: a field, a part of one, or a fact.
struct Term {
  std::string_view name;
  Type type;
  Extract extract;
  FieldId field{};  // unless kFact
  Fact fact{};      // of kFact
};

std::span<const Term> vocabulary();
const Term* find_term(std::string_view name);

// Up to 7 bytes, big-endian; −1 for longer texts.
std::int64_t packed(std::string_view text);
// At most 12 digits as a number in base 11, digit d as d + 1 and absent ones as 0, so that the
// codes beginning with given digits are exactly one range. −1 if it is not 1 to 12 digits.
std::int64_t hs_number(std::string_view digits);
// The width of that range: 11^(12 − digits). REQUIRES: digits <= 12.
std::int64_t hs_span(std::size_t digits);

}  // namespace sanad::chaincode::rules
