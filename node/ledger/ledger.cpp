#include "node/ledger/ledger.h"

#include "node/crash_point.h"
#include "node/ledger/group.h"
#include "node/ledger/open_folder.h"

namespace sanad::node {

using crypto::Bytes;
using crypto::Error;
using crypto::Hash;
using crypto::Result;
using crypto::Status;

namespace {

// Index nodes kept between blocks (~200 bytes each), and what is kept of them when there are more:
// the top 12 turns, which every path shares.
constexpr std::size_t kIndexNodesMax = 1 << 17;
constexpr unsigned kIndexDepthKept = 12;

// One block on its way into the group.
struct Pending {
  TipEntry tip;  // as it will be
  std::vector<Bytes> records;
  std::vector<Hash> leaves;  // of the records, in order

  [[nodiscard]] std::uint64_t index_of(std::size_t record) const {
    return tip.committed.first_record + record;
  }
};

void add_record(Pending& block, const chaincode::Record& record) {
  block.records.push_back(chaincode::encode_record(record));
  block.leaves.push_back(crypto::leaf_hash(block.records.back()));
}

void grow_log(Pending& block, StoreBatch& batch) {
  for (const Hash& leaf : block.leaves) {
    block.tip.log.append(leaf, [&](unsigned level, std::uint64_t index, const Hash& node) {
      if (level < kRunLevel) return;
      batch.put(Family::kLogNode, log_node_key(level, index), node.view());
    });
  }
}

}  // namespace

class Ledger::Writer final : public chaincode::StateReader {
 public:
  explicit Writer(OpenFolder opened)
      : storage_(std::move(opened.storage)), writers_(std::move(opened.writers)) {
    if (opened.tip) publish(std::move(*opened.tip));
    index_.emplace(index_nodes_,
                   tip_ ? tip_->entry.committed.index_root : crypto::empty_index_root());
  }

  Result<CommittedBlock> append(CommitRequest request) {
    assert(group_.blocks < kGroupBlocksMax);
    SANAD_TRY_STATUS(check_running());
    const TipEntry* before = newest();
    const std::uint64_t next = before ? before->committed.height + 1 : 0;
    if (request.height != next) {
      return Error{LedgerErrc::kOutOfOrder, "height " + std::to_string(request.height) +
                                                " instead of " + std::to_string(next)};
    }
    auto appended = append_next(std::move(request));
    if (!appended) storage_->failure.record(appended.error());
    return appended;
  }

  Status commit() {
    SANAD_TRY_STATUS(check_running());
    const Status committed = commit_group();
    if (!committed) storage_->failure.record(committed.error());
    return committed;
  }

  // The last block that was appended or committed; nothing before genesis.
  [[nodiscard]] const TipEntry* newest() const {
    if (group_.blocks > 0) return &group_.tip;
    return tip_ ? &tip_->entry : nullptr;
  }
  // Contract state after it.
  [[nodiscard]] std::optional<Bytes> read(crypto::ByteView key) const override {
    const auto written = group_.state.find(key);
    if (written != group_.state.end()) return written->second;
    return tip_ ? tip_->read(key) : std::nullopt;
  }

  [[nodiscard]] std::shared_ptr<const TipState> tip() const {
    const std::lock_guard lock(mutex_);
    return tip_;
  }
  [[nodiscard]] Status health() const { return storage_->failure.status(); }

 private:
  [[nodiscard]] Status check_running() const {
    const Status failure = storage_->failure.status();
    return failure ? failure : Error{LedgerErrc::kStopped, failure.error().message()};
  }

  // The commit point (F20). Before the store's batch is durable nothing has happened: open() cuts
  // the frames off. After it everything has. Start-up runs open_folder() whether or not there was a
  // crash, and the executor commits the next blocks through here in either case.
  Status commit_group() {
    if (group_.blocks == 0) return {};
    for (const auto& writer : writers_) SANAD_TRY_STATUS(writer->flush());
    crash_point("ledger.segments_appended");
    for (const auto& writer : writers_) SANAD_TRY_STATUS(writer->sync());
    crash_point("ledger.segments_synced");
    group_.tip.ends = ends();
    SANAD_TRY_STATUS(storage_->store->write(group_.seal()));
    crash_point("ledger.committed");
    publish(std::move(group_.tip));
    group_ = {};
    if (index_->kept_nodes() > kIndexNodesMax) index_->forget(kIndexDepthKept);
    return {};
  }

