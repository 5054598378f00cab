// The disk as a ledger sees it whose store is made anew: the segment files are there already, and
// what the ledger appends is compared with them instead of written.
//
// So whoever executes the blocks again into a Ledger on these files gets a new store beside the old
// one, by the ledger's own rules, and learns of the first byte that is not what executing gives.
#pragma once

#include <atomic>
#include <map>
#include <mutex>

#include "node/ledger/storage.h"

namespace sanad::node {

// Thread-safe.
class RebuildingFiles final : public FileSystem {
 public:
  // `base` outlives it. `folder`: the ledger's, whose lock the caller holds. FOLDER/store stands
  // for FOLDER/store.new in it, which must not be there yet; the segment files seem to be empty.
  RebuildingFiles(FileSystem& base, const std::string& folder);

  crypto::Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  crypto::Result<std::vector<std::string>> list(const std::string& folder) override;
  crypto::Status create_folders(const std::string& folder) override;
  crypto::Status sync_directory(const std::string& folder) override;
  crypto::Status rename(const std::string& from, const std::string& to) override;
  crypto::Status remove(const std::string& path) override;
  bool exists(const std::string& path) override;
  crypto::Result<std::unique_ptr<FolderLock>> lock(const std::string& path) override;

 private:
  [[nodiscard]] bool is_segment(const std::string& path) const;
  [[nodiscard]] std::string real(const std::string& path) const;

  // How much of a segment file the ledger has seen or appended.
  using Shown = std::shared_ptr<std::atomic<std::uint64_t>>;

  FileSystem& base_;
  std::string segments_;  // folder
  std::string store_;     // as the ledger calls it
  std::mutex mutex_;
  std::map<std::string, Shown> shown_;  // by path
};

// FOLDER/store.new
std::string new_store_folder(const std::string& ledger_folder);

}  // namespace sanad::node
