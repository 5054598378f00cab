// sanad audit
#include <malloc.h>

#include <atomic>
#include <csignal>
#include <iostream>
#include <memory>

#include "crypto/codec_json.h"
#include "node/ledger/block_finder.h"
#include "tools/audit/page.h"
#include "tools/commands/commands.h"
#include "tools/commands/rate.h"
#include "tools/commands/replay_options.h"
#include "tools/declaration.h"
#include "tools/files.h"

namespace sanad::tools {
namespace {

struct AuditOptions {
  ReplayOptions replay;
  AuditRange range;
  std::string html;
  std::string resume;
  bool json = false;
};

std::atomic<bool> stop_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // a signal sets it

template <class Names, class Counts>
std::string counts_json(const Names& names, const Counts& counts) {
  JsonObject object;
  for (std::size_t i = 0; i < names.size(); ++i) object.number(names[i], counts[i]);
  return object.str();
}

std::string statistics_json(const StatisticsCounts& counts) {
  std::vector<std::string> days;
  for (const DayCounts& day : counts.days) {
    days.push_back(JsonObject()
                       .text("day", day_text(static_cast<std::int64_t>(day.day)))
                       .json("records", counts_json(chaincode::kRecordKindNames, day.kinds))
                       .str());
  }
  JsonObject waits;
  for (std::size_t i = 0; i < kWaits.size(); ++i) waits.number(kWaits[i].second, counts.waits[i]);
  return JsonObject()
      .json("days", json_array(days))
      .json("lanes", counts_json(chaincode::enum_names(chaincode::Lane{}), counts.lanes))
      .json("releases", counts_json(chaincode::kReleaseBasisNames, counts.releases))
      .json("refusals", counts_json(chaincode::kCodeNames, counts.refusals))
      .number("overrides", counts.overrides)
      .json("declared_to_released", waits.str())
      .number("unreleased", counts.unreleased)
      .str();
}

std::string document(const AuditFindings& found, const AuditCost& cost) {
  std::string fault = "null";
  if (found.fault) {
    const Fault& one = *found.fault;
    fault = JsonObject()
                .json("height", one.height ? std::to_string(*one.height) : "null")
                .json("record", one.record ? std::to_string(*one.record) : "null")
                .text("place", one.place)
                .text("reason", one.reason)
                .str();
  }
  return JsonObject()
      .boolean("valid", !found.fault)
      .boolean("final", found.is_final())
      .boolean("interrupted", stop_asked.load())
      .number("blocks", found.blocks)
      .number("records", found.records)
      .number("submissions", found.submissions)
      .number("statements", found.statements)
      .number("signatures", found.signatures)
      .number("bytes", found.bytes)
      .json("tip", crypto::to_json(found.tip))
      .number("certified_height", found.certified_height)
      .number("wall_ms", cost.wall_ms)
      .number("processor_ms", cost.processor_ms)
      .number("floor_ms", cost.floor_ms)
      .number("records_per_s", cost.records_per_s)
      .json("statistics", statistics_json(found.statistics))
      .json("fault", fault)
      .str();
}

template <class Names, class Counts>
void print_counts(const char* title, const Names& names, const Counts& counts) {
  std::string line;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (counts[i] == 0) continue;
    line += (line.empty() ? "" : ", ") + std::string(names[i]) + " " + grouped(counts[i]);
  }
  std::cout << "  " << title << ": " << (line.empty() ? "none" : line) << "\n";
}

void print_words(const AuditFindings& found, const AuditCost& cost) {
  std::cout << grouped(found.blocks) << " blocks hold: " << grouped(found.records) << " records, "
            << grouped(found.statements) << " statements of " << grouped(found.submissions)
            << " submissions executed again, " << grouped(found.signatures) << " signatures\n";
  if (found.blocks > 0) {
    std::cout << "  last block " << found.tip.height << " of " << time_text(found.tip.time_ms)
              << ", log size " << found.tip.tree_size << ", root " << found.tip.root.hex() << "\n"
              << "  proved final up to block " << found.certified_height << "\n";
  }
  const StatisticsCounts& counts = found.statistics;
  print_counts("verdicts", chaincode::enum_names(chaincode::Lane{}), counts.lanes);
  print_counts("releases", chaincode::kReleaseBasisNames, counts.releases);
  print_counts("refusals", chaincode::kCodeNames, counts.refusals);
  std::cout << "  overrides: " << grouped(counts.overrides)
            << "; declared and not released: " << grouped(counts.unreleased) << "\n"
            << "  " << grouped(cost.records_per_s) << " records a second; processor time "
            << grouped(cost.processor_ms) << " ms, " << cost.ratio_percent() / 100 << "."
            << cost.ratio_percent() / 10 % 10 << " times that of hashing and signatures alone ("
            << grouped(cost.floor_ms) << " ms)\n";
  if (!found.is_final()) {
    std::cout << "NOT PROVED FINAL: blocks above " << found.certified_height << "\n";
  }
  if (stop_asked) std::cout << "INTERRUPTED after block " << found.tip.height << "\n";
  if (found.fault) std::cout << "DOES NOT HOLD: " << found.fault->text() << "\n";
}

constexpr std::uint64_t kSaveEveryMs = 600'000;

// Where an earlier audit of this folder stopped, if there was one.
crypto::Status take_up(const AuditOptions& options, Audit& audit) {
  if (options.resume.empty() || !std::filesystem::exists(options.resume)) return {};
  SANAD_TRY(const AuditSnapshot snapshot, read_snapshot(options.resume));
  SANAD_TRY(node::BlockFinder finder,
            node::BlockFinder::open(ledger_folder(options.replay.folder()).string()));
  const auto there = finder.committed(snapshot.tip.height);
  if (there && *there == snapshot.tip) return audit.resume(snapshot);
  return crypto::Error{Errc::kBadFile,
                       options.resume + " is of another ledger: block " +
                           std::to_string(snapshot.tip.height) +
                           " is not the same here; remove it to audit from genesis"};
}

crypto::Status audit_blocks(const AuditOptions& options, Audit& audit) {
  std::signal(SIGINT, [](int) { stop_asked.store(true); });
  std::signal(SIGTERM, [](int) { stop_asked.store(true); });
  Rate rate;
  std::uint64_t saved_ms = now_ms();
  bool more = true;
  while (more && !stop_asked) {
    more = audit.next();
    rate.show("block", audit.so_far().tip.height, audit.so_far().records);
    const bool due = now_ms() > saved_ms + kSaveEveryMs || !more || stop_asked;
    const bool has_some = !audit.so_far().fault && audit.so_far().blocks > 0;
    if (options.resume.empty() || !due || !has_some) continue;
    SANAD_TRY_STATUS(write_snapshot(options.resume, audit.snapshot()));
    saved_ms = now_ms();
  }
  return {};
}

crypto::Result<std::pair<AuditFindings, AuditCost>> audit_all(
    const AuditOptions& options, const chaincode::Contracts& contracts) {
  SANAD_TRY(node::SegmentReader reader,
            open_segments(ledger_folder(options.replay.folder()), contracts.network()));
  Audit audit(contracts, reader, options.range);
  SANAD_TRY_STATUS(take_up(options, audit));
  const CostMeter meter(audit.so_far());
  SANAD_TRY_STATUS(audit_blocks(options, audit));
  AuditFindings found = audit.findings();
  const AuditCost cost = meter.cost(found);
  return std::pair(std::move(found), cost);
}

// What one block frees the next one takes: handing it back to the kernel in between takes a tenth
// of the processor's time.
void keep_memory() {
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TOP_PAD, 64 << 20);
}

