// The key-value store behind the ledger: LevelDB, opened so that it never hides damage, written by
// one synced batch per block, read at snapshots. A key is its family's letter and the key within
// it.
//
// LevelDB's own files go through our FileSystem (leveldb_env.h), so the simulated disk covers them.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "node/ledger/errc.h"
#include "node/ledger/file_system.h"
#include "node/ledger/later.h"

namespace leveldb {
class Snapshot;
class WriteBatch;
}  // namespace leveldb

namespace sanad::node {

enum class Family : char {
  kTip = 'm',             // nothing → TipEntry
  kState = 's',           // contract key → value
  kIndexNode = 'i',       // node id of crypto::IndexMap → node
  kConsignment = 'c',     // index key → ConsignmentEntry
  kConsignmentRun = 'd',  // index key, u32be run → its record indices
  kBody = 'b',            // body digest → where its frame begins
  kBlock = 'h',           // u64be height → where its frames begin
  kRecordRun = 'r',       // u64be run → where the run's first record begins
  kLogNode = 't',         // level, u64be index → hash of that complete subtree of the log
};

struct StoreOptions {
  FileSystem* files = nullptr;
  std::string folder;
  bool create = false;  // make a new store where there is none
  std::size_t cache_bytes = 0;
  std::size_t write_buffer_bytes = 0;
  Later later = {};  // as in LedgerOptions
};

// Writes that land together. The last one of a key counts. Keys of one family in rising order are
// cheaper to insert.
class StoreBatch {
 public:
  StoreBatch();
  ~StoreBatch();
  StoreBatch(StoreBatch&&) noexcept;
  StoreBatch& operator=(StoreBatch&&) noexcept;

  void put(Family family, crypto::ByteView key, crypto::ByteView value);
  void remove(Family family, crypto::ByteView key);
  // Bytes of keys and values put.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  friend class Store;
  std::unique_ptr<leveldb::WriteBatch> writes_;
  std::string key_;  // of the write under way; its memory is kept
  std::size_t bytes_ = 0;
};

class StoreSnapshot;

// write() is for one thread, snapshot() for any.
class Store : public std::enable_shared_from_this<Store> {
 public:
  // kDamaged where there is no store to open or LevelDB finds damage; kIo, kNoSpace.
  static crypto::Result<std::shared_ptr<Store>> open(const StoreOptions& options);
  ~Store();

  // Atomic, and durable once it returns. After a failure every later write is kStopped.
  crypto::Status write(const StoreBatch& batch);
  std::shared_ptr<const StoreSnapshot> snapshot();

 private:
  friend class StoreSnapshot;
  class Database;
  Store(std::unique_ptr<Database> database, std::string folder);

  std::unique_ptr<Database> database_;
  std::string folder_;
  bool stopped_ = false;
};

// The store at one moment. Thread-safe; keeps the store alive.
class StoreSnapshot {
 public:
  ~StoreSnapshot();
  StoreSnapshot(const StoreSnapshot&) = delete;
  StoreSnapshot& operator=(const StoreSnapshot&) = delete;

  // kDamaged, kIo.
  [[nodiscard]] crypto::Result<std::optional<crypto::Bytes>> read(Family family,
                                                                  crypto::ByteView key) const;

 private:
  friend class Store;
  StoreSnapshot(std::shared_ptr<Store> store, const leveldb::Snapshot* snapshot);

  std::shared_ptr<Store> store_;
  const leveldb::Snapshot* snapshot_;
};

}  // namespace sanad::node
