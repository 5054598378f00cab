#include "tools/audit/rebuild.h"

#include "node/ledger/open_folder.h"
#include "node/ledger/rebuilding_files.h"
#include "node/replica/executor.h"
#include "tools/audit/batch_opener.h"
#include "tools/audit/chain_check.h"
#include "tools/errc.h"

namespace sanad::tools {

using crypto::Error;
using crypto::Result;
using crypto::Status;
using node::SegmentBlock;

namespace {

constexpr std::uint64_t kRecordsPerCommit = 20'000;

Status removed(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::remove_all(folder, failed);
  if (!failed) return {};
  return Error{node::LedgerErrc::kIo, "remove " + folder.string() + ": " + failed.message()};
}

Error damaged(const Fault& fault) { return {node::LedgerErrc::kDamaged, fault.text()}; }

// Executes the blocks of the segments into an empty ledger.
class Rebuild {
 public:
  Rebuild(const chaincode::Contracts& contracts, node::SegmentReader& reader, node::Ledger& ledger)
      : reader_(reader),
        ledger_(ledger),
        chain_(contracts.genesis()),
        batches_({chain_.committee(), chain_.network()}, reader),
        executor_(contracts, ledger) {}
  Rebuild(const Rebuild&) = delete;
  Rebuild& operator=(const Rebuild&) = delete;

  Result<RebuildFindings> run(const std::function<void(const RebuildFindings&)>& seen) {
    while (true) {
      SANAD_TRY(const auto block, reader_.next());
      if (!block) break;
      if (Checked fault = chain_.next(block->block)) {
        locate(*fault, reader_, *block);
        return damaged(*fault);
      }
      SANAD_TRY_STATUS(take(*block));
      ++found_.blocks;
      found_.records += block->records.size();
      found_.certified_height = chain_.certified_height();
      seen(found_);
    }
    SANAD_TRY_STATUS(executor_.commit());
    SANAD_TRY(const auto tail, reader_.tail());
    found_.tail_blocks = tail.blocks;
    if (!ledger_.tip()) return Error{node::LedgerErrc::kNotFound, "the segments hold no block"};
    found_.tip = *ledger_.tip();
    if (found_.tip.height + 1 == found_.blocks) return found_;
    return Error{node::LedgerErrc::kDamaged, "the new store ends at block " +
                                                 std::to_string(found_.tip.height) +
                                                 ", the segments at another"};
  }

 private:
  Status take(const SegmentBlock& block) {
    const std::uint64_t height = block.block.committed.height;
    if (height == 0) return executor_.prepare();
    SANAD_TRY_STATUS(execute(block));
    ++found_.executed;
    records_waiting_ += block.records.size();
    if (++blocks_waiting_ < node::kGroupBlocksMax && records_waiting_ < kRecordsPerCommit) {
      return {};
    }
    blocks_waiting_ = 0;
    records_waiting_ = 0;
    return executor_.commit();
  }

  // A certificate of its own covers the batches and all signatures in them: those are not checked
  // again.
  Status execute(const SegmentBlock& block) {
    node::FinalBatches final_batches;
    for (const auto& ref : chain_.header().batches) final_batches.add(ref.digest);
    node::FinalizedBlock final_block;
    final_block.header = chain_.header();
    final_block.hash = block.block.committed.block_hash;
    final_block.finalization = chain_.finalization();
    const bool is_certified = chain_.certified_height() >= final_block.header.height;
    if (Checked fault =
            batches_.open(block, is_certified ? &final_batches : nullptr, final_block)) {
      fault->height = block.block.committed.height;
      locate(*fault, reader_, block);
      return damaged(*fault);
    }
    SANAD_TRY(const auto executed, executor_.append(executor_.execute(final_block)));
    if (executed.committed == block.block.committed) return {};
    Fault fault{"executing it again gives another result", block.block.committed.height};
    locate(fault, reader_, block);
    return damaged(fault);
  }

  node::SegmentReader& reader_;
  node::Ledger& ledger_;
  ChainCheck chain_;
  BatchOpener batches_;
  node::Executor executor_;
  RebuildFindings found_;
  std::size_t blocks_waiting_ = 0;
  std::uint64_t records_waiting_ = 0;
};

// The old store is moved aside before the new one is moved in: between the two there is none, and a
// node says that its store is lost. The old one is kept where the segments end in blocks that are
// not whole: it may know them as committed.
Status replace_store(const node::LedgerOptions& options, bool keeps_old) {
  const std::string store = node::store_folder(options.folder);
  const std::string old = store + ".old";
  SANAD_TRY_STATUS(removed(old));
  if (options.files->exists(store)) SANAD_TRY_STATUS(options.files->rename(store, old));
  SANAD_TRY_STATUS(options.files->rename(node::new_store_folder(options.folder), store));
  SANAD_TRY_STATUS(options.files->sync_directory(options.folder));
  return keeps_old ? Status{} : removed(old);
}

}  // namespace

Result<RebuildFindings> rebuild_store(const node::LedgerOptions& options,
                                      const chaincode::Contracts& contracts,
                                      const std::function<void(const RebuildFindings&)>& seen) {
  SANAD_TRY(node::SegmentReader reader, node::SegmentReader::open(options.folder, *options.files));
  if (reader.network_id() != contracts.network()) {
    return Error{Errc::kNetworkFolder, options.folder + " is the ledger of another network"};
  }
  SANAD_TRY(const auto lock, options.files->lock(options.folder + "/LOCK"));
  // What an earlier rebuild had taken in may have been cut off and committed in another form since.
  SANAD_TRY_STATUS(removed(node::new_store_folder(options.folder)));
  node::RebuildingFiles files(*options.files, options.folder);
  RebuildFindings found;
  {
    node::LedgerOptions compared = options;
    compared.files = &files;
    SANAD_TRY(const auto ledger, node::Ledger::open(compared));
    Rebuild rebuild(contracts, reader, *ledger);
    SANAD_TRY(found, rebuild.run(seen));
  }
  SANAD_TRY_STATUS(replace_store(options, found.tail_blocks > 0));
  return found;
}

}  // namespace sanad::tools
