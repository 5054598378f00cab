// sanad ledger rebuild
#include <iostream>
#include <memory>

#include "crypto/codec_json.h"
#include "node/replica/evidence_judge.h"
#include "tools/audit/folder_check.h"
#include "tools/audit/rebuild.h"
#include "tools/commands/commands.h"
#include "tools/commands/rate.h"
#include "tools/commands/report.h"
#include "tools/member.h"

namespace sanad::tools {
namespace {

struct RebuildOptions {
  std::string folder;
  std::string genesis;
  std::string secret;
  bool json = false;
};

crypto::Result<chaincode::Contracts> contracts_of(const RebuildOptions& options) {
  SANAD_TRY(LoadedGenesis loaded, load_genesis(options.genesis));
  SANAD_TRY(const crypto::NetworkSecret secret, load_secret(options.secret));
  return chaincode::Contracts::create(std::move(loaded.genesis), secret, node::evidence_judge);
}

ExitCode run(const RebuildOptions& options) {
  const auto contracts = contracts_of(options);
  if (!contracts) return report(contracts.error());
  node::LedgerOptions ledger;
  ledger.folder = ledger_folder(options.folder).string();
  ledger.network_id = contracts->network();
  Rate rate;
  const auto found = rebuild_store(ledger, *contracts, [&rate](const RebuildFindings& so_far) {
    rate.show("block", so_far.blocks, so_far.records);
  });
  if (!found) return report(found.error());
  if (options.json) {
    std::cout << JsonObject()
                     .number("blocks", found->blocks)
                     .number("records", found->records)
                     .number("executed", found->executed)
                     .json("tip", crypto::to_json(found->tip))
                     .number("certified_height", found->certified_height)
                     .number("tail_blocks", found->tail_blocks)
                     .str()
              << "\n";
    return kExitOk;
  }
  std::cout << "the store was made anew: " << grouped(found->blocks) << " blocks, "
            << grouped(found->records) << " records, " << grouped(found->executed)
            << " blocks executed now\n  last block " << found->tip.height << ", root "
            << found->tip.root.hex() << "\n";
  if (found->tail_blocks > 0) {
    std::cout << "  " << grouped(found->tail_blocks)
              << " blocks at the end lack records or bodies and were left out: a commit that was\n"
                 "  cut short, or files that lost their ends; the old store is kept as store.old\n";
  }
  return kExitOk;
}

}  // namespace

void add_ledger_rebuild(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<RebuildOptions>();
  CLI::App* rebuild =
      app.add_subcommand("rebuild", "Make a lost or damaged store anew from the segment files.");
  rebuild->add_option("FOLDER", options->folder, "The node's data folder, or the ledger in it")
      ->required();
  rebuild->add_option("--genesis", options->genesis, "The network's genesis.cbor")->required();
  rebuild->add_option("--secret", options->secret, "The member's network.secret")->required();
  rebuild->add_flag("--json", options->json, "Print JSON");
  rebuild->footer(
      "Executes the whole history again and compares it with the files byte by byte; then the new\n"
      "store replaces the old one. Interrupted, it begins anew. The node must not\n"
      "run.\n"
      "Exit code 0: the store is new; 2: nothing to read, or the folder is in use; 5: the "
      "segments\n"
      "are damaged: the first bad thing is named, the old store is left as it was.\n"
      "Example:\n  sanad ledger rebuild run/dev/members/KW/data --genesis run/dev/genesis.cbor \\\n"
      "    --secret run/dev/members/KW/network.secret");
  rebuild->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace sanad::tools
