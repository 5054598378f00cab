#include "tests/node/ledger/simulated_disk.h"

#include <algorithm>

namespace sanad::tests {

using crypto::Bytes;
using crypto::ByteView;
using crypto::Error;
using crypto::Result;
using crypto::Status;
using node::LedgerErrc;

namespace {

constexpr std::uint64_t kSectorBytes = 512;

void write_at(Bytes& file, std::uint64_t offset, ByteView bytes) {
  if (file.size() < offset + bytes.size()) file.resize(offset + bytes.size());
  std::copy(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(offset));
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

// The files of one folder get the name of another.
template <class Names>
void move_folder(Names& names, const std::string& from, const std::string& to) {
  Names moved;
  for (auto at = names.begin(); at != names.end();) {
    if (folder_of(at->first) != from) {
      ++at;
      continue;
    }
    moved[to + at->first.substr(from.size())] = std::move(at->second);
    at = names.erase(at);
  }
  names.merge(moved);
}

class SimulatedLock final : public node::FolderLock {
 public:
  SimulatedLock(std::shared_ptr<std::set<std::string>> held, std::string path)
      : held_(std::move(held)), path_(std::move(path)) {}
  ~SimulatedLock() override { held_->erase(path_); }

 private:
  std::shared_ptr<std::set<std::string>> held_;
  std::string path_;
};

}  // namespace

class SimulatedFile final : public node::File {
 public:
  SimulatedFile(SimulatedDisk& disk, std::string path, std::shared_ptr<SimulatedDisk::Node> node)
      : disk_(disk), path_(std::move(path)), node_(std::move(node)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) const override {
    const std::lock_guard lock(disk_.mutex_);
    if (offset >= node_->now.size()) return std::size_t{0};
    const std::size_t count = std::min<std::size_t>(out.size(), node_->now.size() - offset);
    std::copy_n(node_->now.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
    return count;
  }

  Status append(ByteView bytes) override {
    const std::lock_guard lock(disk_.mutex_);
    const Status allowed = disk_.step("write " + path_);
    // A write that was under way when the power went may have reached the platter.
    if (allowed || allowed.error().detail.starts_with("power cut")) {
      write(bytes);
    } else if (allowed.error().code == LedgerErrc::kNoSpace) {
      write(bytes.first(disk_.random_() % (bytes.size() + 1)));  // what still fitted
    }
    return allowed;
  }

  Status sync() override {
    const std::lock_guard lock(disk_.mutex_);
    if (const Status allowed = disk_.step("sync " + path_); !allowed) {
      // The kernel reports the loss once, then calls the pages clean: a later sync succeeds
      // without them (fsyncgate).
      if (!allowed.error().detail.starts_with("power")) node_->unsynced.clear();
      return allowed;
    }
    for (const auto& change : node_->unsynced) {
      if (change.truncates) node_->durable.resize(change.offset);
      write_at(node_->durable, change.offset, change.bytes);
    }
    if (!node_->unsynced.empty()) node_->version = ++disk_.versions_;
    node_->unsynced.clear();
    return {};
  }

  Status truncate(std::uint64_t size) override {
    const std::lock_guard lock(disk_.mutex_);
    SANAD_TRY_STATUS(disk_.step("truncate " + path_));
    node_->now.resize(size);
    node_->unsynced.push_back({size, {}, true});
    return {};
  }

  [[nodiscard]] std::uint64_t size() const override {
    const std::lock_guard lock(disk_.mutex_);
    return node_->now.size();
  }

 private:
  void write(ByteView bytes) {
    node_->unsynced.push_back({node_->now.size(), Bytes(bytes.begin(), bytes.end()), false});
    crypto::append(node_->now, bytes);
  }

  SimulatedDisk& disk_;
  std::string path_;
  std::shared_ptr<SimulatedDisk::Node> node_;
};

// REQUIRES: mutex_ is held.
Status SimulatedDisk::step(const std::string& what) {
  ++steps_;
  if (!fault_) return {};
  if (steps_ == fault_->step) {
    fault_happened_ = true;
    return Error{fault_->code, (fault_->power_cut ? "power cut: " : "fault: ") + what};
  }
  if (fault_->power_cut && steps_ > fault_->step) return Error{LedgerErrc::kIo, "power is off"};
  if (fault_->read_only && steps_ > fault_->step) return Error{fault_->code, "read-only: " + what};
  return {};
}

Result<std::unique_ptr<node::File>> SimulatedDisk::open(const std::string& path,
                                                        node::OpenMode mode) {
  const std::lock_guard lock(mutex_);
  auto found = names_.find(path);
  if (mode == node::OpenMode::kRead && found == names_.end()) {
    return Error{LedgerErrc::kNoSuchFile, "open " + path};
  }
  const bool is_new = found == names_.end() || mode == node::OpenMode::kCreate;
  if (is_new) {
    SANAD_TRY_STATUS(step("create " + path));
    found = names_.insert_or_assign(path, std::make_shared<Node>()).first;
    found->second->version = ++versions_;
  }
  return std::unique_ptr<node::File>(std::make_unique<SimulatedFile>(*this, path, found->second));
}

Result<std::vector<std::string>> SimulatedDisk::list(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  if (!folders_.contains(folder)) return Error{LedgerErrc::kNoSuchFile, "list " + folder};
  std::vector<std::string> names;
  for (const auto& [path, node] : names_) {
    if (folder_of(path) == folder) names.push_back(path.substr(folder.size() + 1));
  }
  return names;
}

// Folders are durable at once: what is tested is files.
Status SimulatedDisk::create_folders(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  folders_.insert(folder);
  return {};
}

Status SimulatedDisk::sync_directory(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  SANAD_TRY_STATUS(step("sync folder " + folder));
  for (const auto& [from, to] : renamed_) {
    if (folder_of(to) == folder) move_folder(durable_names_, from, to);
  }
  std::erase_if(renamed_, [&](const auto& one) { return folder_of(one.second) == folder; });
  std::erase_if(durable_names_, [&](const auto& name) { return folder_of(name.first) == folder; });
  for (const auto& [path, node] : names_) {
    if (folder_of(path) == folder) durable_names_[path] = node;
  }
  return {};
}

Status SimulatedDisk::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(from);
  if (found == names_.end() && folders_.contains(from)) return rename_folder(from, to);
  if (found == names_.end()) return Error{LedgerErrc::kNoSuchFile, "rename " + from};
  SANAD_TRY_STATUS(step("rename " + from));
  names_[to] = found->second;
  names_.erase(from);
  return {};
}

// REQUIRES: mutex_ is held, no folder in it.
Status SimulatedDisk::rename_folder(const std::string& from, const std::string& to) {
  SANAD_TRY_STATUS(step("rename " + from));
  move_folder(names_, from, to);
  folders_.erase(from);
  folders_.insert(to);
  renamed_.emplace_back(from, to);
  return {};
}

Status SimulatedDisk::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (!names_.contains(path)) return Error{LedgerErrc::kNoSuchFile, "remove " + path};
  SANAD_TRY_STATUS(step("remove " + path));
  names_.erase(path);
  return {};
}

bool SimulatedDisk::exists(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return names_.contains(path) || folders_.contains(path);
}

Result<std::unique_ptr<node::FolderLock>> SimulatedDisk::lock(const std::string& path) {
  const std::lock_guard guard(mutex_);
  if (!locks_->insert(path).second) return Error{LedgerErrc::kLocked, path};
  return std::unique_ptr<node::FolderLock>(std::make_unique<SimulatedLock>(locks_, path));
}

Bytes SimulatedDisk::image(const Node& node, Unsynced unsynced, std::mt19937_64& random) const {
  Bytes file = node.durable;
  if (unsynced == Unsynced::kDropped || node.unsynced.empty()) return file;
  const std::size_t whole = random() % (node.unsynced.size() + 1);  // kTorn: so many are whole
  for (std::size_t i = 0; i < node.unsynced.size(); ++i) {
    const auto& change = node.unsynced[i];
    if (unsynced == Unsynced::kSubset && random() % 2 == 0) continue;
    if (unsynced == Unsynced::kTorn && i > whole) break;
    if (change.truncates) {
      file.resize(change.offset);
      continue;
    }
    Bytes bytes = change.bytes;
    if (unsynced == Unsynced::kTorn && i == whole) {
      const std::uint64_t end = change.offset + random() % (bytes.size() + 1);
      const std::uint64_t cut = end / kSectorBytes * kSectorBytes;
      bytes.resize(cut > change.offset ? cut - change.offset : 0);
    }
    if (unsynced == Unsynced::kGarbage) {
      for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    }
    write_at(file, change.offset, bytes);
  }
  return file;
}

std::unique_ptr<SimulatedDisk> SimulatedDisk::after_power_cut(Unsynced unsynced,
                                                              std::uint64_t seed) const {
  const std::lock_guard lock(mutex_);
  std::mt19937_64 random(seed);
  auto next = std::make_unique<SimulatedDisk>(seed);
  next->folders_ = folders_;
  Names kept = durable_names_;
  for (const auto& [from, to] : renamed_) {
    next->folders_.insert(from);
    if (unsynced != Unsynced::kDropped && random() % 2 == 0) move_folder(kept, from, to);
  }
  if (unsynced != Unsynced::kDropped) {
    for (const auto& [path, node] : names_) {
      if (!durable_names_.contains(path) && random() % 2 == 0) kept[path] = node;
    }
    for (const auto& [path, node] : durable_names_) {
      const auto now = names_.find(path);
      if (now != names_.end() && now->second == node) continue;
      if (random() % 2 == 0) continue;  // the old name or file survives
      kept.erase(path);
      if (now != names_.end()) kept[path] = now->second;
    }
  }
  for (const auto& [path, node] : kept) {
    auto copy = std::make_shared<Node>();
    copy->now = image(*node, unsynced, random);
    copy->durable = copy->now;
    copy->version = ++next->versions_;
    next->names_[path] = copy;
    next->durable_names_[path] = copy;
  }
  return next;
}

std::vector<SimulatedDisk::DurableFile> SimulatedDisk::durable_files(
    const std::string& folder) const {
  const std::lock_guard lock(mutex_);
  std::vector<DurableFile> files;
  for (auto at = durable_names_.lower_bound(folder + "/");
       at != durable_names_.end() && at->first.starts_with(folder + "/"); ++at) {
    files.push_back({at->first, &at->second->durable, at->second->version});
  }
  return files;
}

bool SimulatedDisk::flip(const std::string& path, std::uint64_t offset, std::uint8_t bits) {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(path);
  if (found == names_.end()) return false;
  Node& node = *found->second;
  if (offset >= node.now.size() || offset >= node.durable.size()) return false;
  node.now[offset] ^= bits;
  node.durable[offset] ^= bits;
  node.version = ++versions_;
  return true;
}

void SimulatedDisk::put(const std::string& path, Bytes bytes) {
  const std::lock_guard lock(mutex_);
  auto node = std::make_shared<Node>();
  node->now = bytes;
  node->durable = std::move(bytes);
  node->version = ++versions_;
  names_[path] = node;
  durable_names_[path] = node;
}

void SimulatedDisk::erase(const std::string& path) {
  const std::lock_guard lock(mutex_);
  names_.erase(path);
  durable_names_.erase(path);
}

Bytes* SimulatedDisk::bytes(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(path);
  return found == names_.end() ? nullptr : &found->second->now;
}

std::vector<std::string> SimulatedDisk::paths() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> paths;
  for (const auto& [path, node] : names_) paths.push_back(path);
  return paths;
}

}  // namespace sanad::tests
