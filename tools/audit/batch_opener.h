// The batches of a stored block, joined with their bodies and checked as on arrival.
#pragma once

#include <unordered_map>

#include "node/ledger/segment_reader.h"
#include "node/replica/sync.h"
#include "tools/audit/fault.h"
#include "tools/audit/snapshot.h"

namespace sanad::tools {

// Remembers where every body is, about 70 bytes each: a submission that is repeated in a later
// batch is stored without them.
class BatchOpener {
 public:
  // All outlive it.
  BatchOpener(const node::BatchContext& context, const node::SegmentReader& reader)
      : context_(context), reader_(reader) {}

  // REQUIRES: blocks in order, headers that name as many batches as there are. `known`: of those in
  // it no signature is checked (node/replica/final_batches.h). Fills the candidate's batches.
  Checked open(const node::SegmentBlock& block, const node::FinalBatches* known,
               node::CandidateBlock& candidate);
  void save(AuditSnapshot& snapshot) const;
  void load(const AuditSnapshot& snapshot);

 private:
  void remember_bodies(const node::SegmentBlock& block);
  [[nodiscard]] std::optional<crypto::Bytes> body(const crypto::Hash& digest) const;

  struct KeyHash {
    std::size_t operator()(const crypto::Hash& key) const {
      return static_cast<std::size_t>(crypto::read_u64be(key.view()));
    }
  };
  node::BatchContext context_;
  const node::SegmentReader& reader_;
  std::unordered_map<crypto::Hash, node::Position, KeyHash> at_;
  std::unordered_map<crypto::Hash, const crypto::Bytes*, KeyHash> here_;  // of the block
};

}  // namespace sanad::tools
