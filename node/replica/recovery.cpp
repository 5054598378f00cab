#include "node/replica/recovery.h"

#include <algorithm>
#include <map>
#include <set>

namespace sanad::node {
namespace {

using crypto::Bytes;
using crypto::ByteView;
using crypto::Error;
using crypto::Hash;
using crypto::Result;
using crypto::Status;

Error undecodable(const JournalEntry& entry, const Error& why) {
  return Error{ReplicaErrc::kJournalDamaged, "segment " + std::to_string(entry.segment) +
                                                 ", an entry of kind " +
                                                 std::to_string(entry.kind) + ": " + why.message()};
}

template <class T>
Result<T> read(const JournalEntry& entry, ByteView bytes) {
  auto value = crypto::decode<T>(bytes);
  if (!value) return undecodable(entry, value.error());
  return std::move(*value);
}

// The entries sorted by what they are about.
struct Sorted {
  std::vector<consensus::JournalRecord> records;
  std::map<Hash, const JournalEntry*> batches;  // the newest copy of each
  std::set<Hash> committed;
  Recovered result;

  Status take(const JournalEntry& entry) {
    switch (entry.kind) {
      case kConsensusEntry: {
        SANAD_TRY(auto record, read<consensus::JournalRecord>(entry, entry.bytes));
        records.push_back(std::move(record));
        return {};
      }
      case kBatchEntry: {
        auto digest =
            Hash::from(ByteView(entry.bytes).first(std::min(entry.bytes.size(), Hash::kSize)));
        if (!digest) return undecodable(entry, digest.error());
        batches[*digest] = &entry;
        return {};
      }
      case kCommittedEntry: {
        SANAD_TRY(const auto committed_entry, read<CommittedEntry>(entry, entry.bytes));
        committed.insert(committed_entry.batches.begin(), committed_entry.batches.end());
        auto& newest = result.announced;
        if (!newest || newest->height < committed_entry.end.height) newest = committed_entry.end;
        return {};
      }
      case kSequenceEntry: {
        if (entry.bytes.size() != 8) return undecodable(entry, Error{crypto::Errc::kWrongLength});
        result.next_seq = std::max(result.next_seq, crypto::read_u64be(entry.bytes));
        return {};
      }
      case kEvidenceEntry: {
        SANAD_TRY(auto evidence, read<consensus::Evidence>(entry, entry.bytes));
        auto& known = result.evidence;
        if (std::ranges::find(known, evidence) == known.end()) known.push_back(std::move(evidence));
        return {};
      }
      default:
        return undecodable(entry, Error{crypto::Errc::kUnknownEnumerator});
    }
  }
};

// A block is final in the journal, durably, before the executor appends it, and is noted as
// committed only after the ledger has it.
Status check_heights(const consensus::FinalFloor& floor, std::uint64_t ledger_height) {
  if (floor.height < ledger_height) {
    return Error{ReplicaErrc::kJournalDamaged,
                 "it ends at block " + std::to_string(floor.height) + ", the ledger at block " +
                     std::to_string(ledger_height) +
                     ": the journal was removed or an older copy put back; this node may have "
                     "forgotten votes: start in quarantine (sanad node run --quarantine)"};
  }
  if (floor.committed > ledger_height) {
    return Error{ReplicaErrc::kNotHeld,
                 "the ledger ends at block " + std::to_string(ledger_height) +
                     ", but this node had committed block " + std::to_string(floor.committed) +
                     ": put the newest ledger folder back"};
  }
  return {};
}

}  // namespace

Bytes batch_entry(const CheckedBatch& batch) {
  Bytes bytes(batch.ref().digest.bytes.begin(), batch.ref().digest.bytes.end());
  crypto::append(bytes, crypto::encode(batch.wire()));
  return bytes;
}

Result<Recovered> recover(std::span<const JournalEntry> entries, const Archive& archive,
                          std::uint64_t ledger_height, const BatchContext& context,
                          consensus::MemberIndex self) {
  Sorted sorted;
  for (const JournalEntry& entry : entries) SANAD_TRY_STATUS(sorted.take(entry));
  Recovered result = std::move(sorted.result);
  result.consensus = consensus::replay(sorted.records);
  SANAD_TRY_STATUS(
      check_heights(result.consensus.floor.value_or(consensus::FinalFloor{}), ledger_height));
  // The ledger may have committed blocks whose entry the crash took.
  const std::uint64_t known = result.announced ? result.announced->height : 0;
  for (std::uint64_t height = known + 1; height <= ledger_height; ++height) {
    SANAD_TRY(const auto refs, archive.references(height));
    for (const consensus::BatchRef& ref : refs) {
      sorted.committed.insert(ref.digest);
      result.unrecorded.push_back(ref.digest);
    }
  }
  for (const auto& [digest, entry] : sorted.batches) {
    const ByteView body = ByteView(entry->bytes).subspan(Hash::kSize);
    SANAD_TRY(const Batch wire, read<Batch>(*entry, body));
    if (wire.author == self) result.next_seq = std::max(result.next_seq, wire.seq + 1);
    if (sorted.committed.contains(digest)) continue;
    auto batch = check_batch(context, wire);
    if (!batch) return undecodable(*entry, batch.error());
    result.batches.push_back({std::move(*batch), entry->segment});
  }
  return result;
}

}  // namespace sanad::node
