// A node's history executed again, from its segment files alone, in a fresh store: what `explain`,
// `export` and an auditor build on. Works beside a running node and on a copy.
#pragma once

#include <filesystem>

#include "chaincode/execute.h"
#include "node/ledger/segment_reader.h"
#include "tools/errc.h"

namespace sanad::tools {

struct ReplayStep {
  chaincode::OrderedBlock block;
  node::CommittedBlock committed;
  std::uint64_t first_record = 0;
  std::vector<crypto::Bytes> records;  // as stored; the commit record last
};

// Not thread-safe. Holds all bodies read so far (a submission that is repeated in a later batch is
// stored without them): about 1 KiB a declaration.
class Replay {
 public:
  // `contracts` outlives it. `folder` is the ledger's or the node's data folder.
  static crypto::Result<Replay> open(const std::filesystem::path& folder,
                                     const chaincode::Contracts& contracts);

  // The next block from genesis (height 0: no submissions) on, not executed yet, or nothing at the
  // end. Every submission passes check_submission() again.
  crypto::Result<std::optional<ReplayStep>> next();
  // Executes it over the state so far. kDiffers where a record or the state digest is not what the
  // log holds, naming the first that differs.
  crypto::Status apply(const ReplayStep& step);
  // As of the end of the last block applied.
  [[nodiscard]] const chaincode::MemoryState& state() const { return state_; }
  // The bytes of a body or detail seen so far; nullptr if it is not held.
  [[nodiscard]] const crypto::Bytes* body(const crypto::Hash& digest) const;

 private:
  Replay(node::SegmentReader reader, const chaincode::Contracts& contracts)
      : reader_(std::move(reader)), contracts_(&contracts) {}

  node::SegmentReader reader_;
  const chaincode::Contracts* contracts_;
  chaincode::MemoryState state_;
  crypto::Hash digest_;
  std::map<crypto::Hash, crypto::Bytes> bodies_;
};

}  // namespace sanad::tools