ExitCode run(const AuditOptions& options) {
  keep_memory();
  const auto contracts = options.replay.contracts();
  if (!contracts) return report(contracts.error());
  const auto done = audit_all(options, *contracts);
  if (!done) return report(done.error());
  const auto& [found, cost] = *done;
  if (!options.html.empty()) {
    const auto page = audit_page(contracts->genesis().network, found, cost, now_ms());
    if (const auto written = write_file(options.html, page); !written) {
      return report(written.error());
    }
  }
  if (options.json) {
    std::cout << document(found, cost) << "\n";
  } else {
    print_words(found, cost);
  }
  if (found.fault) return kExitDamaged;
  return stop_asked || !found.is_final() ? kExitCheckFailed : kExitOk;
}

}  // namespace

void add_audit(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<AuditOptions>();
  CLI::App* audit = app.add_subcommand(
      "audit", "Check a node's whole history: certificates, signatures, trees; execute it again.");
  options->replay.add_to(*audit);
  audit->add_option("--from", options->range.from, "The first block that the figures count");
  audit->add_option("--to", options->range.to, "The last block to check");
  audit->add_option("--resume", options->resume,
                    "Keep what is known in this file, and go on from it where it is there");
  audit->add_option("--html", options->html, "Write the report as a page to this file");
  audit->add_flag("--json", options->json, "Print JSON");
  audit->footer(
      "Reads the segment files alone; the node may be running. Execution begins at genesis\n"
      "whatever --from says, or where the file of --resume ends: it is written every ten minutes, "
      "when\n"
      "interrupted and at the end, holds the contracts' state (600 bytes a declaration), and is\n"
      "worth as much as the place where it is kept. Memory: about 3 KiB a declaration.\n"
      "Exit code 0: everything holds; 1: interrupted, or not all of it is proved final; 2: nothing "
      "to read, or of another network; "
      "5: something "
      "does\n"
      "not hold: the first such thing is named.\n"
      "Example:\n  sanad audit --network run/dev --as KW --html audit.html");
  audit->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace sanad::tools
