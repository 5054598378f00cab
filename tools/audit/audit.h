// A node's history checked again from genesis: the chain and its certificates, every signature, the
// log and the index, and every contract executed again on a state in memory. What executing makes
// is compared with what is stored, byte for byte; the rules are the node's own (Executor::plan).
//
// Memory: state, index and what the statistics remember, about 3 KiB a declaration.
#pragma once

#include "node/replica/executor.h"
#include "tools/audit/batch_opener.h"
#include "tools/audit/folder_check.h"
#include "tools/audit/hash_state.h"
#include "tools/audit/snapshot.h"
#include "tools/audit/statistics.h"

namespace sanad::tools {

struct AuditRange {
  std::uint64_t from = 0;  // heights that the statistics count; all are checked from 0 on
  std::uint64_t to = ~std::uint64_t{0};  // the last to check
};

// What was checked so far.
struct AuditFindings {
  std::uint64_t blocks = 0;
  std::uint64_t records = 0;
  std::uint64_t submissions = 0;
  std::uint64_t statements = 0;
  std::uint64_t signatures = 0;  // of members under certificates and batches, and of submitters
  std::uint64_t bytes = 0;       // of all that is hashed at least once
  std::uint64_t certified_height = 0;
  node::CommittedBlock tip;
  std::optional<Fault> fault;
  StatisticsCounts statistics;

  // Blocks above certified_height carry the certificate of a block that was not read: the files may
  // end in the midst of a commit, or somebody added to them.
  [[nodiscard]] bool is_final() const { return blocks > 0 && certified_height >= tip.height; }
};

// Block by block; stops at the first fault.
class Audit {
 public:
  // `contracts` and `reader` outlive it; the reader is at genesis.
  Audit(const chaincode::Contracts& contracts, node::SegmentReader& reader, AuditRange range);

  Audit(const Audit&) = delete;
  Audit& operator=(const Audit&) = delete;

  // Goes on where a snapshot of the same network was made. REQUIRES: before the first next(). An
  // error says why it cannot: the snapshot is inconsistent, or counts from another height.
  crypto::Status resume(const AuditSnapshot& snapshot);
  // REQUIRES: a block was checked, and no fault found.
  [[nodiscard]] AuditSnapshot snapshot() const;

  // The next block; false at the end, beyond the range or after a fault.
  bool next();
  // With the statistics as of now.
  [[nodiscard]] AuditFindings findings() const;
  [[nodiscard]] const AuditFindings& so_far() const { return found_; }

 private:
  Checked check(const node::SegmentBlock& block);
  Checked execute(const node::SegmentBlock& block, const node::CandidateBlock& candidate);
  Checked compare(const node::SegmentBlock& block, const node::CommitRequest& made) const;

  const chaincode::Contracts& contracts_;
  node::SegmentReader& reader_;
  AuditRange range_;
  AuditFindings found_;
  ChainCheck chain_;
  BatchOpener batches_;
  TreeCheck trees_;
  HashState state_;
  crypto::Hash state_digest_;
  Statistics statistics_;
  std::vector<chaincode::Record> records_;  // of the block
};

}  // namespace sanad::tools
