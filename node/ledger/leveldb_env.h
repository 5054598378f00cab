// LevelDB's view of the disk, over our FileSystem: one place decides what durable means, and the
// simulated disk covers the store as it covers the segments.
//
// Stricter than LevelDB's own: the folder is synced with the first sync of a new file and after
// every rename, so that neither a log nor CURRENT can vanish after a power cut.
#pragma once

#include <leveldb/env.h>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "node/ledger/file_system.h"
#include "node/ledger/later.h"

namespace sanad::node {

// Outlives the database. The folder's own lock (F22) stands in for LevelDB's lock file.
class LeveldbEnv final : public leveldb::EnvWrapper {
 public:
  // `later`: as in LedgerOptions.
  explicit LeveldbEnv(FileSystem& files, Later later = {});

  leveldb::Status NewSequentialFile(const std::string& path,
                                    leveldb::SequentialFile** result) override;
  leveldb::Status NewRandomAccessFile(const std::string& path,
                                      leveldb::RandomAccessFile** result) override;
  leveldb::Status NewWritableFile(const std::string& path, leveldb::WritableFile** result) override;
  leveldb::Status NewAppendableFile(const std::string& path,
                                    leveldb::WritableFile** result) override;
  bool FileExists(const std::string& path) override;
  leveldb::Status GetChildren(const std::string& folder, std::vector<std::string>* names) override;
  leveldb::Status RemoveFile(const std::string& path) override;
  leveldb::Status CreateDir(const std::string& folder) override;
  leveldb::Status GetFileSize(const std::string& path, std::uint64_t* size) override;
  leveldb::Status RenameFile(const std::string& from, const std::string& to) override;
  leveldb::Status LockFile(const std::string& path, leveldb::FileLock** lock) override;
  leveldb::Status UnlockFile(leveldb::FileLock* lock) override;
  void Schedule(void (*work)(void*), void* argument) override;

  // Does at once what `later` has not done yet. LevelDB's destructor waits for it, and whoever was
  // to do it may be the one who destroys.
  void finish();

  // The first error of the disk that LevelDB was told of, but for files that were not there.
  [[nodiscard]] std::optional<crypto::Error> first_error() const;
  // Our error as LevelDB's status, remembered.
  leveldb::Status status_of(const crypto::Status& status);

 private:
  // Shared with the calls handed to `later`, which may come when all is over.
  struct Left {
    std::mutex mutex;
    std::deque<std::function<void()>> work;
    bool do_next();  // false: nothing was left
  };
  leveldb::Status open_writable(const std::string& path, OpenMode mode,
                                leveldb::WritableFile** result);

  FileSystem& files_;
  Later later_;
  std::shared_ptr<Left> left_ = std::make_shared<Left>();
  mutable std::mutex mutex_;
  std::optional<crypto::Error> first_error_;
};

}  // namespace sanad::node
