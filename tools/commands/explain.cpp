// sanad explain
#include <algorithm>
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

struct ExplainOptions {
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
  if (chaincode::subject_of(statement).hex() == subject) return true;
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

// One verdict, recomputed; and what another fact would have made of it.
struct Explained {
  chaincode::Record record;
  chaincode::Explanation again;
  bool same = false;
  std::optional<chaincode::Explanation> changed;
  bool changed_same = false;
};
// A statement that is meant and has no verdict.
struct Unjudged {
  std::uint64_t height = 0;
  std::string reason;
};

// Looks through the blocks and gathers each verdict that is meant.
class Explainer {
 public:
  Explainer(const ExplainOptions& options, const chaincode::Contracts& contracts,
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
  [[nodiscard]] const std::vector<Explained>& found() const { return found_; }
  [[nodiscard]] const std::vector<Unjudged>& unjudged() const { return unjudged_; }

 private:
  crypto::Status explain_one(const ReplayStep& step, const chaincode::StateReader& previous,
                             const chaincode::StatementOrigin& origin) {
    chaincode::ExplainRequest request{step.block, previous, step.first_record, origin,
                                      std::nullopt};
    auto again = chaincode::explain(contracts_, request);
    if (!again) {
      unjudged_.push_back({step.block.height, again.error().message()});
      return {};
    }
    SANAD_TRY(auto record, logged_record(step, again->verdict_record));
    const auto& logged = std::get<chaincode::VerdictGiven>(record.content);
    Explained one;
    one.same = again->detail.digest == logged.detail && again->verdict.lane == logged.lane;
    if (change_) {
      request.change = change_;
      SANAD_TRY(one.changed, chaincode::explain(contracts_, request));
      one.changed_same = one.changed->detail.digest == logged.detail;
    }
    one.record = std::move(record);
    one.again = std::move(*again);
    found_.push_back(std::move(one));
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

  const ExplainOptions& options_;
  const chaincode::Contracts& contracts_;
  std::optional<chaincode::ChangedField> change_;
  std::vector<Explained> found_;
  std::vector<Unjudged> unjudged_;
};

void add_verdict(JsonObject& object, const chaincode::Explanation& explained, bool same) {
  object.json("verdict", crypto::to_json(explained.verdict))
      .text("detail_digest", explained.detail.digest.hex())
      .boolean("same", same);
}

void print_json(const Explainer& explainer, const ExplainOptions& options) {
  std::vector<std::string> verdicts;
  for (const Explained& one : explainer.found()) {
    JsonObject object;
    object.json("record", crypto::to_json(one.record));
    add_verdict(object, one.again, one.same);
    JsonObject changed;
    if (one.changed) {
      changed.text("change", options.change);
      add_verdict(changed, *one.changed, one.changed_same);
    }
    object.json("changed", one.changed ? changed.str() : "null");
    verdicts.push_back(object.str());
  }
  std::vector<std::string> unjudged;
  for (const Unjudged& one : explainer.unjudged()) {
    unjudged.push_back(JsonObject().number("height", one.height).text("reason", one.reason).str());
  }
  std::cout << JsonObject()
                   .text("subject", options.subject)
                   .json("verdicts", json_array(verdicts))
                   .json("unjudged", json_array(unjudged))
                   .str()
            << "\n";
}

void print_words(const Explainer& explainer, const ExplainOptions& options) {
  for (const Unjudged& one : explainer.unjudged()) {
    std::cout << "block " << one.height << ": " << one.reason << "\n";
  }
  for (const Explained& one : explainer.found()) {
    std::cout << tell(one.record) << "\n"
              << tell_verdict(one.again.verdict) << "     recomputed in a fresh store: digest "
              << one.again.detail.digest.hex() << "\n     "
              << (one.same ? "bit for bit the one in the log\n" : "NOT the one in the log\n");
    if (!one.changed) continue;
    std::cout << "   had " << options.change << " been declared:\n"
              << tell_verdict(one.changed->verdict) << "     digest "
              << one.changed->detail.digest.hex()
              << (one.changed_same ? ", no different\n" : ", different\n");
  }
}

crypto::Status replay_all(const ExplainOptions& options, const chaincode::Contracts& contracts,
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

ExitCode run(const ExplainOptions& options) {
  auto contracts = options.replay.contracts();
  if (!contracts) return report(contracts.error());
  auto change = parse_change(options.change);
  if (!change) return report(change.error());
  Explainer explainer(options, *contracts, std::move(*change));
  if (const auto done = replay_all(options, *contracts, explainer); !done) {
    return report(done.error());
  }
  const std::vector<Explained>& found = explainer.found();
  if (found.empty() && explainer.unjudged().empty()) {
    return report({Errc::kNotFound, "no declaration \"" + options.subject + "\" in " +
                                        options.replay.folder().string() +
                                        "; name its number, its name on the ledger or its UCR"});
  }
  if (options.json) {
    print_json(explainer, options);
  } else {
    print_words(explainer, options);
  }
  const bool all_same =
      std::all_of(found.begin(), found.end(), [](const Explained& one) { return one.same; });
  return all_same && !found.empty() ? kExitOk : kExitCheckFailed;
}

}  // namespace

void add_explain(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* explain = app.add_subcommand(
      "explain", "Recompute a verdict in a fresh store, and say why it came out so.");
  explain->add_option("SUBJECT", options->subject, "UCR, declaration number or name")->required();
  options->replay.add_to(*explain);
  explain->add_option("--change", options->change,
                      "Also judge it with one field changed: name=value, or name= to leave it out");
  explain->add_flag("--json", options->json, "Print JSON");
  explain->footer(
      "Executes the whole history again from the segment files; the node may be running.\n"
      "Exit code 0: bit for bit the same; 1: different, or no verdict of it; 5: damaged files.\n"
      "Example:\n  sanad explain 6AE-100017-0000001 --network run/dev --as KW --change origin=KP");
  explain->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace sanad::tools
