#include "node/ledger/leveldb_env.h"

#include <filesystem>

#include "node/ledger/errc.h"

namespace sanad::node {
namespace {

using crypto::Bytes;
using crypto::Status;

constexpr std::size_t kWriteBufferBytes = 64 << 10;

crypto::Result<std::size_t> read_into(const File& file, std::uint64_t offset, std::size_t count,
                                      char* scratch) {
  return file.read_at(offset, {reinterpret_cast<std::uint8_t*>(scratch), count});
}

class SequentialReader final : public leveldb::SequentialFile {
 public:
  SequentialReader(LeveldbEnv& env, std::unique_ptr<File> file)
      : env_(env), file_(std::move(file)) {}

  leveldb::Status Read(std::size_t count, leveldb::Slice* result, char* scratch) override {
    const auto got = read_into(*file_, at_, count, scratch);
    if (!got) return env_.status_of(got.error());
    at_ += *got;
    *result = leveldb::Slice(scratch, *got);
    return leveldb::Status::OK();
  }
  leveldb::Status Skip(std::uint64_t count) override {
    at_ += count;
    return leveldb::Status::OK();
  }

 private:
  LeveldbEnv& env_;
  std::unique_ptr<File> file_;
  std::uint64_t at_ = 0;
};

class RandomReader final : public leveldb::RandomAccessFile {
 public:
  RandomReader(LeveldbEnv& env, std::unique_ptr<File> file) : env_(env), file_(std::move(file)) {}

  leveldb::Status Read(std::uint64_t offset, std::size_t count, leveldb::Slice* result,
                       char* scratch) const override {
    const auto got = read_into(*file_, offset, count, scratch);
    if (!got) return env_.status_of(got.error());
    *result = leveldb::Slice(scratch, *got);
    return leveldb::Status::OK();
  }

 private:
  LeveldbEnv& env_;
  std::unique_ptr<File> file_;
};

class BufferedWriter final : public leveldb::WritableFile {
 public:
  BufferedWriter(LeveldbEnv& env, FileSystem& files, std::string folder, std::unique_ptr<File> file)
      : env_(env), files_(files), folder_(std::move(folder)), file_(std::move(file)) {}
  ~BufferedWriter() override { static_cast<void>(write_buffer().ok()); }

  leveldb::Status Append(const leveldb::Slice& bytes) override {
    buffer_.insert(buffer_.end(), bytes.data(), bytes.data() + bytes.size());
    return buffer_.size() >= kWriteBufferBytes ? Flush() : leveldb::Status::OK();
  }
  leveldb::Status Flush() override { return env_.status_of(write_buffer()); }
  leveldb::Status Close() override { return Flush(); }
  leveldb::Status Sync() override { return env_.status_of(sync()); }

 private:
  Status write_buffer() {
    if (buffer_.empty()) return {};
    const Bytes bytes = std::move(buffer_);
    buffer_.clear();
    return file_->append(bytes);
  }
  Status sync() {
    SANAD_TRY_STATUS(write_buffer());
    SANAD_TRY_STATUS(file_->sync());
    if (!name_is_durable_) SANAD_TRY_STATUS(files_.sync_directory(folder_));
    name_is_durable_ = true;
    return {};
  }

