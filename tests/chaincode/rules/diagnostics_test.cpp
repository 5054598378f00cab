// Golden texts: what an analyst reads when a rule file is wrong.
#include "../../shared_data.h"
#include "rules_sample.h"

namespace sanad::tests {
namespace {

// What is said of a file whose line 2 to 4 is a rule with this condition.
std::string about(const std::string& when) {
  const std::string text = kHeading + rule_text("R", when);
  std::string said;
  for (const Diagnostic& each : compile(text).diagnostics) {
    if (each.code != "W0904") said += format_diagnostic(text, each);
  }
  return said;
}

std::string about_file(const std::string& after_heading) {
  const std::string text = kHeading + after_heading;
  std::string said;
  for (const Diagnostic& each : compile(text).diagnostics) said += format_diagnostic(text, each);
  return said;
}

TEST_CASE("diagnostics: a misspelt field has its nearest name suggested") {
  CHECK(about("orgin is KP") ==
        "E0301 There is no field, parameter or definition 'orgin' (line 3)\n"
        "3 |   when orgin is KP\n"
        "  |        ^^^^^\n"
        "  = write: origin\n");
}

TEST_CASE("C4: two currencies in one comparison are refused with the fix") {
  CHECK(
      about("value >= 1,000 USD") ==
      "E0402 Two currencies in one comparison: value is in the declaration's currency, 1,000 USD "
      "is in USD (line 3)\n"
      "3 |   when value >= 1,000 USD\n"
      "  |        ^^^^^^^^^^^^^^^^^^\n"
      "  = write: parameter limit : money is 1,000 USD, … one amount per currency …   and compare "
      "with: limit\n");
}

TEST_CASE("C4: two units in one comparison are refused with the fix") {
  CHECK(about("net_mass > 20 %") ==
        "E0403 net_mass is a mass and cannot be compared with a rate (line 3)\n"
        "3 |   when net_mass > 20 %\n"
        "  |        ^^^^^^^^^^^^^^^\n"
        "  = write a mass, e.g. 10 kg\n");
  CHECK(about("net_mass > value") ==
        "E0403 net_mass is a mass and value is money: they cannot be compared (line 3)\n"
        "3 |   when net_mass > value\n"
        "  |        ^^^^^^^^^^^^^^^^\n"
        "  = write a mass, e.g. 10 kg\n");
}

TEST_CASE("diagnostics: what is wrong stands first, then the line, then one suggestion") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"net_mass > 10", "E0401 Here should stand a mass, and '10' is none"},
      {"net_mass > 10kg", "E0103 A number and a word run into each other"},
      {"net_mass", "E0408 net_mass is a mass, not a condition"},
      {"origin > KP", "E0411 origin is a country: it has no greater and smaller"},
      {"origin is Korea", "E0401 Here should stand a country, and 'Korea' is none"},
      {"origin in embargoed", "E0305 There is no list 'embargoed'"},
      {"origin in (8517, KP)", "E0401 Here should stand a country, and '8517' is none"},
      {"hs in (851)", "E0401 Here should stand an HS code, and '851' is none"},
      {"hs is 85.17", "E0401 Here should stand an HS code, and '85.17' is none"},
      {"5 > 3", "E0406 Two constants are compared: the answer is always the same"},
      {"documents is N705", "E0403 documents is a list of texts"},
      {"origin includes KP", "E0403 origin is a country, a single value"},
      {"net_mass starts with 5",
       "E0411 net_mass is a mass: only HS codes and texts have a beginning"},
      {"1 kg < net_mass < 5 kg", "E0204 A comparison has two sides only"},
      {"importer or else \"x\" is \"y\"", "E0413 importer is a party: it has no default"},
      {"origin is importer",
       "E0403 origin is a country and importer is a party: they cannot be "
       "compared"},
      {"date > 2025-02-30", "E0401 Here should stand a date, and '2025-02-30' is none"},
      {"count of declarations with same value in the last 9 days > 1",
       "E0414 Declarations are compared by single fields; value is money"},
      {"count of declarations with same hs and hs in the last 9 days > 1",
       "E0414 'hs' stands here twice"},
      {"count of declarations with same hs in last 9 days > 1",
       "E0201 Here should stand the word 'the', not 'last'"},
      {"hit rate of declarations with same hs in the last 9 days > 5",
       "E0401 Here should stand a rate, and '5' is none"},
      {"origin is \"KP", "E0102 This text has no closing quotation mark on its line"},
      {"origin is KP and",
       "E0201 Here should stand a field, a list, a defined name or a value, not "
       "'then'"},
      {"(origin is KP", "E0201 Here should stand and, or, or a closing ), not 'then'"},
      {"origin is KP $", "E0101 This character has no meaning in a rule"},
  };
  for (const auto& [when, expected] : cases) {
    const std::string said = about(when);
    INFO(when << "\n" << said);
    CHECK(said.substr(0, said.find(" (line ")) == expected);
    CHECK(std::count(said.begin(), said.end(), '^') > 0);
  }
}

