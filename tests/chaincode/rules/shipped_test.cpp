// The rule set of the development network: it compiles without a warning and its own tests hold.
#include <set>

#include "../../shared_data.h"
#include "chaincode/rules/rule_tests.h"
#include "rules_sample.h"

namespace sanad::tests {
namespace {

std::string shipped_text() { return file_text(source_folder() / "chaincode/rules/gcc-dev.rules"); }

TEST_CASE("shipped rules: compile without any diagnostic") {
  const std::string text = shipped_text();
  const Compilation result = compile(text);
  for (const Diagnostic& each : result.diagnostics) FAIL_CHECK(format_diagnostic(text, each));
  REQUIRE(result.rule_set.has_value());
  CHECK(result.rule_set->name() == "gcc-dev");
  CHECK(result.rule_set->rules().size() == 11);
  CHECK(result.rule_set->measures().size() == 3);
}

TEST_CASE("shipped rules: all their own tests pass, and every rule fires in one") {
  const TestReport report = run_tests(compiled(shipped_text()));
  CHECK(report.results.size() >= 50);
  CHECK(report.failed() == 0);
  for (const TestResult& each : report.results) {
    if (!each.passed) FAIL_CHECK("line " << each.line << ", " << each.name << ": " << each.message);
  }
  CHECK(report.never_fired.empty());
}

TEST_CASE("rule tests: a wrong expectation fails and says what came instead") {
  const std::string text = kHeading + rule_text("A", "origin is KP") + rule_text("B", "hs is 85") +
                           "test \"wrong\" given origin KP expect yellow score 5 because B\n"
                           "test \"not unknown\" given hs 85 origin CN expect red because B "
                           "not evaluated A\n"
                           "test \"right\" given origin KP expect red because A not evaluated B\n";
  const TestReport report = run_tests(compiled(text));
  REQUIRE(report.results.size() == 3);
  CHECK(report.failed() == 2);
  CHECK(report.results[0].message ==
        "expected yellow, came red; expected score 5, came 0; expected because of B, fired: A; B "
        "was not evaluated: hs is missing");
  CHECK(report.results[1].message == "A was expected not to be evaluated, but was");
  CHECK(report.results[2].passed);
  CHECK(report.never_fired.empty());
}

}  // namespace
}  // namespace sanad::tests
