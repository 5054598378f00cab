// sanad export
#include <iostream>
#include <memory>

#include "crypto/codec_json.h"
#include "tools/commands/commands.h"
#include "tools/commands/replay_options.h"
#include "tools/commands/report.h"
#include "tools/replay.h"

namespace sanad::tools {
namespace {

struct Options {
  ReplayOptions replay;
};

std::string value_json(const crypto::FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return json_string(*text);
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  std::string items;
  for (const std::string& item : std::get<2>(value)) {
    items += (items.empty() ? "" : ",") + json_string(item);
  }
  return "[" + items + "]";
}

std::string facts_json(const crypto::Body& body) {
  std::string text;
  for (const crypto::OpenedField& field : body.opened) {
    const chaincode::FieldSpec* spec = chaincode::field_spec(field.id);
    text += (text.empty() ? "" : ",") +
            json_string(spec != nullptr ? spec->name : std::to_string(field.id)) + ":" +
            value_json(field.value);
  }
  return "{" + text + "}";
}

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

std::optional<std::string> verdict_json(const Replay& replay, const chaincode::Record& record) {
  const auto* given = std::get_if<chaincode::VerdictGiven>(&record.content);
  const crypto::Bytes* bytes = given != nullptr ? replay.body(given->detail) : nullptr;
  if (bytes == nullptr) return std::nullopt;
  const auto stored = crypto::decode<chaincode::StoredDetail>(*bytes);
  if (!stored) return std::nullopt;
  const auto verdict = crypto::decode<chaincode::rules::Verdict>(stored->detail);
  if (!verdict) return std::nullopt;
  return crypto::to_json(*verdict);
}

crypto::Status export_step(const Replay& replay, const ReplayStep& step) {
  for (std::size_t i = 0; i < step.records.size(); ++i) {
    SANAD_TRY(const chaincode::Record record, chaincode::decode_record(step.records[i]));
    std::cout << "{\"index\":" << step.first_record + i
              << ",\"leaf\":" << json_string(crypto::to_base64(step.records[i]))
              << ",\"record\":" << crypto::to_json(record);
    if (const auto body = body_of(step, record)) std::cout << ",\"facts\":" << facts_json(*body);
    if (const auto verdict = verdict_json(replay, record)) std::cout << ",\"verdict\":" << *verdict;
    std::cout << "}\n";
  }
  return {};
}

crypto::Status export_all(const Options& options, const chaincode::Contracts& contracts) {
  SANAD_TRY(Replay replay, Replay::open(options.replay.folder(), contracts));
  while (true) {
    SANAD_TRY(const std::optional<ReplayStep> step, replay.next());
    if (!step) return {};
    SANAD_TRY_STATUS(export_step(replay, *step));
  }
}

ExitCode run(const Options& options) {
  const auto contracts = options.replay.contracts();
  if (!contracts) return report(contracts.error());
  if (const auto done = export_all(options, *contracts); !done) return report(done.error());
  std::cout.flush();
  return std::cout ? kExitOk : report_usage("cannot write to standard output");
}

}  // namespace

void add_export(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "export",
      "Print every record in log order as JSON lines, with opened facts, for other checkers.");
  options->replay.add_to(*command);
  command->footer(
      "A line: index, leaf (the record's bytes, base64), record, facts, verdict. Nothing is "
      "executed:\n"
      "lines are what the node has stored. The node may be running.\n"
      "Example:\n  sanad export --network run/dev --as KW > records.jsonl");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace sanad::tools
