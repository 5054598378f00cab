#include "chaincode/bundle.h"

#include "chaincode/bundle_behind.h"
#include "chaincode/bundle_history.h"
#include "chaincode/bundle_log.h"
#include "crypto/codec_json.h"

namespace sanad::chaincode {
namespace {

constexpr crypto::JsonLimits kBundleLimits{kBundleTextMax, 2 * kBundleRecordsMax};

template <class... F>
struct Each : F... {
  using F::operator()...;
};
template <class... F>
Each(F...) -> Each<F...>;

// [authority, day]: the index key's bytes.
struct DayKey {
  std::string authority;
  std::uint32_t day = 0;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(authority, kAuthorityIdMax), SANAD_FIELD(day));
  }
};

Status check_subject(const Bundle& bundle) {
  if (bundle.version != 2) {
    return Error{Unproved::kUnknownVersion, std::to_string(bundle.version)};
  }
  const bool named =
      std::visit(Each{[](const ConsignmentSubject& one) { return !one.ucr.empty(); },
                      [](const ContainerSubject& one) {
                        return !one.number.empty() && container_reference(one.number) == one.number;
                      },
                      [](const AuthorityDaySubject& one) { return !one.authority.empty(); }},
                 bundle.subject);
  if (!named) return Error{Unproved::kSubject};
  return {};
}

// What stands behind the records, where the proof has it.
Status check_behind(const Bundle& bundle, const KnownActors* actors, const Hash& network,
                    BundleFindings& found) {
  if (std::holds_alternative<AuthorityDaySubject>(bundle.subject)) {
    if (!bundle.statements.empty()) return Error{Unproved::kStatementCount, "none belong here"};
    if (!bundle.bodies.empty()) return Error{Unproved::kFactsPlace, "none belong here"};
    if (!bundle.details.empty()) return Error{Unproved::kReasonsPlace, "none belong here"};
    found.not_proved.emplace_back(
        "who signed the statements behind the records: that is in the consignments' own proofs");
    return {};
  }
  SANAD_TRY_STATUS(check_statements(bundle, actors, network, found));
  SANAD_TRY_STATUS(check_bodies(bundle, found));
  return check_details(bundle, found);
}

void tell_limits(const Bundle& bundle, BundleFindings& found) {
  if (std::holds_alternative<ContainerSubject>(bundle.subject)) {
    found.not_proved.emplace_back(
        "what became of the declarations: that is in their consignments' own proofs");
  }
  found.not_proved.emplace_back("what was recorded after block " + std::to_string(found.height));
  found.not_proved.emplace_back(
      "that what was declared is true: only what was declared, by whom, and when");
}

Result<BundleFindings> check_under(LogFindings log, const Bundle& bundle, const KnownActors* actors,
                                   const Hash& network) {
  BundleFindings found;
  found.tree_size = log.checkpoint.size;
  found.tree_root = log.checkpoint.root;
  found.height = log.commit.height;
  found.epoch = log.commit.epoch;
  found.as_of_ms = log.commit.time_ms;
  found.cosigned_at_s = log.cosigned_at_s;
  found.cosigned_by = std::move(log.cosigned_by);
  found.proved = std::move(log.proved);
  SANAD_TRY_STATUS(check_history(bundle, log.commit, found));
  SANAD_TRY_STATUS(check_behind(bundle, actors, network, found));
  tell_limits(bundle, found);
  return found;
}

}  // namespace

std::optional<crypto::Handle> handle_of(const Subject& subject) {
  if (const auto* one = std::get_if<ConsignmentSubject>(&subject)) {
    return crypto::make_handle("consignment", one->salt, one->ucr);
  }
  if (const auto* one = std::get_if<ContainerSubject>(&subject)) {
    return crypto::make_handle("container", one->salt, one->number);
  }
  return std::nullopt;
}

Hash index_key_of(const Subject& subject) {
  if (const auto* one = std::get_if<AuthorityDaySubject>(&subject)) {
    return crypto::index_key("authority-day", crypto::encode(DayKey{one->authority, one->day}));
  }
  const bool container = std::holds_alternative<ContainerSubject>(subject);
  return crypto::index_key(container ? "container" : "consignment", handle_of(subject)->view());
}

std::string subject_text(const Subject& subject) {
  return std::visit(Each{[](const ConsignmentSubject& one) { return "consignment " + one.ucr; },
                         [](const ContainerSubject& one) { return "container " + one.number; },
                         [](const AuthorityDaySubject& one) {
                           return "authority " + one.authority + " on day " +
                                  std::to_string(one.day);
                         }},
                    subject);
}

std::vector<std::string> note_lines(std::string_view note) {
  std::vector<std::string> lines;
  while (!note.empty()) {
    const std::size_t end = note.find('\n');
    lines.emplace_back(note.substr(0, end));
    note = end == std::string_view::npos ? std::string_view{} : note.substr(end + 1);
  }
  return lines;
}

std::string note_text(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::string format_bundle(const Bundle& bundle) { return crypto::to_json(bundle) + "\n"; }

Result<Bundle> parse_bundle(std::string_view text) {
  auto bundle = crypto::from_json<Bundle>(text, kBundleLimits);
  if (!bundle) return refused_for(Unproved::kUnreadable, bundle.error());
  if (format_bundle(*bundle) != text) return Error{Unproved::kNotCanonical};
  return bundle;
}

Result<BundleFindings> verify_bundle(const Bundle& bundle, const Trust& trust) {
  SANAD_TRY_STATUS(check_subject(bundle));
  SANAD_TRY(LogFindings log, check_log(bundle, trust));
  const KnownActors actors{bundle.actors, trust.actors};
  return check_under(std::move(log), bundle, &actors, trust.network_id);
}

Result<BundleFindings> verify_bundle(const Bundle& bundle, const crypto::TlogPolicy& policy) {
  SANAD_TRY_STATUS(check_subject(bundle));
  SANAD_TRY(LogFindings log, check_log(bundle, policy));
  SANAD_TRY(const Hash network, network_of(log.checkpoint.origin));
  return check_under(std::move(log), bundle, nullptr, network);
}

Status check_growth(const BundleFindings& earlier, const BundleFindings& later) {
  const bool excluded =
      (earlier.tree_size == later.tree_size && earlier.tree_root != later.tree_root) ||
      (earlier.height == later.height && earlier.tree_size != later.tree_size);
  if (excluded) {
    return Error{Unproved::kTwoHistories, "both of block " + std::to_string(earlier.height) +
                                              " or of " + std::to_string(earlier.tree_size) +
                                              " records"};
  }
  if (later.tree_size < earlier.tree_size) {
    return Error{Unproved::kSinceMismatch, "the new proof is older than the earlier one"};
  }
  if (later.since != earlier.history_size ||
      (later.since > 0 && later.since_root != earlier.history_root)) {
    return Error{Unproved::kSinceMismatch, "it begins after " + std::to_string(later.since) +
                                               " records, the earlier proof has " +
                                               std::to_string(earlier.history_size)};
  }
  return {};
}

}  // namespace sanad::chaincode
