#include "node/ledger/storage.h"

namespace sanad::node {

using crypto::Bytes;
using crypto::Error;
using crypto::Hash;
using crypto::Result;

namespace {

constexpr std::uint64_t kRecordsAtOnce = 4096;

Error not_found(const std::string& what) { return {LedgerErrc::kNotFound, what}; }

// A value of the store in its type; bytes that do not decode are damage.
template <class T>
Result<T> decoded(const TipState& tip, const Bytes& bytes, const std::string& what) {
  auto value = crypto::decode<T>(bytes);
  if (!value) {
    return tip.noted(
        {LedgerErrc::kDamaged, "the store's " + what + ": " + value.error().message()});
  }
  return std::move(*value);
}

struct FoundBlock {
  BlockFrame frame;
  Position batches;  // where they begin
};

Result<FoundBlock> find_block(const TipState& tip, std::uint64_t height) {
  const std::string name = "block " + std::to_string(height);
  if (height > tip.entry.committed.height) return not_found(name);
  SANAD_TRY(const auto entry, tip.snapshot->read(Family::kBlock, u64_key(height)));
  if (!entry) return tip.noted({LedgerErrc::kDamaged, "the store has no " + name});
  SANAD_TRY(const Position at, decode_position(*entry));
  const auto frames = tip.storage->committed_frames(tip.storage->blocks, at, 1);
  if (!frames) return tip.noted(frames.error());
  SANAD_TRY(BlockFrame frame, decoded<BlockFrame>(tip, frames->front().bytes, name));
  if (frame.committed.height != height) {
    return tip.noted({LedgerErrc::kDamaged, "the store leads to another block than " + name});
  }
  return FoundBlock{std::move(frame), frames->front().next};
}

StoredBlock stored_block(BlockFrame frame) {
  return {frame.committed,
          frame.epoch,
          frame.committee_hash,
          std::move(frame.header),
          std::move(frame.finalization),
          {}};
}

}  // namespace

const CommittedBlock& LedgerView::tip() const { return tip_->entry.committed; }

Result<Bytes> LedgerView::record(std::uint64_t index) const {
  if (index >= tip().tree_size) return not_found("record " + std::to_string(index));
  SANAD_TRY(auto found, tip_->records(index, 1));
  return std::move(found.front());
}

Result<std::vector<Bytes>> LedgerView::records(std::uint64_t first, std::uint64_t count) const {
  if (count > kRecordsAtOnce) {
    return Error{LedgerErrc::kTooLarge, std::to_string(count) + " records at once"};
  }
  return tip_->records(first, count);
}

Result<std::vector<std::uint64_t>> LedgerView::consignment(const crypto::Handle& handle) const {
  const Hash key = crypto::index_key("consignment", handle.view());
  std::vector<std::uint64_t> indices;
  SANAD_TRY(const auto bytes, tip_->snapshot->read(Family::kConsignment, key.view()));
  if (!bytes) return indices;
  SANAD_TRY(const auto entry, decoded<ConsignmentEntry>(*tip_, *bytes, "consignment entry"));
  for (std::uint64_t run = 0; run < entry.history.size() / kRunRecords; ++run) {
    SANAD_TRY(const auto stored,
              tip_->snapshot->read(Family::kConsignmentRun, consignment_run_key(key, run)));
    if (!stored) {
      return tip_->noted({LedgerErrc::kDamaged, "the store lacks a run of a consignment"});
    }
    SANAD_TRY(const auto full, decoded<ConsignmentRun>(*tip_, *stored, "consignment run"));
    indices.insert(indices.end(), full.indices.begin(), full.indices.end());
  }
  indices.insert(indices.end(), entry.latest.begin(), entry.latest.end());
  return indices;
}

Result<Hash> LedgerView::root_at(std::uint64_t size) const {
  if (size > tip().tree_size) return not_found("log size " + std::to_string(size));
  return crypto::root_of(size, LogNodes(*tip_));
}

Result<std::vector<Hash>> LedgerView::inclusion_proof(std::uint64_t index,
                                                      std::uint64_t size) const {
  if (size > tip().tree_size) return not_found("log size " + std::to_string(size));
  return crypto::inclusion_proof(index, size, LogNodes(*tip_));
}

Result<std::vector<Hash>> LedgerView::consistency_proof(std::uint64_t old_size,
                                                        std::uint64_t size) const {
  if (size > tip().tree_size) return not_found("log size " + std::to_string(size));
  return crypto::consistency_proof(old_size, size, LogNodes(*tip_));
}

Result<std::vector<Hash>> LedgerView::log_nodes(unsigned level, std::uint64_t first,
                                                std::uint64_t count) const {
  if (count > kRecordsAtOnce) {
    return Error{LedgerErrc::kTooLarge, std::to_string(count) + " nodes at once"};
  }
  const LogNodes reader(*tip_);
  std::vector<Hash> nodes;
  for (std::uint64_t i = 0; i < count; ++i) {
    SANAD_TRY(nodes.emplace_back(), reader.read(level, first + i));
  }
  return nodes;
}

Result<crypto::IndexProof> LedgerView::index_proof(const Hash& key) const {
  StoredIndexNodes nodes;
  nodes.follow(tip_);
  crypto::IndexMap map(nodes, tip().index_root);
  auto proof = map.prove(key);
  if (!proof) return tip_->noted({LedgerErrc::kDamaged, "index: " + proof.error().message()});
  return std::move(*proof);
}

Result<Bytes> LedgerView::body(const Hash& digest) const {
  SANAD_TRY(const auto entry, tip_->snapshot->read(Family::kBody, digest.view()));
  if (!entry) return not_found("body " + digest.hex());
  SANAD_TRY(const Position at, decode_position(*entry));
  const auto frames = tip_->storage->committed_frames(tip_->storage->bodies, at, 1);
  if (!frames) return tip_->noted(frames.error());
  SANAD_TRY(StoredBody body, parse_body_frame(frames->front().bytes));
  if (body.digest != digest) {
    return tip_->noted(
        {LedgerErrc::kDamaged, "the store leads to another body than " + digest.hex()});
  }
  return std::move(body.bytes);
}

Result<CommittedBlock> LedgerView::committed(std::uint64_t height) const {
  SANAD_TRY(const FoundBlock found, find_block(*tip_, height));
  return found.frame.committed;
}

Result<StoredBlock> LedgerView::block_head(std::uint64_t height) const {
  SANAD_TRY(FoundBlock found, find_block(*tip_, height));
  return stored_block(std::move(found.frame));
}

Result<StoredBlock> LedgerView::block(std::uint64_t height) const {
  SANAD_TRY(FoundBlock found, find_block(*tip_, height));
  auto frames =
      tip_->storage->committed_frames(tip_->storage->blocks, found.batches, found.frame.batches);
  if (!frames) return tip_->noted(frames.error());
  StoredBlock block = stored_block(std::move(found.frame));
  for (Frame& frame : *frames) block.batches.push_back(std::move(frame.bytes));
  return block;
}

Result<std::uint64_t> LedgerView::height_of_size(std::uint64_t tree_size) const {
  if (tree_size == 0 || tree_size > tip().tree_size) {
    return not_found("log size " + std::to_string(tree_size));
  }
  SANAD_TRY(const Bytes bytes, record(tree_size - 1));
  const auto last = chaincode::decode_record(bytes);
  if (!last) return tip_->noted({LedgerErrc::kDamaged, "record: " + last.error().message()});
  const auto* commit = std::get_if<chaincode::CommitRecord>(&last->content);
  if (commit == nullptr) return not_found("a block that ends at " + std::to_string(tree_size));
  return commit->height;
}

const chaincode::StateReader& LedgerView::state() const { return *tip_; }

}  // namespace sanad::node
