// A disk in memory that keeps what POSIX promises and no more: for crash and fault tests.
//
// Every change (append, sync, truncate, create, rename, remove, sync_directory) is one step. A test
// may cut the power at a step, or let a step fail; after_power_cut() gives a disk as it may look
// when the machine comes back.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "node/ledger/errc.h"
#include "node/ledger/file_system.h"

namespace sanad::tests {

// What is left of changes that were not synced.
enum class Unsynced {
  kDropped,  // nothing
  kSubset,   // some of the writes, and some of the names; what lies between reads as zeros
  kTorn,     // the writes in order up to one that is cut at a sector of 512 bytes
  kGarbage,  // all lengths, with noise in place of the bytes
};

class SimulatedDisk final : public node::FileSystem {
 public:
  struct Fault {
    std::uint64_t step = 0;
    node::LedgerErrc code = node::LedgerErrc::kIo;
    bool power_cut = false;  // nothing works afterwards; else the step fails this once,
    bool read_only = false;  // or it and every later one, while reads go on
  };

  explicit SimulatedDisk(std::uint64_t seed = 1) : random_(seed) {}

  void set_fault(const Fault& fault) {
    fault_ = fault;
    fault_happened_ = false;
  }
  void clear_fault() { fault_.reset(); }
  // Nothing works from now on.
  void refuse_all() { fault_ = Fault{steps_, node::LedgerErrc::kIo, true}; }
  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  [[nodiscard]] bool has_fault() const { return fault_.has_value(); }
  [[nodiscard]] bool fault_happened() const { return fault_happened_; }
  [[nodiscard]] std::unique_ptr<SimulatedDisk> after_power_cut(Unsynced unsynced,
                                                               std::uint64_t seed) const;
  // The files of a folder as a power cut now would leave them at the least, by path. `version`
  // changes with the bytes.
  struct DurableFile {
    std::string path;
    const crypto::Bytes* bytes = nullptr;
    std::uint64_t version = 0;
  };
  [[nodiscard]] std::vector<DurableFile> durable_files(const std::string& folder) const;
  // Flips bits of a byte on the platter. False: no such file, or it is not that long.
  bool flip(const std::string& path, std::uint64_t offset, std::uint8_t bits);
  // At-rest changes, durable at once: a file is there with these bytes, or is not there.
  void put(const std::string& path, crypto::Bytes bytes);
  void erase(const std::string& path);
  // At-rest damage: the file's bytes, synced, to be changed at will. nullptr: no such file.
  crypto::Bytes* bytes(const std::string& path);
  [[nodiscard]] std::vector<std::string> paths() const;

  crypto::Result<std::unique_ptr<node::File>> open(const std::string& path,
                                                   node::OpenMode mode) override;
  crypto::Result<std::vector<std::string>> list(const std::string& folder) override;
  crypto::Status create_folders(const std::string& folder) override;
  crypto::Status sync_directory(const std::string& folder) override;
  crypto::Status rename(const std::string& from, const std::string& to) override;
  crypto::Status remove(const std::string& path) override;
  bool exists(const std::string& path) override;
  crypto::Result<std::unique_ptr<node::FolderLock>> lock(const std::string& path) override;

 private:
  friend class SimulatedFile;
  // One unsynced change: bytes written at an offset, or a new length.
  struct Change {
    std::uint64_t offset = 0;
    crypto::Bytes bytes;
    bool truncates = false;
  };
  struct Node {
    crypto::Bytes now;      // as programs see it
    crypto::Bytes durable;  // as it is on the platter
    std::vector<Change> unsynced;
    std::uint64_t version = 0;  // of what is durable; differs for any two contents of one disk
  };
  using Names = std::map<std::string, std::shared_ptr<Node>>;

  crypto::Status step(const std::string& what);
  crypto::Status rename_folder(const std::string& from, const std::string& to);
  crypto::Bytes image(const Node& node, Unsynced unsynced, std::mt19937_64& random) const;

  mutable std::mutex mutex_;
  std::mt19937_64 random_;
  Names names_;
  Names durable_names_;
  std::set<std::string> folders_;
  std::shared_ptr<std::set<std::string>> locks_ = std::make_shared<std::set<std::string>>();
  std::vector<std::pair<std::string, std::string>> renamed_;  // folders, not yet synced
  std::uint64_t versions_ = 0;
  std::uint64_t steps_ = 0;
  std::optional<Fault> fault_;
  bool fault_happened_ = false;
};

}  // namespace sanad::tests
