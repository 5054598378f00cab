// sanad reconcile
#include <iostream>
#include <memory>

#include "tools/commands/commands.h"
#include "tools/commands/member_options.h"
#include "tools/commands/report.h"
#include "tools/reconciliation.h"

namespace sanad::tools {
namespace {

constexpr std::array<std::string_view, 6> kFaultNames = {"altered", "added",      "removed",
                                                         "deleted", "unreadable", "undeclared"};

void print_json(const Reconciliation& done) {
  std::string findings;
  for (const Finding& one : done.findings) {
    findings += std::string(findings.empty() ? "" : ",") +
                "{\"fault\":" + json_string(kFaultNames[static_cast<std::size_t>(one.fault)]) +
                ",\"declaration_id\":" + json_string(one.declaration_id) +
                ",\"commitment\":" + json_string(one.commitment.hex()) +
                ",\"record\":" + json_string(std::to_string(one.record)) +
                ",\"field\":" + json_string(one.field) + "}";
  }
  std::cout << "{\"records\":" << done.records << ",\"declarations\":" << done.declarations
            << ",\"findings\":[" << findings << "]}\n";
}

ExitCode run(const MemberOptions& options, bool json) {
  const auto member = options.open();
  if (!member) return report(member.error());
  const auto vault = Vault::open(member->vault());
  if (!vault) return report(vault.error());
  NodeClient node(*member);
  std::optional<crypto::Result<Reconciliation>> done;
  {
    Progress line;
    done = reconcile(node, *vault, member->id, [&line](std::uint64_t read, std::uint64_t size) {
      line.show(grouped(read) + " of " + grouped(size) + " records read");
    });
  }
  if (!*done) return report(done->error());
  const Reconciliation& result = **done;
  if (json) {
    print_json(result);
  } else {
    for (const Finding& one : result.findings) std::cout << describe(one) << "\n";
    std::cout << grouped(result.declarations) << " declarations of " << member->id
              << " compared with " << grouped(result.records) << " records: "
              << (result.findings.empty() ? "the vault is what was declared\n"
                                          : grouped(result.findings.size()) + " differences\n");
  }
  return result.findings.empty() ? kExitOk : kExitCheckFailed;
}

}  // namespace

void add_reconcile(CLI::App& app, Run& chosen) {
  struct Options {
    MemberOptions member;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* reconcile = app.add_subcommand(
      "reconcile", "Compare a member's own declarations, field by field, with the ledger.");
  options->member.add_to(*reconcile);
  reconcile->add_flag("--json", options->json, "Print JSON");
  reconcile->footer(
      "Every field's digest is computed again from the value and salt in the vault; no second "
      "copy\n"
      "of the facts is used. Exit code 0: the same; 1: differences; 3: no answer; 5: damaged "
      "vault.\n"
      "Example:\n  sanad reconcile --network run/dev --as AE-DU");
  reconcile->callback(
      [options, &chosen] { chosen = [options] { return run(options->member, options->json); }; });
}

}  // namespace sanad::tools
