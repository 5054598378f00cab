#include "tools/import_desk.h"

namespace sanad::tools {
namespace {

using crypto::Error;
using crypto::Result;
using crypto::Status;

bool is_selected(const std::optional<std::string>& lane) {
  return lane && (*lane == "yellow" || *lane == "red");
}

}  // namespace

ImportDesk::ImportDesk(Member member, crypto::SigningKey submitter, crypto::SigningKey officer,
                       Vault vault, ImportOptions options)
    : member_(std::move(member)),
      submitter_(std::move(submitter)),
      officer_(std::move(officer)),
      vault_(std::move(vault)),
      options_(options),
      builder_(member_, submitter_, options_.batch) {}

Result<std::unique_ptr<ImportDesk>> ImportDesk::open(const NetworkFolder& network,
                                                     const std::string& id,
                                                     const ImportOptions& options,
                                                     std::atomic<bool>& failed,
                                                     std::atomic<std::uint64_t>& finished) {
  SANAD_TRY(Member member, open_member(network, id));
  SANAD_TRY(crypto::SigningKey submitter, open_key_file(member.key("submitter")));
  SANAD_TRY(crypto::SigningKey officer, open_key_file(member.key("officer-1")));
  SANAD_TRY(Vault vault, Vault::open(member.vault()));
  NodeClient node(member, options.patience);
  SANAD_TRY(const Settled settled, settle_pending(node, vault));
  std::unique_ptr<ImportDesk> desk(new ImportDesk(std::move(member), std::move(submitter),
                                                  std::move(officer), std::move(vault), options));
  desk->settled_ = settled.finished;
  desk->start(failed, finished);
  return desk;
}

ImportDesk::~ImportDesk() {
  if (!workers_.empty()) static_cast<void>(close());
}

void ImportDesk::start(std::atomic<bool>& failed, std::atomic<std::uint64_t>& finished) {
  failed_ = &failed;
  finished_ = &finished;
  for (std::size_t i = 0; i < options_.in_flight; ++i) {
    workers_.emplace_back([this] { run_worker(); });
  }
}

Result<ImportDesk::Added> ImportDesk::add(const InputRow& row) {
  const std::string id = row.declaration.text(chaincode::FieldId::kDeclarationId);
  SANAD_TRY(const std::vector<VaultEntry> known, vault_.find_declaration(id));
  if (!known.empty() || builder_.holds(id)) {
    if (!options_.resume || known.empty()) {
      return Error{Errc::kBadDeclaration,
                   "declaration " + id + " is in the vault already; --resume skips such rows"};
    }
    const VaultEntry& entry = known.front();
    if (options_.reveal_outcomes && row.fraud && is_selected(entry.lane) && !entry.inspected) {
      backlog_.push_back({entry, *row.fraud});
    }
    return Added::kSkipped;
  }
  SANAD_TRY_STATUS(builder_.add_declaration(row.declaration));
  labels_.push_back(options_.reveal_outcomes ? row.fraud : std::nullopt);
  if (builder_.full()) SANAD_TRY_STATUS(flush());
  return Added::kTaken;
}

// Durable in the vault before any thread may send it.
Status ImportDesk::flush() {
  if (builder_.size() == 0) return {};
  Job job{builder_.take(), std::move(labels_)};
  labels_.clear();
  SANAD_TRY_STATUS(vault_.put(job.prepared.entries, &job.prepared.submission));
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return jobs_.size() < options_.in_flight || is_ending(); });
  jobs_.push_back(std::move(job));
  changed_.notify_all();
  return {};
}

Status ImportDesk::close() {
  const Status flushed = failed_->load() ? Status() : flush();
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    changed_.notify_all();
  }
  for (std::thread& worker : workers_) worker.join();
  workers_.clear();
  if (!flushed) return flushed;
  if (!backlog_.empty() && !failed_->load()) {
    NodeClient node(member_, options_.patience);
    return inspect(node, std::move(backlog_));
  }
  return {};
}

bool ImportDesk::is_ending() const { return failure_.has_value() || failed_->load(); }

void ImportDesk::run_worker() {
  NodeClient node(member_, options_.patience);
  while (true) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !jobs_.empty() || closing_ || is_ending(); });
    if (is_ending() || jobs_.empty()) {  // what is left stays in the vault, to be sent again
      changed_.notify_all();             // flush() may wait for room that nobody will make
      return;
    }
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    changed_.notify_all();
    lock.unlock();
    if (const Status done = finish(node, std::move(job)); !done) return fail(done.error());
  }
}

void ImportDesk::fail(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = error;
  failed_->store(true);
  changed_.notify_all();
}

Status ImportDesk::finish(NodeClient& node, Job job) {
  const std::uint64_t sent_at_ms = now_ms();
  SANAD_TRY(const chaincode::SubmissionStatus status, deliver(node, vault_, job.prepared));
  count(status, job, now_ms() - sent_at_ms);
  std::vector<Selected> selected;
  for (std::size_t i = 0; i < job.prepared.entries.size(); ++i) {
    const VaultEntry& entry = job.prepared.entries[i];
    const chaincode::StatementOutcome& outcome = status.outcomes[entry.statement];
    if (!job.labels[i] || outcome.code != "accepted" || !is_selected(outcome.lane)) continue;
    SANAD_TRY(const std::optional<VaultEntry> settled, vault_.find(entry.commitment));
    if (settled) selected.push_back({*settled, *job.labels[i]});
  }
  return inspect(node, std::move(selected));
}

Status ImportDesk::inspect(NodeClient& node, std::vector<Selected> selected) {
  SubmissionBuilder builder(member_, officer_, options_.batch);
  std::size_t next = 0;
  while (next < selected.size()) {
    for (; next < selected.size() && !builder.full(); ++next) {
      builder.add_statement(
          make_inspection(selected[next].entry.declaration,
                          selected[next].offence ? chaincode::InspectionResult::kOffence
                                                 : chaincode::InspectionResult::kConform,
                          "result of the inspection, as labelled in the imported set"));
    }
    SANAD_TRY(const auto status, send(node, vault_, builder.take()));
    const std::lock_guard lock(mutex_);
    for (const chaincode::StatementOutcome& outcome : status.outcomes) {
      if (outcome.code == "accepted") {
        ++tally_.inspected;
      } else {
        ++tally_.refused["inspect: " + outcome.code];
      }
    }
  }
  return {};
}

void ImportDesk::count(const chaincode::SubmissionStatus& status, const Job& job,
                       std::uint64_t latency_ms) {
  const std::lock_guard lock(mutex_);
  for (const VaultEntry& entry : job.prepared.entries) {
    const chaincode::StatementOutcome& outcome = status.outcomes[entry.statement];
    ++tally_.declared;
    if (outcome.code == "accepted") {
      ++tally_.lanes[outcome.lane.value_or("none")];
    } else {
      ++tally_.refused[outcome.code];
    }
  }
  tally_.latencies_ms.push_back(latency_ms);
  finished_->fetch_add(job.prepared.entries.size());
}

}  // namespace sanad::tools
