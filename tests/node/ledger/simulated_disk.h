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
    bool power_cut = false;  // nothing works afterwards; else the step fails this once
  };

  explicit SimulatedDisk(std::uint64_t seed = 1) : random_(seed) {}

  void set_fault(std::optional<Fault> fault) { fault_ = fault; }
  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  [[nodiscard]] bool fault_happened() const { return fault_happened_; }
  [[nodiscard]] std::unique_ptr<SimulatedDisk> after_power_cut(Unsynced unsynced,
                                                               std::uint64_t seed) const;
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
  };
  using Names = std::map<std::string, std::shared_ptr<Node>>;

  crypto::Status step(const std::string& what);
  crypto::Bytes image(const Node& node, Unsynced unsynced, std::mt19937_64& random) const;

  mutable std::mutex mutex_;
  std::mt19937_64 random_;
  Names names_;
  Names durable_names_;
  std::set<std::string> folders_;
  std::shared_ptr<std::set<std::string>> locks_ = std::make_shared<std::set<std::string>>();
  std::uint64_t steps_ = 0;
  std::optional<Fault> fault_;
  bool fault_happened_ = false;
};

}  // namespace sanad::tests
