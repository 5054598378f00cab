// sanad trace
#include <iostream>
#include <memory>

#include "crypto/codec_json.h"
#include "tools/commands/commands.h"
#include "tools/commands/member_options.h"
#include "tools/commands/report.h"
#include "tools/node_client.h"
#include "tools/record_json.h"
#include "tools/redaction.h"
#include "tools/story.h"
#include "tools/vault.h"

namespace sanad::tools {
namespace {

struct TraceOptions {
  MemberOptions member;
  std::string subject;
  std::string proof;
  std::string since;
  std::vector<std::string> seal;
  bool json = false;
};

// A consignment as its members name it, and what the node answers for that.
struct Traced {
  std::string reference;  // the UCR, or what stands in for it
  crypto::Salt salt;
  crypto::Handle handle;
  chaincode::ConsignmentAnswer answer;
};

crypto::Result<Traced> look_up(NodeClient& node, const Member& member, std::string reference) {
  const crypto::Salt salt = crypto::handle_salt(member.secret, "consignment", reference);
  const crypto::Handle handle = crypto::make_handle("consignment", salt, reference);
  SANAD_TRY(auto answer, node.consignment(handle));
  return Traced{std::move(reference), salt, handle, std::move(answer)};
}

// The subject is a UCR, or else the number of a declaration that the member has in its vault.
crypto::Result<Traced> find(NodeClient& node, const Member& member, const std::string& subject) {
  auto traced = look_up(node, member, subject);
  if (traced || !(traced.error() == make_error_code(Errc::kNotFound))) return traced;
  const auto vault = Vault::open(member.vault());
  const auto entries = vault ? vault->find_declaration(subject) : vault.error();
  if (!entries || entries->empty()) return traced;
  return look_up(node, member, entries->front().reference);
}

// How many records an earlier proof of this consignment has; 0 without one.
crypto::Result<std::uint64_t> records_in(const std::string& path, const Traced& traced) {
  if (path.empty()) return std::uint64_t{0};
  SANAD_TRY(const std::string text, read_file(path, chaincode::kBundleTextMax));
  SANAD_TRY(const chaincode::Bundle earlier, chaincode::parse_bundle(text));
  if (chaincode::handle_of(earlier.subject) != traced.handle) {
    return crypto::Error{Errc::kBadFile, path + " is of " + subject_text(earlier.subject)};
  }
  return earlier.records.size() + (earlier.since ? earlier.since->size() : 0);
}

ExitCode write_proof(NodeClient& node, const Traced& traced, const TraceOptions& options) {
  const auto since = records_in(options.since, traced);
  if (!since) return report(since.error());
  auto bundle = node.bundle(traced.handle, *since);
  if (!bundle) return report(bundle.error());
  bundle->subject = chaincode::ConsignmentSubject{traced.reference, traced.salt};
  if (const crypto::Status sealed = seal_fields(*bundle, options.seal); !sealed) {
    return report(sealed.error());
  }
  const auto trust_text =
      read_file(NetworkFolder{options.member.network}.trust(), crypto::kJsonTextMax);
  if (!trust_text) return report(trust_text.error());
  const auto trust = chaincode::parse_trust(*trust_text);
  if (!trust) return report(trust.error());
  if (const auto checked = chaincode::verify_bundle(*bundle, *trust); !checked) {
    std::cerr << "sanad: the node's proof does not hold; it is not written\n";
    report(checked.error());
    return kExitProofInvalid;
  }
  const auto written = write_file(options.proof, chaincode::format_bundle(*bundle));
  return written ? kExitOk : report(written.error());
}

// Where a declaration stands: "KW, import 1a2b3c4d5e6f: lodged, lane red, held".
std::string tell_state(const chaincode::DeclarationState& one) {
  std::string text = one.authority + ", " +
                     std::string(chaincode::kFlowNames[static_cast<std::size_t>(one.flow)]) + " " +
                     one.declaration.hex().substr(0, 12) + ": " +
                     std::string(chaincode::kPhaseNames[static_cast<std::size_t>(one.phase)]);
  text += one.lane ? ", lane " + std::string(chaincode::lane_name(*one.lane)) : ", no verdict";
  if (one.inspection) {
    text += ", inspected: ";
    text += chaincode::kInspectionResultNames[static_cast<std::size_t>(*one.inspection)];
  }
  if (one.held) text += ", held";
  if (one.approved) text += ", approved by a first officer";
  return text;
}

void print_history(const Traced& traced) {
  const chaincode::ConsignmentAnswer& answer = traced.answer;
  std::cout << "Consignment " << traced.reference << ", handle " << answer.handle.hex() << "\n"
            << "as of block " << answer.height << " (" << grouped(answer.size)
            << " records in the log)\n";
  for (const auto& one : answer.declarations) std::cout << "  " << tell_state(one) << "\n";
  for (const chaincode::RecordAnswer& one : answer.records) {
    const auto record = chaincode::decode_record(one.record);
    if (!record) continue;  // a node that answers so is caught by --proof
    std::cout << tell(*record) << "\n";
    const auto body = crypto::decode<crypto::Body>(one.body);
    if (!one.body.empty() && body) std::cout << "     " << tell_body(*body) << "\n";
    if (!one.detail.empty()) std::cout << tell_reasons(one.detail);
  }
}

void print_json(const Traced& traced, const TraceOptions& options) {
  std::vector<std::string> declarations;
  for (const auto& one : traced.answer.declarations) declarations.push_back(crypto::to_json(one));
  std::vector<std::string> records;
  for (const chaincode::RecordAnswer& one : traced.answer.records) {
    const auto record = chaincode::decode_record(one.record);
    if (!record) continue;
    BesideRecord beside{std::nullopt, one.detail};
    if (const auto body = crypto::decode<crypto::Body>(one.body); body) beside.body = *body;
    records.push_back(record_json(one.index, one.record, *record, beside));
  }
  std::cout << JsonObject()
                   .text("reference", traced.reference)
                   .text("handle", traced.answer.handle.hex())
                   .number("height", traced.answer.height)
                   .number("size", traced.answer.size)
                   .json("declarations", json_array(declarations))
                   .json("records", json_array(records))
                   .json("proof", options.proof.empty() ? "null" : json_string(options.proof))
                   .str()
            << "\n";
}

ExitCode run(const TraceOptions& options) {
  const auto member = options.member.open();
  if (!member) return report(member.error());
  NodeClient node(*member);
  const auto traced = find(node, *member, options.subject);
  if (!traced) return report(traced.error());
  if (!options.json) print_history(*traced);
  if (!options.proof.empty()) {
    if (const ExitCode code = write_proof(node, *traced, options); code != kExitOk) return code;
  }
  if (options.json) {
    print_json(*traced, options);
  } else if (!options.proof.empty()) {
    std::cout << "proof written to " << options.proof
              << "; check it anywhere with:\n  sanad verify " << options.proof
              << " --trust trust.json" << (options.since.empty() ? "" : " --since " + options.since)
              << "\n";
  }
  return kExitOk;
}

}  // namespace

void add_trace(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<TraceOptions>();
  CLI::App* trace = app.add_subcommand("trace", "Tell a consignment's history; write its proof.");
  trace
      ->add_option("SUBJECT", options->subject,
                   "The consignment's UCR, or the number of a declaration in the member's vault")
      ->required();
  options->member.add_to(*trace);
  trace->add_option("--proof", options->proof, "Write the proof bundle to this file");
  trace->add_option(
      "--since", options->since,
      "Leave out the records of this earlier proof, and prove that they grew from it");
  trace->add_option("--seal", options->seal, "Fields whose values stay out of the proof");
  trace->add_flag("--json", options->json, "Print JSON; records as `sanad export` prints them");
  trace->footer(
      "Exit code 0: told; 1: no such consignment; 3: no answer; 4: the node's proof does not "
      "hold.\n"
      "Example:\n  sanad trace 6AE-100017-0000001 --network run/dev --as KW --proof kw.sanad.json");
  trace->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace sanad::tools
