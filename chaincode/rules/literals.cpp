#include "chaincode/rules/literals.h"

#include <algorithm>

#include "chaincode/rules/codes.h"
#include "chaincode/rules/cursor.h"

namespace sanad::chaincode::rules {
namespace {

bool plain_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool capitals(std::string_view text, std::size_t length) {
  return text.size() == length &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// Decimals that turn a mass in this unit into whole grams; 99: no unit of mass.
unsigned mass_decimals(std::string_view unit) {
  if (unit == "g") return 0;
  if (unit == "kg") return 3;
  if (unit == "t") return 6;
  return 99;
}

std::string written(const Node& node) {
  return std::string(node.text.substr(0, 40)) + (node.unit.empty() ? "" : " ") +
         std::string(node.unit);
}

}  // namespace

bool LiteralReader::fail(const Node& node, Type type, std::string_view suggestion) {
  log_.add("E0401", node.span,
           "Here should stand " + std::string(type_phrase(type)) + ", and '" + written(node) +
               "' is none",
           std::string(suggestion));
  return false;
}

Type LiteralReader::shown_type(NodeId literal) const {
  const Node& node = syntax_.nodes[literal];
  if (node.literal == TokenKind::kDate) return Type::kDate;
  if (node.text == "yes" || node.text == "no") return Type::kYesNo;
  if (node.literal != TokenKind::kNumber) return Type::kUnknown;
  if (node.unit == "%") return Type::kRate;
  if (mass_decimals(node.unit) != 99) return Type::kMass;
  return node.unit.empty() ? Type::kUnknown : Type::kMoney;
}

bool LiteralReader::number(Node& node, Type type) {
  const bool rate = type == Type::kRate || type == Type::kRatio;
  if (node.literal != TokenKind::kNumber || node.unit != (rate ? "%" : "")) {
    return fail(node, type,
                rate ? "write a percentage, e.g. 20 %" : "write a number without a unit");
  }
  const auto number = scaled_number(node.text, rate ? 4 : 0);
  if (!number) {
    return fail(node, type, rate ? "a percentage has at most 4 decimals" : "write a whole number");
  }
  node.number = *number;
  return true;
}

bool LiteralReader::mass(Node& node) {
  const unsigned decimals = mass_decimals(node.unit);
  if (node.literal != TokenKind::kNumber || decimals == 99) {
    return fail(node, Type::kMass, "write the mass with its unit: 10 kg, 500 g or 2 t");
  }
  const auto grams = scaled_number(node.text, decimals);
  if (!grams) return fail(node, Type::kMass, "a mass is a whole number of grams");
  node.number = *grams;
  return true;
}

bool LiteralReader::hs(Node& node) {
  if (node.literal == TokenKind::kWord || !node.unit.empty() || !plain_digits(node.text) ||
      node.text.size() % 2 != 0 || node.text.size() > 12) {
    return fail(node, Type::kHs, "an HS code has 2, 4, 6, 8, 10 or 12 digits, without points");
  }
  node.number = hs_number(node.text);
  return true;
}

bool LiteralReader::country(Node& node) {
  if (node.literal == TokenKind::kNumber || !capitals(node.text, 2)) {
    return fail(node, Type::kCountry, "write its ISO 3166 code, e.g. KW");
  }
  if (!is_country(node.text)) {
    log_.add("W0901", node.span, "ISO 3166-1 assigns no country '" + written(node) + "'",
             "check the code; declarations that use it will still match");
  }
  node.number = packed(node.text);
  return true;
}

bool LiteralReader::currency(Node& node) {
  if (node.literal == TokenKind::kNumber || !capitals(node.text, 3)) {
    return fail(node, Type::kCurrency, "write its ISO 4217 code, e.g. KWD");
  }
  if (!currency_decimals(node.text)) {
    log_.add("W0901", node.span, "ISO 4217 has no active currency '" + written(node) + "'",
             "check the code; declarations that use it will still match");
  }
  node.number = packed(node.text);
  return true;
}

bool LiteralReader::convert(NodeId literal, Type type) {
  Node& node = syntax_.nodes[literal];
  node.type = type;
  switch (type) {
    case Type::kUnknown:
      return true;  // the other side was reported already
    case Type::kYesNo:
      node.number = node.text == "yes" ? 1 : 0;
      return node.text == "yes" || node.text == "no" || fail(node, type, "write yes or no");
    case Type::kCount:
    case Type::kRate:
    case Type::kRatio:
      return number(node, type);
    case Type::kDate: {
      const auto day = node.literal == TokenKind::kDate ? day_number(node.text) : std::nullopt;
      if (!day) return fail(node, type, "dates are written 2027-06-30");
      node.number = *day;
      return true;
    }
    case Type::kMass:
      return mass(node);
    case Type::kMoney:
      node.number = 0;
      return (node.text == "0" && node.unit.empty()) ||
             fail(node, type, "only 0 is an amount in every currency; name others in a parameter");
    case Type::kCountry:
      return country(node);
    case Type::kCurrency:
      return currency(node);
    case Type::kHs:
      return hs(node);
    case Type::kFlow: {
      const auto flow = flow_of(node.text);
      if (!flow) {
        return fail(node, type,
                    did_you_mean(node.text, kFlowNames,
                                 "flows are: import, export, re-export, transit, "
                                 "temporary"));
      }
      node.number = static_cast<std::int64_t>(*flow);
      return true;
    }
    case Type::kMoneyTable:
    case Type::kTexts:
      return fail(node, type, "");
    default:
      if (node.literal == TokenKind::kNumber && node.text.find_first_of(",.") != node.text.npos) {
        return fail(node, type, "put a blank after each comma, or the code in quotes");
      }
      return (!node.text.empty() && node.unit.empty() && node.literal != TokenKind::kDate) ||
             fail(node, type, "write the code, in quotes if it has blanks");
  }
}

bool LiteralReader::convert_money(NodeId literal, MoneyTable::Amount& amount) {
  Node& node = syntax_.nodes[literal];
  node.type = Type::kMoney;
  const auto decimals = currency_decimals(node.unit);
  if (node.literal != TokenKind::kNumber || !decimals) {
    return fail(node, Type::kMoney, "write an amount with its ISO 4217 currency, e.g. 1,000 AED");
  }
  const auto minor_units = scaled_number(node.text, *decimals);
  if (!minor_units) {
    return fail(node, Type::kMoney,
                std::string(node.unit) + " has " + std::to_string(*decimals) + " decimals");
  }
  amount = {packed(node.unit), *minor_units};
  node.number = *minor_units;
  return true;
}

bool LiteralReader::add_item(NodeId literal, Type type, Items& items) {
  if (!convert(literal, type)) return false;
  const Node& node = syntax_.nodes[literal];
  items.type = type;
  if (is_text(type)) {
    items.texts.emplace_back(node.text);
  } else if (type == Type::kHs) {
    items.intervals.push_back({node.number, node.number + hs_span(node.text.size()) - 1});
  } else {
    items.intervals.push_back({node.number, node.number});
  }
  return true;
}

void LiteralReader::finish(Items& items) {
  std::sort(items.texts.begin(), items.texts.end());
  items.texts.erase(std::unique(items.texts.begin(), items.texts.end()), items.texts.end());
  auto& intervals = items.intervals;
  std::sort(intervals.begin(), intervals.end(), [](const Interval& a, const Interval& b) {
    return std::pair(a.first, a.last) < std::pair(b.first, b.last);
  });
  std::size_t kept = 0;
  for (const Interval& next : intervals) {
    if (kept > 0 && next.first <= intervals[kept - 1].last + 1) {
      intervals[kept - 1].last = std::max(intervals[kept - 1].last, next.last);
    } else {
      intervals[kept++] = next;
    }
  }
  intervals.resize(kept);
}

}  // namespace sanad::chaincode::rules
