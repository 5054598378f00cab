// The disk as ledger and journal see it: append-only files, explicit durability, nothing else.
//
// Two implementations: real_file_system() (POSIX), and a simulated one in tests that loses, tears
// and refuses writes. What it promises is what POSIX promises, and no more:
//   - bytes are durable after sync() of their file, before that any part of them may survive;
//   - a new, renamed or removed name is durable after sync_directory() of its folder.
//
// Errors are kNoSpace, kNoSuchFile, or kIo with the path and the system's reason. After a failed
// write or sync a file's state is unknown: never retry, stop (HOSTILE 109: a second fsync may lie).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "crypto/bytes.h"

namespace sanad::node {

// One open file. read_at() may run in any thread beside one thread that writes; the rest is not
// thread-safe. Closing does not sync.
class File {
 public:
  virtual ~File() = default;

  // Fills `out` from `offset`; the count is smaller than asked only at the end of the file.
  [[nodiscard]] virtual crypto::Result<std::size_t> read_at(std::uint64_t offset,
                                                            std::span<std::uint8_t> out) const = 0;
  // All of `bytes` at the end of the file.
  virtual crypto::Status append(crypto::ByteView bytes) = 0;
  // fdatasync: contents and length are durable afterwards.
  virtual crypto::Status sync() = 0;
  // Shortens the file. Not durable before sync().
  virtual crypto::Status truncate(std::uint64_t size) = 0;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
};

// A folder held by this process until destruction or death, kill -9 included.
class FolderLock {
 public:
  virtual ~FolderLock() = default;
};

enum class OpenMode {
  kRead,    // must exist; no writes
  kAppend,  // created if absent; writes go to its end
  kCreate,  // created, or emptied where it exists
};

// Thread-safe. Paths are used as given. Outlives the files it opened.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual crypto::Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  // Names in a folder, without "." and "..", sorted.
  virtual crypto::Result<std::vector<std::string>> list(const std::string& folder) = 0;
  // Makes a folder and its parents where absent, durably.
  virtual crypto::Status create_folders(const std::string& folder) = 0;
  virtual crypto::Status sync_directory(const std::string& folder) = 0;
  // Replaces `to` atomically.
  virtual crypto::Status rename(const std::string& from, const std::string& to) = 0;
  virtual crypto::Status remove(const std::string& path) = 0;
  virtual bool exists(const std::string& path) = 0;
  // LEDGER F22: takes `path` as a lock file and writes this process's id into it. kLocked, with the
  // holder's id, where another process (or another lock of this one) holds it. A file left behind
  // by a dead process does not block.
  virtual crypto::Result<std::unique_ptr<FolderLock>> lock(const std::string& path) = 0;
};

FileSystem& real_file_system();

// The whole of a file of at most `max` bytes; kTooLarge above.
crypto::Result<crypto::Bytes> read_file(FileSystem& files, const std::string& path,
                                        std::uint64_t max);
// Replaces a small file so that a crash leaves the old or the new one: write beside, sync, rename,
// sync the folder.
crypto::Status replace_file(FileSystem& files, const std::string& path, crypto::ByteView bytes);

}  // namespace sanad::node
