// sanad explain
#include <iostream>
#include <memory>

#include "chaincode/explain.h"
#include "crypto/codec_json.h"
#include "tools/commands/commands.h"
#include "tools/commands/replay_options.h"
#include "tools/commands/report.h"
#include "tools/declaration.h"
#include "tools/replay.h"
#include "tools/story.h"

namespace sanad::tools {
namespace {

struct Options {
  ReplayOptions replay;
  std::string subject;
  std::string change;
  bool json = false;
};

// Which statement is meant: a declaration's name (64 hex digits), its number, or a UCR.
bool is_meant(const std::string& subject, const chaincode::Statement& statement,
              const std::optional<crypto::Body>& body) {
  const bool judged = std::holds_alternative<chaincode::Declare>(statement) ||
                      std::holds_alternative<chaincode::Amend>(statement);
  if (!judged || !body) return false;
  if (chaincode::declaration_of(statement).hex() == subject) return true;
  for (const auto id : {chaincode::FieldId::kDeclarationId, chaincode::FieldId::kUcr}) {
    const std::string* text = chaincode::opened_text(*body, id);
    if (text != nullptr && *text == subject) return true;
  }
  return false;
}

crypto::Result<std::optional<chaincode::ChangedField>> parse_change(const std::string& text) {
  if (text.empty()) return std::optional<chaincode::ChangedField>();
  const std::size_t equals = text.find('=');
  Declaration holder;
  const std::string name = text.substr(0, equals);
  if (equals == std::string::npos || equals + 1 == text.size()) {
    const chaincode::FieldSpec* spec = chaincode::find_field(name);
    if (spec != nullptr) return std::optional(chaincode::ChangedField{spec->id, std::nullopt});
  }
  SANAD_TRY_STATUS(set_field(holder, name, text.substr(std::min(text.size(), equals + 1))));
  const auto& [id, value] = *holder.fields.begin();
  return std::optional(chaincode::ChangedField{id, value});
}

// Looks through one block; prints each verdict that is meant.
class Explainer {
 public:
  Explainer(const Options& options, const chaincode::Contracts& contracts,
            std::optional<chaincode::ChangedField> change)
      : options_(options), contracts_(contracts), change_(std::move(change)) {}

  crypto::Status look(const ReplayStep& step, const chaincode::StateReader& previous) {
    for (const auto& submission : step.block.submissions) {
      for (std::size_t i = 0; i < submission->statements().size(); ++i) {
        if (!is_meant(options_.subject, submission->statements()[i], submission->bodies()[i])) {
          continue;
        }
        const chaincode::StatementOrigin origin{submission->id(), static_cast<std::uint32_t>(i)};
        SANAD_TRY_STATUS(explain_one(step, previous, origin));
      }
    }
    return {};
  }
  [[nodiscard]] std::size_t found() const { return found_; }
  [[nodiscard]] bool all_same() const { return all_same_; }

 private:
  crypto::Status explain_one(const ReplayStep& step, const chaincode::StateReader& previous,
                             const chaincode::StatementOrigin& origin) {
    chaincode::ExplainRequest request{step.block, previous, step.first_record, origin,
                                      std::nullopt};
    const auto again = chaincode::explain(contracts_, request);
    if (!again) {
      std::cout << "block " << step.block.height << ": " << again.error().message() << "\n";
      return {};
    }
    ++found_;
    SANAD_TRY(const auto record, logged_record(step, again->verdict_record));
    const auto& logged = std::get<chaincode::VerdictGiven>(record.content);
    const bool same = again->detail.digest == logged.detail && again->verdict.lane == logged.lane;
    all_same_ = all_same_ && same;
    print(record, *again, same);
    if (!change_) return {};
    request.change = change_;
    SANAD_TRY(const auto changed, chaincode::explain(contracts_, request));
    print_changed(changed, logged);
    return {};
  }

