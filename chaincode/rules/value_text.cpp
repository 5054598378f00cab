#include "chaincode/rules/value_text.h"

#include <algorithm>

#include "chaincode/rules/codes.h"
#include "chaincode/rules/cursor.h"

namespace sanad::chaincode::rules {
namespace {

constexpr std::size_t kTextBytesMax = 300;

// A number × 10^−decimals, without trailing zeros unless `fixed`.
std::string decimal(std::int64_t number, unsigned decimals, bool fixed) {
  std::string digits = std::to_string(number);
  if (decimals == 0) return digits;
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  digits.insert(digits.size() - decimals, ".");
  if (fixed) return digits;
  while (digits.back() == '0') digits.pop_back();
  if (digits.back() == '.') digits.pop_back();
  return digits;
}

std::string packed_text(std::int64_t number) {
  std::string text;
  for (; number > 0; number /= 256) text.insert(text.begin(), static_cast<char>(number % 256));
  return text;
}

std::string hs_text(std::int64_t number) {
  std::string text;
  for (std::size_t at = 0; at < 12; ++at) {
    const std::int64_t digit = number / hs_span(at + 1) % 11;
    if (digit == 0) break;
    text += static_cast<char>('0' + digit - 1);
  }
  return text;
}

std::string money_text(std::int64_t minor_units, const Facts& facts) {
  const crypto::FieldValue* field = facts.find(FieldId::kCurrency);
  const auto* currency = field == nullptr ? nullptr : std::get_if<std::string>(field);
  if (currency == nullptr) return std::to_string(minor_units) + " minor units";
  const auto decimals = currency_decimals(*currency);
  if (!decimals) return std::to_string(minor_units) + " minor units of " + *currency;
  return decimal(minor_units, *decimals, true) + " " + *currency;
}

// The percentage is rounded down to a tenth for reading; the two counts are exact.
std::string ratio_text(std::int64_t hits, std::int64_t of) {
  return decimal(hits * 1000 / of, 1, true) + " % (" + std::to_string(hits) + " of " +
         std::to_string(of) + ")";
}

std::string field_text(const crypto::FieldValue& value) {
  std::string text;
  if (const auto* single = std::get_if<std::string>(&value)) {
    text = *single;
  } else if (const auto* several = std::get_if<std::vector<std::string>>(&value)) {
    for (const std::string& each : *several) text += (text.empty() ? "" : ", ") + each;
  }
  if (text.size() <= kTextBytesMax) return text;
  std::size_t end = kTextBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

std::string value_text(const CompiledSet& set, const Machine& machine, const Explained& explained) {
  const Register& value = machine.at(explained.from);
  if (value.unknown != 0) return "unknown: " + set.causes[value.unknown];
  switch (explained.type) {
    case Type::kYesNo:
      return value.value == 1 ? "yes" : "no";
    case Type::kDate:
      return day_text(value.value);
    case Type::kMass:
      return decimal(value.value, 3, false) + " kg";
    case Type::kRate:
      return decimal(value.value, 4, false) + " %";
    case Type::kRatio:
      return ratio_text(value.value, machine.at(static_cast<RegisterId>(explained.from + 1)).value);
    case Type::kMoney:
      return money_text(value.value, machine.facts());
    case Type::kCountry:
    case Type::kCurrency:
      return packed_text(value.value);
    case Type::kHs:
      return hs_text(value.value);
    case Type::kFlow:
      return std::string(kFlowNames[static_cast<std::size_t>(value.value)]);
    case Type::kOffice:
    case Type::kPlace:
    case Type::kParty:
    case Type::kCode:
    case Type::kText:
    case Type::kTexts:
      return field_text(*machine.facts().find(static_cast<FieldId>(value.value)));
    default:
      return std::to_string(value.value);
  }
}

}  // namespace sanad::chaincode::rules
