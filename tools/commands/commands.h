// One function a command: each adds its sub-command, options and help to the command line, and sets
// `chosen` to what main() then runs. A command never exits by itself: it returns an ExitCode.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "tools/exit_code.h"

namespace sanad::tools {

using Run = std::function<ExitCode()>;

// All of those below.
void add_commands(CLI::App& app, Run& chosen);

void add_network(CLI::App& app, Run& chosen);
void add_node(CLI::App& app, Run& chosen);
void add_generate(CLI::App& app, Run& chosen);
void add_declare(CLI::App& app, Run& chosen);
void add_act(CLI::App& app, Run& chosen);
void add_import(CLI::App& app, Run& chosen);
void add_status(CLI::App& app, Run& chosen);
void add_trace(CLI::App& app, Run& chosen);
void add_verify(CLI::App& app, Run& chosen);
void add_proof(CLI::App& app, Run& chosen);
void add_verifier(CLI::App& app, Run& chosen);
void add_reconcile(CLI::App& app, Run& chosen);
void add_explain(CLI::App& app, Run& chosen);
void add_rules(CLI::App& app, Run& chosen);
void add_export(CLI::App& app, Run& chosen);
void add_vault(CLI::App& app, Run& chosen);
void add_ledger(CLI::App& app, Run& chosen);
void add_ledger_rebuild(CLI::App& app, Run& chosen);  // below add_ledger's
void add_audit(CLI::App& app, Run& chosen);
void add_bench(CLI::App& app, Run& chosen);

}  // namespace sanad::tools
