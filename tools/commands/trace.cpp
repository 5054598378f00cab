// sanad trace
#include <iostream>
#include <memory>

#include "crypto/codec_json.h"
#include "tools/commands/commands.h"
#include "tools/commands/member_options.h"
#include "tools/commands/report.h"
#include "tools/node_client.h"
#include "tools/story.h"

namespace sanad::tools {
namespace {

struct Options {
  MemberOptions member;
  std::string ucr;
  std::string proof;
  std::vector<std::string> seal;
  bool json = false;
};

// Replaces opened fields by their digests: the proof holds as before, the values are not in it.
crypto::Status seal_fields(crypto::Body& body, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const chaincode::FieldSpec* spec = chaincode::find_field(name);
    if (spec == nullptr) {
      return crypto::Error{Errc::kBadDeclaration, "there is no field \"" + name + "\" to seal"};
    }
    const auto id = static_cast<std::uint8_t>(spec->id);
    const auto found = std::find_if(body.opened.begin(), body.opened.end(),
                                    [id](const auto& field) { return field.id == id; });
    if (found == body.opened.end()) continue;
    const auto at = std::find_if(body.sealed.begin(), body.sealed.end(),
                                 [id](const auto& field) { return field.id > id; });
    body.sealed.insert(at, {id, crypto::field_digest(found->salt, id, found->value)});
    body.opened.erase(found);
  }
  return {};
}

ExitCode write_proof(NodeClient& node, const Member& member, const Options& options) {
  const crypto::Salt salt = crypto::handle_salt(member.secret, "consignment", options.ucr);
  auto bundle = node.bundle(crypto::make_handle("consignment", salt, options.ucr));
  if (!bundle) return report(bundle.error());
  bundle->ucr = options.ucr;
  bundle->handle_salt = salt;
  for (chaincode::BundleBody& one : bundle->bodies) {
    if (const crypto::Status sealed = seal_fields(one.body, options.seal); !sealed) {
      return report(sealed.error());
    }
  }
  // The reasons of a verdict quote the values that were read: whoever seals leaves them out too.
  if (!options.seal.empty()) bundle->details.clear();
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
  if (const auto written = write_file(options.proof, chaincode::format_bundle(*bundle)); !written) {
    return report(written.error());
  }
  std::cout << "proof written to " << options.proof << "; check it anywhere with:\n  sanad verify "
            << options.proof << " --trust trust.json\n";
  return kExitOk;
}

void print_history(const chaincode::ConsignmentAnswer& answer, const std::string& ucr) {
  std::cout << "Consignment " << ucr << ", handle " << answer.handle.hex() << "\n"
            << "as of block " << answer.height << " (" << grouped(answer.size)
            << " records in the log)\n";
  for (const chaincode::RecordAnswer& one : answer.records) {
    const auto record = chaincode::decode_record(one.record);
    if (!record) continue;  // a node that answers so is caught by --proof
    std::cout << tell(*record) << "\n";
    const auto body = crypto::decode<crypto::Body>(one.body);
    if (!one.body.empty() && body) std::cout << "     " << tell_body(*body) << "\n";
    if (!one.detail.empty()) std::cout << tell_reasons(one.detail);
  }
}

ExitCode run(const Options& options) {
  const auto member = options.member.open();
  if (!member) return report(member.error());
  NodeClient node(*member);
  const crypto::Salt salt = crypto::handle_salt(member->secret, "consignment", options.ucr);
  const auto answer = node.consignment(crypto::make_handle("consignment", salt, options.ucr));
  if (!answer) return report(answer.error());
  if (options.json) {
    std::cout << crypto::to_json(*answer) << "\n";
  } else {
    print_history(*answer, options.ucr);
  }
  return options.proof.empty() ? kExitOk : write_proof(node, *member, options);
}

}  // namespace

void add_trace(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* trace = app.add_subcommand("trace", "Tell a consignment's history; write its proof.");
  trace->add_option("UCR", options->ucr, "The consignment's reference")->required();
  options->member.add_to(*trace);
  trace->add_option("--proof", options->proof, "Write the proof bundle to this file");
  trace->add_option("--seal", options->seal, "Fields whose values stay out of the proof");
  trace->add_flag("--json", options->json, "Print the node's answer as JSON");
  trace->footer(
      "Example:\n  sanad trace 6AE-100017-0000001 --network run/dev --as KW --proof kw.sanad.json");
  trace->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace sanad::tools
