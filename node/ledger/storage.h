// Inside of the ledger: what an open folder is made of, and the entries that the store keeps.
#pragma once

#include <mutex>

#include "node/ledger/ledger.h"
#include "node/ledger/store.h"

namespace sanad::node {

// Records are found by runs of this many: the store keeps where a run begins and the hash of the
// subtree over it; what lies below is read from the segments and hashed again. A node per record
// would cost 64 bytes and two LevelDB entries each, a run costs 50 bytes for 64 records, and a
// proof reads 2 runs of ~16 KB.
inline constexpr unsigned kRunLevel = 6;
inline constexpr std::uint64_t kRunRecords = std::uint64_t{1} << kRunLevel;

// The last commit: all that the next one needs.
struct TipEntry {
  CommittedBlock committed;
  SeriesEnds ends;
  crypto::LogFrontier log;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(committed), SANAD_FIELD(ends), SANAD_FIELD(log));
  }
};

// The history of one index key. Its record indices are kept in runs of kRunRecords, so that the
// thousandth record costs no more to add than the second.
struct ConsignmentEntry {
  crypto::LogFrontier history;        // over its records' leaf hashes: n and R of F16
  std::vector<std::uint64_t> latest;  // indices after the last full run
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(history), SANAD_FIELD_MAX(latest, kRunRecords));
  }
};
struct ConsignmentRun {
  std::vector<std::uint64_t> indices;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(indices, kRunRecords));
  }
};

// The first frame of a block in the series of blocks; its batches follow, one frame each.
struct BlockFrame {
  CommittedBlock committed;
  std::uint64_t epoch = 0;
  crypto::Hash committee_hash;
  crypto::Bytes header;
  crypto::Bytes finalization;
  std::uint32_t batches = 0;
  std::uint32_t bodies = 0;
  SeriesEnds begins;  // where its own frames begin in each series
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(committed), SANAD_FIELD(epoch), SANAD_FIELD(committee_hash),
       SANAD_FIELD_MAX(header, kFrameBytesMax), SANAD_FIELD_MAX(finalization, kFrameBytesMax),
       SANAD_FIELD(batches), SANAD_FIELD(bodies), SANAD_FIELD(begins));
  }
};

// A body's frame is one byte for how its digest follows, and its bytes: 1 H("body", bytes), 2
// H("detail", bytes), 0 the digest itself stands before them. Not storing the first two saves 62
// bytes a declaration, and reading them back checks them.
crypto::Bytes body_frame(const StoredBody& body);
crypto::Result<StoredBody> parse_body_frame(crypto::ByteView frame);

// 8 bytes: segment and offset, big-endian.
crypto::Bytes encode_position(Position position);
crypto::Result<Position> decode_position(crypto::ByteView bytes);
crypto::Bytes u64_key(std::uint64_t value);
crypto::Bytes log_node_key(unsigned level, std::uint64_t index);
crypto::Bytes consignment_run_key(const crypto::Hash& key, std::uint64_t run);

// The first failure of a ledger; it stays. Thread-safe.
class FailureLatch {
 public:
  void record(const crypto::Error& error) const;
  [[nodiscard]] crypto::Status status() const;

 private:
  mutable std::mutex mutex_;
  mutable std::optional<crypto::Error> error_;
};

// An open folder, shared by the writer and every view. The lock is the last to go.
class Storage {
 public:
  // `places`: of the three series, in their order.
  Storage(std::unique_ptr<FolderLock> lock, std::shared_ptr<Store> opened,
          const std::array<SegmentPlace, 3>& places);

  // Frames that were committed: an end of the files is damage.
  [[nodiscard]] crypto::Result<std::vector<Frame>> committed_frames(const SegmentFiles& series,
                                                                    Position at,
                                                                    std::size_t count) const;

 private:
  std::unique_ptr<FolderLock> lock_;

 public:
  std::shared_ptr<Store> store;
  SegmentFiles blocks;
  SegmentFiles records;
  SegmentFiles bodies;
  FailureLatch failure;
};

// One commit as its readers see it. Immutable, thread-safe.
struct TipState final : chaincode::StateReader {
  std::shared_ptr<const Storage> storage;
  std::shared_ptr<const StoreSnapshot> snapshot;
  TipEntry entry;

  // Contract state; a failure is latched, since this interface has no way to tell.
  [[nodiscard]] std::optional<crypto::Bytes> read(crypto::ByteView key) const override;
  // Records [first, first + count).
  [[nodiscard]] crypto::Result<std::vector<crypto::Bytes>> records(std::uint64_t first,
                                                                   std::uint64_t count) const;
  // Latches damage and passes it on.
  [[nodiscard]] crypto::Error noted(crypto::Error error) const;
};

// Nodes of the log as of one commit (crypto/log_tree.h). Keeps the runs it read: one object a
// proof. Not thread-safe.
class LogNodes final : public crypto::NodeReader {
 public:
  explicit LogNodes(const TipState& tip) : tip_(tip) {}
  [[nodiscard]] crypto::Result<crypto::Hash> read(unsigned level,
                                                  std::uint64_t index) const override;

 private:
  using Leaves = std::vector<crypto::Hash>;
  crypto::Result<const Leaves*> run(std::uint64_t number) const;

  const TipState& tip_;
  mutable std::map<std::uint64_t, Leaves> runs_;
};

// Nodes of the index as of one commit. A failed read is latched and reads as nothing, which
// crypto::IndexMap reports as damage.
class StoredIndexNodes final : public crypto::IndexNodes {
 public:
  void follow(std::shared_ptr<const TipState> tip) { tip_ = std::move(tip); }
  [[nodiscard]] std::optional<crypto::Bytes> read(crypto::ByteView node_id) const override;

 private:
  std::shared_ptr<const TipState> tip_;  // nothing before genesis
};

}  // namespace sanad::node
