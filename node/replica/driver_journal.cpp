// The driver's side of the journal: what is kept, what is written again, what may go.
#include "node/replica/driver.h"

namespace sanad::node {

using crypto::Status;

namespace {

// A batch that stays unordered for this many segments is written again, so that they can go.
constexpr std::uint64_t kSegmentsPinned = 4;
// Of such batches, in one turn: a vote waits for no more than this.
constexpr std::size_t kMovedBytesMax = std::size_t{1} << 20;
// Batches of others that wait for a vote's sync: no vote waits for more than this.
constexpr std::size_t kUnsyncedBytesMax = std::size_t{256} << 10;
// Own batch numbers set aside in advance; so many are left out after a crash.
constexpr std::uint64_t kSequenceReserved = 16;

}  // namespace

// What the crash took of the entries: without them a second restart would hold the batches of these
// blocks for work again.
void Driver::record_committed(const BlockEnd& end, std::span<const crypto::Hash> batches) {
  do {
    const std::size_t count = std::min(batches.size(), consensus::kBlockRefsMax);
    append_committed(
        {end, {batches.begin(), batches.begin() + static_cast<std::ptrdiff_t>(count)}});
    batches = batches.subspan(count);
  } while (!batches.empty());
}

void Driver::append_committed(const CommittedEntry& entry) {
  persist(kCommittedEntry, crypto::encode(entry));
}

void Driver::persist(std::uint8_t kind, crypto::ByteView bytes) {
  journal_->append(kind, bytes);
  must_sync_ = true;
}

Status Driver::sync_journal() {
  if (!std::exchange(must_sync_, false) && journal_->pending_bytes() < kUnsyncedBytesMax) return {};
  if (!journal_->dirty()) return {};
  if (counters_.batches_made > 0 && pool_.next_seq() + kSequenceReserved / 2 > reserved_seq_) {
    reserve_sequence();
    must_sync_ = false;
  }
  const std::uint64_t begin = options_.clock_us ? options_.clock_us() : 0;
  SANAD_TRY_STATUS(journal_->sync());
  counters_.journal_sync.add(options_.clock_us ? options_.clock_us() - begin : 0);
  return {};
}

void Driver::append_carry_over() {
  for (const consensus::JournalRecord& record : core_.snapshot()) {
    persist(kConsensusEntry, crypto::encode(record));
  }
  append_sequence();
  if (newest_end_) append_committed({*newest_end_, {}});
  for (const consensus::Evidence& evidence : accuser_.unrecorded()) {
    persist(kEvidenceEntry, crypto::encode(evidence));
  }
}

void Driver::append_sequence() {
  crypto::Bytes next_seq;
  crypto::append_u64be(next_seq, std::max(reserved_seq_, pool_.next_seq()));
  persist(kSequenceEntry, next_seq);
}

// B1: a number is never used twice, though a power cut may take the batch that had it.
void Driver::reserve_sequence() {
  reserved_seq_ = pool_.next_seq() + kSequenceReserved;
  append_sequence();
}

// Twice as far behind as all held batches are long, or writing them again would itself be what
// makes them old.
std::uint64_t Driver::segments_pinned() const {
  return std::max(kSegmentsPinned, 2 * pool_.held_bytes() / journal_->segment_bytes() + 1);
}

void Driver::move_pinned_batches() {
  if (!moving_) return;
  const std::uint64_t segment = journal_->segment();
  const std::uint64_t pinned = segments_pinned();
  const std::vector<BatchPtr> moved =
      segment > pinned ? pool_.move_segments(segment - pinned, segment, kMovedBytesMax)
                       : std::vector<BatchPtr>{};
  for (const BatchPtr& batch : moved) persist(kBatchEntry, batch_entry(*batch));
  moving_ = !moved.empty();
}

// Between turns: a new segment where the last one is full, and old ones go.
Status Driver::tidy_journal() {
  const bool rotates = journal_->wants_rotation();
  if (rotates) {
    must_sync_ = true;
    SANAD_TRY_STATUS(sync_journal());
    SANAD_TRY_STATUS(journal_->rotate());
    append_carry_over();
    SANAD_TRY_STATUS(sync_journal());
    moving_ = true;
  }
  if (!rotates && !moving_) return {};
  return journal_->prune_below(pool_.oldest_segment().value_or(journal_->segment()));
}

Status Driver::close() {
  must_sync_ = true;
  SANAD_TRY_STATUS(sync_journal());
  return journal_->close();
}

}  // namespace sanad::node
