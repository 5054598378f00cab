#include "chaincode/rules/parser.h"

#include <array>

#include "chaincode/rules/expression_parser.h"
#include "chaincode/rules/rule_set.h"

namespace sanad::chaincode::rules {
namespace {

constexpr std::array<std::string_view, 6> kStatements = {"rule",   "list",    "parameter",
                                                         "define", "outcome", "test"};

class Parser {
 public:
  Parser(std::span<const Token> tokens, DiagnosticLog& log)
      : cursor_(tokens, log), expressions_(cursor_, syntax_) {}

  Syntax run() {
    if (!heading()) cursor_.skip_statement();
    while (!cursor_.at_end()) {
      if (!statement()) cursor_.skip_statement();
    }
    return std::move(syntax_);
  }

 private:
  bool heading();
  bool statement();
  bool list();
  bool parameter();
  bool definition();
  bool rule();
  bool rule_metadata(RuleSyntax& rule);
  bool effects(RuleSyntax& rule);
  bool outcome();
  bool test();
  bool assignments(std::vector<Assignment>& into);
  bool past(TestSyntax& test);
  bool expectation(TestSyntax& test);
  bool rule_names(std::vector<Name>& into);
  bool typed_name(Name& name, Name& type, bool with_colon);
  bool new_name(Name& name);
  std::optional<Lane> lane();
  std::optional<std::int64_t> signed_score();
  std::optional<std::string_view> quoted(std::string_view what, std::string_view suggestion);

