#include "node/api/block_submissions.h"

#include <algorithm>

#include "node/ledger/errc.h"
#include "node/replica/wire.h"

namespace sanad::node {

using crypto::Hash;
using crypto::Result;

Result<BlockSubmissions::Block> BlockSubmissions::read(const LedgerView& view,
                                                       std::uint64_t height) {
  ++reads_;
  SANAD_TRY(const StoredBlock stored, view.block(height));
  Block block{height, {}};
  for (const crypto::Bytes& bytes : stored.batches) {
    SANAD_TRY(const Batch batch, crypto::decode<Batch>(bytes));
    for (const SubmissionBytes& core : batch.submissions) {
      SANAD_TRY(auto one, crypto::decode<chaincode::Submission>(core.bytes));
      SANAD_TRY(const auto cose, crypto::parse_cose(one.cose));
      block.submissions.emplace(crypto::cose_id(cose.kid, cose.payload), std::move(one));
    }
  }
  return block;
}

Result<const chaincode::Submission*> BlockSubmissions::find(const LedgerView& view,
                                                            std::uint64_t height, const Hash& id) {
  const auto held = std::ranges::find(blocks_, height, &Block::height);
  if (held == blocks_.end()) {
    SANAD_TRY(Block block, read(view, height));
    blocks_.push_front(std::move(block));
    if (blocks_.size() > kBlocksKept) blocks_.pop_back();
  } else {
    std::rotate(blocks_.begin(), held, held + 1);
  }
  const auto found = blocks_.front().submissions.find(id);
  if (found == blocks_.front().submissions.end()) {
    return crypto::Error{LedgerErrc::kDamaged,
                         "block " + std::to_string(height) + " lacks submission " + id.hex()};
  }
  return &found->second;
}

}  // namespace sanad::node
