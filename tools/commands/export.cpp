// sanad export
#include <iostream>
#include <memory>

#include "tools/commands/commands.h"
#include "tools/commands/replay_options.h"
#include "tools/commands/report.h"
#include "tools/record_json.h"
#include "tools/replay.h"

namespace sanad::tools {
namespace {

struct ExportOptions {
  ReplayOptions replay;
  bool json = false;
};

// The body beside the statement that caused the record, where it is still held.
std::optional<crypto::Body> body_of(const ReplayStep& step, const chaincode::Record& record) {
  const auto* origin =
      record.origin ? std::get_if<chaincode::StatementOrigin>(&*record.origin) : nullptr;
  if (origin == nullptr) return std::nullopt;
  for (const auto& submission : step.block.submissions) {
    if (submission->id() != origin->submission) continue;
    return origin->index < submission->bodies().size() ? submission->bodies()[origin->index]
                                                       : std::nullopt;
  }
  return std::nullopt;
}

// Writes records as lines, or as the items of one array.
class Printer {
 public:
  explicit Printer(bool array) : array_(array) {
    if (array_) std::cout << "[";
  }
  void add(const std::string& record) {
    if (array_ && !first_) std::cout << ",\n";
    std::cout << record;
    if (!array_) std::cout << "\n";
    first_ = false;
  }
  void end() {
    if (array_) std::cout << "]\n";
    std::cout.flush();
  }

 private:
  bool array_;
  bool first_ = true;
};

crypto::Status export_step(const Replay& replay, const ReplayStep& step, Printer& printer) {
  for (std::size_t i = 0; i < step.records.size(); ++i) {
    SANAD_TRY(const chaincode::Record record, chaincode::decode_record(step.records[i]));
    BesideRecord beside{body_of(step, record), {}};
    const auto* given = std::get_if<chaincode::VerdictGiven>(&record.content);
    const crypto::Bytes* detail = given != nullptr ? replay.body(given->detail) : nullptr;
    if (detail != nullptr) beside.detail = *detail;
    printer.add(record_json(step.first_record + i, step.records[i], record, beside));
  }
  return {};
}

crypto::Status export_all(const ExportOptions& options, const chaincode::Contracts& contracts) {
  SANAD_TRY(Replay replay, Replay::open(options.replay.folder(), contracts));
  Printer printer(options.json);
  while (true) {
    SANAD_TRY(const std::optional<ReplayStep> step, replay.next());
    if (!step) break;
    SANAD_TRY_STATUS(export_step(replay, *step, printer));
  }
  printer.end();
  return {};
}

ExitCode run(const ExportOptions& options) {
  const auto contracts = options.replay.contracts();
  if (!contracts) return report(contracts.error());
  if (const auto done = export_all(options, *contracts); !done) return report(done.error());
  return std::cout ? kExitOk : report_usage("cannot write to standard output");
}

}  // namespace

void add_export(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = app.add_subcommand(
      "export",
      "Print every record in log order as JSON lines, with opened facts, for other checkers.");
  options->replay.add_to(*command);
  command->add_flag("--json", options->json, "Print one JSON array instead of lines");
  command->footer(
      "A line: index, leaf (the record's bytes, base64), record, facts, verdict. Nothing is "
      "executed:\n"
      "lines are what the node has stored. The node may be running.\n"
      "Exit code 0: all printed; 2: nothing to read; 5: damaged files.\n"
      "Example:\n  sanad export --network run/dev --as KW > records.jsonl");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace sanad::tools
