// sanad generate
#include <fstream>
#include <iostream>
#include <memory>

#include "tools/commands/commands.h"
#include "tools/commands/report.h"
#include "tools/dev_network.h"
#include "tools/generator.h"

namespace sanad::tools {
namespace {

struct GenerateOptions {
  std::string out;
  std::string labels;
  std::string network;
  std::string first_day = "2026-01-01";
  std::uint64_t count = 1'000;
  GeneratorPlan plan;
  bool json = false;
};

void print(const GenerateOptions& options, std::uint64_t written, std::uint64_t with_case) {
  if (options.json) {
    std::cout << JsonObject()
                     .text("out", options.out)
                     .text("labels", options.labels)
                     .number("declarations", written)
                     .number("with_case", with_case)
                     .str()
              << "\n";
    return;
  }
  std::cout << grouped(written) << " declarations in " << options.out << ", " << grouped(with_case)
            << " of them with an injected case; what was injected is in " << options.labels
            << ", which the ledger never sees\n";
}

ExitCode run(GenerateOptions options) {
  const auto first_day = parse_day(options.first_day);
  if (!first_day) return report(first_day.error());
  options.plan.first_day = *first_day;
  options.plan.members = {"AE-DU", "AE-AZ", "KW", "QA", "SA", "BH", "OM"};
  if (!options.network.empty()) {
    auto ids = member_ids({options.network});
    if (!ids) return report(ids.error());
    options.plan.members = std::move(*ids);
  }
  std::ofstream out(options.out, std::ios::binary | std::ios::trunc);
  std::ofstream labels(options.labels, std::ios::binary | std::ios::trunc);
  Generator generator(options.plan);
  std::uint64_t written = 0;
  std::uint64_t with_case = 0;
  while (written < options.count) {
    for (const Generated& one : generator.next()) {
      if (written == options.count) break;
      out << format_declaration(one.declaration) << "\n";
      labels << format_label(one) << "\n";
      with_case += one.label.empty() ? 0 : 1;
      ++written;
    }
  }
  out.flush();
  labels.flush();
  if (!out || !labels) {
    return report_usage("cannot write " + options.out + " and " + options.labels);
  }
  print(options, written, with_case);
  return kExitOk;
}

}  // namespace

void add_generate(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<GenerateOptions>();
  CLI::App* generate =
      app.add_subcommand("generate", "Write plausible declarations of the members, from a seed.");
  generate->add_option("OUT", options->out, "File to write: one declaration a line")->required();
  generate->add_option("--labels", options->labels, "Side file that says what was injected");
  generate->add_option("--count", options->count, "Declarations to write")->capture_default_str();
  generate->add_option("--seed", options->plan.seed, "The same seed gives the same declarations")
      ->capture_default_str();
  generate->add_option("--network", options->network,
                       "Take the members of this network instead of the seven");
  generate->add_option("--first-day", options->first_day, "Day of the first declaration")
      ->capture_default_str();
  generate
      ->add_option("--cases-per-mille", options->plan.cases_per_mille,
                   "Consignments in a thousand that carry an injected case")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  generate->add_flag("--json", options->json, "Print JSON");
  generate->footer(
      "Exit code 0: written; 2: a file that cannot be written.\n"
      "Example:\n  sanad generate run/declarations.jsonl --count 2000 --seed 7\n"
      "  sanad import lines run/declarations.jsonl --network run/dev");
  generate->callback([options, &chosen] {
    if (options->labels.empty()) options->labels = options->out + ".labels";
    chosen = [options] { return run(*options); };
  });
}

}  // namespace sanad::tools
