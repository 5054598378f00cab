// What goes into the ledger and comes out of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chaincode/execute.h"
#include "crypto/codec.h"
#include "node/ledger/file_system.h"
#include "node/ledger/later.h"
#include "node/ledger/segments.h"

namespace sanad::node {

struct LedgerOptions {
  std::string folder;
  crypto::Hash network_id;
  FileSystem* files = &real_file_system();
  std::uint64_t segment_bytes_max = kSegmentBytesMax;
  std::size_t cache_bytes = 64ULL << 20;         // LevelDB blocks, decompressed
  std::size_t write_buffer_bytes = 32ULL << 20;  // LevelDB memtable; up to two exist
  // Does LevelDB's compactions; empty: a thread of its own. What was taken is done before the
  // ledger goes, and before half a write buffer is committed on top of it: LevelDB waits for it.
  Later later = {};
};

// A body and the digest that names it (LEDGER F11): opened fields of a submission, or a detail.
struct StoredBody {
  crypto::Hash digest;
  crypto::Bytes bytes;
};

// Blocks that one commit may make durable: no crash leaves the frames of more beyond the tip.
inline constexpr std::size_t kGroupBlocksMax = 64;

// One executed block, about to become durable.
struct CommitRequest {
  std::uint64_t height = 0;  // the last one's + 1; 0 for genesis, which comes first
  crypto::Hash block_hash;
  std::uint64_t time_ms = 0;
  std::uint64_t epoch = 0;
  crypto::Hash committee_hash;         // of the committee that signs after this block (F10)
  crypto::Bytes header;                // canonical bytes
  crypto::Bytes finalization;          // canonical bytes; empty for genesis
  std::vector<crypto::Bytes> batches;  // in the header's order, without bodies
  std::vector<StoredBody> bodies;      // of the submissions and of the effects
  chaincode::Effects effects;
};

// What appending made of a block, and what is known of any committed height.
struct CommittedBlock {
  std::uint64_t height = 0;
  crypto::Hash block_hash;
  std::uint64_t time_ms = 0;
  std::uint64_t tree_size = 0;  // records of all blocks up to and with this one
  crypto::Hash root;            // RFC 6962 root at tree_size
  crypto::Hash index_root;      // F16
  crypto::Hash state_digest;    // F21
  std::uint64_t first_record = 0;
  std::uint64_t commit_record = 0;  // tree_size - 1
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(height), SANAD_FIELD(block_hash), SANAD_FIELD(time_ms), SANAD_FIELD(tree_size),
       SANAD_FIELD(root), SANAD_FIELD(index_root), SANAD_FIELD(state_digest),
       SANAD_FIELD(first_record), SANAD_FIELD(commit_record));
  }
  friend bool operator==(const CommittedBlock&, const CommittedBlock&) = default;
};

// A block as the segments hold it: enough, with its bodies, to execute it again (F20).
struct StoredBlock {
  CommittedBlock committed;
  std::uint64_t epoch = 0;
  crypto::Hash committee_hash;
  crypto::Bytes header;
  crypto::Bytes finalization;
  std::vector<crypto::Bytes> batches;
};

}  // namespace sanad::node
