// A ledger folder at rest, or beside a running node, from its segment files alone: everything that
// can be checked with genesis and no secret (docs/storage.md). Executes nothing: what the contracts
// made of the statements is the audit's business (tools/audit/audit.h).
#pragma once

#include <filesystem>
#include <functional>

#include "node/ledger/segment_reader.h"
#include "tools/audit/chain_check.h"
#include "tools/audit/tree_check.h"

namespace sanad::tools {

// What was read, and the first thing that does not hold.
struct FolderFindings {
  std::uint64_t blocks = 0;
  std::uint64_t records = 0;
  std::uint64_t batches = 0;
  std::uint64_t bodies = 0;
  std::uint64_t bytes = 0;  // of headers, certificates, batches, records and bodies
  std::uint64_t certificates = 0;
  std::uint64_t certified_height = 0;  // proved final up to here
  node::CommittedBlock tip;            // of the last block that holds
  node::SegmentTail tail;
  std::optional<Fault> fault;

  // Blocks above certified_height carry the certificate of a block that was not read: the files may
  // end in the midst of a commit, or somebody added to them.
  [[nodiscard]] bool is_final() const { return blocks > 0 && certified_height >= tip.height; }
};

// One block after another, every check of verify.
class BlockCheck {
 public:
  explicit BlockCheck(const chaincode::Genesis& genesis) : chain_(genesis) {}
  Checked next(const node::SegmentBlock& block);
  [[nodiscard]] const ChainCheck& chain() const { return chain_; }

 private:
  Checked check_batches(const node::SegmentBlock& block);
  Checked check_records(const node::SegmentBlock& block);
  Checked check_bodies(const node::SegmentBlock& block) const;

  ChainCheck chain_;
  TreeCheck trees_;
  std::vector<chaincode::Record> records_;  // of the block
  std::vector<crypto::Hash> named_;         // bodies that the block's statements and verdicts name
};

// Of all that is hashed: headers, certificates, batches, records and bodies.
std::uint64_t bytes_of(const node::SegmentBlock& block);

// The ledger's own folder, where `folder` is a node's data folder.
std::filesystem::path ledger_folder(const std::filesystem::path& folder);
// Calls `seen` after each block. Errors: there is no ledger of this network to read.
crypto::Result<FolderFindings> check_folder(const std::filesystem::path& folder,
                                            const chaincode::Genesis& genesis,
                                            const std::function<void(const FolderFindings&)>& seen);
// Opens a ledger's segments; kNetworkFolder for another network's.
crypto::Result<node::SegmentReader> open_segments(const std::filesystem::path& folder,
                                                  const crypto::Hash& network);

}  // namespace sanad::tools
