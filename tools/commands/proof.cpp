// sanad proof redact | open | qr
#include <iostream>
#include <memory>

#include "chaincode/record_proof.h"
#include "crypto/codec_json.h"
#include "tools/commands/commands.h"
#include "tools/commands/member_options.h"
#include "tools/commands/report.h"
#include "tools/files.h"
#include "tools/node_client.h"
#include "tools/qr_picture.h"
#include "tools/redaction.h"

namespace sanad::tools {
namespace {

struct ProofOptions {
  MemberOptions member;
  std::string file;
  std::string out;
  std::vector<std::string> fields;
  std::uint64_t record = 0;
  bool json = false;
};

crypto::Result<chaincode::Bundle> read_bundle(const std::string& path) {
  SANAD_TRY(const std::string text, read_file(path, chaincode::kBundleTextMax));
  auto bundle = chaincode::parse_bundle(text);
  if (bundle) return bundle;
  return crypto::Error{Errc::kBadFile, path + ": " + bundle.error().message()};
}

crypto::Result<chaincode::Trust> read_trust(const MemberOptions& member) {
  SANAD_TRY(const std::string text,
            read_file(NetworkFolder{member.network}.trust(), crypto::kJsonTextMax));
  return chaincode::parse_trust(text);
}

ExitCode run_redact(const ProofOptions& options) {
  auto bundle = read_bundle(options.file);
  if (!bundle) return report(bundle.error());
  if (const crypto::Status sealed = seal_fields(*bundle, options.fields); !sealed) {
    return report(sealed.error());
  }
  const auto written = write_file(options.out, chaincode::format_bundle(*bundle));
  if (!written) return report(written.error());
  if (options.json) {
    std::cout << JsonObject().text("file", options.out).str() << "\n";
  } else {
    std::cout << "written to " << options.out << "; it proves the same and shows less\n";
  }
  return kExitOk;
}

ExitCode run_open(const ProofOptions& options) {
  auto bundle = read_bundle(options.file);
  if (!bundle) return report(bundle.error());
  const auto member = options.member.open();
  if (!member) return report(member.error());
  const auto trust = read_trust(options.member);
  if (!trust) return report(trust.error());
  const auto vault = Vault::open(member->vault());
  if (!vault) return report(vault.error());
  const auto opened = open_fields(*bundle, *vault, options.fields);
  if (!opened) return report(opened.error());
  const auto holds = chaincode::verify_bundle(*bundle, *trust);
  if (!holds) return report(holds.error());
  const auto written = write_file(options.out, chaincode::format_bundle(*bundle), Privacy::kSecret);
  if (!written) return report(written.error());
  if (options.json) {
    std::cout << JsonObject().text("file", options.out).number("opened", *opened).str() << "\n";
  } else {
    std::cout << "opened " << *opened << " facts; written to " << options.out
              << ", for the party that may see them\n";
  }
  return kExitOk;
}

// The text of the code for one record, checked before anybody gets it.
crypto::Result<std::string> qr_text(const ProofOptions& options) {
  SANAD_TRY(const Member member, options.member.open());
  SANAD_TRY(const chaincode::Trust trust, read_trust(options.member));
  NodeClient node(member);
  SANAD_TRY(const chaincode::RecordAnswer record, node.record(options.record));
  SANAD_TRY(const crypto::TlogProof proof, node.record_proof(options.record));
  SANAD_TRY(const auto found, chaincode::verify_record(proof, record.record, trust));
  if (found.index != options.record) {
    return crypto::Error{chaincode::Unproved::kNotIncluded, "the node proved another record"};
  }
  return chaincode::format_qr(chaincode::make_qr_proof(proof, record.record, trust));
}

ExitCode run_qr(const ProofOptions& options) {
  const auto text = qr_text(options);
  if (!text) return report(text.error());
  if (options.out != "-") {
    const auto picture =
        qr_picture(*text, options.out.ends_with(".svg") ? PictureKind::kSvg : PictureKind::kPng);
    if (!picture) return report(picture.error());
    const auto written = write_file(options.out, *picture);
    if (!written) return report(written.error());
  }
  if (options.json) {
    std::cout << JsonObject()
                     .text("text", *text)
                     .json("file", options.out == "-" ? "null" : json_string(options.out))
                     .str()
              << "\n";
  } else if (options.out == "-") {
    std::cout << *text << "\n";
  } else {
    std::cout << "written to " << options.out << ": " << text->size()
              << " characters, which prove that record " << options.record
              << " is in the log, and nothing else\n";
  }
  return kExitOk;
}

CLI::App* add_part(CLI::App& proof, const char* name, const char* what,
                   const std::shared_ptr<ProofOptions>& options, Run& chosen,
                   ExitCode (*run)(const ProofOptions&)) {
  CLI::App* part = proof.add_subcommand(name, what);
  part->add_flag("--json", options->json, "Print JSON");
  part->callback([options, &chosen, run] { chosen = [options, run] { return run(*options); }; });
  return part;
}

}  // namespace

void add_proof(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<ProofOptions>();
  CLI::App* proof = app.add_subcommand("proof", "Change what a proof shows, or put it on paper.");
  proof->require_subcommand(1);

  CLI::App* sealed = add_part(*proof, "redact", "Seal facts of a proof: it holds as before.",
                              options, chosen, &run_redact);
  sealed->add_option("FILE", options->file, "The proof (*.sanad.json)")->required();
  sealed->add_option("--seal", options->fields, "Fields whose values are to go")->required();
  sealed->add_option("--out", options->out, "The file to write")->required();
  sealed->footer(
      "Exit code 0: written; 2: no such field or file.\n"
      "Example:\n  sanad proof redact kw.sanad.json --seal value exporter --out "
      "less.sanad.json");

  CLI::App* opened =
      add_part(*proof, "open", "Open sealed facts of a member's own declarations to one party.",
               options, chosen, &run_open);
  opened->add_option("FILE", options->file, "The proof (*.sanad.json)")->required();
  opened->add_option("--fields", options->fields, "Sealed fields to open")->required();
  opened->add_option("--out", options->out, "The file to write")->required();
  options->member.add_to(*opened);
  opened->footer(
      "Exit code 0: written; 1: the vault's value is not what was declared, or nothing "
      "to open; 2: no such field or file; 4: the proof does not hold.\n"
      "Example:\n  sanad proof open less.sanad.json --fields value --network run/dev "
      "--as KW --out bank.sanad.json");

  CLI::App* code =
      add_part(*proof, "qr", "Prove one record by a QR code.", options, chosen, &run_qr);
  code->add_option("--record", options->record, "The record's index in the log (`sanad trace`)")
      ->required();
  code->add_option("--out", options->out, "A file *.png or *.svg, or - for the text")->required();
  options->member.add_to(*code);
  code->footer(
      "It proves that the record is in the log, and nothing else. `sanad verify --qr "
      "TEXT` checks it.\nExit code 0: written; 1: no such record; 3: no answer; 4: the "
      "node's proof does not hold.\n"
      "Example:\n  sanad proof qr --record 41 --network run/dev --as KW --out 41.png");
}

}  // namespace sanad::tools
