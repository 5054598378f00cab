#include "node/replica/archive.h"

#include <algorithm>

#include "consensus/ledger_blocks.h"
#include "node/replica/batch.h"

namespace sanad::node {

using consensus::BlockHeader;
using consensus::Certificate;
using crypto::Error;
using crypto::Hash;
using crypto::Result;

Result<consensus::Blocks> Archive::blocks(const consensus::GetBlocks& request) const {
  if (!ledger_.tip()) return Error{ReplicaErrc::kNotHeld};
  const LedgerView view = ledger_.view();
  const auto read = [&view](consensus::Height height) -> Result<consensus::Finalized> {
    SANAD_TRY(const StoredBlock stored, view.block_head(height));
    SANAD_TRY(auto header, crypto::decode<BlockHeader>(stored.header));
    SANAD_TRY(auto finalization, crypto::decode<Certificate>(stored.finalization));
    return consensus::Finalized{std::move(header), stored.committed.block_hash,
                                std::move(finalization)};
  };
  SANAD_TRY(auto blocks, consensus::blocks_from(request, view.tip().height, read));
  if (!blocks) return Error{ReplicaErrc::kNotHeld};
  return std::move(*blocks);
}

std::vector<Batch> Archive::batches(const GetBatches& request, std::vector<Hash>& missing) const {
  std::vector<Batch> found;
  missing = request.digests;
  if (request.height == 0 || !ledger_.tip()) return found;
  const LedgerView view = ledger_.view();
  const auto stored = view.block(request.height);
  if (!stored) return found;
  const auto header = crypto::decode<BlockHeader>(stored->header);
  if (!header || header->batches.size() != stored->batches.size()) return found;
  bool readable = true;  // all bodies of a batch that are here
  const auto body = [&](const Hash& digest) -> std::optional<crypto::Bytes> {
    auto bytes = view.body(digest);
    if (bytes) return std::move(*bytes);
    readable = readable && bytes.error() == LedgerErrc::kNotFound;
    return std::nullopt;
  };
  for (std::size_t i = 0; i < header->batches.size(); ++i) {
    const auto asked = std::ranges::find(missing, header->batches[i].digest);
    if (asked == missing.end()) continue;
    readable = true;
    auto batch = join_batch(stored->batches[i], body);
    if (!batch || !readable) continue;
    missing.erase(asked);
    found.push_back(std::move(*batch));
  }
  return found;
}

Result<std::vector<consensus::BatchRef>> Archive::references(std::uint64_t height) const {
  if (!ledger_.tip() || height > ledger_.tip()->height) return Error{ReplicaErrc::kNotHeld};
  SANAD_TRY(const StoredBlock stored, ledger_.view().block_head(height));
  SANAD_TRY(BlockHeader header, crypto::decode<BlockHeader>(stored.header));
  return std::move(header.batches);
}

}  // namespace sanad::node
