// sanad verify
#include <iostream>
#include <memory>

#include "chaincode/bundle.h"
#include "chaincode/record_proof.h"
#include "crypto/codec_json.h"
#include "tools/commands/commands.h"
#include "tools/commands/report.h"
#include "tools/files.h"
#include "tools/record_json.h"
#include "tools/story.h"
#include "tools/submitter.h"

namespace sanad::tools {
namespace {

using chaincode::BundleFindings;
using chaincode::RecordFindings;
using chaincode::Unproved;

struct VerifyOptions {
  std::string proof;
  std::string qr;
  std::string trust;
  std::string policy;
  std::string since;
  std::string record;
  bool ignore_age = false;
  bool json = false;
};

// Whom the verifier believes.
using Believed = std::variant<chaincode::Trust, crypto::TlogPolicy>;

ExitCode refuse(const VerifyOptions& options, const crypto::Error& error) {
  const std::string_view reason = chaincode::reason_name(error);
  if (options.json) {
    std::cout << JsonObject()
                     .boolean("valid", false)
                     .text("reason", reason)
                     .text("message", error.message())
                     .str()
              << "\n";
  } else {
    std::cout << "NOT PROVED: " << error.message() << " (" << reason << ")\n";
  }
  return kExitProofInvalid;
}

crypto::Result<Believed> believed(const VerifyOptions& options) {
  if (!options.policy.empty()) {
    SANAD_TRY(const std::string text, read_file(options.policy, crypto::kPolicyTextMax));
    auto policy = crypto::TlogPolicy::parse(text);
    if (policy && policy->logs().empty()) {
      return crypto::Error{Errc::kBadFile,
                           options.policy + ": it names no log, and would take any for the one"};
    }
    if (policy) return Believed(std::move(*policy));
    return crypto::Error{Errc::kBadFile, options.policy + ": " + policy.error().message()};
  }
  SANAD_TRY(const std::string text, read_file(options.trust, crypto::kJsonTextMax));
  auto trust = chaincode::parse_trust(text);
  if (trust) return Believed(std::move(*trust));
  return crypto::Error{Errc::kBadFile, options.trust + ": " + trust.error().message()};
}

// A trust file is worth what it was worth when it was issued: keys may have been stolen since.
crypto::Status check_age(const Believed& whom, const VerifyOptions& options) {
  const auto* trust = std::get_if<chaincode::Trust>(&whom);
  if (trust == nullptr || options.ignore_age) return {};
  const std::uint64_t now = now_ms();
  const std::uint64_t days = (now - std::min(now, trust->issued_ms)) / chaincode::kMsPerDay;
  if (days <= trust->maximum_age_days) return {};
  return crypto::Error{
      Unproved::kTrustExpired,
      options.trust + " is " + std::to_string(days) + " days old, " +
          std::to_string(trust->maximum_age_days) + " at most; get the current one of network " +
          trust->network + " from a member that you know, compare its network id " +
          trust->network_id.hex() + ", or say --ignore-age to check what was proved by then"};
}

// With --ignore-age what is proved is told, and that the keys were not looked at since.
template <class Findings>
void note_age(const Believed& whom, Findings& found) {
  if (check_age(whom, VerifyOptions{})) return;
  found.not_proved.emplace_back(
      "that these keys are still the network's: the trust file is past its age");
}

crypto::Result<BundleFindings> check_bundle(const chaincode::Bundle& bundle, const Believed& whom) {
  return std::visit([&bundle](const auto& one) { return chaincode::verify_bundle(bundle, one); },
                    whom);
}

// ------------------------------------------------------------------ telling

std::string strings_json(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) quoted.push_back(json_string(text));
  return json_array(quoted);
}

void print_list(std::string_view title, const std::vector<std::string>& lines) {
  std::cout << title << "\n";
  for (const std::string& line : lines) std::cout << "  - " << line << "\n";
}

// Who vouches for the checkpoint, and when they did; the same of both kinds of proof.
template <class Findings>
std::string vouched(const Findings& found) {
  std::string text = "cosigned by";
  for (const std::string& id : found.cosigned_by) text += " " + id;
  if (found.cosigned_by.empty()) text += " nobody: the policy asks for none";
  if (found.cosigned_at_s > 0) text += " at about " + time_text(found.cosigned_at_s * 1'000);
  return text;
}

void print_words(const chaincode::Bundle& bundle, const BundleFindings& found) {
  std::cout << "PROVED for " << chaincode::subject_text(bundle.subject) << ", as of "
            << time_text(found.as_of_ms) << " (block " << found.height << "):\n";
  std::vector<std::string> proved = found.proved;
  proved.push_back(vouched(found));
  for (const std::string& line : proved) std::cout << "  - " << line << "\n";
  print_list("Not proved:", found.not_proved);
  for (const chaincode::Record& record : found.records) std::cout << tell(record) << "\n";
  for (const chaincode::BundleBody& one : bundle.bodies) {
    std::cout << "facts of record " << one.n << ": " << tell_body(one.body) << "\n";
  }
}

void print_json(const chaincode::Bundle& bundle, const BundleFindings& found) {
  std::vector<std::string> records;
  for (const chaincode::Record& record : found.records) records.push_back(crypto::to_json(record));
  std::cout << JsonObject()
                   .boolean("valid", true)
                   .text("kind", "bundle")
                   .json("subject", crypto::to_json(bundle.subject))
                   .number("epoch", found.epoch)
                   .number("height", found.height)
                   .number("size", found.tree_size)
                   .number("as_of_ms", found.as_of_ms)
                   .number("cosigned_at_s", found.cosigned_at_s)
                   .json("cosigned_by", strings_json(found.cosigned_by))
                   .number("since", found.since)
                   .json("proved", strings_json(found.proved))
                   .json("not_proved", strings_json(found.not_proved))
                   .json("records", json_array(records))
                   .str()
            << "\n";
}

ExitCode tell_record(const RecordFindings& found, crypto::ByteView leaf, bool json) {
  if (json) {
    std::cout << JsonObject()
                     .boolean("valid", true)
                     .text("kind", "record")
                     .number("size", found.tree_size)
                     .number("cosigned_at_s", found.cosigned_at_s)
                     .json("cosigned_by", strings_json(found.cosigned_by))
                     .json("proved", strings_json(found.proved))
                     .json("not_proved", strings_json(found.not_proved))
                     .json("record", record_json(found.index, leaf, found.record, {}))
                     .str()
              << "\n";
    return kExitOk;
  }
  std::cout << "PROVED of one record alone:\n";
  std::vector<std::string> proved = found.proved;
  proved.push_back(vouched(found));
  for (const std::string& line : proved) std::cout << "  - " << line << "\n";
  print_list("Not proved:", found.not_proved);
  std::cout << tell(found.record) << "\n";
  return kExitOk;
}

// ------------------------------------------------------------------ the kinds of proof

ExitCode verify_qr_text(const VerifyOptions& options, const Believed& whom, std::string text) {
  const auto* trust = std::get_if<chaincode::Trust>(&whom);
  if (trust == nullptr) {
    return report_usage("a QR code names validators by their place in the trust file: --trust");
  }
  while (text.ends_with('\n')) text.pop_back();
  const auto proof = chaincode::parse_qr(text);
  if (!proof) return refuse(options, proof.error());
  auto found = chaincode::verify_qr(*proof, *trust);
  if (!found) return refuse(options, found.error());
  note_age(whom, *found);
  return tell_record(*found, proof->record, options.json);
}

ExitCode verify_tlog(const VerifyOptions& options, const Believed& whom, const std::string& text) {
  const auto proof = crypto::TlogProof::parse(text);
  if (!proof) return refuse(options, chaincode::refused_for(Unproved::kUnreadable, proof.error()));
  crypto::Bytes record;
  if (!options.record.empty()) {
    const auto bytes = read_file(options.record, chaincode::kRecordBytesMax);
    if (!bytes) return report(bytes.error());
    record.assign(bytes->begin(), bytes->end());
  } else if (proof->extra) {
    record = *proof->extra;
  } else {
    return report_usage("the proof does not hold the record's bytes: give them by --record FILE");
  }
  auto found = std::visit(
      [&](const auto& one) { return chaincode::verify_record(*proof, record, one); }, whom);
  if (!found) return refuse(options, found.error());
  note_age(whom, *found);
  return tell_record(*found, record, options.json);
}

// That the bundle continues an earlier one, which has to hold itself.
crypto::Status check_since(const VerifyOptions& options, const Believed& whom,
                           const chaincode::Bundle& bundle, BundleFindings& found) {
  SANAD_TRY(const std::string text, read_file(options.since, chaincode::kBundleTextMax));
  SANAD_TRY(const chaincode::Bundle earlier, chaincode::parse_bundle(text));
  if (crypto::to_json(earlier.subject) != crypto::to_json(bundle.subject)) {
    return crypto::Error{Unproved::kSinceMismatch,
                         "the earlier proof is of " + chaincode::subject_text(earlier.subject)};
  }
  SANAD_TRY(const BundleFindings before, check_bundle(earlier, whom));
  SANAD_TRY_STATUS(chaincode::check_growth(before, found));
  found.proved.push_back("the first " + std::to_string(found.since) + " records are those of " +
                         options.since + ", as of " + time_text(before.as_of_ms));
  return {};
}

ExitCode verify_whole(const VerifyOptions& options, const Believed& whom, const std::string& text) {
  const auto bundle = chaincode::parse_bundle(text);
  if (!bundle) return refuse(options, bundle.error());
  auto found = check_bundle(*bundle, whom);
  if (!found) return refuse(options, found.error());
  if (!options.since.empty()) {
    if (const crypto::Status grown = check_since(options, whom, *bundle, *found); !grown) {
      if (grown.error() == make_error_code(Errc::kBadFile)) return report(grown.error());
      return refuse(options, grown.error());
    }
  }
  note_age(whom, *found);
  if (options.json) {
    print_json(*bundle, *found);
  } else {
    print_words(*bundle, *found);
  }
  return kExitOk;
}

ExitCode run(const VerifyOptions& options) {
  if (options.trust.empty() == options.policy.empty()) {
    return report_usage("say whom to believe: --trust FILE or --policy FILE");
  }
  if (options.proof.empty() == options.qr.empty()) {
    return report_usage("say what to check: a file, or --qr TEXT");
  }
  const auto whom = believed(options);
  if (!whom) return report(whom.error());
  if (const crypto::Status fresh = check_age(*whom, options); !fresh) {
    return refuse(options, fresh.error());
  }
  if (options.qr.starts_with(chaincode::kQrPrefix)) {
    return verify_qr_text(options, *whom, options.qr);
  }
  const auto text =
      read_file(options.qr.empty() ? options.proof : options.qr, chaincode::kBundleTextMax);
  if (!text) return report(text.error());
  const bool qr = !options.qr.empty() || text->starts_with(chaincode::kQrPrefix);
  if (qr) return verify_qr_text(options, *whom, *text);
  if (text->starts_with("c2sp.org/tlog-proof")) return verify_tlog(options, *whom, *text);
  return verify_whole(options, *whom, *text);
}

}  // namespace

void add_verify(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* verify = app.add_subcommand(
      "verify", "Check a proof offline, with nothing but the network's public keys.");
  verify->add_option("FILE", options->proof,
                     "The proof: a bundle (*.sanad.json), a *.tlog-proof, or a QR code's text");
  verify->add_option("--qr", options->qr, "The text of a QR code, or a file that holds it");
  verify->add_option("--trust", options->trust, "The network's trust file");
  verify->add_option("--policy", options->policy,
                     "A C2SP tlog-policy instead: it vouches for the checkpoint, and knows no "
                     "authorities");
  verify->add_option("--since", options->since,
                     "The earlier bundle that a proof of growth continues");
  verify->add_option("--record", options->record,
                     "The record's bytes, where a *.tlog-proof does not hold them as `extra`");
  verify->add_flag("--ignore-age", options->ignore_age, "Accept a trust file past its age");
  verify->add_flag("--json", options->json, "Print JSON");
  verify->footer(
      "Exit code 0: proved; 2: files that cannot be read; 4: not proved.\n"
      "Example:\n  sanad verify kw.sanad.json --trust run/dev/trust.json");
  verify->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace sanad::tools
