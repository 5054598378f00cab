#include "chaincode/rules/rule_set.h"

#include "chaincode/rules/compiler.h"
#include "chaincode/rules/parser.h"
#include "crypto/codec.h"

namespace sanad::chaincode::rules {

const crypto::Hash& RuleSet::id() const { return compiled_->id; }
const std::string& RuleSet::name() const { return compiled_->name; }
std::uint64_t RuleSet::version() const { return compiled_->version; }
bool RuleSet::applies_to(std::string_view flow) const {
  const auto known = flow_of(flow);
  return known && (compiled_->flows >> static_cast<unsigned>(*known) & 1U) != 0;
}
std::span<const RuleHeading> RuleSet::rules() const { return compiled_->headings; }
std::span<const std::string> RuleSet::measures() const { return compiled_->measure_texts; }
std::uint64_t RuleSet::cost() const { return compiled_->cost; }
std::uint64_t RuleSet::upkeep_cost() const { return compiled_->upkeep_cost; }
const std::string& RuleSet::text() const { return compiled_->text; }

Compilation compile(std::string_view text) {
  Compilation result;
  if (text.size() > kSourceBytesMax) {
    Diagnostic& refused = result.diagnostics.emplace_back();
    refused.code = "E0501";
    refused.text = "A rule file has at most " + std::to_string(kSourceBytesMax) + " bytes";
    refused.suggestion = "split it into two rule sets";
    return result;
  }
  auto set = std::make_shared<CompiledSet>();
  set->text = text;  // the tokens and the tree are views into it
  DiagnosticLog log(set->text);
  const std::vector<Token> tokens = tokenize(set->text, log);
  Syntax syntax = parse(tokens, log);
  // What did not parse is absent, and would be reported again as an unknown name.
  if (!log.failed()) {
    Checked checked = Checker(syntax, log).run();
    if (!log.failed()) Compiler(syntax, std::move(checked), *set, log).run();
  }
  if (!log.failed()) {
    const auto bytes = crypto::as_bytes(set->text);  // lines make it no "clean text" of F2
    set->id = crypto::tagged_hash("rule set", crypto::Bytes(bytes.begin(), bytes.end()));
    result.rule_set.emplace(std::move(set));
  }
  result.diagnostics = log.take();
  return result;
}

}  // namespace sanad::chaincode::rules
