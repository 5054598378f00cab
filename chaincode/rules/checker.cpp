#include "chaincode/rules/checker.h"

#include <algorithm>

#include "chaincode/rules/cursor.h"

namespace sanad::chaincode::rules {

bool Checker::error(std::string_view code, Span span, std::string text, std::string suggestion) {
  log_.add(code, span, std::move(text), std::move(suggestion));
  return false;
}

Checked Checker::run() {
  check_limits();
  for (std::size_t i = 0; i < syntax_.lists.size(); ++i) {
    declare(syntax_.lists[i].name, SymbolKind::kList, i);
  }
  for (std::size_t i = 0; i < syntax_.parameters.size(); ++i) {
    declare(syntax_.parameters[i].name, SymbolKind::kParameter, i);
  }
  for (std::size_t i = 0; i < syntax_.definitions.size(); ++i) {
    declare(syntax_.definitions[i].name, SymbolKind::kDefinition, i);
  }
  for (std::size_t i = 0; i < syntax_.rules.size(); ++i) {
    declare(syntax_.rules[i].id, SymbolKind::kRule, i);
  }
  check_lists();
  check_parameters();
  check_definitions();
  check_rules();
  check_outcome();
  warn_unused();
  std::vector<std::string_view> ids;
  for (const RuleSyntax& rule : syntax_.rules) ids.push_back(rule.id.text);
  std::sort(ids.begin(), ids.end());
  checked_.tests = check_tests(syntax_, log_, literals_, ids);
  return std::move(checked_);
}

void Checker::check_limits() {
  const auto over = [this](std::size_t count, std::size_t max, Span span, std::string_view what) {
    if (count > max) {
      error("E0501", span, "A file has at most " + std::to_string(max) + " " + std::string(what));
    }
  };
  over(syntax_.rules.size(), kRulesMax, syntax_.name.span, "rules");
  over(syntax_.lists.size() + syntax_.parameters.size() + syntax_.definitions.size(),
       kDefinitionsMax, syntax_.name.span, "lists, parameters and definitions together");
  over(syntax_.measures.size(), 8 * kMeasuresMax, syntax_.name.span, "mentions of histories");
  over(syntax_.tests.size(), kTestsMax, syntax_.name.span, "tests");
  std::size_t items = 0;
  for (const ListSyntax& list : syntax_.lists) items += list.items.size();
  over(items, kListItemsMax, syntax_.name.span, "items in its lists");
}

void Checker::declare(Name name, SymbolKind kind, std::size_t position) {
  if (find_term(name.text) != nullptr) {
    error("E0302", name.span, "'" + std::string(name.text) + "' is already the name of a fact",
          "choose another name");
    return;
  }
  const Symbol symbol{kind, static_cast<std::uint32_t>(position), name.span};
  const auto [at, fresh] = symbols_.try_emplace(name.text, symbol);
  if (!fresh) {
    error("E0302", name.span,
          "'" + std::string(name.text) + "' is already declared on line " +
              std::to_string(log_.line_of(at->second.span.offset)),
          "choose another name");
  }
}

Checker::Symbol* Checker::find(std::string_view name, SymbolKind kind) {
  const auto found = symbols_.find(name);
  if (found == symbols_.end() || found->second.kind != kind) return nullptr;
  return &found->second;
}

void Checker::check_lists() {
  for (const ListSyntax& list : syntax_.lists) {
    const Type type = type_named(list.type.text);
    Items& items = checked_.items.emplace_back();
    items.type = type;
    if (type < Type::kCountry) {
      error("E0404", list.type.span,
            "A list holds codes or texts, not " + std::string(type_phrase(type)),
            "lists are of: country, hs, currency, flow, office, place, party, code, text");
      continue;
    }
    for (const NodeId item : list.items) literals_.add_item(item, type, items);
    LiteralReader::finish(items);
  }
}

void Checker::check_parameters() {
  for (const ParameterSyntax& parameter : syntax_.parameters) {
    const Type type = type_named(parameter.type.text);
    MoneyTable& table = checked_.tables.emplace_back();
    table.name = parameter.name.text;
    if (type == Type::kMoneyTable) {
      for (const NodeId amount : parameter.amounts) {
        MoneyTable::Amount added;
        if (!literals_.convert_money(amount, added)) continue;
        const bool twice = std::any_of(
            table.amounts.begin(), table.amounts.end(),
            [&added](const MoneyTable::Amount& each) { return each.currency == added.currency; });
        if (twice) {
          error("E0303", syntax_.nodes[amount].span, "This currency has an amount already",
                "leave one of them out");
        }
        table.amounts.push_back(added);
      }
      std::sort(table.amounts.begin(), table.amounts.end(),
                [](const auto& a, const auto& b) { return a.currency < b.currency; });
    } else if (!is_ordered(type)) {
      error("E0404", parameter.type.span,
            "A parameter is a quantity, not " + std::string(type_phrase(type)),
            "parameters are of: money, mass, rate, count, date; codes stand in a list");
    } else if (parameter.amounts.size() != 1) {
      error("E0303", syntax_.nodes[parameter.amounts[1]].span,
            "Only money may have several amounts, one per currency", "leave one of them out");
    } else {
      literals_.convert(parameter.amounts[0], type);
    }
  }
}

void Checker::check_definitions() {
  for (const DefinitionSyntax& definition : syntax_.definitions) {
    Node& value = syntax_.nodes[definition.value];
    if (value.kind == NodeKind::kLiteral) {
      error("E0405", value.span, "A definition names something that is worked out, not a constant",
            "write: parameter " + std::string(definition.name.text) + " : TYPE is …");
      continue;
    }
    const Type type = check(definition.value);
    if (is_text(type) || type == Type::kTexts || type == Type::kMoneyTable) {
      error("E0405", value.span,
            "A definition names a number, a code or a condition, not " +
                std::string(type_phrase(type)),
            "use the field's own name");
    }
  }
}

void Checker::check_rules() {
  for (const RuleSyntax& rule : syntax_.rules) {
    if (rule.condition == kNoNode) continue;
    check_condition(rule.condition);
    for (const NodeId id : rule.explained) {
      const Type type = check(id);
      const auto symbol = symbols_.find(syntax_.nodes[id].text);
      if (type == Type::kMoneyTable ||
          (symbol != symbols_.end() && symbol->second.kind == SymbolKind::kParameter)) {
        error("E0407", syntax_.nodes[id].span, "A parameter is the same for every declaration",
              "explain fields, definitions and histories");
      }
    }
    if (rule.complete && rule.explained.empty()) {
      log_.add("W0904", rule.id.span,
               "Rule " + std::string(rule.id.text) + " explains no value: its reasons will be bare",
               "add: explain and the fields that it looks at");
    }
  }
  if (syntax_.rules.empty() && !log_.failed()) {
    error("E0508", syntax_.name.span, "This rule set has no rule", "write: rule ID \"title\" …");
  }
}

void Checker::check_outcome() {
  const auto& steps = syntax_.outcome;
  for (std::size_t i = 1; i < steps.size(); ++i) {
    if (steps[i].score >= steps[i - 1].score || steps[i].lane >= steps[i - 1].lane) {
      error("E0210", syntax_.name.span,
            "The outcome's scores and lanes must fall from step to step",
            "write: outcome score >= 60 → red, >= 30 → yellow");
    }
  }
  if (!steps.empty()) return;
  for (const RuleSyntax& rule : syntax_.rules) {
    if (rule.score == 0) continue;
    log_.add("W0906", rule.id.span, "Scores are added up, but no outcome says what they mean",
             "write: outcome score >= 60 → red, >= 30 → yellow");
    return;
  }
}

void Checker::warn_unused() {
  if (log_.failed()) return;
  for (const auto& [name, symbol] : symbols_) {
    if (symbol.used || symbol.kind == SymbolKind::kRule) continue;
    log_.add("W0903", symbol.span, "Nothing uses '" + std::string(name) + "'", "leave it out");
  }
}

}  // namespace sanad::chaincode::rules
