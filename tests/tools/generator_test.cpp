#include "tools/generator.h"

#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "tools/importers/lines.h"

namespace sanad::tools {
namespace {

using chaincode::FieldId;

const std::vector<std::string> kSeven = {"AE-DU", "AE-AZ", "KW", "QA", "SA", "BH", "OM"};

struct Written {
  std::string declarations;
  std::string labels;
  std::map<std::string, std::size_t> cases;
  std::map<std::string, std::vector<Declaration>> by_ucr;
};

Written generate(GeneratorPlan plan, std::size_t count) {
  Generator generator(std::move(plan));
  Written written;
  for (std::size_t made = 0; made < count;) {
    for (const Generated& one : generator.next()) {
      written.declarations += format_declaration(one.declaration) + "\n";
      written.labels += format_label(one) + "\n";
      ++written.cases[one.label];
      written.by_ucr[one.declaration.text(FieldId::kUcr)].push_back(one.declaration);
      ++made;
    }
  }
  return written;
}

GeneratorPlan plan_of(std::uint64_t seed) {
  GeneratorPlan plan;
  plan.seed = seed;
  plan.members = kSeven;
  return plan;
}

TEST_CASE("the same seed gives the same declarations, another seed others") {
  const Written first = generate(plan_of(7), 500);
  CHECK(generate(plan_of(7), 500).declarations == first.declarations);
  CHECK(generate(plan_of(7), 500).labels == first.labels);
  CHECK(generate(plan_of(8), 500).declarations != first.declarations);
}

TEST_CASE("every generated declaration is one that the ledger takes, and reads back") {
  const Written written = generate(plan_of(3), 2'000);
  std::istringstream input(written.declarations);
  LinesReader reader(input);
  std::size_t rows = 0;
  std::set<std::string> ids;
  while (true) {
    const InputItem item = reader.next();
    if (std::holds_alternative<InputEnd>(item)) break;
    if (const auto* bad = std::get_if<RejectedRow>(&item)) FAIL(bad->reason << ": " << bad->text);
    const Declaration& one = std::get<InputRow>(item).declaration;
    const auto body = make_body(one, {}, [] { return crypto::Salt{}; });
    if (!body) FAIL(body.error().message() << ": " << format_declaration(one));
    CHECK(chaincode::hs_shape_ok(one.text(FieldId::kHs)));
    CHECK(chaincode::locode_shape_ok(one.text(FieldId::kOffice)));
    CHECK(ids.insert(one.text(FieldId::kDeclarationId)).second);
    ++rows;
  }
  CHECK(rows >= 2'000);
}

TEST_CASE("pairs share a UCR; cases are injected, labelled, and nowhere in the declarations") {
  const Written written = generate(plan_of(5), 5'000);
  std::size_t pairs = 0;
  for (const auto& [ucr, declarations] : written.by_ucr) {
    pairs += declarations.size() == 2 && declarations[0].text(FieldId::kFlow) == "export" &&
             declarations[1].text(FieldId::kFlow) == "import";
  }
  CHECK(pairs > 1'000);
  for (const char* label : {"prohibited", "embargoed", "bad-container", "false-preference",
                            "high-value", "duplicate-ucr", "duplicate-invoice", "undervalued",
                            "mass-shift", "code-shift", "no-import", "no-export"}) {
    CAPTURE(label);
    CHECK(written.cases.at(label) > 0);
    CHECK(written.declarations.find(label) == std::string::npos);
  }
  CHECK(written.cases.at("") > 4'000);
  CHECK(written.labels.find("prohibited") != std::string::npos);
}

TEST_CASE("a network of one member and a share of no cases are possible") {
  GeneratorPlan plan = plan_of(1);
  plan.members = {"KW"};
  plan.cases_per_mille = 0;
  const Written written = generate(plan, 200);
  CHECK(written.cases.size() == 1);
  CHECK(written.declarations.find("\"export\"") == std::string::npos);
}

}  // namespace
}  // namespace sanad::tools