  Result<CommittedBlock> append_next(CommitRequest request) {
    crash_point("ledger.before_append");
    SANAD_TRY(Pending block, prepare(request));
    // A read that failed during execution has made these effects worthless.
    SANAD_TRY_STATUS(storage_->failure.status());
    SANAD_TRY_STATUS(append_frames(request, block));
    group_.add(std::move(request.effects.writes));
    group_.tip = std::move(block.tip);
    ++group_.blocks;
    return group_.tip.committed;
  }

  // Everything that follows from the effects, in memory.
  Result<Pending> prepare(const CommitRequest& request) {
    Pending block;
    if (const TipEntry* before = newest()) block.tip = *before;
    CommittedBlock& committed = block.tip.committed;
    const Hash digest_before = committed.state_digest;  // zeros before genesis
    committed.height = request.height;
    committed.block_hash = request.block_hash;
    committed.time_ms = request.time_ms;
    committed.first_record = committed.tree_size;
    for (const auto& record : request.effects.records) add_record(block, record);
    SANAD_TRY(committed.index_root, grow_index(request, block));
    committed.state_digest = chaincode::state_digest(digest_before, request.effects.writes);
    add_record(block, commit_record(request, committed));
    grow_log(block, group_.batch);
    committed.tree_size = block.tip.log.size();
    committed.commit_record = committed.tree_size - 1;
    committed.root = block.tip.log.root();
    return block;
  }

  static chaincode::Record commit_record(const CommitRequest& request,
                                         const CommittedBlock& committed) {
    return chaincode::make_commit_record({.height = request.height,
                                          .block_hash = request.block_hash,
                                          .time_ms = request.time_ms,
                                          .epoch = request.epoch,
                                          .committee_hash = request.committee_hash,
                                          .index_root = committed.index_root,
                                          .state_digest = committed.state_digest,
                                          .beacon = request.effects.beacon});
  }

  // F16: every record goes to the history of each consignment that it names. Returns the new root.
  Result<Hash> grow_index(const CommitRequest& request, const Pending& block) {
    std::vector<std::pair<const Hash, Group::History>*> changed;
    const auto& records = request.effects.records;
    for (std::size_t i = 0; i < records.size(); ++i) {
      for (const crypto::Handle& handle : records[i].consignments) {
        const Hash key = crypto::index_key("consignment", handle.view());
        SANAD_TRY(auto* of_key, history_of(key, records[i].n));
        Group::History& history = of_key->second;
        if (std::exchange(history.changed_at, request.height) != request.height) {
          changed.push_back(of_key);
        }
        append_to(history.entry, key, block.leaves[i], block.index_of(i));
      }
    }
    for (const auto* of_key : changed) {
      const crypto::LogFrontier& log = of_key->second.entry.history;
      SANAD_TRY_STATUS(index_->put(of_key->first, {log.size(), log.root()}));
    }
    return index_->commit([this](crypto::ByteView id, crypto::ByteView bytes) {
      group_.batch.put(Family::kIndexNode, id, bytes);
    });
  }

  void append_to(ConsignmentEntry& entry, const Hash& key, const Hash& leaf, std::uint64_t index) {
    entry.history.append(leaf);
    entry.latest.push_back(index);
    if (entry.latest.size() < kRunRecords) return;
    const std::uint64_t run = entry.history.size() / kRunRecords - 1;
    group_.batch.put(Family::kConsignmentRun, consignment_run_key(key, run),
                     crypto::encode(ConsignmentRun{std::exchange(entry.latest, {})}));
  }

  // `n`: the number that its next record has, so that a new history need not be looked for.
  Result<std::pair<const Hash, Group::History>*> history_of(const Hash& key, std::uint64_t n) {
    const auto [at, is_new] = group_.histories.try_emplace(key);
    ConsignmentEntry& entry = at->second.entry;
    if (is_new && n > 1) {
      SANAD_TRY(entry, stored_entry(key));
    }
    if (entry.history.size() + 1 == n) return &*at;
    return Error{LedgerErrc::kDamaged, "the store has " + std::to_string(entry.history.size()) +
                                           " records of consignment " + key.hex() +
                                           ", the next one is number " + std::to_string(n)};
  }

