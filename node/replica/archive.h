// Serves what the ledger holds to members that are behind. Pure reads of a snapshot, for a worker
// thread; never more than one frame's worth for one request.
#pragma once

#include "consensus/messages.h"
#include "node/ledger/ledger.h"
#include "node/replica/wire.h"

namespace sanad::node {

class Archive {
 public:
  // `ledger` outlives the archive.
  explicit Archive(const Ledger& ledger) : ledger_(ledger) {}

  // As consensus/ledger_blocks.h says; kNotHeld where that is nothing.
  [[nodiscard]] crypto::Result<consensus::Blocks> blocks(const consensus::GetBlocks& request) const;
  // The batches that were asked for and are in that block, each with its bodies; those that are
  // not, or of which a body is damaged, go to `missing`.
  [[nodiscard]] std::vector<Batch> batches(const GetBatches& request,
                                           std::vector<crypto::Hash>& missing) const;
  // The references of a committed block's header; kNotHeld beyond the tip.
  [[nodiscard]] crypto::Result<std::vector<consensus::BatchRef>> references(
      std::uint64_t height) const;

 private:
  const Ledger& ledger_;
};

}  // namespace sanad::node
