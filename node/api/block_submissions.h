// The submissions of blocks by id, for whoever reads one record after another: a block of thousands
// is read and taken apart once, not once a record.
#pragma once

#include <deque>
#include <map>

#include "chaincode/statement.h"
#include "node/ledger/ledger.h"

namespace sanad::node {

// Keeps the kBlocksKept blocks read last. Blocks never change, so one of these serves all views of
// a ledger. Not thread-safe.
class BlockSubmissions {
 public:
  static constexpr std::size_t kBlocksKept = 2;  // 16 MiB of batches each, at most

  // Valid until the next call. Errors are the view's; kDamaged where the block lacks it.
  crypto::Result<const chaincode::Submission*> find(const LedgerView& view, std::uint64_t height,
                                                    const crypto::Hash& id);
  // Blocks read so far.
  [[nodiscard]] std::size_t reads() const { return reads_; }

 private:
  struct Block {
    std::uint64_t height = 0;
    std::map<crypto::Hash, chaincode::Submission> submissions;
  };
  crypto::Result<Block> read(const LedgerView& view, std::uint64_t height);

  std::deque<Block> blocks_;  // the one used last comes first
  std::size_t reads_ = 0;
};

}  // namespace sanad::node
