#include "node/ledger/file_system.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "node/ledger/errc.h"

namespace sanad::node {
namespace {

using crypto::Bytes;
using crypto::ByteView;
using crypto::Error;
using crypto::Result;
using crypto::Status;

Error system_error(const char* act, const std::string& path) {
  const int number = errno;
  const LedgerErrc code = number == ENOSPC || number == EDQUOT ? LedgerErrc::kNoSpace
                          : number == ENOENT                   ? LedgerErrc::kNoSuchFile
                                                               : LedgerErrc::kIo;
  return {code, std::string(act) + " " + path + ": " + std::generic_category().message(number)};
}

// Owns a descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

class PosixFile final : public File {
 public:
  PosixFile(std::string path, Descriptor descriptor, std::uint64_t size)
      : path_(std::move(path)), descriptor_(std::move(descriptor)), size_(size) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) const override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t got = ::pread(descriptor_.number(), out.data() + done, out.size() - done,
                                  static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return system_error("read", path_);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Status append(ByteView bytes) override {
    while (!bytes.empty()) {
      const ssize_t put = ::write(descriptor_.number(), bytes.data(), bytes.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return system_error("write", path_);
      size_ += static_cast<std::uint64_t>(put);
      bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return {};
  }

  Status sync() override {
    if (::fdatasync(descriptor_.number()) != 0) return system_error("sync", path_);
    return {};
  }

  Status truncate(std::uint64_t size) override {
    if (::ftruncate(descriptor_.number(), static_cast<off_t>(size)) != 0) {
      return system_error("truncate", path_);
    }
    size_ = size;
    return {};
  }

  [[nodiscard]] std::uint64_t size() const override { return size_; }

 private:
  std::string path_;
  Descriptor descriptor_;
  std::uint64_t size_;
};

class PosixLock final : public FolderLock {
 public:
  explicit PosixLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  Descriptor descriptor_;  // flock() ends with it, however the process ends
};

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    int flags = O_CLOEXEC;
    if (mode == OpenMode::kRead) flags |= O_RDONLY;
    if (mode != OpenMode::kRead) flags |= O_RDWR | O_CREAT | O_APPEND;
    if (mode == OpenMode::kCreate) flags |= O_TRUNC;
    Descriptor descriptor(::open(path.c_str(), flags, 0644));
    if (descriptor.number() < 0) return system_error("open", path);
    struct stat status {};
    if (::fstat(descriptor.number(), &status) != 0) return system_error("stat", path);
    return std::unique_ptr<File>(std::make_unique<PosixFile>(
        path, std::move(descriptor), static_cast<std::uint64_t>(status.st_size)));
  }

  Result<std::vector<std::string>> list(const std::string& folder) override {
    std::error_code failed;
    std::vector<std::string> names;
    std::filesystem::directory_iterator entry(folder, failed);
    while (!failed && entry != std::filesystem::directory_iterator()) {
      names.push_back(entry->path().filename().string());
      entry.increment(failed);
    }
    if (failed) {
      errno = failed.value();
      return system_error("list", folder);
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  Status create_folders(const std::string& folder) override {
    if (folder.empty() || std::filesystem::is_directory(folder)) return {};
    const std::string parent = std::filesystem::path(folder).parent_path().string();
    SANAD_TRY_STATUS(create_folders(parent));
    if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
      return system_error("make folder", folder);
    }
    return sync_directory(parent.empty() ? "." : parent);
  }

  Status sync_directory(const std::string& folder) override {
    const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor.number() < 0) return system_error("open", folder);
    if (::fsync(descriptor.number()) != 0) return system_error("sync", folder);
    return {};
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (std::rename(from.c_str(), to.c_str()) != 0) return system_error("rename", from);
    return {};
  }

  Status remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return system_error("remove", path);
    return {};
  }

  bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  Result<std::unique_ptr<FolderLock>> lock(const std::string& path) override {
    Descriptor descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (descriptor.number() < 0) return system_error("open", path);
    if (::flock(descriptor.number(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return system_error("lock", path);
      char text[24] = {};
      const ssize_t got = ::pread(descriptor.number(), text, sizeof(text) - 1, 0);
      std::string holder(text, got > 0 ? static_cast<std::size_t>(got) : 0);
      holder.erase(std::remove(holder.begin(), holder.end(), '\n'), holder.end());
      return Error{LedgerErrc::kLocked, path + " is held by process " +
                                            (holder.empty() ? "unknown" : holder) +
                                            "; stop it first, or use another folder"};
    }
    const std::string text = std::to_string(::getpid()) + "\n";
    if (::ftruncate(descriptor.number(), 0) != 0 ||
        ::pwrite(descriptor.number(), text.data(), text.size(), 0) !=
            static_cast<ssize_t>(text.size())) {
      return system_error("write", path);
    }
    return std::unique_ptr<FolderLock>(std::make_unique<PosixLock>(std::move(descriptor)));
  }
};

}  // namespace

FileSystem& real_file_system() {
  static PosixFileSystem files;
  return files;
}

Result<Bytes> read_file(FileSystem& files, const std::string& path, std::uint64_t max) {
  SANAD_TRY(const auto file, files.open(path, OpenMode::kRead));
  if (file->size() > max) {
    return Error{LedgerErrc::kTooLarge, path + ": " + std::to_string(file->size()) + " bytes"};
  }
  Bytes bytes(file->size());
  SANAD_TRY(const std::size_t got, file->read_at(0, bytes));
  bytes.resize(got);
  return bytes;
}

Status replace_file(FileSystem& files, const std::string& path, ByteView bytes) {
  const std::string beside = path + ".new";
  SANAD_TRY(const auto file, files.open(beside, OpenMode::kCreate));
  SANAD_TRY_STATUS(file->append(bytes));
  SANAD_TRY_STATUS(file->sync());
  SANAD_TRY_STATUS(files.rename(beside, path));
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return files.sync_directory(folder.empty() ? "." : folder);
}

}  // namespace sanad::node
