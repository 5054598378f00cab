// Grows the log tree and the verifiable index from records alone (F10, F13, F16) and compares them
// with what the ledger committed, block by block. No I/O.
#pragma once

#include <unordered_map>

#include "chaincode/record.h"
#include "crypto/index_map.h"
#include "crypto/log_tree.h"
#include "node/ledger/segment_reader.h"
#include "tools/audit/fault.h"
#include "tools/audit/snapshot.h"

namespace sanad::tools {

// Keeps the whole index in memory: about 500 bytes for each of its keys.
class TreeCheck {
 public:
  TreeCheck();

  // `records`: those of the block, decoded, the commit record last.
  Checked next(const node::SegmentBlock& block, std::span<const chaincode::Record> records);
  [[nodiscard]] const crypto::LogFrontier& log() const { return log_; }
  void save(AuditSnapshot& snapshot) const;
  // False where log and index do not lead to the tip's roots.
  bool load(const AuditSnapshot& snapshot);

 private:
  struct KeyHash {
    std::size_t operator()(const crypto::Hash& key) const {
      return static_cast<std::size_t>(crypto::read_u64be(key.view()));  // a hash is random already
    }
  };
  // The index is never read back from anywhere: it holds all its nodes.
  struct NoNodes final : crypto::IndexNodes {
    [[nodiscard]] std::optional<crypto::Bytes> read(crypto::ByteView) const override {
      return std::nullopt;
    }
  };

  struct History {
    crypto::LogFrontier log;
    std::uint64_t changed_at = ~std::uint64_t{0};  // height of the last block that added to it
  };
  Checked add_record(const node::CommittedBlock& committed, const chaincode::Record& record,
                     const crypto::Hash& leaf);
  Checked check_commit(const node::StoredBlock& block, const chaincode::Record& last);

  crypto::LogFrontier log_;
  std::unordered_map<crypto::Hash, History, KeyHash> histories_;
  std::vector<crypto::Hash> changed_;  // keys, in this block, each once
  std::unique_ptr<NoNodes> no_nodes_;
  crypto::IndexMap index_;
};

}  // namespace sanad::tools
