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
  add_commands(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  return chosen();
}