  Result<ConsignmentEntry> stored_entry(const Hash& key) const {
    if (!tip_) return ConsignmentEntry{};
    SANAD_TRY(const auto bytes, tip_->snapshot->read(Family::kConsignment, key.view()));
    if (!bytes) return Error{LedgerErrc::kDamaged, "the store has no consignment " + key.hex()};
    auto entry = crypto::decode<ConsignmentEntry>(*bytes);
    if (!entry) {
      return Error{LedgerErrc::kDamaged, "consignment entry: " + entry.error().message()};
    }
    return std::move(*entry);
  }

  [[nodiscard]] SegmentWriter& writer(Series series) const {
    return *writers_[static_cast<std::size_t>(series)];
  }
  [[nodiscard]] SeriesEnds ends() const {
    return {writer(Series::kBlocks).end(), writer(Series::kRecords).end(),
            writer(Series::kBodies).end()};
  }

  Status append_frames(const CommitRequest& request, const Pending& block) {
    const SeriesEnds begins = ends();
    for (std::size_t i = 0; i < block.records.size(); ++i) {
      SANAD_TRY(const Position at, writer(Series::kRecords).append(block.records[i]));
      const std::uint64_t index = block.index_of(i);
      if (index % kRunRecords != 0) continue;
      group_.batch.put(Family::kRecordRun, u64_key(index / kRunRecords), encode_position(at));
    }
    for (const StoredBody& body : request.bodies) {
      SANAD_TRY(const Position at, writer(Series::kBodies).append(body_frame(body)));
      group_.batch.put(Family::kBody, body.digest.view(), encode_position(at));
    }
    const BlockFrame frame{block.tip.committed,
                           request.epoch,
                           request.committee_hash,
                           request.header,
                           request.finalization,
                           static_cast<std::uint32_t>(request.batches.size()),
                           static_cast<std::uint32_t>(request.bodies.size()),
                           begins};
    SANAD_TRY(const Position at, writer(Series::kBlocks).append(crypto::encode(frame)));
    group_.batch.put(Family::kBlock, u64_key(request.height), encode_position(at));
    for (const Bytes& batch : request.batches) {
      SANAD_TRY(const Position ignored, writer(Series::kBlocks).append(batch));
      static_cast<void>(ignored);
    }
    return {};
  }

  void publish(TipEntry entry) {
    auto tip = std::make_shared<TipState>();
    tip->storage = storage_;
    tip->snapshot = storage_->store->snapshot();
    tip->entry = std::move(entry);
    index_nodes_.follow(tip);
    const std::lock_guard lock(mutex_);
    tip_ = std::move(tip);
  }

  std::shared_ptr<Storage> storage_;
  std::array<std::unique_ptr<SegmentWriter>, 3> writers_;
  StoredIndexNodes index_nodes_;
  std::optional<crypto::IndexMap> index_;
  Group group_;
  mutable std::mutex mutex_;             // of tip_ against readers
  std::shared_ptr<const TipState> tip_;  // nothing before genesis
};

Ledger::Ledger(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}
Ledger::~Ledger() = default;

Result<std::unique_ptr<Ledger>> Ledger::open(const LedgerOptions& options) {
  SANAD_TRY(OpenFolder opened, open_folder(options));
  return std::unique_ptr<Ledger>(new Ledger(std::make_unique<Writer>(std::move(opened))));
}

Result<CommittedBlock> Ledger::append(CommitRequest request) {
  return writer_->append(std::move(request));
}

Status Ledger::commit() { return writer_->commit(); }

Result<CommittedBlock> Ledger::commit(CommitRequest request) {
  SANAD_TRY(const CommittedBlock appended, append(std::move(request)));
  SANAD_TRY_STATUS(commit());
  return appended;
}

Ledger::Head Ledger::head() const {
  const TipEntry* newest = writer_->newest();
  assert(newest != nullptr);
  return {newest->committed, *writer_};
}

std::optional<CommittedBlock> Ledger::tip() const {
  const auto tip = writer_->tip();
  return tip ? std::optional(tip->entry.committed) : std::nullopt;
}

LedgerView Ledger::view() const {
  auto tip = writer_->tip();
  assert(tip != nullptr);
  return LedgerView(std::move(tip));
}

Status Ledger::health() const { return writer_->health(); }

}  // namespace sanad::node
