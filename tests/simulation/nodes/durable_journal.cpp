#include "simulation/nodes/durable_journal.h"

#include <algorithm>

#include "node/replica/journal_format.h"
#include "node/replica/recovery.h"
#include "simulation/nodes/ballots.h"

namespace sanad::simulation::nodes {

using crypto::ByteView;

void DurableJournal::follow(const tests::SimulatedDisk& disk) {
  std::map<std::string, Segment> now;
  for (const auto& file : disk.durable_files(folder_)) {
    const auto known = segments_.find(file.path);
    if (known != segments_.end() && known->second.version == file.version &&
        known->second.disk == &disk) {
      now[file.path] = std::move(known->second);
      continue;
    }
    Segment& segment = now[file.path];
    segment.version = file.version;
    segment.disk = &disk;
    read(*file.bytes, segment);
  }
  segments_ = std::move(now);
}

void DurableJournal::read(const crypto::Bytes& bytes, Segment& segment) {
  for (const node::JournalEntry& entry : node::journal_format::scan(bytes).entries) {
    if (entry.kind == node::kConsensusEntry) {
      const auto record = crypto::decode<consensus::JournalRecord>(entry.bytes);
      if (!record) violate("R1", "a durable entry does not decode");
      if (const auto* own = std::get_if<consensus::OwnVote>(&*record)) {
        segment.votes.insert(own->subject);
        if (own->header) segment.headers.insert(consensus::block_hash(*own->header));
      } else if (const auto* held = std::get_if<consensus::HeldBlock>(&*record)) {
        segment.headers.insert(consensus::block_hash(held->header));
      } else if (const auto* silence = std::get_if<consensus::Silence>(&*record)) {
        segment.silence = *silence;
      }
    } else if (entry.kind == node::kBatchEntry) {
      const auto batch = crypto::decode<node::Batch>(ByteView(entry.bytes).subspan(32));
      if (!batch) violate("R1", "a durable batch does not decode");
      segment.signatures.insert(batch->signature);
      segment.batches.insert(*crypto::Hash::from(ByteView(entry.bytes).first(32)));
    } else if (entry.kind == node::kSequenceEntry) {
      segment.numbers_reserved =
          std::max(segment.numbers_reserved, crypto::read_u64be(entry.bytes));
    } else if (entry.kind == node::kCommittedEntry) {
      const auto committed = crypto::decode<node::CommittedEntry>(entry.bytes);
      if (!committed) violate("R1", "a durable block end does not decode");
      segment.ends.insert(committed->end);
    }
  }
}

bool DurableJournal::has_vote(const consensus::Subject& subject) const {
  return std::ranges::any_of(segments_,
                             [&](const auto& one) { return one.second.votes.contains(subject); });
}

bool DurableJournal::has_header(const crypto::Hash& block) const {
  return std::ranges::any_of(segments_,
                             [&](const auto& one) { return one.second.headers.contains(block); });
}

bool DurableJournal::has_batch(const crypto::Signature& signature) const {
  return std::ranges::any_of(
      segments_, [&](const auto& one) { return one.second.signatures.contains(signature); });
}

std::uint64_t DurableJournal::numbers_reserved() const {
  std::uint64_t reserved = 0;
  for (const auto& [path, segment] : segments_) {
    reserved = std::max(reserved, segment.numbers_reserved);
  }
  return reserved;
}

bool DurableJournal::holds(const crypto::Hash& batch) const {
  return std::ranges::any_of(segments_,
                             [&](const auto& one) { return one.second.batches.contains(batch); });
}

bool DurableJournal::has_end(const node::BlockEnd& end) const {
  return std::ranges::any_of(segments_,
                             [&](const auto& one) { return one.second.ends.contains(end); });
}

bool DurableJournal::in_quarantine() const {
  bool silent = false;
  for (const auto& [path, segment] : segments_) {
    if (segment.silence) silent = !segment.silence->through;
  }
  return silent;
}

}  // namespace sanad::simulation::nodes
