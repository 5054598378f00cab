// The `sanad` command. Everything it can do is in commands/, one file a command.
#include <exception>
#include <iostream>

#include "tools/commands/commands.h"

int main(int argc, char** argv) {
  using namespace sanad::tools;
  CLI::App app{"Sanad: a ledger of customs declarations that seven authorities keep together.",
               "sanad"};
  app.require_subcommand(1);
  Run chosen;
  add_network(app, chosen);
  add_node(app, chosen);
  add_status(app, chosen);
  add_generate(app, chosen);
  add_declare(app, chosen);
  add_act(app, chosen);
  add_import(app, chosen);
  add_trace(app, chosen);
  add_verify(app, chosen);
  add_reconcile(app, chosen);
  add_explain(app, chosen);
  add_rules(app, chosen);
  add_export(app, chosen);
  add_vault(app, chosen);
  add_bench(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  return chosen();
}
