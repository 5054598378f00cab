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

struct VaultOptions {
  MemberOptions member;
  std::string declaration;
  std::string change;
  bool json = false;
};

void show(const VaultEntry& entry) {
  std::cout << "declaration " << entry.declaration_id << " (" << entry.reference << ")\n"
            << "  name " << entry.declaration.hex() << "\n"
            << "  outcome " << (entry.outcome.empty() ? "not known yet" : entry.outcome)
            << (entry.lane ? ", lane " + *entry.lane : "")
            << (entry.record ? ", record " + std::to_string(*entry.record) : "") << "\n";
  for (const crypto::OpenedField& field : entry.body.opened) {
    std::cout << "  " << field_name(entry.body.schema, field.id) << " = "
              << value_text(field.id, field.value) << "  (salt " << field.salt.hex() << ")\n";
  }
}

std::string json_of(const VaultEntry& entry) {
  std::vector<std::string> fields;
  for (const crypto::OpenedField& field : entry.body.opened) {
    fields.push_back(JsonObject()
                         .text("name", field_name(entry.body.schema, field.id))
                         .text("value", value_text(field.id, field.value))
                         .text("salt", field.salt.hex())
                         .str());
  }
  return JsonObject()
      .text("declaration_id", entry.declaration_id)
      .text("reference", entry.reference)
      .text("declaration", entry.declaration.hex())
      .text("commitment", entry.commitment.hex())
      .text("consignment", entry.consignment.hex())
      .text("submission", entry.submission.hex())
      .json("outcome", entry.outcome.empty() ? "null" : json_string(entry.outcome))
      .json("lane", entry.lane ? json_string(*entry.lane) : "null")
      .json("record", entry.record ? json_string(std::to_string(*entry.record)) : "null")
      .json("fields", json_array(fields))
      .str();
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

crypto::Result<std::vector<VaultEntry>> act(const std::string& what, const VaultOptions& options) {
  SANAD_TRY(const Member member, options.member.open());
  SANAD_TRY(Vault vault, Vault::open(member.vault()));
  SANAD_TRY(std::vector<VaultEntry> entries, vault.find_declaration(options.declaration));
  if (entries.empty()) {
    return crypto::Error{Errc::kNotFound, "the vault of " + member.id + " holds no declaration \"" +
                                              options.declaration + "\""};
  }
  for (VaultEntry& entry : entries) {
    if (what == "delete") SANAD_TRY_STATUS(vault.erase(entry));
    if (what == "alter") {
      SANAD_TRY_STATUS(alter(entry, options.change));
      SANAD_TRY_STATUS(vault.put({entry}, nullptr));
    }
  }
  return entries;
}

ExitCode run(const std::string& what, const VaultOptions& options) {
  const auto entries = act(what, options);
  if (!entries) return report(entries.error());
  std::vector<std::string> documents;
  for (const VaultEntry& entry : *entries) {
    if (options.json) {
      documents.push_back(json_of(entry));
    } else if (what == "delete") {
      std::cout << "deleted " << entry.declaration_id << " from the vault of "
                << options.member.member << "\n";
    } else {
      show(entry);
    }
  }
  if (options.json) {
    std::cout << JsonObject()
                     .text("member", options.member.member)
                     .text("done", what)
                     .json("entries", json_array(documents))
                     .str()
              << "\n";
  }
  return kExitOk;
}

void add_one(CLI::App& parent, Run& chosen, const std::string& name,
             const std::string& description) {
  auto options = std::make_shared<VaultOptions>();
  CLI::App* command = parent.add_subcommand(name, description);
  command->add_option("DECLARATION", options->declaration, "Its number")->required();
  if (name == "alter") {
    command->add_option("CHANGE", options->change, "name=value")->required();
  }
  options->member.add_to(*command);
  command->add_flag("--json", options->json, "Print JSON");
  command->footer(
      "Exit code 0: done; 1: no such declaration; 2: no such field; 5: damaged vault.\n"
      "Example:\n  sanad vault " +
      name + " AE-DU-E-0000001" + (name == "alter" ? " value=100" : "") +
      " --network run/dev --as AE-DU");
  command->callback(
      [options, name, &chosen] { chosen = [options, name] { return run(name, *options); }; });
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
