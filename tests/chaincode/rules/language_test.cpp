// RULES C1–C5, C12 and C13 at the language's public door.
#include "crypto/codec.h"
#include "rules_sample.h"

namespace sanad::tests {
namespace {

rules::Facts trade(const std::string& hs, const std::string& origin, const std::string& departure) {
  rules::Facts facts;
  facts.set(FieldId::kHs, hs);
  facts.set(FieldId::kOrigin, origin);
  facts.set(FieldId::kDeparture, departure);
  return facts;
}

rules::Facts worth(std::int64_t minor_units, const std::string& currency) {
  rules::Facts facts;
  facts.set(FieldId::kValue, minor_units);
  facts.set(FieldId::kCurrency, currency);
  return facts;
}

TEST_CASE("rules: an HS code begins with its prefixes and with nothing else") {
  const RuleSet prefix = one_rule("hs starts with 8517");
  CHECK(outcome(prefix, trade("8517", "CN", "CN")) == "fires");
  CHECK(outcome(prefix, trade("851712000000", "CN", "CN")) == "fires");
  CHECK(outcome(prefix, trade("8516999999", "CN", "CN")) == "does not");
  CHECK(outcome(prefix, trade("8518", "CN", "CN")) == "does not");
  // A shorter code is not within a longer prefix, though it reads the same as far as it goes.
  CHECK(outcome(prefix, trade("85", "CN", "CN")) == "does not");
  CHECK(outcome(prefix, trade("85x7", "CN", "CN")) == "hs is not an HS code");
  CHECK(outcome(one_rule("hs is 0710"), trade("0710", "CN", "CN")) == "fires");
  CHECK(outcome(one_rule("hs is 0710"), trade("071000", "CN", "CN")) == "does not");
  CHECK(outcome(one_rule("hs6 is 851712"), trade("85171200", "CN", "CN")) == "fires");
  CHECK(outcome(one_rule("hs6 is 851712"), trade("8517", "CN", "CN")) ==
        "hs is too short or not an HS code");
}

TEST_CASE("rules: values are compared with values and constants of their own kind") {
  CHECK(outcome(one_rule("origin is departure"), trade("1", "CN", "CN")) == "fires");
  CHECK(outcome(one_rule("origin is not departure"), trade("1", "CN", "HK")) == "fires");
  CHECK(outcome(one_rule("origin in (KP, SY)"), trade("1", "SY", "HK")) == "fires");
  CHECK(outcome(one_rule("origin not in (KP, SY)"), trade("1", "SY", "HK")) == "does not");
  rules::Facts facts;
  facts.set(FieldId::kNetMass, std::int64_t{12'500});
  CHECK(outcome(one_rule("net_mass >= 12.5 kg"), facts) == "fires");
  CHECK(outcome(one_rule("net_mass > 12.5 kg"), facts) == "does not");
  CHECK(outcome(one_rule("net_mass < 12,501 g"), facts) == "fires");
  CHECK(outcome(one_rule("0.0125 t <= net_mass"), facts) == "fires");
  CHECK(outcome(one_rule("0.0125 t < net_mass"), facts) == "does not");
  facts.set(FieldId::kDutyRate, std::int64_t{650});
  CHECK(outcome(one_rule("duty_rate = 6.5 %"), facts) == "fires");
  facts.set(FieldId::kDate, std::int64_t{18'262});
  CHECK(outcome(one_rule("date = 2020-01-01"), facts) == "fires");
  CHECK(outcome(one_rule("date < 2020-01-01"), facts) == "does not");
  facts.set(FieldId::kFlow, std::string("re-export"));
  CHECK(outcome(one_rule("flow is re-export and not flow is import"), facts) == "fires");
  facts.set(FieldId::kOffice, std::string("40"));
  CHECK(outcome(one_rule("office in (40, \"20\")"), facts) == "fires");
  CHECK(outcome(one_rule("office starts with 4"), facts) == "fires");
  facts.set(FieldId::kDocuments, std::vector<std::string>{"N380", "N705"});
  CHECK(outcome(one_rule("documents includes N705"), facts) == "fires");
  CHECK(outcome(one_rule("documents includes any of (A1, B2)"), facts) == "does not");
}

TEST_CASE("C4: an amount is compared in the declaration's own currency, with its decimals") {
  const std::string limit = "parameter limit : money is 1,000 AED, 82.5 KWD, 360,000 KRW\n";
  const RuleSet set = one_rule("value >= limit", limit);
  CHECK(outcome(set, worth(100'000, "AED")) == "fires");
  CHECK(outcome(set, worth(99'999, "AED")) == "does not");
  CHECK(outcome(set, worth(82'500, "KWD")) == "fires");
  CHECK(outcome(set, worth(82'499, "KWD")) == "does not");
  CHECK(outcome(set, worth(360'000, "KRW")) == "fires");
  CHECK(outcome(set, worth(900'000'000, "EUR")) == "no amount of limit in this currency");
  rules::Facts bare;
  bare.set(FieldId::kValue, std::int64_t{5});
  CHECK(outcome(set, bare) == "currency is missing");
  CHECK(outcome(one_rule("value = 0"), worth(0, "XYZ")) == "fires");
}

TEST_CASE("C5: what is unknown does not fire and is reported, unless the rest decides") {
  rules::Facts facts;
  facts.set(FieldId::kOrigin, std::string("CN"));
  CHECK(outcome(one_rule("net_mass > 1 kg"), facts) == "net_mass is missing");
  CHECK(outcome(one_rule("not net_mass > 1 kg"), facts) == "net_mass is missing");
  CHECK(outcome(one_rule("origin is CN or net_mass > 1 kg"), facts) == "fires");
  CHECK(outcome(one_rule("net_mass > 1 kg or origin is CN"), facts) == "fires");
  CHECK(outcome(one_rule("origin is JP and net_mass > 1 kg"), facts) == "does not");
  CHECK(outcome(one_rule("net_mass > 1 kg and origin is JP"), facts) == "does not");
  CHECK(outcome(one_rule("origin is CN and net_mass > 1 kg"), facts) == "net_mass is missing");
  CHECK(outcome(one_rule("packages > 1 and net_mass > 1 kg"), facts) == "packages is missing");
  CHECK(outcome(one_rule("duplicate_ucr"), facts) == "duplicate_ucr is missing");
}

TEST_CASE("C5: or else gives a default; missing and given are never unknown") {
  const rules::Facts nothing;
  CHECK(outcome(one_rule("(net_mass or else 0 kg) = 0 kg"), nothing) == "fires");
  CHECK(outcome(one_rule("(duplicate_ucr or else no)"), nothing) == "does not");
  CHECK(outcome(one_rule("net_mass is missing"), nothing) == "fires");
  CHECK(outcome(one_rule("net_mass is given"), nothing) == "does not");
  const std::string rate = "(hit rate of declarations with same origin in the last 9 days ";
  CHECK(outcome(one_rule(rate + "or else 50 %) >= 50 %"), nothing) == "fires");
  CHECK(outcome(one_rule(rate + "or else 50 %) > 50 %"), nothing) == "does not");
}

TEST_CASE("C5: a zero is known") {
  rules::Facts facts;
  facts.set(FieldId::kNetMass, std::int64_t{0});
  CHECK(outcome(one_rule("net_mass is missing"), facts) == "does not");
  CHECK(outcome(one_rule("net_mass = 0 kg"), facts) == "fires");
}

TEST_CASE("C1: values of another kind or beyond a field's bounds are unknown, never an error") {
  rules::Facts facts;
  facts.set(FieldId::kNetMass, std::string("twelve"));
  CHECK(outcome(one_rule("net_mass > 1 kg"), facts) == "net_mass is not a mass");
  facts.set(FieldId::kNetMass, std::int64_t{-1});
  CHECK(outcome(one_rule("net_mass > 1 kg"), facts) == "net_mass is not a mass");
  facts.set(FieldId::kNetMass, INT64_MAX);
  CHECK(outcome(one_rule("net_mass > 1 kg"), facts) == "net_mass is not a mass");
  facts.set(FieldId::kDutyRate, INT64_MIN);
  CHECK(outcome(one_rule("duty_rate > 1 %"), facts) == "duty_rate is not a rate");
  facts.set(FieldId::kOrigin, std::string(400, 'A'));
  CHECK(outcome(one_rule("origin is CN"), facts) == "origin is not a country");
  facts.set(FieldId::kImporter, std::int64_t{7});
  CHECK(outcome(one_rule("importer is given"), facts) == "does not");
  facts.set(FieldId::kDocuments, std::vector<std::string>{});
  CHECK(outcome(one_rule("documents includes N705"), facts) == "does not");
}

TEST_CASE(
    "C3: the verdict does not depend on the order of rules; reasons are in the order of ids") {
  const std::string a = rule_text("A", "origin is CN", "score +20, lane at least blue");
  const std::string b = rule_text("B", "departure is CN", "score -5");
  const std::string c = rule_text("C", "origin is departure", "score +30");
  const std::string end = "outcome score >= 60 → red, >= 30 → yellow\n";
  const rules::Facts facts = trade("1", "CN", "CN");
  Verdict first = judge(compiled(kHeading + a + b + c + end), facts);
  Verdict second = judge(compiled(kHeading + end + c + b + a), facts);
  CHECK(first.rule_set != second.rule_set);
  second.rule_set = first.rule_set;
  CHECK(first == second);
  CHECK(first.score == 45);
  CHECK(first.lane == Lane::kYellow);
  REQUIRE(first.fired.size() == 3);
  CHECK(first.fired[0].rule == "A");
  CHECK(first.fired[1].rule == "B");
  CHECK(first.fired[2].rule == "C");
}

TEST_CASE("C3: the lane is the highest of what rules and score ask for") {
  const std::string blue = rule_text("A", "origin is CN", "lane at least blue");
  const std::string red = rule_text("B", "origin is CN", "lane at least red");
  const std::string score = rule_text("S", "origin is CN", "score 30");
  const std::string end = "outcome score >= 30 -> yellow\n";
  const rules::Facts facts = trade("1", "CN", "CN");
  CHECK(judge(compiled(kHeading + blue), facts).lane == Lane::kBlue);
  CHECK(judge(compiled(kHeading + blue + score + end), facts).lane == Lane::kYellow);
  CHECK(judge(compiled(kHeading + blue + score + red + end), facts).lane == Lane::kRed);
  CHECK(judge(compiled(kHeading + blue), trade("1", "JP", "JP")).lane == Lane::kGreen);
}

TEST_CASE("C12: the cost is static: the same whatever the facts decide, and more for more rules") {
  const RuleSet small = one_rule("origin is CN");
  const RuleSet large = one_rule("origin is CN or departure in (KP, SY) and net_mass > 1 kg");
  CHECK(small.cost() < large.cost());
  CHECK(judge(large, rules::Facts{}).cost == large.cost());
  CHECK(judge(large, trade("1", "CN", "CN")).cost == large.cost());
  CHECK(small.upkeep_cost() == 0);
  const RuleSet history =
      one_rule("count of declarations with same origin in the last 30 days > 3");
  CHECK(history.cost() > large.cost());
  CHECK(history.upkeep_cost() > 0);
}

TEST_CASE("C13: a fired rule lists the values that it read, exactly as an analyst writes them") {
  const std::string text =
      kHeading +
      rule_text("R", "origin is CN", "score 1", "origin, hs, net_mass, duty_rate, value, date") +
      "outcome score >= 30 -> yellow\n";
  rules::Facts facts = trade("0710", "CN", "CN");
  facts.set(FieldId::kNetMass, std::int64_t{12'050});
  facts.set(FieldId::kDutyRate, std::int64_t{650});
  facts.set(FieldId::kValue, std::int64_t{1'250'005});
  facts.set(FieldId::kCurrency, std::string("KWD"));
  const Verdict verdict = judge(compiled(text), facts);
  REQUIRE(verdict.fired.size() == 1);
  const std::vector<ValueRead> expected = {
      {"origin", "CN"},          {"hs", "0710"},
      {"net_mass", "12.05 kg"},  {"duty_rate", "6.5 %"},
      {"value", "1250.005 KWD"}, {"date", "unknown: date is missing"}};
  CHECK(verdict.fired[0].values == expected);
}

TEST_CASE("C13: a verdict's detail is canonical bytes and comes back the same") {
  const RuleSet set = compiled(kHeading + rule_text("A", "origin is CN", "score 7", "origin") +
                               rule_text("B", "net_mass > 1 kg"));
  const Verdict verdict = judge(set, trade("1", "CN", "CN"));
  const auto again = crypto::decode<Verdict>(crypto::encode(verdict));
  REQUIRE(again.ok());
  CHECK(*again == verdict);
  CHECK(again->rule_set == set.id());
  CHECK(again->not_evaluated[0].reason == "net_mass is missing");
}

TEST_CASE("rules: definitions and parameters stand for what they name") {
  const std::string before =
      "parameter heavy : mass is 2 t\nlist far of country is AU, NZ\n"
      "define from_far as origin in far or departure in far\n"
      "define worth_a_look as from_far and net_mass >= heavy\n";
  const RuleSet set = one_rule("worth_a_look", before);
  rules::Facts facts = trade("1", "NZ", "CN");
  CHECK(outcome(set, facts) == "net_mass is missing");
  facts.set(FieldId::kNetMass, std::int64_t{2'000'000});
  CHECK(outcome(set, facts) == "fires");
  facts.set(FieldId::kNetMass, std::int64_t{1'999'999});
  CHECK(outcome(set, facts) == "does not");
}

TEST_CASE("rules: the heading says whose declarations are judged, and metadata is kept") {
  const RuleSet all = one_rule("origin is CN");
  CHECK(all.applies_to("export"));
  CHECK_FALSE(all.applies_to("no flow"));
  const RuleSet some =
      compiled("rule set \"t\" version 7 for import, transit\n" + rule_text("R", "origin is CN"));
  CHECK(some.applies_to("import"));
  CHECK(some.applies_to("transit"));
  CHECK_FALSE(some.applies_to("export"));
  CHECK(some.version() == 7);
  REQUIRE(some.rules().size() == 1);
  CHECK(some.rules()[0].owner == "o");
  CHECK(some.rules()[0].legal_basis == "l");
  CHECK(some.rules()[0].review_by == 20'999);
}

TEST_CASE("rules: every field of the vocabulary has the name that the ledger gives it") {
  for (const Term& term : vocabulary()) {
    if (term.extract == Extract::kFact) continue;
    const auto* spec = chaincode::field_spec(static_cast<std::uint8_t>(term.field));
    REQUIRE(spec != nullptr);
    const bool part = term.name.starts_with("hs") || term.name == "container_digits_hold";
    if (!part) CHECK(term.name == spec->name);
  }
}

}  // namespace
}  // namespace sanad::tests
