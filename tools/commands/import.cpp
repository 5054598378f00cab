// sanad import kcs | lines
#include <fstream>
#include <iostream>
#include <memory>

#include "tools/commands/commands.h"
#include "tools/commands/report.h"
#include "tools/import_run.h"
#include "tools/importers/kcs.h"
#include "tools/importers/lines.h"

namespace sanad::tools {
namespace {

struct ImportCommand {
  std::string file;
  std::string network;
  std::string rejects;
  ImportOptions import;
  std::uint64_t patience_s = 60;
  bool json = false;
};

// The rows that were not taken, as CSV; made with the first of them.
class RejectsFile {
 public:
  explicit RejectsFile(std::string path) : path_(std::move(path)) {}
  void add(const RejectedRow& row) {
    if (!file_.is_open()) {
      file_.open(path_, std::ios::binary | std::ios::trunc);
      file_ << "line,column,reason,row\n";
    }
    file_ << row.line << "," << csv_cell(row.column) << "," << csv_cell(row.reason) << ","
          << csv_cell(row.text) << "\n"
          << std::flush;
  }

 private:
  std::string path_;
  std::ofstream file_;
};

std::uint64_t percentile(const std::vector<std::uint64_t>& sorted, std::size_t percent) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, sorted.size() * percent / 100)];
}

std::uint64_t lane_count(const MemberTally& tally, const std::string& lane) {
  const auto found = tally.lanes.find(lane);
  return found == tally.lanes.end() ? 0 : found->second;
}

std::uint64_t refused_count(const MemberTally& tally) {
  std::uint64_t sum = 0;
  for (const auto& [code, count] : tally.refused) sum += count;
  return sum;
}

std::vector<std::string> table_row(const std::string& name, const MemberTally& tally) {
  std::vector<std::string> row = {name, grouped(tally.declared)};
  for (const char* lane : {"green", "blue", "yellow", "red", "none"}) {
    row.push_back(grouped(lane_count(tally, lane)));
  }
  row.push_back(grouped(refused_count(tally)));
  row.push_back(grouped(tally.released()));
  row.push_back(grouped(tally.inspected));
  return row;
}

