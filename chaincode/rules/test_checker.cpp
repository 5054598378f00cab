// Tests of a rule file: assignments → facts.
#include <algorithm>

#include "chaincode/rules/checker.h"
#include "chaincode/rules/cursor.h"

namespace sanad::chaincode::rules {
namespace {

constexpr std::int64_t kPastDeclarationsMax = 100'000;

class TestChecker {
 public:
  TestChecker(Syntax& syntax, DiagnosticLog& log, LiteralReader& literals,
              std::span<const std::string_view> rules)
      : syntax_(syntax), log_(log), literals_(literals), rules_(rules) {}

  TestCase check(const TestSyntax& test) {
    TestCase result;
    result.name = test.name;
    result.line = log_.line_of(test.span.offset);
    assign(test.given, result.given);
    for (const PastDeclarations& past : test.history) {
      PastCase& added = result.history.emplace_back();
      added.count = past.count;
      added.facts = result.given;
      assign(past.changes, added.facts);
      added.inspected = past.inspected;
      added.offences = past.offences;
      added.days_ago = past.days_ago;
    }
    result.lane = test.lane;
    result.has_score = test.has_score;
    result.score = test.score;
    result.because = names(test.because);
    result.not_evaluated = names(test.not_evaluated);
    return result;
  }

 private:
  std::vector<std::string> names(const std::vector<Name>& written) {
    std::vector<std::string> result;
    for (const Name& name : written) {
      if (!std::binary_search(rules_.begin(), rules_.end(), name.text)) {
        log_.add("E0306", name.span,
                 "There is no rule '" + std::string(name.text.substr(0, 40)) + "'",
                 log_.full() ? "" : did_you_mean(name.text, rules_, "name a rule of this file"));
      }
      result.emplace_back(name.text);
    }
    std::sort(result.begin(), result.end());
    return result;
  }

  void assign(const std::vector<Assignment>& assignments, Facts& facts) {
    for (const Assignment& assignment : assignments) assign(assignment, facts);
  }

  void assign(const Assignment& assignment, Facts& facts) {
    const Name& name = assignment.name;
    const Term* term = find_term(name.text);
    if (term == nullptr) {
      std::vector<std::string_view> known;
      for (const Term& each : vocabulary()) known.push_back(each.name);
      if (log_.full()) known.clear();
      log_.add("E0301", name.span,
               "There is no field '" + std::string(name.text.substr(0, 40)) + "'",
               did_you_mean(name.text, known, "docs/rules.md lists the fields"));
      return;
    }
    const Extract extract = term->extract;
    if (extract == Extract::kHsPrefix2 || extract == Extract::kHsPrefix4 ||
        extract == Extract::kHsPrefix6 || extract == Extract::kHsShape ||
        extract == Extract::kContainerDigits) {
      log_.add(
          "E0307", name.span, "'" + std::string(name.text) + "' follows from another field",
          std::string("give: ") + (extract == Extract::kContainerDigits ? "containers" : "hs"));
      return;
    }
    if (assignment.missing) {
      if (extract != Extract::kFact) facts.clear(term->field);
      return;
    }
    if (term->type == Type::kTexts) return assign_texts(assignment, *term, facts);
    if (assignment.literals.size() != 1) {
      log_.add("E0303", name.span, "'" + std::string(name.text) + "' has one value");
      return;
    }
    assign_value(assignment.literals[0], *term, facts);
  }

  void assign_texts(const Assignment& assignment, const Term& term, Facts& facts) {
    std::vector<std::string> texts;
    for (const NodeId literal : assignment.literals) {
      if (literals_.convert(literal, Type::kText)) {
        texts.emplace_back(syntax_.nodes[literal].text);
      }
    }
    facts.set(term.field, std::move(texts));
  }

  void assign_value(NodeId literal, const Term& term, Facts& facts) {
    const Node& node = syntax_.nodes[literal];
    if (term.type == Type::kMoney) {
      MoneyTable::Amount amount;
      if (!literals_.convert_money(literal, amount)) return;
      facts.set(term.field, amount.minor_units);
      facts.set(FieldId::kCurrency, std::string(node.unit));
      return;
    }
    // A fact may be any text: real data holds codes that no list knows.
    const bool any_text = term.extract == Extract::kHs || term.extract == Extract::kPacked;
    if (!literals_.convert(literal, any_text ? Type::kText : term.type)) return;
    switch (term.extract) {
      case Extract::kFact:
        return facts.set(term.fact, node.number == 1);
      case Extract::kInteger:
        return facts.set(term.field, node.number);
      case Extract::kBasisPoints:
        if (node.number % 100 == 0) return facts.set(term.field, node.number / 100);
        log_.add("E0401", node.span, "A duty rate has at most 2 decimals", "e.g. 6.5 %");
        return;
      default:
        return facts.set(term.field, std::string(node.text));
    }
  }

  Syntax& syntax_;
  DiagnosticLog& log_;
  LiteralReader& literals_;
  std::span<const std::string_view> rules_;
};

}  // namespace

std::vector<TestCase> check_tests(Syntax& syntax, DiagnosticLog& log, LiteralReader& literals,
                                  std::span<const std::string_view> rules) {
  std::vector<TestCase> tests;
  TestChecker checker(syntax, log, literals, rules);
  std::int64_t past = 0;
  for (const TestSyntax& test : syntax.tests) {
    for (const PastDeclarations& line : test.history) past += line.count;
    if (past > kPastDeclarationsMax) {
      log.add("E0501", test.span,
              "The tests of a file have at most " + std::to_string(kPastDeclarationsMax) +
                  " declarations in their histories");
      break;
    }
    tests.push_back(checker.check(test));
  }
  return tests;
}

}  // namespace sanad::chaincode::rules
