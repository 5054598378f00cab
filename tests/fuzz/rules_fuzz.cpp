// Rule files from anybody: whatever is refused is refused with a message that can be shown, and
// whatever compiles judges every declaration at the cost that was promised.
#include <cstdint>
#include <cstdlib>

#include "chaincode/rules/evaluate.h"
#include "chaincode/rules/rule_tests.h"

namespace {

using namespace sanad::chaincode;
using namespace sanad::chaincode::rules;

Facts full_facts() {
  Facts facts;
  for (const FieldSpec& spec : field_specs()) {
    switch (spec.kind) {
      case FieldKind::kInteger:
        facts.set(spec.id, spec.maximum);
        break;
      case FieldKind::kText:
        facts.set(spec.id, std::string("851712"));
        break;
      case FieldKind::kList:
        facts.set(spec.id, std::vector<std::string>{"A", "B"});
        break;
    }
  }
  facts.set(FieldId::kOrigin, std::string("KP"));
  facts.set(FieldId::kFlow, std::string("import"));
  facts.set(FieldId::kCurrency, std::string("AED"));
  facts.set(Fact::kDuplicateUcr, true);
  return facts;
}

void judge(const RuleSet& rule_set, const Facts& facts) {
  const MemoryState empty;
  const Verdict verdict = evaluate(rule_set, facts, Context{20'000, empty});
  if (verdict.cost != rule_set.cost()) std::abort();
  const auto again = sanad::crypto::decode<Verdict>(sanad::crypto::encode(verdict));
  if (!again || !(*again == verdict)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const Compilation result = compile(text);
  for (const Diagnostic& each : result.diagnostics) {
    if (format_diagnostic(text, each).empty()) std::abort();
  }
  if (!result.rule_set) {
    if (result.diagnostics.empty()) std::abort();
    return 0;
  }
  judge(*result.rule_set, Facts{});
  judge(*result.rule_set, full_facts());
  // Tests of a file may ask for much work; a fuzzer's time is short.
  if (size < 20'000) run_tests(*result.rule_set);
  return 0;
}
