#include "tools/import_run.h"

#include <algorithm>

#include "tools/import_desk.h"

namespace sanad::tools {
namespace {

using crypto::Error;
using crypto::Result;
using crypto::Status;

using Desks = std::map<std::string, std::unique_ptr<ImportDesk>>;

// The reading side: hands each row to its member's desk.
class Reception {
 public:
  Reception(const NetworkFolder& network, const ImportOptions& options,
            const ImportObserver& observer)
      : network_(network), options_(options), observer_(observer) {}

  Result<ImportReport> run(Input& input) {
    const std::uint64_t started_ms = now_ms();
    SANAD_TRY(members_, member_ids_of_network());
    while (!failed_.load() && (options_.limit == 0 || report_.rows < options_.limit)) {
      InputItem item = input.next();
      if (std::holds_alternative<InputEnd>(item)) break;
      ++report_.rows;
      if (const auto* bad = std::get_if<RejectedRow>(&item)) {
        reject(*bad);
      } else if (const Status taken = take(std::get<InputRow>(item)); !taken) {
        report_.failure = taken.error();
        failed_.store(true);
      }
      observer_.progress(report_.rows, finished_.load());
    }
    finish();
    report_.elapsed_ms = now_ms() - started_ms;
    return std::move(report_);
  }

 private:
  Result<std::vector<std::string>> member_ids_of_network() const {
    SANAD_TRY(const LoadedGenesis loaded, load_genesis(network_.genesis()));
    std::vector<std::string> ids;
    for (const chaincode::Member& member : loaded.genesis.members) ids.push_back(member.id);
    return ids;
  }

  void reject(const RejectedRow& row) {
    ++report_.rejected;
    observer_.reject(row);
  }

  Status take(const InputRow& row) {
    const std::string& id = row.declaration.member;
    if (std::find(members_.begin(), members_.end(), id) == members_.end()) {
      reject({row.line, "member", "no member \"" + id + "\" in this network", row.text});
      return {};
    }
    std::unique_ptr<ImportDesk>& desk = desks_[id];
    if (!desk) {
      SANAD_TRY(desk, ImportDesk::open(network_, id, options_, failed_, finished_));
    }
    const auto added = desk->add(row);
    if (!added && added.error() == make_error_code(Errc::kBadDeclaration)) {
      reject({row.line, "", added.error().detail, row.text});
      return {};
    }
    if (!added) return added.error();
    report_.skipped += *added == ImportDesk::Added::kSkipped ? 1 : 0;
    report_.rounded += row.rounded ? 1 : 0;
    return {};
  }

  // All members send their last submission before any waits for its own.
  void finish() {
    for (const auto& [id, desk] : desks_) {
      if (desk && !failed_.load()) note(desk->flush());
    }
    for (const auto& [id, desk] : desks_) {
      if (!desk) continue;
      note(desk->close());
      if (desk->failure()) note(*desk->failure());
      report_.members[id] = desk->tally();
      report_.settled += desk->settled();
    }
  }

  // The first failure is the one that is told.
  void note(const Status& status) {
    if (!status && !report_.failure) report_.failure = status.error();
  }

  const NetworkFolder& network_;
  const ImportOptions& options_;
  const ImportObserver& observer_;
  std::atomic<bool> failed_ = false;
  std::atomic<std::uint64_t> finished_ = 0;
  std::vector<std::string> members_;
  ImportReport report_;
  Desks desks_;  // last: its threads use the counters above
};

}  // namespace

std::uint64_t MemberTally::released() const {
  std::uint64_t sum = 0;
  for (const auto& [lane, count] : lanes) sum += lane == "green" || lane == "blue" ? count : 0;
  return sum;
}

MemberTally ImportReport::total() const {
  MemberTally sum;
  for (const auto& [id, tally] : members) {
    sum.declared += tally.declared;
    sum.inspected += tally.inspected;
    for (const auto& [lane, count] : tally.lanes) sum.lanes[lane] += count;
    for (const auto& [code, count] : tally.refused) sum.refused[code] += count;
    sum.latencies_ms.insert(sum.latencies_ms.end(), tally.latencies_ms.begin(),
                            tally.latencies_ms.end());
  }
  std::sort(sum.latencies_ms.begin(), sum.latencies_ms.end());
  return sum;
}

Result<ImportReport> run_import(const NetworkFolder& network, Input& input,
                                const ImportOptions& options, const ImportObserver& observer) {
  return Reception(network, options, observer).run(input);
}

}  // namespace sanad::tools
