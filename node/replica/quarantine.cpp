#include "node/replica/quarantine.h"

#include <algorithm>

#include "consensus/journal_record.h"
#include "node/ledger/file_system.h"
#include "node/replica/archive.h"
#include "node/replica/batch_pool.h"
#include "node/replica/recovery.h"

namespace sanad::node {
namespace {

using crypto::Error;
using crypto::Result;
using crypto::Status;

constexpr unsigned kSetAsideMax = 1'000;

Status set_aside(FileSystem& files, const std::string& folder) {
  unsigned n = 1;
  const auto name = [&] { return folder + ".set-aside-" + std::to_string(n); };
  while (files.exists(name()) || files.exists(name() + ".generation")) {
    if (++n > kSetAsideMax) return Error{ReplicaErrc::kDiskFailed, "no free name like " + name()};
  }
  if (files.exists(folder)) SANAD_TRY_STATUS(files.rename(folder, name()));
  if (files.exists(folder + ".generation")) {
    SANAD_TRY_STATUS(files.rename(folder + ".generation", name() + ".generation"));
  }
  return files.sync_directory(folder.substr(0, folder.rfind('/')));
}

// The first sequence number above those of this member's batches in the ledger. It is raised again
// when the quarantine ends (BatchPool::skip_sequence).
Result<std::uint64_t> next_sequence(const Archive& archive, std::uint64_t tip,
                                    consensus::MemberIndex self) {
  for (std::uint64_t height = tip; height > 0; --height) {
    SANAD_TRY(const auto refs, archive.references(height));
    std::uint64_t highest = 0;
    for (const consensus::BatchRef& ref : refs) {
      if (ref.author == self) highest = std::max(highest, ref.seq);
    }
    if (highest > 0) return highest + 1;
  }
  return 1;
}

Result<std::vector<consensus::JournalRecord>> records_of(const LedgerView& view) {
  const std::uint64_t height = view.tip().height;
  if (height == 0) return std::vector<consensus::JournalRecord>{consensus::Silence{}};
  SANAD_TRY(const StoredBlock block, view.block_head(height));
  SANAD_TRY(const auto header, crypto::decode<consensus::BlockHeader>(block.header));
  SANAD_TRY(const auto certificate, crypto::decode<consensus::Certificate>(block.finalization));
  return consensus::quarantined_at(header, certificate);
}

}  // namespace

bool must_begin_quarantine(FileSystem& files, const std::string& folder,
                           std::span<const JournalEntry> entries, bool wanted) {
  if (!wanted) return entries.empty() && files.exists(folder + ".set-aside-1");
  return std::ranges::none_of(entries, [](const JournalEntry& entry) {
    if (entry.kind != kConsensusEntry) return false;
    const auto record = crypto::decode<consensus::JournalRecord>(entry.bytes);
    return record && std::holds_alternative<consensus::Silence>(*record);
  });
}

Result<Journal::Opened> begin_quarantine(FileSystem& files, JournalOptions options,
                                         const Ledger& ledger, consensus::MemberIndex self) {
  const LedgerView view = ledger.view();
  SANAD_TRY(const auto records, records_of(view));
  SANAD_TRY(const std::uint64_t next_seq, next_sequence(Archive(ledger), view.tip().height, self));
  SANAD_TRY_STATUS(set_aside(files, options.folder));
  SANAD_TRY(Journal::Opened opened, Journal::open(files, std::move(options)));
  const auto keep = [&opened](std::uint8_t kind, crypto::Bytes bytes) {
    opened.journal->append(kind, bytes);
    opened.entries.push_back({kind, std::move(bytes), opened.journal->segment()});
  };
  for (const consensus::JournalRecord& record : records) {
    keep(kConsensusEntry, crypto::encode(record));
  }
  const CommittedBlock& tip = view.tip();
  if (tip.height > 0) {
    keep(kCommittedEntry,
         crypto::encode(CommittedEntry{{tip.height, tip.tree_size, tip.root}, {}}));
  }
  crypto::Bytes number;
  crypto::append_u64be(number, next_seq);
  keep(kSequenceEntry, std::move(number));
  SANAD_TRY_STATUS(opened.journal->sync());
  return opened;
}

}  // namespace sanad::node