  static crypto::Result<chaincode::Record> logged_record(const ReplayStep& step,
                                                         std::uint64_t index) {
    const std::uint64_t at = index - step.first_record;
    if (index < step.first_record || at >= step.records.size()) {
      return crypto::Error{Errc::kDiffers, "the verdict's record is not in its block"};
    }
    SANAD_TRY(auto record, chaincode::decode_record(step.records[at]));
    if (std::holds_alternative<chaincode::VerdictGiven>(record.content)) return record;
    return crypto::Error{Errc::kDiffers, "record " + std::to_string(index) + " is no verdict"};
  }

  void print(const chaincode::Record& record, const chaincode::Explanation& again, bool same) {
    if (options_.json) {
      std::cout << "{\"record\":" << crypto::to_json(record)
                << ",\"verdict\":" << crypto::to_json(again.verdict)
                << ",\"detail_digest\":" << json_string(again.detail.digest.hex())
                << ",\"same\":" << (same ? "true" : "false") << "}\n";
      return;
    }
    std::cout << tell(record) << "\n"
              << tell_verdict(again.verdict) << "     recomputed in a fresh store: digest "
              << again.detail.digest.hex() << "\n     "
              << (same ? "bit for bit the one in the log\n" : "NOT the one in the log\n");
  }

  void print_changed(const chaincode::Explanation& changed, const chaincode::VerdictGiven& logged) {
    const bool same = changed.detail.digest == logged.detail;
    if (options_.json) {
      std::cout << "{\"change\":" << json_string(options_.change)
                << ",\"verdict\":" << crypto::to_json(changed.verdict)
                << ",\"detail_digest\":" << json_string(changed.detail.digest.hex())
                << ",\"same\":" << (same ? "true" : "false") << "}\n";
      return;
    }
    std::cout << "   had " << options_.change << " been declared:\n"
              << tell_verdict(changed.verdict) << "     digest " << changed.detail.digest.hex()
              << (same ? ", no different\n" : ", different\n");
  }

  const Options& options_;
  const chaincode::Contracts& contracts_;
  std::optional<chaincode::ChangedField> change_;
  std::size_t found_ = 0;
  bool all_same_ = true;
};

crypto::Status replay_all(const Options& options, const chaincode::Contracts& contracts,
                          Explainer& explainer) {
  SANAD_TRY(Replay replay, Replay::open(options.replay.folder(), contracts));
  Progress progress;
  while (true) {
    SANAD_TRY(const std::optional<ReplayStep> step, replay.next());
    if (!step) return {};
    SANAD_TRY_STATUS(explainer.look(*step, replay.state()));
    SANAD_TRY_STATUS(replay.apply(*step));
    progress.show("block " + grouped(step->block.height) + " executed again");
  }
}

ExitCode run(const Options& options) {
  auto contracts = options.replay.contracts();
  if (!contracts) return report(contracts.error());
  auto change = parse_change(options.change);
  if (!change) return report(change.error());
  Explainer explainer(options, *contracts, std::move(*change));
  if (const auto done = replay_all(options, *contracts, explainer); !done) {
    return report(done.error());
  }
  if (explainer.found() == 0) {
    return report_usage("no verdict of \"" + options.subject + "\" in " +
                        options.replay.folder().string() +
                        "; name a declaration's number, its name on the ledger or a UCR");
  }
  return explainer.all_same() ? kExitOk : kExitCheckFailed;
}

}  // namespace

void add_explain(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* explain = app.add_subcommand(
      "explain", "Recompute a verdict in a fresh store, and say why it came out so.");
  explain->add_option("SUBJECT", options->subject, "UCR, declaration number or name")->required();
  options->replay.add_to(*explain);
  explain->add_option("--change", options->change,
                      "Also judge it with one field changed: name=value, or name= to leave it out");
  explain->add_flag("--json", options->json, "Print JSON, one object a line");
  explain->footer(
      "Executes the whole history again from the segment files; the node may be running.\n"
      "Exit code 0: bit for bit the same; 1: different; 5: damaged files.\n"
      "Example:\n  sanad explain 6AE-100017-0000001 --network run/dev --as KW --change origin=KP");
  explain->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace sanad::tools
