#include "node/ledger/rebuilding_files.h"

#include <algorithm>

#include "node/ledger/open_folder.h"

namespace sanad::node {

using crypto::Bytes;
using crypto::ByteView;
using crypto::Error;
using crypto::Result;
using crypto::Status;

namespace {

using Shown = std::shared_ptr<std::atomic<std::uint64_t>>;

class ComparedFile final : public File {
 public:
  ComparedFile(std::string path, std::unique_ptr<File> real, Shown shown)
      : path_(std::move(path)), real_(std::move(real)), shown_(std::move(shown)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) const override {
    const std::uint64_t end = *shown_;
    if (offset >= end) return std::size_t{0};
    return real_->read_at(offset, out.first(std::min<std::size_t>(out.size(), end - offset)));
  }

  Status append(ByteView bytes) override {
    const std::uint64_t at = *shown_;
    Bytes stored(bytes.size());
    SANAD_TRY(const std::size_t got, real_->read_at(at, stored));
    const auto differ = std::ranges::mismatch(bytes, ByteView(stored).first(got));
    if (differ.in1 != bytes.end()) {
      const auto same = static_cast<std::uint64_t>(differ.in1 - bytes.begin());
      return Error{LedgerErrc::kDamaged,
                   path_ + " at offset " + std::to_string(at + same) +
                       (same == got ? ": the file ends, executing its blocks again goes on"
                                    : ": executing its blocks again gives another byte")};
    }
    *shown_ = at + bytes.size();
    return {};
  }

  Status sync() override { return {}; }
  Status truncate(std::uint64_t size) override {
    *shown_ = std::min<std::uint64_t>(*shown_, size);
    return {};
  }
  [[nodiscard]] std::uint64_t size() const override { return *shown_; }

 private:
  std::string path_;
  std::unique_ptr<File> real_;
  Shown shown_;
};

}  // namespace

std::string new_store_folder(const std::string& ledger_folder) {
  return store_folder(ledger_folder) + ".new";
}

RebuildingFiles::RebuildingFiles(FileSystem& base, const std::string& folder)
    : base_(base), segments_(segments_folder(folder)), store_(store_folder(folder)) {}

bool RebuildingFiles::is_segment(const std::string& path) const {
  return path.starts_with(segments_ + "/");
}

std::string RebuildingFiles::real(const std::string& path) const {
  if (path != store_ && !path.starts_with(store_ + "/")) return path;
  return store_ + ".new" + path.substr(store_.size());
}

Result<std::unique_ptr<File>> RebuildingFiles::open(const std::string& path, OpenMode mode) {
  if (!is_segment(path)) return base_.open(real(path), mode);
  const std::lock_guard lock(mutex_);
  auto found = shown_.find(path);
  if (found == shown_.end() && mode == OpenMode::kRead) {
    return Error{LedgerErrc::kNoSuchFile, path};
  }
  auto file = base_.open(path, OpenMode::kRead);
  if (!file && file.error().code == LedgerErrc::kNoSuchFile) {
    return Error{LedgerErrc::kDamaged, path + " is missing"};
  }
  if (!file) return file.error();
  if (found == shown_.end()) {
    found = shown_.emplace(path, std::make_shared<std::atomic<std::uint64_t>>(0)).first;
  }
  if (mode == OpenMode::kCreate) *found->second = 0;
  return std::unique_ptr<File>(
      std::make_unique<ComparedFile>(path, std::move(*file), found->second));
}

Result<std::vector<std::string>> RebuildingFiles::list(const std::string& folder) {
  if (folder != segments_) return base_.list(real(folder));
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [path, shown] : shown_) names.push_back(path.substr(segments_.size() + 1));
  return names;
}

Status RebuildingFiles::create_folders(const std::string& folder) {
  return base_.create_folders(real(folder));
}
Status RebuildingFiles::sync_directory(const std::string& folder) {
  return base_.sync_directory(real(folder));
}
Status RebuildingFiles::rename(const std::string& from, const std::string& to) {
  return base_.rename(real(from), real(to));
}
Status RebuildingFiles::remove(const std::string& path) {
  if (!is_segment(path)) return base_.remove(real(path));
  const std::lock_guard lock(mutex_);
  shown_.erase(path);
  return {};
}
bool RebuildingFiles::exists(const std::string& path) {
  if (!is_segment(path)) return base_.exists(real(path));
  const std::lock_guard lock(mutex_);
  return shown_.contains(path);
}
Result<std::unique_ptr<FolderLock>> RebuildingFiles::lock(const std::string&) {
  return std::make_unique<FolderLock>();
}

}  // namespace sanad::node
