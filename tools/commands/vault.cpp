// sanad vault show | alter | delete
#include <algorithm>
#include <iostream>
#include <memory>

#include "tools/commands/commands.h"
#include "tools/commands/member_options.h"
#include "tools/commands/report.h"
#include "tools/declaration.h"
#include "tools/vault.h"

namespace sanad::tools {
namespace {

struct Options {
  MemberOptions member;
  std::string declaration;
  std::string change;
};

void show(const VaultEntry& entry) {
  std::cout << "declaration " << entry.declaration_id << " (" << entry.reference << ")\n"
            << "  name " << entry.declaration.hex() << "\n"
            << "  outcome " << (entry.outcome.empty() ? "not known yet" : entry.outcome)
            << (entry.lane ? ", lane " + *entry.lane : "")
            << (entry.record ? ", record " + std::to_string(*entry.record) : "") << "\n";
  for (const crypto::OpenedField& field : entry.body.opened) {
    const chaincode::FieldSpec* spec = chaincode::field_spec(field.id);
    std::cout << "  " << (spec != nullptr ? std::string(spec->name) : std::to_string(field.id))
              << " = " << value_text(field.id, field.value) << "  (salt " << field.salt.hex()
              << ")\n";
  }
}

// What somebody with access to the database could do: the value changes, nothing else.
crypto::Status alter(VaultEntry& entry, const std::string& change) {
  const std::size_t equals = change.find('=');
  Declaration holder;
  if (equals == std::string::npos) {
    return crypto::Error{Errc::kBadDeclaration, "\"" + change + "\": write it as name=value"};
  }
  SANAD_TRY_STATUS(set_field(holder, std::string_view(change).substr(0, equals),
                             std::string_view(change).substr(equals + 1)));
  const auto& [id, value] = *holder.fields.begin();
  for (crypto::OpenedField& field : entry.body.opened) {
    if (field.id != static_cast<std::uint8_t>(id)) continue;
    field.value = value;
    return {};
  }
  return crypto::Error{Errc::kBadDeclaration, "the declaration has no such field"};
}

crypto::Status act(const std::string& what, const Options& options) {
  SANAD_TRY(const Member member, options.member.open());
  SANAD_TRY(Vault vault, Vault::open(member.vault()));
  SANAD_TRY(std::vector<VaultEntry> entries, vault.find_declaration(options.declaration));
  if (entries.empty()) {
    return crypto::Error{Errc::kBadDeclaration,
                         "the vault holds no declaration \"" + options.declaration + "\""};
  }
  for (VaultEntry& entry : entries) {
    if (what == "delete") {
      SANAD_TRY_STATUS(vault.erase(entry));
      std::cout << "deleted " << entry.declaration_id << " from the vault of " << member.id << "\n";
      continue;
    }
    if (what == "alter") {
      SANAD_TRY_STATUS(alter(entry, options.change));
      SANAD_TRY_STATUS(vault.put({entry}, nullptr));
    }
    show(entry);
  }
  return {};
}

void add_one(CLI::App& parent, Run& chosen, const std::string& name,
             const std::string& description) {
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand(name, description);
  command->add_option("DECLARATION", options->declaration, "Its number")->required();
  if (name == "alter") {
    command->add_option("CHANGE", options->change, "name=value")->required();
  }
  options->member.add_to(*command);
  command->footer("Example:\n  sanad vault " + name + " AE-DU-E-0000001" +
                  (name == "alter" ? " value=100" : "") + " --network run/dev --as AE-DU");
  command->callback([options, name, &chosen] {
    chosen = [options, name] {
      const crypto::Status done = act(name, *options);
      return done ? kExitOk : report(done.error());
    };
  });
}

}  // namespace

void add_vault(CLI::App& app, Run& chosen) {
  CLI::App* vault =
      app.add_subcommand("vault", "Look into a member's own database, or tamper with it.");
  vault->require_subcommand(1);
  add_one(*vault, chosen, "show", "Print a declaration with its salts and what became of it.");
  add_one(*vault, chosen, "alter",
          "Change a stored value behind the ledger's back, to see `reconcile` find it.");
  add_one(*vault, chosen, "delete",
          "Delete a declaration behind the ledger's back, to see `reconcile` find it.");
}

}  // namespace sanad::tools
