// The key-value store behind the ledger: LevelDB, opened so that it never hides damage, written by
// one synced batch per block, read at snapshots. Keys are `<family letter> <key>`.
//
// LevelDB's own files go through our FileSystem (leveldb_env.h), so the simulated disk covers them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "node/ledger/errc.h"
#include "node/ledger/file_system.h"

namespace sanad::node {

// Families of keys; the letter is the key's first byte.
enum class Family : char {
  kTip = 'm',          // "" → TipEntry
  kState = 's',        // contract key → value
  kIndexNode = 'i',    // node id of crypto::IndexMap → node
  kConsignment = 'c',  // index key → ConsignmentEntry
  kBody = 'b',         // body digest → Position
  kHeight = 'h',       // u64be height → BlockEntry
  kRecordRun = 'r',    // u64be index / 64 → where those records begin
  kLogNode = 't',      // level, u64be index → hash of that complete subtree, levels ≥ 6
};

struct StoreOptions {
  FileSystem* files = nullptr;
  std::string folder;
  std::size_t cache_bytes = 0;
  std::size_t write_buffer_bytes = 0;
};

class StoreBatch {
 public:
  void put(Family family, crypto::ByteView key, crypto::ByteView value);
  void remove(Family family, crypto::ByteView key);
  // Bytes of keys and values put so far.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  friend class Store;
  std::map<std::string, std::optional<std::string>> writes_;
  std::size_t bytes_ = 0;
};

class StoreSnapshot;

// Reads are thread-safe; write() is for one thread.
class Store {
 public:
  // kDamaged where LevelDB finds corruption, kIo.
  static crypto::Result<std::shared_ptr<Store>> open(const StoreOptions& options);
  virtual ~Store();

  // Atomic and durable once it returns. The first failure is remembered: every later write fails.
  virtual crypto::Status write(const StoreBatch& batch) = 0;
  virtual std::shared_ptr<const StoreSnapshot> snapshot() = 0;
};

// The store at one moment. Thread-safe; keeps the store alive.
class StoreSnapshot {
 public:
  virtual ~StoreSnapshot() = default;
  [[nodiscard]] virtual crypto::Result<std::optional<crypto::Bytes>> read(
      Family family, crypto::ByteView key) const = 0;
};

}  // namespace sanad::node
