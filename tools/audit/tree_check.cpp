#include "tools/audit/tree_check.h"

namespace sanad::tools {

using chaincode::CommitRecord;
using chaincode::Record;
using crypto::Hash;
using crypto::LogFrontier;

namespace {

// In whose histories a record is: its consignments' first.
std::vector<Hash> history_keys(const Record& record) {
  std::vector<Hash> keys;
  for (const crypto::Handle& handle : record.consignments) {
    keys.push_back(crypto::index_key("consignment", handle.view()));
  }
  return keys;
}

}  // namespace

TreeCheck::TreeCheck()
    : no_nodes_(std::make_unique<NoNodes>()), index_(*no_nodes_, crypto::empty_index_root()) {}

Checked TreeCheck::next(const node::SegmentBlock& block, std::span<const Record> records) {
  const node::CommittedBlock& committed = block.block.committed;
  assert(records.size() == block.records.size() && !records.empty());
  changed_.clear();
  for (std::size_t i = 0; i < records.size(); ++i) {
    const Hash leaf = crypto::leaf_hash(block.records[i]);
    const bool is_last = i + 1 == records.size();
    Checked found = (records[i].kind() == chaincode::RecordKind::kCommit) != is_last
                        ? Fault{is_last ? "the block's last record is no commit record"
                                        : "a commit record inside a block"}
                        : add_record(committed, records[i], leaf);
    if (!found && is_last) found = check_commit(block.block, records[i]);
    if (found) {
      found->height = committed.height;
      found->record = committed.first_record + i;
      return found;
    }
    log_.append(leaf);
  }
  std::string wrong;
  if (committed.tree_size != log_.size() || committed.commit_record + 1 != log_.size()) {
    wrong = "the ledger noted another number of records";
  } else if (committed.root != log_.root()) {
    wrong = "its records " + std::to_string(committed.first_record) + " to " +
            std::to_string(committed.commit_record) + " do not lead to the log's root";
  }
  if (wrong.empty()) return std::nullopt;
  return Fault{wrong, committed.height};
}

Checked TreeCheck::add_record(const node::CommittedBlock& committed, const Record& record,
                              const Hash& leaf) {
  if (record.height != committed.height) return Fault{"it says another height"};
  if (record.time_ms != committed.time_ms) return Fault{"it says another time than its block"};
  const std::vector<Hash> keys = history_keys(record);
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    History& history = histories_[keys[i]];
    history.log.append(leaf);
    if (std::exchange(history.changed_at, committed.height) != committed.height) {
      changed_.push_back(keys[i]);
    }
    if (i >= record.consignments.size()) continue;  // only there records are numbered
    n = history.log.size();
    if (record.n == n) continue;
    return Fault{"it is number " + std::to_string(n) + " of its consignment and says " +
                 std::to_string(record.n)};
  }
  if (record.n != n) return Fault{"it has a number and no consignment"};
  return std::nullopt;
}

Checked TreeCheck::check_commit(const node::StoredBlock& block, const Record& last) {
  for (const Hash& key : changed_) {
    const LogFrontier& history = histories_[key].log;
    if (const auto put = index_.put(key, {history.size(), history.root()}); !put) {
      return Fault{"index: " + put.error().message()};
    }
  }
  const Hash index_root = index_.commit([](crypto::ByteView, crypto::ByteView) {});
  const node::CommittedBlock& committed = block.committed;
  const auto& said = std::get<CommitRecord>(last.content);
  if (said.index_root != index_root) return Fault{"the records lead to another index root"};
  if (committed.index_root != index_root) return Fault{"the ledger noted another index root"};
  if (said.block_hash != committed.block_hash) return Fault{"it names another block"};
  if (said.height != committed.height || said.time_ms != committed.time_ms) {
    return Fault{"it says another height or time"};
  }
  if (said.epoch != block.epoch || said.committee_hash != block.committee_hash) {
    return Fault{"it says another epoch or committee"};
  }
  if (said.state_digest != committed.state_digest) {
    return Fault{"it has another state digest than the ledger noted"};
  }
  return std::nullopt;
}

void TreeCheck::save(AuditSnapshot& snapshot) const {
  snapshot.log = log_;
  for (const auto& [key, history] : histories_) {
    snapshot.histories.push_back({key, history.log});
  }
}

bool TreeCheck::load(const AuditSnapshot& snapshot) {
  log_ = snapshot.log;
  for (const HistoryEntry& one : snapshot.histories) {
    histories_[one.key].log = one.log;
    if (one.log.size() == 0 || !index_.put(one.key, {one.log.size(), one.log.root()})) return false;
  }
  const Hash index_root = index_.commit([](crypto::ByteView, crypto::ByteView) {});
  return index_root == snapshot.tip.index_root && log_.size() == snapshot.tip.tree_size &&
         log_.root() == snapshot.tip.root;
}

}  // namespace sanad::tools
