// sanad rules check | test
#include <iostream>
#include <memory>

#include "chaincode/rules/rule_tests.h"
#include "tools/commands/commands.h"
#include "tools/commands/report.h"
#include "tools/files.h"

namespace sanad::tools {
namespace {

namespace rules = chaincode::rules;

// Prints what the checker has to say; nothing where the file is refused.
crypto::Result<std::optional<rules::RuleSet>> compile_file(const std::string& file) {
  SANAD_TRY(const std::string text, read_file(file, rules::kSourceBytesMax));
  rules::Compilation compiled = rules::compile(text);
  for (const rules::Diagnostic& one : compiled.diagnostics) {
    std::cout << rules::format_diagnostic(text, one) << "\n";
  }
  return std::move(compiled.rule_set);
}

ExitCode run_check(const std::string& file) {
  const auto compiled = compile_file(file);
  if (!compiled) return report(compiled.error());
  if (!*compiled) return kExitCheckFailed;
  const rules::RuleSet& set = **compiled;
  std::vector<std::vector<std::string>> rows = {{"rule", "cost", "title"}};
  for (const rules::RuleHeading& rule : set.rules()) {
    rows.push_back({rule.id, grouped(rule.cost), rule.title});
  }
  std::cout << "rule set \"" << set.name() << "\" version " << set.version() << "\n"
            << format_table(rows, {1}) << "history it reads:\n";
  for (const std::string& measure : set.measures()) std::cout << "  " << measure << "\n";
  std::cout << "cost of one declaration: " << grouped(set.cost())
            << ", upkeep of its history: " << grouped(set.upkeep_cost()) << "\nid "
            << set.id().hex() << "\n";
  return kExitOk;
}

ExitCode run_test(const std::string& file) {
  const auto compiled = compile_file(file);
  if (!compiled) return report(compiled.error());
  if (!*compiled) return kExitCheckFailed;
  const rules::TestReport tested = rules::run_tests(**compiled);
  for (const rules::TestResult& one : tested.results) {
    std::cout << (one.passed ? "passed  " : "FAILED  ") << one.name << " (line " << one.line
              << ")\n";
    if (!one.passed) std::cout << "        " << one.message << "\n";
  }
  for (const std::string& rule : tested.never_fired) {
    std::cout << "rule " << rule << " fired in no test\n";
  }
  std::cout << tested.results.size() - tested.failed() << " passed, " << tested.failed()
            << " failed\n";
  return tested.failed() == 0 ? kExitOk : kExitCheckFailed;
}

void add_one(CLI::App& parent, Run& chosen, const std::string& name, const std::string& description,
             ExitCode (*run)(const std::string&)) {
  auto file = std::make_shared<std::string>();
  CLI::App* command = parent.add_subcommand(name, description);
  command->add_option("FILE", *file, "Rule file")->required();
  command->footer("Exit code 0: good; 1: refused or failed.\nExample:\n  sanad rules " + name +
                  " border.rules");
  command->callback([file, run, &chosen] { chosen = [file, run] { return run(*file); }; });
}

}  // namespace

void add_rules(CLI::App& app, Run& chosen) {
  CLI::App* parent = app.add_subcommand("rules", "Check and test risk rules.");
  parent->require_subcommand(1);
  add_one(*parent, chosen, "check", "Compile a rule file and print its cost.", run_check);
  add_one(*parent, chosen, "test", "Run the tests that stand in a rule file.", run_test);
}

}  // namespace sanad::tools