TEST_CASE("diagnostics: names and statements of a whole file") {
  const std::string rule = rule_text("R", "origin is KP", "lane at least red", "origin");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"rul R \"t\"\n" + rule,
       "E0202 Here a statement should begin (rule, list, parameter, define, "
       "outcome or test), or the one above go on (line 2)"},
      {rule + rule, "E0302 'R' is already declared on line 2 (line 6)"},
      {"list origin of country is KP\n" + rule,
       "E0302 'origin' is already the name of a fact (line 2)"},
      {"define a as b\ndefine b as origin is KP\n" + rule,
       "E0304 'b' is defined further down, on line 3 (line 2)"},
      {"define a as (a or origin is KP)\n" + rule, "E0304 'a' is defined by itself (line 2)"},
      {"list far of country is AU\n" + rule, "W0903 Nothing uses 'far' (line 2)"},
      {"parameter p : money is 1 AED, 2 AED\n" + rule,
       "E0303 This currency has an amount already (line 2)"},
      {"parameter p : money is 1.005 AED\n" + rule,
       "E0401 Here should stand money, and '1.005 AED' is none (line 2)"},
      {"outcome score >= 30 → yellow, >= 60 → red\n" + rule,
       "E0210 The outcome's scores and lanes must fall from step to step (line 1)"},
      {rule_text("R", "origin is KP", "lane at least orange"),
       "E0201 Here should stand a lane, not 'orange' (line 4)"},
      {rule + "test \"t\" given origin KP expect red because S\n",
       "E0306 There is no rule 'S' (line 6)"},
      {rule + "test \"t\" given hs6 851712 expect red\n",
       "E0307 'hs6' follows from another field (line 6)"},
      {"", "E0508 This rule set has no rule (line 1)"},
      {rule_text("R", "origin is UK", "lane at least red", "origin"),
       "W0901 ISO 3166-1 assigns no country 'UK' (line 3)"},
      {rule_text("R", "packages >= 0", "lane at least red", "packages"),
       "W0902 This is true of every packages that a declaration can have (line 3)"},
      {rule_text("R", "origin is KP"),
       "W0904 Rule R explains no value: its reasons will be bare (line 2)"},
      {rule_text("R", "origin is KP", "score 5", "origin"),
       "W0906 Scores are added up, but no outcome says what they mean (line 2)"},
  };
  for (const auto& [text, expected] : cases) {
    const std::string said = about_file(text);
    INFO(text << said);
    CHECK(said.substr(0, said.find('\n')) == expected);
  }
}

TEST_CASE("diagnostics: a file is read to its end, and one mistake is told once") {
  const std::string text = kHeading + "list a of contry is KP\n" +
                           rule_text("R", "origin in a and") + rule_text("S", "origin is KP") +
                           "tset \"x\"\n";
  const Compilation result = compile(text);
  REQUIRE(result.diagnostics.size() == 3);
  CHECK(result.diagnostics[0].line == 2);
  CHECK(result.diagnostics[0].suggestion == "write: country");
  CHECK(result.diagnostics[1].line == 5);
  CHECK(result.diagnostics[2].line == 9);
  CHECK(result.diagnostics[2].suggestion == "write: test");
}

TEST_CASE("diagnostics: positions outside the source and strange lines are shown without harm") {
  Diagnostic outside;
  outside.code = "E0201";
  outside.line = 99;
  outside.column = 1'000;
  outside.text = "t";
  CHECK(format_diagnostic("one line", outside) == "E0201 t (line 99)\n");
  outside.line = 1;
  CHECK(format_diagnostic("a\tb\x1b", outside) == "E0201 t (line 1)\n1 | a b \n  |     ^\n");
}

TEST_CASE("diagnostics: docs/rules.md lists every number that the sources use") {
  const std::filesystem::path root = source_folder();
  const std::string docs = file_text(root / "docs/rules.md");
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(root / "chaincode/rules")) {
    if (entry.path().extension() != ".cpp") continue;
    const std::string source = file_text(entry.path());
    for (std::size_t at = source.find('"'); at != std::string::npos;
         at = source.find('"', at + 1)) {
      const std::string code = source.substr(at + 1, 5);
      const bool number = code.size() == 5 && (code[0] == 'E' || code[0] == 'W') &&
                          code.find_first_not_of("0123456789", 1) == std::string::npos &&
                          source[at + 6] == '"';
      if (!number) continue;
      ++found;
      INFO(code);
      CHECK(docs.find("| " + code + " |") != std::string::npos);
    }
  }
  CHECK(found > 40);
}

}  // namespace
}  // namespace sanad::tests
