#include "tools/vault.h"

#include <leveldb/db.h>
#include <leveldb/write_batch.h>

namespace sanad::tools {
namespace {

using crypto::as_bytes;
using crypto::as_text;
using crypto::Error;
using crypto::Hash;
using crypto::Result;
using crypto::Status;

// An import writes two kilobytes a declaration; compacting less often halves its processor time.
constexpr std::size_t kWriteBufferBytes = std::size_t{32} << 20;

constexpr std::string_view kFormatKey = "v";
constexpr std::string_view kFormat = "2";

leveldb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const leveldb::Slice& text) { return {text.data(), text.size()}; }

std::string entry_key(const Hash& commitment) {
  return "c" + std::string(as_text(commitment.view()));
}
std::string outcome_key(const Hash& commitment) {
  return "o" + std::string(as_text(commitment.view()));
}
std::string pending_key(const Hash& submission) {
  return "s" + std::string(as_text(submission.view()));
}
std::string number_prefix(std::string_view declaration_id) {
  return "d" + std::string(declaration_id) + '\0';
}
std::string number_key(const VaultEntry& entry) {
  return number_prefix(entry.declaration_id) + std::string(as_text(entry.commitment.view()));
}

Error store_error(const leveldb::Status& status) {
  return {status.IsCorruption() ? Errc::kVaultDamaged : Errc::kVault, status.ToString()};
}

template <class T>
Result<T> read_value(std::string_view key, std::string_view value) {
  auto decoded = crypto::decode<T>(as_bytes(value));
  if (decoded) return decoded;
  return Error{Errc::kVaultDamaged, "entry " + crypto::to_hex(as_bytes(key.substr(0, 33))) + ": " +
                                        decoded.error().message()};
}

void put_outcome(leveldb::WriteBatch& batch, const Hash& commitment, const VaultOutcome& outcome) {
  batch.Put(outcome_key(commitment), slice(as_text(crypto::encode(outcome))));
}

void put_entry(leveldb::WriteBatch& batch, const VaultEntry& entry) {
  batch.Put(entry_key(entry.commitment), slice(as_text(crypto::encode(entry))));
  batch.Put(number_key(entry), "");
  const VaultOutcome& outcome = entry;
  if (outcome != VaultOutcome{}) put_outcome(batch, entry.commitment, outcome);
}

void remove_entry(leveldb::WriteBatch& batch, const VaultEntry& entry) {
  batch.Delete(entry_key(entry.commitment));
  batch.Delete(outcome_key(entry.commitment));
  batch.Delete(number_key(entry));
}

Result<std::optional<std::string>> get(leveldb::DB& store, const std::string& key) {
  std::string value;
  const leveldb::Status status = store.Get({}, key, &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return store_error(status);
  return std::optional(std::move(value));
}

// The entry that 'c' holds, with what 'o' says of it.
Result<VaultEntry> read_entry(leveldb::DB& store, std::string_view key, std::string_view value) {
  SANAD_TRY(VaultEntry entry, read_value<VaultEntry>(key, value));
  const std::string place = outcome_key(entry.commitment);
  SANAD_TRY(const auto outcome, get(store, place));
  if (!outcome) return entry;
  SANAD_TRY(static_cast<VaultOutcome&>(entry), read_value<VaultOutcome>(place, *outcome));
  return entry;
}

Status write(leveldb::DB& store, leveldb::WriteBatch& batch) {
  leveldb::WriteOptions options;
  options.sync = true;
  const leveldb::Status status = store.Write(options, &batch);
  if (!status.ok()) return store_error(status);
  return {};
}

// Marks a new vault; refuses one of another format, whose entries would read as damage.
Status check_format(leveldb::DB& store, const std::filesystem::path& folder) {
  SANAD_TRY(const auto format, get(store, std::string(kFormatKey)));
  if (format == kFormat) return {};
  const std::unique_ptr<leveldb::Iterator> it(store.NewIterator({}));
  it->SeekToFirst();
  if (it->Valid()) {
    return Error{Errc::kVault, folder.string() +
                                   " was written by another version of this program; read it with "
                                   "that one"};
  }
  if (!it->status().ok()) return store_error(it->status());
  leveldb::WriteBatch batch;
  batch.Put(slice(kFormatKey), slice(kFormat));
  return write(store, batch);
}

}  // namespace

Vault::Vault(std::unique_ptr<leveldb::DB> store) : store_(std::move(store)) {}
Vault::~Vault() = default;
Vault::Vault(Vault&&) noexcept = default;
Vault& Vault::operator=(Vault&&) noexcept = default;

Result<Vault> Vault::open(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Error{Errc::kVault, "cannot make " + folder.string() + ": " + error.message()};
  leveldb::Options options;
  options.create_if_missing = true;
  options.paranoid_checks = true;
  options.write_buffer_size = kWriteBufferBytes;
  leveldb::DB* store = nullptr;
  const leveldb::Status status = leveldb::DB::Open(options, folder.string(), &store);
  if (status.ok()) {
    std::unique_ptr<leveldb::DB> opened(store);
    SANAD_TRY_STATUS(check_format(*opened, folder));
    return Vault(std::move(opened));
  }
  if (status.ToString().find("lock") != std::string::npos) {
    return Error{Errc::kVault, "another process has " + folder.string() +
                                   " open; wait for it or end it, then try again"};
  }
  return store_error(status);
}

Status Vault::put(const std::vector<VaultEntry>& entries, const PendingSubmission* pending) {
  leveldb::WriteBatch batch;
  for (const VaultEntry& entry : entries) put_entry(batch, entry);
  if (pending != nullptr) {
    batch.Put(pending_key(pending->id), slice(as_text(crypto::encode(*pending))));
  }
  return write(*store_, batch);
}

Status Vault::settle(const chaincode::SubmissionStatus& status,
                     const std::vector<VaultEntry>& entries) {
  leveldb::WriteBatch batch;
  for (const VaultEntry& entry : entries) {
    if (entry.statement >= status.outcomes.size()) {
      return Error{Errc::kBadAnswer,
                   "the answer lacks the outcome of statement " + std::to_string(entry.statement)};
    }
    const chaincode::StatementOutcome& given = status.outcomes[entry.statement];
    put_outcome(batch, entry.commitment, {given.code, given.record, given.lane, entry.inspected});
  }
  batch.Delete(pending_key(status.id));
  return write(*store_, batch);
}

Status Vault::drop(const Hash& submission, const std::vector<VaultEntry>& entries) {
  leveldb::WriteBatch batch;
  for (const VaultEntry& entry : entries) remove_entry(batch, entry);
  batch.Delete(pending_key(submission));
  return write(*store_, batch);
}

Status Vault::erase(const VaultEntry& entry) {
  leveldb::WriteBatch batch;
  remove_entry(batch, entry);
  return write(*store_, batch);
}

Result<std::optional<VaultEntry>> Vault::find(const Hash& commitment) const {
  const std::string key = entry_key(commitment);
  SANAD_TRY(const auto value, get(*store_, key));
  if (!value) return std::optional<VaultEntry>();
  SANAD_TRY(VaultEntry entry, read_entry(*store_, key, *value));
  return std::optional(std::move(entry));
}

Result<std::vector<VaultEntry>> Vault::find_declaration(std::string_view declaration_id) const {
  const std::string prefix = number_prefix(declaration_id);
  std::vector<VaultEntry> found;
  const std::unique_ptr<leveldb::Iterator> it(store_->NewIterator({}));
  for (it->Seek(prefix); it->Valid() && view(it->key()).starts_with(prefix); it->Next()) {
    SANAD_TRY(const Hash commitment, Hash::from(as_bytes(view(it->key()).substr(prefix.size()))));
    SANAD_TRY(std::optional<VaultEntry> entry, find(commitment));
    if (entry) found.push_back(std::move(*entry));
  }
  if (!it->status().ok()) return store_error(it->status());
  return found;
}

Result<std::vector<PendingSubmission>> Vault::pending() const {
  std::vector<PendingSubmission> found;
  const std::unique_ptr<leveldb::Iterator> it(store_->NewIterator({}));
  for (it->Seek("s"); it->Valid() && view(it->key()).starts_with("s"); it->Next()) {
    SANAD_TRY(PendingSubmission one,
              read_value<PendingSubmission>(view(it->key()), view(it->value())));
    found.push_back(std::move(one));
  }
  if (!it->status().ok()) return store_error(it->status());
  return found;
}

Status Vault::each(const std::function<Status(const VaultEntry&)>& visit) const {
  const std::unique_ptr<leveldb::Iterator> it(store_->NewIterator({}));
  for (it->Seek("c"); it->Valid() && view(it->key()).starts_with("c"); it->Next()) {
    SANAD_TRY(const VaultEntry entry, read_entry(*store_, view(it->key()), view(it->value())));
    SANAD_TRY_STATUS(visit(entry));
  }
  if (!it->status().ok()) return store_error(it->status());
  return {};
}

Result<std::vector<VaultEntry>> Vault::entries_of(const PendingSubmission& pending) const {
  return find_all(pending, [](const chaincode::Statement& statement) -> std::optional<Hash> {
    if (const auto* declare = std::get_if<chaincode::Declare>(&statement)) {
      return declare->commitment;
    }
    if (const auto* amend = std::get_if<chaincode::Amend>(&statement)) return amend->commitment;
    return std::nullopt;
  });
}

Result<std::vector<VaultEntry>> Vault::inspected_by(const PendingSubmission& pending) const {
  return find_all(pending, [](const chaincode::Statement& statement) -> std::optional<Hash> {
    const auto* inspect = std::get_if<chaincode::Inspect>(&statement);
    return inspect != nullptr ? std::optional(inspect->declaration) : std::nullopt;
  });
}

Result<std::vector<VaultEntry>> Vault::find_all(const PendingSubmission& pending,
                                                const CommitmentOf& commitment_of) const {
  SANAD_TRY(const chaincode::Submission wire, crypto::decode<chaincode::Submission>(pending.wire));
  std::vector<VaultEntry> entries;
  for (const crypto::Bytes& bytes : wire.statements) {
    SANAD_TRY(const chaincode::Statement statement, crypto::decode<chaincode::Statement>(bytes));
    const std::optional<Hash> commitment = commitment_of(statement);
    if (!commitment) continue;
    SANAD_TRY(std::optional<VaultEntry> entry, find(*commitment));
    if (entry) entries.push_back(std::move(*entry));
  }
  return entries;
}

}  // namespace sanad::tools
