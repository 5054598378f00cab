// The ledger of one node: segment files for what is history, LevelDB for what is looked up, and the
// one commit point between them (LEDGER F19–F22, docs/storage.md).
//
//   auto ledger = Ledger::open({.folder = "data/ledger", .network_id = id});
//   auto appended = (*ledger)->append(std::move(request));   // executor thread, block by block
//   auto durable = (*ledger)->commit();                      // all of them, or none
//   LedgerView view = (*ledger)->view();                     // any thread
//   auto proof = view.inclusion_proof(7, view.tip().tree_size);
//
// Invariants
//   What was appended before commit() returns survives any crash. Before, nothing of it happened:
//   no view shows it, open() cuts its frames off, and the caller executes the blocks again.
//   A node that executes the same blocks has the same records, roots, state digests and frames,
//   however they were grouped.
//
// Failure: an error of the disk, damage found by any read, or a failed read of contract state ends
// this ledger as a writer: health() keeps the first one, append() and commit() answer kStopped.
// Nothing is retried.
#pragma once

#include <memory>
#include <optional>

#include "crypto/handle.h"
#include "crypto/index_map.h"
#include "crypto/log_tree.h"
#include "node/ledger/ledger_types.h"

namespace sanad::node {

class Storage;
struct TipState;

// The ledger as of one block: a small value to copy, usable from any thread, unaffected by later
// commits. Holding one keeps the store from dropping what it sees: hold a few, not for hours. To
// serve proofs under a checkpoint, keep the view of that checkpoint's height: the index (F16) can
// be proved only as of the view's own tip.
//
// Errors of reads: kNotFound, kDamaged, kIo.
class LedgerView {
 public:
  [[nodiscard]] const CommittedBlock& tip() const;

  // Record bytes (F9) of indices below tip().tree_size; at most 4096 at once (kTooLarge). One
  // record reads up to 63 before it.
  [[nodiscard]] crypto::Result<crypto::Bytes> record(std::uint64_t index) const;
  [[nodiscard]] crypto::Result<std::vector<crypto::Bytes>> records(std::uint64_t first,
                                                                   std::uint64_t count) const;
  // Indices of all records that name the handle, in order; empty where there are none.
  [[nodiscard]] crypto::Result<std::vector<std::uint64_t>> consignment(
      const crypto::Handle& handle) const;

  [[nodiscard]] crypto::Result<crypto::Hash> root_at(std::uint64_t size) const;
  // RFC 6962 §2.1.1 and §2.1.2, for sizes up to tip().tree_size.
  [[nodiscard]] crypto::Result<std::vector<crypto::Hash>> inclusion_proof(std::uint64_t index,
                                                                          std::uint64_t size) const;
  [[nodiscard]] crypto::Result<std::vector<crypto::Hash>> consistency_proof(
      std::uint64_t old_size, std::uint64_t size) const;
  // Nodes (level, first), (level, first + 1) … of the log (crypto/log_tree.h), at most 4096: tiles
  // (F13). kNotFound where one is not complete.
  [[nodiscard]] crypto::Result<std::vector<crypto::Hash>> log_nodes(unsigned level,
                                                                    std::uint64_t first,
                                                                    std::uint64_t count) const;
  // Presence or absence of an index key (crypto::index_key) under tip().index_root.
  [[nodiscard]] crypto::Result<crypto::IndexProof> index_proof(const crypto::Hash& key) const;

  // The bytes of a body, or kNotFound.
  [[nodiscard]] crypto::Result<crypto::Bytes> body(const crypto::Hash& digest) const;
  [[nodiscard]] crypto::Result<CommittedBlock> committed(std::uint64_t height) const;
  [[nodiscard]] crypto::Result<StoredBlock> block(std::uint64_t height) const;
  // The same without its batches: header and finalization in one small read.
  [[nodiscard]] crypto::Result<StoredBlock> block_head(std::uint64_t height) const;
  // Height of the block that ends at exactly this many records, or kNotFound: a checkpoint of
  // another size is none of ours (F14).
  [[nodiscard]] crypto::Result<std::uint64_t> height_of_size(std::uint64_t tree_size) const;

  // Contract state. A read that fails yields nothing and stops the ledger: append() after it fails.
  [[nodiscard]] const chaincode::StateReader& state() const;

 private:
  friend class Ledger;
  explicit LedgerView(std::shared_ptr<const TipState> tip) : tip_(std::move(tip)) {}
  std::shared_ptr<const TipState> tip_;
};

// Not thread-safe but for view() and tip(). Destroying it releases the folder once no view is left.
class Ledger {
 public:
  // Opens or makes the folder and takes its lock. kLocked, kDamaged, kWrongNetwork, kStoreBehind,
  // kIo.
  static crypto::Result<std::unique_ptr<Ledger>> open(const LedgerOptions& options);
  ~Ledger();

  // Adds one executed block to the group that the next commit() makes durable: its commit record
  // (F10) after the effects' records, log tree and index grown, the state digest chained.
  // kOutOfOrder for any height but the next. REQUIRES: less than kGroupBlocksMax in the group.
  crypto::Result<CommittedBlock> append(CommitRequest request);
  // Four syncs at most, whatever the size of the group; none for an empty one.
  crypto::Status commit();
  // A group of one block.
  crypto::Result<CommittedBlock> commit(CommitRequest request);

  // What the next block is executed on, durable or not. Good until the next append() or commit().
  struct Head {
    const CommittedBlock& tip;
    const chaincode::StateReader& state;
  };
  // REQUIRES: a block was appended or committed.
  [[nodiscard]] Head head() const;

  // Nothing before genesis is committed. Thread-safe.
  [[nodiscard]] std::optional<CommittedBlock> tip() const;
  // As of the last commit. Thread-safe. REQUIRES: a tip.
  [[nodiscard]] LedgerView view() const;
  // The error that ended this ledger as a writer, if one did. Thread-safe.
  [[nodiscard]] crypto::Status health() const;

 private:
  class Writer;
  explicit Ledger(std::unique_ptr<Writer> writer);
  std::unique_ptr<Writer> writer_;
};

}  // namespace sanad::node
