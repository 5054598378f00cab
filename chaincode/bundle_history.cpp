#include "chaincode/bundle_history.h"

#include <algorithm>

namespace sanad::chaincode {
namespace {

std::string numbered(std::uint64_t n) { return "record " + std::to_string(n); }

// True if the record is one of the subject's.
struct BelongsTo {
  const Record& record;
  const std::optional<crypto::Handle>& handle;

  bool operator()(const ConsignmentSubject&) const {
    const auto& handles = record.consignments;
    return std::find(handles.begin(), handles.end(), *handle) != handles.end();
  }
  bool operator()(const ContainerSubject&) const {
    const auto handles = containers_of(record);
    return std::find(handles.begin(), handles.end(), *handle) != handles.end();
  }
  bool operator()(const AuthorityDaySubject& subject) const {
    return record.authority == subject.authority && record.time_ms / kMsPerDay == subject.day;
  }
};

class HistoryCheck {
 public:
  HistoryCheck(const Bundle& bundle, const CommitRecord& commit, BundleFindings& found)
      : bundle_(bundle), commit_(commit), found_(found) {}

  Status run();

 private:
  Status check_absence();
  Status check_record(std::uint64_t n, const crypto::Bytes& bytes);
  void prove(std::string what) { found_.proved.push_back(std::move(what)); }

  const Bundle& bundle_;
  const CommitRecord& commit_;
  BundleFindings& found_;
};

Status HistoryCheck::check_absence() {
  if (!std::holds_alternative<ConsignmentSubject>(bundle_.subject)) {
    return Error{Unproved::kSubject,
                 "ledgers of this version index consignments alone: that nothing is found under " +
                     subject_text(bundle_.subject) + " says nothing"};
  }
  if (bundle_.since) return Error{Unproved::kSinceMalformed, "nothing was ever recorded"};
  if (!bundle_.records.empty()) {
    return Error{Unproved::kRecordCount, "the index holds nothing for " +
                                             subject_text(bundle_.subject) + ", the proof has " +
                                             std::to_string(bundle_.records.size()) + " records"};
  }
  found_.history_root = crypto::empty_root();
  if (!found_.handle) {
    prove("nothing was recorded there: the index of all days holds nothing under this key");
    return {};
  }
  prove("the index holds nothing under this handle: nothing was ever recorded there");
  found_.not_proved.emplace_back(
      "that the handle is the one of this name: nothing is recorded under it, so only a member "
      "can tell");
  return {};
}

// F16: exactly these records, in this order.
Status HistoryCheck::run() {
  found_.handle = handle_of(bundle_.subject);
  const auto value =
      crypto::verify_index(commit_.index_root, index_key_of(bundle_.subject), bundle_.index_proof);
  if (!value) return refused_for(Unproved::kIndexMismatch, value.error());
  if (!*value) return check_absence();
  const std::uint64_t n = (*value)->n;
  crypto::LogFrontier history;
  if (bundle_.since) {
    history = *bundle_.since;
    if (history.size() == 0 || history.size() > n) {
      return Error{Unproved::kSinceMalformed,
                   std::to_string(history.size()) + " records of " + std::to_string(n)};
    }
    found_.since = history.size();
    found_.since_root = history.root();
  }
  if (n - found_.since != bundle_.records.size()) {
    return Error{Unproved::kRecordCount,
                 subject_text(bundle_.subject) + " has " + std::to_string(n) + " records, " +
                     (bundle_.since ? std::to_string(found_.since) + " of them before; " : "") +
                     "the proof has " + std::to_string(bundle_.records.size())};
  }
  for (const crypto::Bytes& bytes : bundle_.records) {
    SANAD_TRY_STATUS(check_record(history.size() + 1, bytes));
    history.append(crypto::leaf_hash(bytes));
  }
  if (history.root() != (*value)->root) return Error{Unproved::kHistoryMismatch};
  found_.history_size = n;
  found_.history_root = history.root();
  if (bundle_.since) {
    prove("the history grew from " + std::to_string(found_.since) + " to " + std::to_string(n) +
          " records; all " + std::to_string(bundle_.records.size()) +
          " new ones are here, in order; none was left out");
    found_.not_proved.push_back("what the first " + std::to_string(found_.since) +
                                " records are: that is in the earlier proof, which belongs to it");
  } else {
    prove("all " + std::to_string(n) + " records of " + subject_text(bundle_.subject) +
          " are here, in order; none was left out");
  }
  return {};
}

Status HistoryCheck::check_record(std::uint64_t n, const crypto::Bytes& bytes) {
  auto record = decode_record(bytes);
  if (!record) {
    return Error{Unproved::kRecordMalformed, numbered(n) + ": " + record.error().message()};
  }
  if (!std::visit(BelongsTo{*record, found_.handle}, bundle_.subject)) {
    return Error{Unproved::kRecordForeign,
                 numbered(n) + " is none of " + subject_text(bundle_.subject)};
  }
  const bool counted = std::holds_alternative<ConsignmentSubject>(bundle_.subject);
  if (counted && record->n != n) {
    return Error{Unproved::kRecordNumber,
                 numbered(n) + " carries the number " + std::to_string(record->n)};
  }
  const std::uint64_t earliest = found_.records.empty() ? 0 : found_.records.back().height;
  if (record->height < earliest || record->height > commit_.height) {
    return Error{Unproved::kRecordOrder,
                 numbered(n) + " is of block " + std::to_string(record->height)};
  }
  found_.records.push_back(std::move(*record));
  return {};
}

}  // namespace

Status check_history(const Bundle& bundle, const CommitRecord& commit, BundleFindings& found) {
  return HistoryCheck(bundle, commit, found).run();
}

}  // namespace sanad::chaincode
