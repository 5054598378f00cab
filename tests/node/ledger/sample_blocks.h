// Blocks as the executor would hand them over, made from a height alone: any two ledgers that
// commit the same heights must agree. The effects are invented; chaincode's own tests make real
// ones.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include "node/ledger/ledger.h"

namespace sanad::tests {

class SimulatedDisk;

struct SampleShape {
  std::uint64_t declarations = 2;  // per block, three records each
  std::uint64_t consignments = 7;  // that the declarations cycle through
  std::size_t body_bytes = 300;
};

crypto::Hash sample_hash(std::string_view kind, std::uint64_t number);
crypto::Handle sample_handle(std::uint64_t number);
crypto::Hash sample_network();

// Height 0 is an empty genesis.
node::CommitRequest sample_block(std::uint64_t height, const SampleShape& shape = {});

// A folder of this test alone, removed with it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

// Small segments, so that a few blocks span several files.
node::LedgerOptions sample_options(const std::string& folder);
node::LedgerOptions options_on(SimulatedDisk& disk);
std::unique_ptr<node::Ledger> open_or_fail(const node::LedgerOptions& options);
// Commits sample blocks until the tip has this height.
void commit_to(node::Ledger& ledger, std::uint64_t height, const SampleShape& shape = {});
// The next `blocks` sample blocks, but none above `height`, in one commit.
crypto::Status commit_group(node::Ledger& ledger, std::uint64_t blocks, std::uint64_t height,
                            const SampleShape& shape = {});
// Every committed height of a fresh ledger in memory: what any other must be equal to.
std::vector<node::CommittedBlock> reference_blocks(std::uint64_t height,
                                                   const SampleShape& shape = {});
// Every record, block, body, proof and consignment of the ledger reads back and fits `expected`,
// the reference up to at least its tip.
void check_whole(const node::Ledger& ledger, const std::vector<node::CommittedBlock>& expected,
                 const SampleShape& shape = {});

}  // namespace sanad::tests