void print_report(const ImportReport& report, const ImportCommand& options) {
  const MemberTally total = report.total();
  std::vector<std::vector<std::string>> rows = {{"member", "declared", "green", "blue", "yellow",
                                                 "red", "no verdict", "refused", "released",
                                                 "inspected"}};
  for (const auto& [id, tally] : report.members) rows.push_back(table_row(id, tally));
  rows.push_back(table_row("all", total));
  std::cout << format_table(rows, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  for (const auto& [code, count] : total.refused) {
    std::cout << "refused as " << code << ": " << grouped(count) << "\n";
  }
  const std::uint64_t per_second =
      report.elapsed_ms == 0 ? 0 : total.declared * 1'000 / report.elapsed_ms;
  std::cout << grouped(report.rows) << " rows in " << grouped(report.elapsed_ms) << " ms ("
            << grouped(per_second) << " declarations/s), latency to finality p50 "
            << grouped(percentile(total.latencies_ms, 50)) << " ms, p99 "
            << grouped(percentile(total.latencies_ms, 99)) << " ms a submission\n";
  if (report.rounded > 0) {
    std::cout << grouped(report.rounded)
              << " rows had an amount below its unit; it was rounded half to even\n";
  }
  if (report.skipped > 0) std::cout << grouped(report.skipped) << " rows were declared before\n";
  if (report.settled > 0) {
    std::cout << grouped(report.settled) << " submissions of an earlier run were finished first\n";
  }
  if (report.rejected > 0) {
    std::cout << grouped(report.rejected) << " rows were not taken: see " << options.rejects
              << "\n";
  }
}

std::string counts_json(const std::map<std::string, std::uint64_t>& counts) {
  std::string text;
  for (const auto& [name, count] : counts) {
    text += (text.empty() ? "" : ",") + json_string(name) + ":" + std::to_string(count);
  }
  return "{" + text + "}";
}

std::string tally_json(const MemberTally& tally) {
  return "{\"declared\":" + std::to_string(tally.declared) +
         ",\"lanes\":" + counts_json(tally.lanes) + ",\"refused\":" + counts_json(tally.refused) +
         ",\"released_automatically\":" + std::to_string(tally.released()) +
         ",\"inspected\":" + std::to_string(tally.inspected) + "}";
}

void print_json(const ImportReport& report) {
  const MemberTally total = report.total();
  std::string members;
  for (const auto& [id, tally] : report.members) {
    members += (members.empty() ? "" : ",") + json_string(id) + ":" + tally_json(tally);
  }
  std::cout << "{\"rows\":" << report.rows << ",\"rejected\":" << report.rejected
            << ",\"skipped\":" << report.skipped << ",\"rounded\":" << report.rounded
            << ",\"settled\":" << report.settled << ",\"elapsed_ms\":" << report.elapsed_ms
            << ",\"latency_ms\":{\"p50\":" << percentile(total.latencies_ms, 50)
            << ",\"p99\":" << percentile(total.latencies_ms, 99) << "},\"members\":{" << members
            << "},\"total\":" << tally_json(total)
            << ",\"failure\":" << (report.failure ? json_string(report.failure->message()) : "null")
            << "}\n";
}

ExitCode run_with(Input& input, const ImportCommand& options) {
  RejectsFile rejects(options.rejects);
  std::optional<crypto::Result<ImportReport>> outcome;
  {
    Progress line;
    const ImportObserver observer{
        [&rejects](const RejectedRow& row) { rejects.add(row); },
        [&line](std::uint64_t rows, std::uint64_t final) {
          line.show(grouped(rows) + " rows read, " + grouped(final) + " declarations final");
        }};
    outcome = run_import({options.network}, input, options.import, observer);
  }
  if (!*outcome) return report(outcome->error());
  const ImportReport& result = **outcome;
  if (options.json) {
    print_json(result);
  } else {
    print_report(result, options);
  }
  if (result.failure) {
    const ExitCode code = report(*result.failure);
    std::cerr << "sanad: the import ended early; nothing is lost: run it again with --resume\n";
    return code;
  }
  return result.rejected > 0 ? kExitCheckFailed : kExitOk;
}

ExitCode run(ImportCommand options, bool is_kcs) {
  std::ifstream file(options.file, std::ios::binary);
  if (!file) return report_usage("cannot read " + options.file);
  if (options.rejects.empty()) options.rejects = options.file + ".rejects.csv";
  options.import.patience.total_ms = options.patience_s * 1'000;
  if (!is_kcs) {
    LinesReader lines(file);
    return run_with(lines, options);
  }
  auto rows = KcsReader::open(file);
  if (!rows) return report_usage(options.file + ": " + rows.error().message());
  return run_with(*rows, options);
}

void add_format(CLI::App& import, Run& chosen, const std::string& name,
                const std::string& description, const std::string& example) {
  auto options = std::make_shared<ImportCommand>();
  const bool is_kcs = name == "kcs";
  CLI::App* format = import.add_subcommand(name, description);
  format->add_option("FILE", options->file, "The file to read")->required();
  format->add_option("--network", options->network, "The network's folder")->required();
  format->add_option("--batch", options->import.batch, "Declarations in one submission, at most")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  format
      ->add_option("--in-flight", options->import.in_flight,
                   "Submissions of one member on their way at once")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  format->add_option("--limit", options->import.limit, "Rows to take; 0 takes all");
  format
      ->add_option("--patience-s", options->patience_s,
                   "Seconds to try one submission while the network is away")
      ->capture_default_str();
  format->add_option("--rejects", options->rejects,
                     "Where rows that cannot be taken go; FILE.rejects.csv unless given");
  format->add_flag("--resume", options->import.resume, "Skip rows that were declared before");
  if (is_kcs) {
    format->add_flag("--reveal-outcomes", options->import.reveal_outcomes,
                     "Play the inspector: reveal the label of what was selected, and only that");
  }
  format->add_flag("--json", options->json, "Print JSON");
  format->footer(
      "Exit code 0: every row was declared; 1: some rows were not taken; 3: the network went "
      "away.\n"
      "Example:\n  " +
      example);
  format->callback(
      [options, is_kcs, &chosen] { chosen = [options, is_kcs] { return run(*options, is_kcs); }; });
}

}  // namespace

void add_import(CLI::App& app, Run& chosen) {
  CLI::App* import = app.add_subcommand("import", "Declare what a file holds, for all members.");
  import->require_subcommand(1);
  add_format(*import, chosen, "kcs", "Read a Korean customs set (22 columns of CSV).",
             "sanad import kcs kcs_train.csv --network run/dev --reveal-outcomes");
  add_format(*import, chosen, "lines", "Read declarations as `sanad generate` writes them.",
             "sanad import lines declarations.jsonl --network run/dev");
}

}  // namespace sanad::tools
