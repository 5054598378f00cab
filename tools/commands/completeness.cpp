// sanad completeness
#include <iostream>
#include <memory>

#include "chaincode/bundle.h"
#include "crypto/codec_json.h"
#include "tools/commands/commands.h"
#include "tools/commands/report.h"
#include "tools/completeness.h"
#include "tools/files.h"
#include "tools/story.h"

namespace sanad::tools {
namespace {

struct CompletenessOptions {
  std::string file;
  std::string trust;
  std::string list;
  bool json = false;
};

constexpr std::size_t kFaultsTold = 100;  // in words; with --json all

std::string_view kind_name(ListFault::Kind kind) {
  switch (kind) {
    case ListFault::Kind::kMissing:
      return "missing";
    case ListFault::Kind::kExtra:
      return "extra";
    case ListFault::Kind::kTwice:
      return "twice";
  }
  return "";
}

void print_json(const chaincode::Bundle& bundle, std::size_t listed,
                const std::vector<ListFault>& faults) {
  std::vector<std::string> all;
  for (const ListFault& fault : faults) {
    all.push_back(JsonObject()
                      .text("kind", kind_name(fault.kind))
                      .number("at", fault.at)
                      .text("leaf", crypto::to_base64(fault.leaf))
                      .str());
  }
  std::cout << JsonObject()
                   .boolean("complete", faults.empty())
                   .json("subject", crypto::to_json(bundle.subject))
                   .number("records", bundle.records.size())
                   .number("listed", listed)
                   .json("faults", json_array(all))
                   .str()
            << "\n";
}

void print_words(const chaincode::Bundle& bundle, const chaincode::BundleFindings& found,
                 std::size_t listed, const std::vector<ListFault>& faults) {
  const std::string subject = chaincode::subject_text(bundle.subject);
  if (faults.empty()) {
    std::cout << "COMPLETE: the list has all " << grouped(bundle.records.size()) << " records of "
              << subject << " and no other, as of " << time_text(found.as_of_ms) << "\n";
    return;
  }
  std::cout << "NOT COMPLETE: " << grouped(faults.size()) << " differences between the "
            << grouped(listed) << " records of the list and the " << grouped(bundle.records.size())
            << " of " << subject << ", as of " << time_text(found.as_of_ms) << "\n";
  for (std::size_t i = 0; i < faults.size() && i < kFaultsTold; ++i) {
    const auto record = chaincode::decode_record(faults[i].leaf);
    std::cout << "  " << kind_name(faults[i].kind)
              << (faults[i].kind == ListFault::Kind::kMissing ? ", record " : ", line ")
              << faults[i].at << ":" << (record ? tell(*record) : " no record at all") << "\n";
  }
  if (faults.size() > kFaultsTold) std::cout << "  …\n";
}

ExitCode run(const CompletenessOptions& options) {
  const auto trust_text = read_file(options.trust, crypto::kJsonTextMax);
  if (!trust_text) return report(trust_text.error());
  const auto trust = chaincode::parse_trust(*trust_text);
  if (!trust) return report_usage(options.trust + ": " + trust.error().message());
  const auto text = read_file(options.file, chaincode::kBundleTextMax);
  if (!text) return report(text.error());
  const auto list_text = read_file(options.list, kListBytesMax);
  if (!list_text) return report(list_text.error());
  const auto bundle = chaincode::parse_bundle(*text);
  if (!bundle) return report(bundle.error());
  if (bundle->since) {
    return report_usage(options.file + " begins after records that it does not hold");
  }
  const auto found = chaincode::verify_bundle(*bundle, *trust);
  if (!found) return report(found.error());
  const auto listed = parse_list(*list_text);
  if (!listed) return report(listed.error());
  const std::vector<ListFault> faults = compare_list(bundle->records, *listed);
  if (options.json) {
    print_json(*bundle, listed->size(), faults);
  } else {
    print_words(*bundle, *found, listed->size(), faults);
  }
  return faults.empty() ? kExitOk : kExitCheckFailed;
}

}  // namespace

void add_completeness(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<CompletenessOptions>();
  CLI::App* command = app.add_subcommand(
      "completeness", "Check that a list of records is all there was, by a proof.");
  command->add_option("FILE", options->file, "The proof of the whole history (*.sanad.json)")
      ->required();
  command->add_option("--trust", options->trust, "The network's trust file")->required();
  command
      ->add_option("--list", options->list,
                   "The list: lines as `sanad export` prints them, or of records in base64")
      ->required();
  command->add_flag("--json", options->json, "Print JSON");
  command->footer(
      "Exit code 0: complete; 1: records are missing, foreign or there twice; 2: files that cannot "
      "be read; 4: the proof does not hold.\n"
      "Example:\n  sanad completeness day.sanad.json --trust trust.json --list delivered.ndjson");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace sanad::tools