  LeveldbEnv& env_;
  FileSystem& files_;
  std::string folder_;
  std::unique_ptr<File> file_;
  Bytes buffer_;
  bool name_is_durable_ = false;
};

class HeldLock final : public leveldb::FileLock {};

std::string folder_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

}  // namespace

LeveldbEnv::LeveldbEnv(FileSystem& files, Later later)
    : EnvWrapper(leveldb::Env::Default()), files_(files), later_(std::move(later)) {}

std::optional<crypto::Error> LeveldbEnv::first_error() const {
  const std::lock_guard lock(mutex_);
  return first_error_;
}

leveldb::Status LeveldbEnv::status_of(const Status& status) {
  if (status.ok()) return leveldb::Status::OK();
  if (status.error().code == LedgerErrc::kNoSuchFile) {
    return leveldb::Status::NotFound(status.error().detail);
  }
  const std::lock_guard lock(mutex_);
  if (!first_error_) first_error_ = status.error();
  return leveldb::Status::IOError(status.error().message());
}

leveldb::Status LeveldbEnv::NewSequentialFile(const std::string& path,
                                              leveldb::SequentialFile** result) {
  *result = nullptr;
  auto file = files_.open(path, OpenMode::kRead);
  if (!file) return status_of(file.error());
  *result = new SequentialReader(*this, std::move(*file));
  return leveldb::Status::OK();
}

leveldb::Status LeveldbEnv::NewRandomAccessFile(const std::string& path,
                                                leveldb::RandomAccessFile** result) {
  *result = nullptr;
  auto file = files_.open(path, OpenMode::kRead);
  if (!file) return status_of(file.error());
  *result = new RandomReader(*this, std::move(*file));
  return leveldb::Status::OK();
}

leveldb::Status LeveldbEnv::open_writable(const std::string& path, OpenMode mode,
                                          leveldb::WritableFile** result) {
  *result = nullptr;
  auto file = files_.open(path, mode);
  if (!file) return status_of(file.error());
  *result = new BufferedWriter(*this, files_, folder_of(path), std::move(*file));
  return leveldb::Status::OK();
}

leveldb::Status LeveldbEnv::NewWritableFile(const std::string& path,
                                            leveldb::WritableFile** result) {
  return open_writable(path, OpenMode::kCreate, result);
}

leveldb::Status LeveldbEnv::NewAppendableFile(const std::string& path,
                                              leveldb::WritableFile** result) {
  return open_writable(path, OpenMode::kAppend, result);
}

bool LeveldbEnv::FileExists(const std::string& path) { return files_.exists(path); }

leveldb::Status LeveldbEnv::GetChildren(const std::string& folder,
                                        std::vector<std::string>* names) {
  auto listed = files_.list(folder);
  if (!listed) return status_of(listed.error());
  *names = std::move(*listed);
  return leveldb::Status::OK();
}

leveldb::Status LeveldbEnv::RemoveFile(const std::string& path) {
  return status_of(files_.remove(path));
}

leveldb::Status LeveldbEnv::CreateDir(const std::string& folder) {
  return status_of(files_.create_folders(folder));
}

leveldb::Status LeveldbEnv::GetFileSize(const std::string& path, std::uint64_t* size) {
  *size = 0;
  const auto file = files_.open(path, OpenMode::kRead);
  if (!file) return status_of(file.error());
  *size = (*file)->size();
  return leveldb::Status::OK();
}

leveldb::Status LeveldbEnv::RenameFile(const std::string& from, const std::string& to) {
  const Status renamed = files_.rename(from, to);
  return status_of(renamed ? files_.sync_directory(folder_of(to)) : renamed);
}

leveldb::Status LeveldbEnv::LockFile(const std::string&, leveldb::FileLock** lock) {
  *lock = new HeldLock;
  return leveldb::Status::OK();
}

leveldb::Status LeveldbEnv::UnlockFile(leveldb::FileLock* lock) {
  delete lock;
  return leveldb::Status::OK();
}

void LeveldbEnv::Schedule(void (*work)(void*), void* argument) {
  if (!later_) return target()->Schedule(work, argument);
  {
    const std::lock_guard lock(left_->mutex);
    left_->work.emplace_back([work, argument] { work(argument); });
  }
  later_([left = left_] { left->do_next(); });
}

void LeveldbEnv::finish() {
  while (left_->do_next()) {
  }
}

bool LeveldbEnv::Left::do_next() {
  std::function<void()> next;
  {
    const std::lock_guard lock(mutex);
    if (work.empty()) return false;
    next = std::move(work.front());
    work.pop_front();
  }
  next();
  return true;
}

}  // namespace sanad::node
