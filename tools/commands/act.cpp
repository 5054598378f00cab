// sanad act inspect | hold | release | cancel | move
#include <iostream>
#include <memory>

#include "crypto/codec_json.h"
#include "tools/commands/commands.h"
#include "tools/commands/member_options.h"
#include "tools/commands/report.h"
#include "tools/submitter.h"

namespace sanad::tools {
namespace {

using chaincode::StatementWithBody;

struct ActOptions {
  MemberOptions member;
  std::string declaration;
  std::string key = "officer-1";
  std::string reason;
  std::string what;  // result of an inspection, event of a move
  bool json = false;
};

// The declaration's name: its own number in the vault, or the 64 hex digits of its commitment.
crypto::Result<crypto::Hash> name_of_declaration(const Member& member, const std::string& text) {
  if (auto hash = crypto::Hash::from_hex(text)) return *hash;
  SANAD_TRY(const Vault vault, Vault::open(member.vault()));
  SANAD_TRY(const std::vector<VaultEntry> found, vault.find_declaration(text));
  if (!found.empty()) return found.front().declaration;
  return crypto::Error{Errc::kNotFound,
                       "the vault of " + member.id + " holds no declaration \"" + text + "\""};
}

template <class Names>
crypto::Result<std::size_t> index_of(const Names& names, const std::string& word) {
  std::string known;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == word) return i;
    known += " " + std::string(names[i]);
  }
  return crypto::Error{Errc::kBadDeclaration, "\"" + word + "\" is none of" + known};
}

crypto::Result<StatementWithBody> make_statement(const std::string& kind, const ActOptions& options,
                                                 const crypto::Hash& name) {
  std::optional<crypto::Bytes> body;
  std::optional<crypto::Hash> digest;
  if (!options.reason.empty()) {
    const crypto::Body reason = chaincode::make_reason(options.reason, fresh<crypto::Salt>());
    SANAD_TRY_STATUS(chaincode::check_reason_body(reason));
    body = crypto::encode(reason);
    digest = chaincode::body_digest(*body);
  }
  if (kind == "release") return StatementWithBody{chaincode::Release{name, digest}, body};
  if (kind == "move") {
    SANAD_TRY(const std::size_t event, index_of(chaincode::kMoveEventNames, options.what));
    return StatementWithBody{
        chaincode::Move{name, static_cast<chaincode::MoveEvent>(event), digest}, body};
  }
  if (!digest) return crypto::Error{Errc::kBadDeclaration, "this takes a --reason"};
  if (kind == "hold") return StatementWithBody{chaincode::Hold{name, *digest}, body};
  if (kind == "cancel") return StatementWithBody{chaincode::Cancel{name, *digest}, body};
  SANAD_TRY(const std::size_t result, index_of(chaincode::kInspectionResultNames, options.what));
  return StatementWithBody{
      chaincode::Inspect{name, static_cast<chaincode::InspectionResult>(result), *digest}, body};
}

ExitCode run(const std::string& kind, const ActOptions& options) {
  const auto member = options.member.open();
  if (!member) return report(member.error());
  const auto name = name_of_declaration(*member, options.declaration);
  if (!name) return report(name.error());
  auto statement = make_statement(kind, options, *name);
  if (!statement) return report(statement.error());
  const auto key = open_key_file(member->key(options.key));
  if (!key) return report(key.error());
  auto vault = Vault::open(member->vault());
  if (!vault) return report(vault.error());
  SubmissionBuilder builder(*member, *key, 1);
  builder.add_statement(std::move(*statement));
  NodeClient node(*member);
  const auto status = send(node, *vault, builder.take());
  if (!status) return report(status.error());
  const std::string& code = status->outcomes.front().code;
  if (options.json) {
    std::cout << JsonObject()
                     .text("statement", kind)
                     .text("declaration", name->hex())
                     .json("submission", crypto::to_json(*status))
                     .str()
              << "\n";
  } else {
    std::cout << kind << ": " << code << " in block " << status->height << "\n";
  }
  return code == "accepted" || code == "approved" ? kExitOk : kExitCheckFailed;
}

void add_kind(CLI::App& act, Run& chosen, const std::string& kind, const std::string& description) {
  auto options = std::make_shared<ActOptions>();
  CLI::App* command = act.add_subcommand(kind, description);
  command->add_option("DECLARATION", options->declaration, "Its number, or its name on the ledger")
      ->required();
  if (kind == "inspect") {
    command->add_option("RESULT", options->what, "conform, offence or seizure")->required();
  }
  if (kind == "move") {
    command->add_option("EVENT", options->what, "departed, arrived or gate-out")->required();
  }
  options->member.add_to(*command);
  if (kind == "cancel" || kind == "move") options->key = "submitter";
  command->add_option("--key", options->key, "Which of the member's keys signs")
      ->capture_default_str();
  command->add_option("--reason", options->reason, "Why, for the members' eyes");
  command->add_flag("--json", options->json, "Print JSON");
  command->footer(
      "Exit code 0: accepted; 1: refused by the contracts, or no such declaration; 3: no answer.\n"
      "Example:\n  sanad act " +
      kind + " AE-DU-1" +
      (kind == "inspect" ? " conform"
       : kind == "move"  ? " departed"
                         : "") +
      " --network run/dev --as AE-DU --reason \"papers in order\"");
  command->callback(
      [options, kind, &chosen] { chosen = [options, kind] { return run(kind, *options); }; });
}

}  // namespace

void add_act(CLI::App& app, Run& chosen) {
  CLI::App* act = app.add_subcommand("act", "Act on a declaration: inspect, hold, release …");
  act->require_subcommand(1);
  add_kind(*act, chosen, "inspect", "Record the result of an inspection.");
  add_kind(*act, chosen, "hold", "Hold the goods back.");
  add_kind(*act, chosen, "release", "Release the goods; red takes two officers.");
  add_kind(*act, chosen, "cancel", "Cancel the declaration.");
  add_kind(*act, chosen, "move", "Report that the goods moved.");
}

}  // namespace sanad::tools
