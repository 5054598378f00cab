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

struct RulesOptions {
  std::string file;
  bool json = false;
};

// What the compiler made of a file, and what it had to say.
struct Compiled {
  std::string text;
  rules::Compilation result;
};

crypto::Result<Compiled> compile_file(const std::string& file) {
  SANAD_TRY(std::string text, read_file(file, rules::kSourceBytesMax));
  rules::Compilation result = rules::compile(text);
  return Compiled{std::move(text), std::move(result)};
}

void print_diagnostics(const Compiled& compiled) {
  for (const rules::Diagnostic& one : compiled.result.diagnostics) {
    std::cout << rules::format_diagnostic(compiled.text, one) << "\n";
  }
}

// The members that both commands print: whether the file was accepted, and why not.
JsonObject json_of(const RulesOptions& options, const Compiled& compiled) {
  std::vector<std::string> diagnostics;
  for (const rules::Diagnostic& one : compiled.result.diagnostics) {
    diagnostics.push_back(JsonObject()
                              .text("code", one.code)
                              .number("line", one.line)
                              .number("column", one.column)
                              .text("text", one.text)
                              .text("suggestion", one.suggestion)
                              .str());
  }
  JsonObject object;
  object.text("file", options.file)
      .boolean("accepted", compiled.result.rule_set.has_value())
      .json("diagnostics", json_array(diagnostics));
  return object;
}

void add_rule_set(JsonObject& object, const rules::RuleSet& set) {
  std::vector<std::string> headings;
  for (const rules::RuleHeading& rule : set.rules()) {
    headings.push_back(JsonObject()
                           .text("rule", rule.id)
                           .number("cost", rule.cost)
                           .text("title", rule.title)
                           .str());
  }
  std::vector<std::string> measures;
  for (const std::string& measure : set.measures()) measures.push_back(json_string(measure));
  object.text("name", set.name())
      .number("version", set.version())
      .text("id", set.id().hex())
      .number("cost", set.cost())
      .number("upkeep_cost", set.upkeep_cost())
      .json("rules", json_array(headings))
      .json("measures", json_array(measures));
}

void print_rule_set(const rules::RuleSet& set) {
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
}

ExitCode run_check(const RulesOptions& options) {
  const auto compiled = compile_file(options.file);
  if (!compiled) return report(compiled.error());
  const auto& set = compiled->result.rule_set;
  if (options.json) {
    JsonObject object = json_of(options, *compiled);
    if (set) add_rule_set(object, *set);
    std::cout << object.str() << "\n";
  } else {
    print_diagnostics(*compiled);
    if (set) print_rule_set(*set);
  }
  return set ? kExitOk : kExitCheckFailed;
}

void add_tests(JsonObject& object, const rules::TestReport& tested) {
  std::vector<std::string> results;
  for (const rules::TestResult& one : tested.results) {
    results.push_back(JsonObject()
                          .text("name", one.name)
                          .number("line", one.line)
                          .boolean("passed", one.passed)
                          .text("message", one.message)
                          .str());
  }
  std::vector<std::string> never_fired;
  for (const std::string& rule : tested.never_fired) never_fired.push_back(json_string(rule));
  object.number("passed", tested.results.size() - tested.failed())
      .number("failed", tested.failed())
      .json("tests", json_array(results))
      .json("never_fired", json_array(never_fired));
}

void print_tests(const rules::TestReport& tested) {
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
}

ExitCode run_test(const RulesOptions& options) {
  const auto compiled = compile_file(options.file);
  if (!compiled) return report(compiled.error());
  const auto& set = compiled->result.rule_set;
  const rules::TestReport tested = set ? rules::run_tests(*set) : rules::TestReport();
  if (options.json) {
    JsonObject object = json_of(options, *compiled);
    add_tests(object, tested);
    std::cout << object.str() << "\n";
  } else {
    print_diagnostics(*compiled);
    if (set) print_tests(tested);
  }
  return set && tested.failed() == 0 ? kExitOk : kExitCheckFailed;
}

void add_one(CLI::App& parent, Run& chosen, const std::string& name, const std::string& description,
             ExitCode (*run)(const RulesOptions&)) {
  auto options = std::make_shared<RulesOptions>();
  CLI::App* command = parent.add_subcommand(name, description);
  command->add_option("FILE", options->file, "Rule file")->required();
  command->add_flag("--json", options->json, "Print JSON");
  command->footer(
      "Exit code 0: good; 1: refused or failed; 2: unreadable.\nExample:\n  sanad rules " + name +
      " border.rules");
  command->callback([options, run, &chosen] { chosen = [options, run] { return run(*options); }; });
}

}  // namespace

void add_rules(CLI::App& app, Run& chosen) {
  CLI::App* parent = app.add_subcommand("rules", "Check and test risk rules.");
  parent->require_subcommand(1);
  add_one(*parent, chosen, "check", "Compile a rule file and print its cost.", run_check);
  add_one(*parent, chosen, "test", "Run the tests that stand in a rule file.", run_test);
}

}  // namespace sanad::tools
