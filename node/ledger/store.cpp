#include "node/ledger/store.h"

#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>
#include <leveldb/write_batch.h>

#include "node/ledger/leveldb_env.h"

namespace sanad::node {
namespace {

using crypto::Bytes;
using crypto::ByteView;
using crypto::Error;
using crypto::Result;
using crypto::Status;

constexpr int kBloomBitsPerKey = 10;  // 1 % false positives
constexpr int kOpenTablesMax = 256;   // each keeps its index and filter in memory
constexpr std::size_t kTableBytesMax = 8ULL << 20;

void set_store_key(std::string& whole, Family family, ByteView key) {
  whole.assign(1, static_cast<char>(family));
  whole.append(crypto::as_text(key));
}

leveldb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

StoreBatch::StoreBatch() : writes_(std::make_unique<leveldb::WriteBatch>()) {}
StoreBatch::~StoreBatch() = default;
StoreBatch::StoreBatch(StoreBatch&&) noexcept = default;
StoreBatch& StoreBatch::operator=(StoreBatch&&) noexcept = default;

void StoreBatch::put(Family family, ByteView key, ByteView value) {
  bytes_ += 1 + key.size() + value.size();
  set_store_key(key_, family, key);
  writes_->Put(key_, slice(crypto::as_text(value)));
}

void StoreBatch::remove(Family family, ByteView key) {
  set_store_key(key_, family, key);
  writes_->Delete(key_);
}

// The open database and all that must outlive it.
class Store::Database {
 public:
  explicit Database(const StoreOptions& options)
      : env_(*options.files, options.later),
        cache_(leveldb::NewLRUCache(options.cache_bytes)),
        filter_(leveldb::NewBloomFilterPolicy(kBloomBitsPerKey)) {}
  ~Database() { env_.finish(); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Status open(const StoreOptions& options) {
    leveldb::Options chosen;
    chosen.create_if_missing = options.create;
    chosen.paranoid_checks = true;  // never drop what does not verify
    chosen.env = &env_;
    chosen.info_log = &no_log_;
    chosen.write_buffer_size = options.write_buffer_bytes;
    chosen.max_open_files = kOpenTablesMax;
    chosen.block_cache = cache_.get();
    chosen.max_file_size = kTableBytesMax;
    chosen.filter_policy = filter_.get();
    leveldb::DB* opened = nullptr;
    const leveldb::Status status = leveldb::DB::Open(chosen, options.folder, &opened);
    database_.reset(opened);
    return status_of(status, options.folder);
  }

  [[nodiscard]] Status status_of(const leveldb::Status& status, const std::string& what) const {
    if (status.ok()) return {};
    if (const auto disk = env_.first_error(); disk && status.IsIOError()) return *disk;
    // No CURRENT, or not one to create: the store is gone, which its caller did not expect.
    const bool is_damage =
        status.IsCorruption() || status.IsNotFound() || status.IsInvalidArgument();
    return Error{is_damage ? LedgerErrc::kDamaged : LedgerErrc::kIo,
                 what + ": " + status.ToString()};
  }

  leveldb::DB& operator*() { return *database_; }

 private:
  class NoLog final : public leveldb::Logger {
   public:
    void Logv(const char*, std::va_list) override {}
  };

  LeveldbEnv env_;
  NoLog no_log_;
  std::unique_ptr<leveldb::Cache> cache_;
  std::unique_ptr<const leveldb::FilterPolicy> filter_;
  std::unique_ptr<leveldb::DB> database_;
};

Store::Store(std::unique_ptr<Database> database, std::string folder)
    : database_(std::move(database)), folder_(std::move(folder)) {}
Store::~Store() = default;

Result<std::shared_ptr<Store>> Store::open(const StoreOptions& options) {
  auto database = std::make_unique<Database>(options);
  SANAD_TRY_STATUS(database->open(options));
  return std::shared_ptr<Store>(new Store(std::move(database), options.folder));
}

Status Store::write(const StoreBatch& batch) {
  if (stopped_) return Error{LedgerErrc::kStopped};
  leveldb::WriteOptions options;
  options.sync = true;
  const Status status =
      database_->status_of((**database_).Write(options, batch.writes_.get()), folder_);
  if (!status) stopped_ = true;
  return status;
}

std::shared_ptr<const StoreSnapshot> Store::snapshot() {
  return std::shared_ptr<const StoreSnapshot>(
      new StoreSnapshot(shared_from_this(), (**database_).GetSnapshot()));
}

StoreSnapshot::StoreSnapshot(std::shared_ptr<Store> store, const leveldb::Snapshot* snapshot)
    : store_(std::move(store)), snapshot_(snapshot) {}

StoreSnapshot::~StoreSnapshot() { (**store_->database_).ReleaseSnapshot(snapshot_); }

Result<std::optional<Bytes>> StoreSnapshot::read(Family family, ByteView key) const {
  leveldb::ReadOptions options;
  options.snapshot = snapshot_;
  options.verify_checksums = true;
  std::string whole;
  set_store_key(whole, family, key);
  std::string value;
  const leveldb::Status status = (**store_->database_).Get(options, whole, &value);
  if (status.IsNotFound()) return std::optional<Bytes>();
  SANAD_TRY_STATUS(store_->database_->status_of(status, store_->folder_));
  const ByteView bytes = crypto::as_bytes(value);
  return std::optional<Bytes>(Bytes(bytes.begin(), bytes.end()));
}

}  // namespace sanad::node
