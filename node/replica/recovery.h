// What a driver keeps in its journal, and how it is read back (R1, R2).
#pragma once

#include "consensus/evidence.h"
#include "consensus/journal_record.h"
#include "node/replica/archive.h"
#include "node/replica/batch.h"
#include "node/replica/checkpointer.h"
#include "node/replica/journal.h"

namespace sanad::node {

// Kinds of journal entries.
inline constexpr std::uint8_t kConsensusEntry = 2;  // consensus::JournalRecord
inline constexpr std::uint8_t kBatchEntry = 3;      // 32 bytes of digest, then Batch
inline constexpr std::uint8_t kCommittedEntry = 4;  // CommittedEntry
inline constexpr std::uint8_t kSequenceEntry = 5;   // u64be: first own sequence number never used
inline constexpr std::uint8_t kEvidenceEntry = 6;   // consensus::Evidence

// A block of the ledger: this member is about to cosign its end, and its batches may go.
struct CommittedEntry {
  BlockEnd end;
  std::vector<crypto::Hash> batches;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(end), SANAD_FIELD_MAX(batches, consensus::kBlockRefsMax));
  }
};

crypto::Bytes batch_entry(const CheckedBatch& batch);

struct Recovered {
  consensus::RecoveredState consensus;
  struct HeldBatch {
    BatchPtr batch;
    std::uint64_t segment = 0;
  };
  std::vector<HeldBatch> batches;  // not in a committed block
  // Batches of committed blocks of which the journal has no entry yet.
  std::vector<crypto::Hash> unrecorded;
  std::uint64_t next_seq = 1;
  std::optional<BlockEnd> announced;
  std::vector<consensus::Evidence> evidence;
};

// Reads the entries of a journal beside the ledger that they belong to. kJournalDamaged for entries
// that do not decode: their links held, so another version wrote them or memory was bad; and for a
// journal that knows less than the ledger, which means that it was lost or put back with its votes.
// kNotHeld where the ledger is the one that was put back.
crypto::Result<Recovered> recover(std::span<const JournalEntry> entries, const Archive& archive,
                                  std::uint64_t ledger_height, const BatchContext& context,
                                  consensus::MemberIndex self);

}  // namespace sanad::node
