#include "tools/story.h"

#include "tools/commands/report.h"
#include "tools/declaration.h"

namespace sanad::tools {
namespace {

using namespace chaincode;  // NOLINT: the kinds of records are this file's whole vocabulary

std::string short_hash(const crypto::Hash& hash) { return hash.hex().substr(0, 12); }

std::string named(std::span<const Handle> containers) {
  std::string text;
  for (const Handle& one : containers) {
    text += (text.empty() ? "; containers " : ", ") + one.hex().substr(0, 12);
  }
  return text;
}

// What happened, without who and when.
struct Deed {
  std::string operator()(const Declared& r) const {
    return "declared (declaration " + short_hash(r.declaration) + named(r.containers) + ")";
  }
  std::string operator()(const Amended& r) const {
    return "amended declaration " + short_hash(r.declaration) + " (facts now " +
           short_hash(r.commitment) + named(r.containers) + ")";
  }
  std::string operator()(const Cancelled& r) const {
    return "cancelled declaration " + short_hash(r.declaration);
  }
  std::string operator()(const VerdictGiven& r) const {
    std::string lane(lane_name(r.lane));
    for (char& c : lane) c = static_cast<char>(c - 'a' + 'A');
    return "verdict " + lane + " by rule set " + short_hash(r.rule_set);
  }
  std::string operator()(const Inspected& r) const {
    return "inspected: " + std::string(enum_names(r.result)[static_cast<std::size_t>(r.result)]);
  }
  std::string operator()(const HeldBack&) const { return "held"; }
  std::string operator()(const Approved&) const { return "release approved by a first officer"; }
  std::string operator()(const Released& r) const {
    switch (r.basis) {
      case ReleaseBasis::kGreen:
        return "released automatically, in the block of its verdict";
      case ReleaseBasis::kBlue:
        return "released automatically, to be audited after clearance";
      case ReleaseBasis::kOfficer:
        return "released by an officer";
      case ReleaseBasis::kTwoOfficers:
        return "released by two officers after inspection";
    }
    return "released";
  }
  std::string operator()(const Moved& r) const {
    return std::string(enum_names(r.event)[static_cast<std::size_t>(r.event)]);
  }
  std::string operator()(const Refused& r) const {
    return "refused to " +
           std::string(enum_names(r.statement)[static_cast<std::size_t>(r.statement)]) + ": " +
           std::string(text_of(r.code));
  }
  std::string operator()(const Accused& r) const {
    const bool batches = r.fault == chaincode::Fault::kConflictingBatches;
    return "proved a fault of " + r.accused +
           "'s validator: " + std::string(enum_names(r.fault)[static_cast<std::size_t>(r.fault)]) +
           (batches ? " under number " : " in view ") + std::to_string(r.number);
  }
  std::string operator()(const CommitRecord& r) const {
    return "end of block " + std::to_string(r.height);
  }
};

}  // namespace

std::string tell(const Record& record) {
  std::string line = std::to_string(record.n) + ". " + time_text(record.time_ms) + "  ";
  if (!record.authority.empty()) line += record.authority + ": ";
  line += std::visit(Deed{}, record.content) + "  [block " + std::to_string(record.height) + "]";
  return line;
}

std::string tell_verdict(const rules::Verdict& verdict) {
  std::string text = "     lane " + std::string(lane_name(verdict.lane)) + ", score " +
                     std::to_string(verdict.score) + ", cost " + std::to_string(verdict.cost) +
                     "\n";
  for (const rules::FiredRule& fired : verdict.fired) {
    text += "     fired " + fired.rule + ": score " + std::to_string(fired.score) + ", at least " +
            std::string(lane_name(fired.lane_at_least)) + "\n";
    for (const rules::ValueRead& read : fired.values) {
      text += "       " + read.name + " = " + read.value + "\n";
    }
  }
  for (const rules::NotEvaluated& skipped : verdict.not_evaluated) {
    text += "     not evaluated " + skipped.rule + ": " + skipped.reason + "\n";
  }
  return text;
}

std::string tell_reasons(crypto::ByteView stored_detail) {
  const auto stored = crypto::decode<StoredDetail>(stored_detail);
  if (!stored) return "     (reasons unreadable: " + stored.error().message() + ")\n";
  const auto verdict = crypto::decode<rules::Verdict>(stored->detail);
  if (!verdict) return "     (reasons unreadable: " + verdict.error().message() + ")\n";
  return tell_verdict(*verdict);
}

std::string tell_body(const crypto::Body& body) {
  std::string text;
  for (const crypto::OpenedField& field : body.opened) {
    text += (text.empty() ? "" : " ") + field_name(body.schema, field.id) + "=" +
            value_text(field.id, field.value);
  }
  if (!body.sealed.empty()) text += " (" + std::to_string(body.sealed.size()) + " fields sealed)";
  return text;
}

}  // namespace sanad::tools
