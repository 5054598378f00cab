#include "tools/commands/commands.h"

namespace sanad::tools {

void add_commands(CLI::App& app, Run& chosen) {
  add_network(app, chosen);
  add_node(app, chosen);
  add_status(app, chosen);
  add_generate(app, chosen);
  add_declare(app, chosen);
  add_act(app, chosen);
  add_import(app, chosen);
  add_trace(app, chosen);
  add_verify(app, chosen);
  add_proof(app, chosen);
  add_verifier(app, chosen);
  add_reconcile(app, chosen);
  add_explain(app, chosen);
  add_rules(app, chosen);
  add_export(app, chosen);
  add_vault(app, chosen);
  add_ledger(app, chosen);
  add_audit(app, chosen);
  add_bench(app, chosen);
}

}  // namespace sanad::tools
