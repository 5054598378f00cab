// Inside of the ledger: the blocks that one commit makes durable.
#pragma once

#include "node/ledger/storage.h"

namespace sanad::node {

// Appended blocks that wait for their commit, with what the next one has to see of them. Index
// nodes are not among that: crypto::IndexMap keeps those that it wrote.
struct Group {
  struct History {
    ConsignmentEntry entry;
    std::uint64_t changed_at = ~std::uint64_t{0};  // height of the last block that added to it
  };

  std::size_t blocks = 0;
  TipEntry tip;  // after the last of them
  // The last write of a key counts.
  chaincode::Writes state;
  std::map<crypto::Hash, History> histories;
  StoreBatch batch;  // the rest

  void add(chaincode::Writes writes);
  // Everything, as one batch.
  StoreBatch seal();
};

}  // namespace sanad::node