  Syntax syntax_;
  Cursor cursor_;
  ExpressionParser expressions_;
};

// rule set "name" version 3 for import, export | all
bool Parser::heading() {
  if (!(cursor_.at_word("rule") && cursor_.at_word("set", 1))) {
    cursor_.expected("the heading of the file", "write: rule set \"name\" version 1 for import");
    return false;
  }
  cursor_.next();
  cursor_.next();
  const Span span = cursor_.peek().span;
  const auto name = quoted("the rule set's name in quotes", "write: rule set \"gcc\" version 1 …");
  if (!name || !cursor_.expect_words({"version"})) return false;
  syntax_.name = {*name, span};
  const auto version = cursor_.expect_whole("the version", 1'000'000'000);
  if (!version || !cursor_.expect_words({"for"})) return false;
  syntax_.version = *version;
  if (cursor_.accept_word("all")) return true;
  do {
    const Token& token = cursor_.peek();
    if (token.kind != TokenKind::kWord || !flow_of(token.text)) {
      cursor_.expected("a flow", did_you_mean(token.text, kFlowNames,
                                              "flows are: import, export, re-export, transit, "
                                              "temporary, or all"));
      return false;
    }
    syntax_.flows.push_back({token.text, token.span});
    cursor_.next();
  } while (cursor_.accept_symbol(","));
  return true;
}

bool Parser::statement() {
  const Token& token = cursor_.peek();
  if (cursor_.accept_word("list")) return list();
  if (cursor_.accept_word("parameter")) return parameter();
  if (cursor_.accept_word("define")) return definition();
  if (cursor_.accept_word("rule")) return rule();
  if (cursor_.accept_word("outcome")) return outcome();
  if (cursor_.accept_word("test")) return test();
  cursor_.report(
      "E0202", token.span,
      "Here a statement should begin (rule, list, parameter, define, outcome or test), or "
      "the one above go on",
      did_you_mean(token.text, kStatements, "is a comma, and, or or a word missing before this?"));
  cursor_.next();
  return false;
}

std::optional<std::string_view> Parser::quoted(std::string_view what, std::string_view suggestion) {
  const auto token = cursor_.expect(TokenKind::kText, what, suggestion);
  if (!token) return std::nullopt;
  if (token->text.size() <= 200) return token->text;
  cursor_.report("E0504", token->span, "This text is longer than 200 bytes");
  return std::nullopt;
}

bool Parser::new_name(Name& name) {
  const Token& token = cursor_.peek();
  if (token.kind != TokenKind::kWord || token.text.size() > 40 || token.text[0] < 'a') {
    cursor_.expected("a new name in small letters, at most 40", "e.g. large_value");
    return false;
  }
  name = {token.text, token.span};
  cursor_.next();
  return true;
}

bool Parser::typed_name(Name& name, Name& type, bool with_colon) {
  if (!new_name(name)) return false;
  if (with_colon ? !cursor_.expect_symbol(":", "a colon and the type, e.g. : money")
                 : !cursor_.expect_words({"of"})) {
    return false;
  }
  const Token& token = cursor_.peek();
  if (token.kind != TokenKind::kWord || type_named(token.text) == Type::kUnknown) {
    cursor_.expected("a type",
                     did_you_mean(token.text, type_words(),
                                  "types are: country, hs, office, place, code, party, "
                                  "text, currency, flow, money, mass, rate, count, date"));
    return false;
  }
  type = {token.text, token.span};
  cursor_.next();
  return cursor_.expect_words({"is"});
}

// list embargoed of country is KP, SY
bool Parser::list() {
  ListSyntax list;
  if (!typed_name(list.name, list.type, false)) return false;
  do {
    list.items.push_back(expressions_.literal());
    if (list.items.back() == kNoNode) return false;
  } while (cursor_.accept_symbol(","));
  syntax_.lists.push_back(std::move(list));
  return true;
}

// parameter large : money is 50,000 AED, 4,000 KWD
bool Parser::parameter() {
  ParameterSyntax parameter;
  if (!typed_name(parameter.name, parameter.type, true)) return false;
  do {
    parameter.amounts.push_back(expressions_.literal());
    if (parameter.amounts.back() == kNoNode) return false;
  } while (cursor_.accept_symbol(","));
  syntax_.parameters.push_back(std::move(parameter));
  return true;
}

// define risky as hit rate of …
bool Parser::definition() {
  DefinitionSyntax definition;
  if (!new_name(definition.name) || !cursor_.expect_words({"as"})) return false;
  definition.value = expressions_.condition();
  if (definition.value == kNoNode) return false;
  syntax_.definitions.push_back(definition);
  return true;
}

bool Parser::rule() {
  if (cursor_.at_word("set")) {
    cursor_.report("E0206", cursor_.peek().span, "The heading stands once, at the top of the file");
    return false;
  }
  RuleSyntax& rule = syntax_.rules.emplace_back();
  const Token& id = cursor_.peek();
  if (id.kind != TokenKind::kWord || id.text.size() > 40 || id.text[0] < 'A' || id.text[0] > 'Z') {
    cursor_.expected("the rule's id in capital letters, at most 40", "e.g. rule EMBARGO \"…\"");
    syntax_.rules.pop_back();
    return false;
  }
  rule.id = {id.text, id.span};
  cursor_.next();
  if (!rule_metadata(rule) || !cursor_.expect_words({"when"})) return false;
  rule.condition = expressions_.condition();
  if (rule.condition == kNoNode || !cursor_.expect_words({"then"}) || !effects(rule)) return false;
  if (cursor_.accept_word("explain")) {
    do {
      if (rule.explained.size() == kExplainMax) {
        cursor_.report("E0505", cursor_.peek().span, "A rule explains at most 8 values");
        return false;
      }
      rule.explained.push_back(expressions_.at_measure() ? expressions_.measure()
                                                         : expressions_.name());
      if (rule.explained.back() == kNoNode) return false;
    } while (cursor_.accept_symbol(","));
  }
  rule.complete = true;
  return true;
}

// "title" owner "…" legal basis "…" review by 2027-06-30
bool Parser::rule_metadata(RuleSyntax& rule) {
  const auto title = quoted("the rule's title in quotes", "e.g. rule EMBARGO \"Embargoed origin\"");
  if (!title || !cursor_.expect_words({"owner"})) return false;
  const auto owner = quoted("who answers for this rule", "e.g. owner \"risk unit\"");
  if (!owner || !cursor_.expect_words({"legal", "basis"})) return false;
  const auto basis =
      quoted("the law it rests on", "e.g. legal basis \"Common Customs Law art. 52\"");
  if (!basis || !cursor_.expect_words({"review", "by"})) return false;
  const auto date =
      cursor_.expect(TokenKind::kDate, "the day of its next review", "e.g. review by 2027-06-30");
  if (!date) return false;
  const auto day = day_number(date->text);
  if (!day) {
    cursor_.report("E0207", date->span, "There is no such day", "dates are written 2027-06-30");
    return false;
  }
  rule.title = *title;
  rule.owner = *owner;
  rule.legal_basis = *basis;
  rule.review_by = *day;
  return true;
}

std::optional<Lane> Parser::lane() {
  const Token& token = cursor_.peek();
  constexpr auto kNames = enum_names(Lane{});
  for (std::size_t i = 0; i < kNames.size() && token.kind == TokenKind::kWord; ++i) {
    if (token.text != kNames[i]) continue;
    cursor_.next();
    return static_cast<Lane>(i);
  }
  cursor_.expected("a lane",
                   did_you_mean(token.text, kNames, "lanes are: green, blue, yellow, red"));
  return std::nullopt;
}

std::optional<std::int64_t> Parser::signed_score() {
  const bool negative = cursor_.accept_symbol("-");
  if (!negative) cursor_.accept_symbol("+");
  const auto score = cursor_.expect_whole("a score", kScoreMax);
  if (!score) return std::nullopt;
  return negative ? -*score : *score;
}

// score +15, lane at least yellow
bool Parser::effects(RuleSyntax& rule) {
  bool scored = false;
  bool laned = false;
  do {
    const Span span = cursor_.peek().span;
    if (cursor_.accept_word("score")) {
      const auto score = signed_score();
      if (!score) return false;
      if (scored) cursor_.report("E0208", span, "This rule gives a score twice");
      rule.score = *score;
      scored = true;
    } else if (cursor_.accept_word("lane")) {
      if (!cursor_.expect_words({"at", "least"})) return false;
      const auto named = lane();
      if (!named) return false;
      if (laned) cursor_.report("E0208", span, "This rule names a lane twice");
      rule.lane_at_least = *named;
      laned = true;
    } else {
      cursor_.expected("score or lane", "write: then score +15, lane at least yellow");
      return false;
    }
  } while (cursor_.accept_symbol(","));
  return true;
}

// outcome score >= 60 → red, >= 30 → yellow
bool Parser::outcome() {
  if (!syntax_.outcome.empty()) {
    cursor_.report("E0206", cursor_.last_span(), "The outcome is stated once");
    return false;
  }
  if (!cursor_.expect_words({"score"})) return false;
  do {
    if (!cursor_.expect_symbol(">=", ">= and the score from which the lane holds")) return false;
    const auto score = signed_score();
    if (!score || !cursor_.expect_symbol("->", "→ (or ->) and a lane")) return false;
    const auto named = lane();
    if (!named) return false;
    syntax_.outcome.push_back({*score, *named});
    if (syntax_.outcome.size() > 8) {
      cursor_.report("E0506", cursor_.last_span(), "An outcome has at most 8 steps");
      return false;
    }
  } while (cursor_.accept_symbol(","));
  return true;
}

// test "…" given … {history …} expect …
bool Parser::test() {
  TestSyntax test;
  test.span = cursor_.last_span();
  const auto name = quoted("the test's name in quotes", "e.g. test \"embargoed origin is red\"");
  if (!name || !cursor_.expect_words({"given"}) || !assignments(test.given)) return false;
  test.name = *name;
  while (cursor_.accept_word("history")) {
    if (!past(test)) return false;
  }
  if (!cursor_.expect_words({"expect"}) || !expectation(test)) return false;
  syntax_.tests.push_back(std::move(test));
  return true;
}

// {name (literal | "(" literals ")" | "missing") [","]}
bool Parser::assignments(std::vector<Assignment>& into) {
  const auto ends = [this] {
    return cursor_.at_word("history") || cursor_.at_word("expect") ||
           cursor_.at_word("inspected") ||
           (cursor_.peek().kind == TokenKind::kNumber && cursor_.at_word("days", 1));
  };
  while (cursor_.peek().kind == TokenKind::kWord && !cursor_.peek().at_margin && !ends()) {
    Assignment& assignment = into.emplace_back();
    assignment.name = {cursor_.peek().text, cursor_.peek().span};
    cursor_.next();
    if (cursor_.accept_word("missing")) {
      assignment.missing = true;
    } else if (cursor_.accept_symbol("(")) {
      do {
        assignment.literals.push_back(expressions_.literal());
        if (assignment.literals.back() == kNoNode) return false;
      } while (cursor_.accept_symbol(","));
      if (!cursor_.expect_symbol(")", "a comma or ) that ends the list")) return false;
    } else {
      assignment.literals.push_back(expressions_.literal());
      if (assignment.literals.back() == kNoNode) return false;
    }
    cursor_.accept_symbol(",");
  }
  return true;
}

// history 12 × [changes] [inspected [with 8 offences]] [30 days ago]
bool Parser::past(TestSyntax& test) {
  PastDeclarations past;
  past.span = cursor_.last_span();
  const auto count = cursor_.expect_whole("how many declarations", 10'000);
  if (!count) return false;
  if (!cursor_.accept_word("x") && !cursor_.expect_symbol("x", "× (or x)")) return false;
  past.count = *count;
  if (!assignments(past.changes)) return false;
  if (cursor_.accept_word("inspected")) {
    past.inspected = true;
    if (cursor_.accept_word("with")) {
      const auto offences = cursor_.expect_whole("how many of them were offences", past.count);
      if (!offences || !cursor_.expect_words({"offences"})) return false;
      past.offences = *offences;
    }
  }
  if (cursor_.peek().kind == TokenKind::kNumber) {
    const auto days = cursor_.expect_whole("how many days ago", 10'000);
    if (!days || !cursor_.expect_words({"days", "ago"})) return false;
    past.days_ago = *days;
  }
  test.history.push_back(std::move(past));
  return true;
}

// expect yellow [score 15] [because A, B] [not evaluated C]
bool Parser::expectation(TestSyntax& test) {
  const auto named = lane();
  if (!named) return false;
  test.lane = *named;
  if (cursor_.accept_word("score")) {
    const auto score = signed_score();
    if (!score) return false;
    test.score = *score;
    test.has_score = true;
  }
  if (cursor_.accept_word("because") && !rule_names(test.because)) return false;
  if (cursor_.accept_word("not")) {
    return cursor_.expect_words({"evaluated"}) && rule_names(test.not_evaluated);
  }
  return true;
}

bool Parser::rule_names(std::vector<Name>& into) {
  do {
    const auto token = cursor_.expect(TokenKind::kWord, "a rule's id", "e.g. EMBARGO");
    if (!token) return false;
    into.push_back({token->text, token->span});
  } while (cursor_.accept_symbol(","));
  return true;
}

}  // namespace

Syntax parse(std::span<const Token> tokens, DiagnosticLog& log) {
  return Parser(tokens, log).run();
}

}  // namespace sanad::chaincode::rules
