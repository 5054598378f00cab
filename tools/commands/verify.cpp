// sanad verify
#include <iostream>
#include <memory>

#include "chaincode/bundle.h"
#include "crypto/codec_json.h"
#include "tools/commands/commands.h"
#include "tools/commands/report.h"
#include "tools/files.h"
#include "tools/story.h"
#include "tools/submitter.h"

namespace sanad::tools {
namespace {

struct VerifyOptions {
  std::string proof;
  std::string trust;
  bool ignore_age = false;
  bool json = false;
};

constexpr std::uint64_t kMsPerDay = 86'400'000;

ExitCode refuse(const VerifyOptions& options, const std::string& why) {
  if (options.json) {
    std::cout << "{\"valid\":false,\"reason\":" << json_string(why) << "}\n";
  } else {
    std::cout << "NOT PROVED: " << why << "\n";
  }
  return kExitProofInvalid;
}

void print_json(const chaincode::BundleFindings& found, const std::string& ucr) {
  std::string records;
  for (const chaincode::Record& record : found.records) {
    records += (records.empty() ? "" : ",") + crypto::to_json(record);
  }
  std::string cosigners;
  for (const std::string& id : found.cosigned_by) {
    cosigners += (cosigners.empty() ? "" : ",") + json_string(id);
  }
  std::cout << "{\"valid\":true,\"ucr\":" << json_string(ucr)
            << ",\"height\":" << json_string(std::to_string(found.height))
            << ",\"as_of_ms\":" << json_string(std::to_string(found.as_of_ms))
            << ",\"cosigned_by\":[" << cosigners << "],\"records\":[" << records << "]}\n";
}

void print_words(const chaincode::Bundle& bundle, const chaincode::BundleFindings& found) {
  std::cout << "PROVED for consignment " << bundle.ucr << ", as of " << time_text(found.as_of_ms)
            << " (block " << found.height << "):\n";
  for (const std::string& line : found.proved) std::cout << "  - " << line << "\n";
  std::cout << "  - cosigned by";
  for (const std::string& id : found.cosigned_by) std::cout << " " << id;
  std::cout << " at about " << time_text(found.cosigned_at_s * 1'000) << "\n";
  for (const chaincode::Record& record : found.records) std::cout << tell(record) << "\n";
  for (const chaincode::BundleBody& one : bundle.bodies) {
    std::cout << "facts of record " << one.n << ": " << tell_body(one.body) << "\n";
  }
}

ExitCode run(const VerifyOptions& options) {
  const auto trust_text = read_file(options.trust, crypto::kJsonTextMax);
  if (!trust_text) return report(trust_text.error());
  const auto trust = chaincode::parse_trust(*trust_text);
  if (!trust) return report_usage(options.trust + ": " + trust.error().message());
  const std::uint64_t age_days = (now_ms() - std::min(now_ms(), trust->issued_ms)) / kMsPerDay;
  if (age_days > trust->maximum_age_days && !options.ignore_age) {
    return report_usage("the trust file is " + std::to_string(age_days) + " days old, " +
                        std::to_string(trust->maximum_age_days) +
                        " at most: get a new one from the network, or say --ignore-age");
  }
  const auto text = read_file(options.proof, crypto::kJsonTextMax);
  if (!text) return report(text.error());
  const auto bundle = chaincode::parse_bundle(*text);
  if (!bundle) return refuse(options, bundle.error().message());
  const auto found = chaincode::verify_bundle(*bundle, *trust);
  if (!found) return refuse(options, found.error().message());
  if (options.json) {
    print_json(*found, bundle->ucr);
  } else {
    print_words(*bundle, *found);
  }
  return kExitOk;
}

}  // namespace

void add_verify(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* verify = app.add_subcommand(
      "verify", "Check a proof offline, with nothing but the network's public keys.");
  verify->add_option("FILE", options->proof, "The proof (*.sanad.json)")->required();
  verify->add_option("--trust", options->trust, "The network's trust file")->required();
  verify->add_flag("--ignore-age", options->ignore_age, "Accept a trust file past its age");
  verify->add_flag("--json", options->json, "Print JSON");
  verify->footer(
      "Exit code 0: proved; 4: not proved.\n"
      "Example:\n  sanad verify kw.sanad.json --trust run/dev/trust.json");
  verify->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace sanad::tools
