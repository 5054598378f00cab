// sanad declare
#include <iostream>
#include <memory>

#include "crypto/codec_json.h"
#include "tools/commands/commands.h"
#include "tools/commands/member_options.h"
#include "tools/commands/report.h"
#include "tools/submitter.h"

namespace sanad::tools {
namespace {

struct DeclareOptions {
  MemberOptions member;
  std::string file;
  std::vector<std::string> fields;
  bool amend = false;
  bool sign_only = false;
  bool json = false;
};

// The file's fields, with those given on the command line over them.
crypto::Result<Declaration> gather(const DeclareOptions& options) {
  Declaration declaration;
  if (!options.file.empty()) {
    SANAD_TRY(const std::string text, read_file(options.file, kDeclarationTextMax));
    SANAD_TRY(declaration, parse_declaration(text));
  }
  for (const std::string& field : options.fields) {
    const std::size_t equals = field.find('=');
    if (equals == std::string::npos) {
      return crypto::Error{Errc::kBadDeclaration, "\"" + field + "\": write it as name=value"};
    }
    SANAD_TRY_STATUS(set_field(declaration, std::string_view(field).substr(0, equals),
                               std::string_view(field).substr(equals + 1)));
  }
  if (!declaration.member.empty() && declaration.member != options.member.member) {
    return crypto::Error{Errc::kBadDeclaration, "the file is of member " + declaration.member};
  }
  return declaration;
}

crypto::Status add(SubmissionBuilder& builder, const Vault& vault, const Declaration& declaration,
                   bool amend) {
  const std::string id = declaration.text(chaincode::FieldId::kDeclarationId);
  SANAD_TRY(const std::vector<VaultEntry> known, vault.find_declaration(id));
  if (amend && known.empty()) {
    return crypto::Error{Errc::kNotFound, "the vault holds no declaration \"" + id + "\""};
  }
  if (!amend && !known.empty()) {
    return crypto::Error{Errc::kBadDeclaration, "declaration \"" + id +
                                                    "\" is in the vault already; --amend replaces "
                                                    "its facts"};
  }
  return amend ? builder.add_amendment(known.front(), declaration)
               : builder.add_declaration(declaration);
}

ExitCode print(const chaincode::SubmissionStatus& status, const VaultEntry& entry, bool json) {
  const chaincode::StatementOutcome& outcome = status.outcomes[entry.statement];
  if (json) {
    std::cout << "{\"declaration\":" << json_string(entry.declaration.hex())
              << ",\"consignment\":" << json_string(entry.consignment.hex())
              << ",\"reference\":" << json_string(entry.reference)
              << ",\"submission\":" << crypto::to_json(status) << "}\n";
  } else {
    std::cout << outcome.code << " in block " << status.height;
    if (outcome.lane) std::cout << ", lane " << *outcome.lane;
    std::cout << "\ndeclaration " << entry.declaration.hex() << "\nconsignment " << entry.reference
              << "\n";
  }
  return outcome.code == "accepted" ? kExitOk : kExitCheckFailed;
}

// Keeps the submission as one that is on its way: an import of this member sends it as well, and
// whoever comes second gets the first one's answer.
ExitCode print_signed(const Member& member, Vault& vault, const Prepared& prepared) {
  if (const auto kept = vault.put(prepared.entries, &prepared.submission); !kept) {
    return report(kept.error());
  }
  const auto checked = chaincode::check_submission(prepared.submission.wire, member.network_id);
  if (!checked) return report(checked.error());
  std::cout << crypto::to_json(chaincode::submission_document(*checked)) << "\n";
  return kExitOk;
}

ExitCode run(const DeclareOptions& options) {
  const auto member = options.member.open();
  if (!member) return report(member.error());
  const auto declaration = gather(options);
  if (!declaration) return report(declaration.error());
  const auto key = open_key_file(member->key("submitter"));
  if (!key) return report(key.error());
  auto vault = Vault::open(member->vault());
  if (!vault) return report(vault.error());
  SubmissionBuilder builder(*member, *key, 1);
  if (const auto added = add(builder, *vault, *declaration, options.amend); !added) {
    return report(added.error());
  }
  Prepared prepared = builder.take();
  if (options.sign_only) return print_signed(*member, *vault, prepared);
  const VaultEntry entry = prepared.entries.front();
  NodeClient node(*member);
  const auto status = send(node, *vault, std::move(prepared));
  if (!status) return report(status.error());
  return print(*status, entry, options.json);
}

}  // namespace

void add_declare(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<DeclareOptions>();
  CLI::App* declare =
      app.add_subcommand("declare", "Declare one consignment and wait until final.");
  options->member.add_to(*declare);
  declare->add_option("--file", options->file, "Declaration as a JSON object");
  declare->add_option("FIELDS", options->fields, "name=value, over those of the file");
  declare->add_flag("--amend", options->amend, "Replace the facts of a declaration in the vault");
  declare->add_flag("--sign-only", options->sign_only,
                    "Print the signed submission for POST /v1/submissions and send nothing; it is "
                    "valid for ten minutes");
  declare->add_flag("--json", options->json, "Print JSON");
  declare->footer(
      "Salts, commits and signs here; the full declaration stays in the member's vault.\n"
      "Exit code 0: accepted; 1: refused by the contracts, or nothing to amend; 2: a field that is "
      "wrong;\n3: no answer.\n"
      "Example:\n  sanad declare --network run/dev --as AE-DU declaration_id=AE-DU-1 flow=export "
      "\\\n"
      "    date=2026-03-01 ucr=6AE-100017-1 hs=851712 origin=CN value=1250000 currency=USD");
  declare->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace sanad::tools
