// sanad ledger …
#include <iostream>
#include <memory>

#include "crypto/codec_json.h"
#include "tools/audit/compare.h"
#include "tools/audit/folder_check.h"
#include "tools/commands/commands.h"
#include "tools/commands/rate.h"
#include "tools/commands/report.h"
#include "tools/member.h"
#include "tools/story.h"

namespace sanad::tools {
namespace {

// ------------------------------------------------------------------------------------ verify

struct LedgerVerifyOptions {
  std::string folder;
  std::string genesis;
  bool json = false;
};

std::string fault_json(const std::optional<Fault>& fault) {
  if (!fault) return "null";
  JsonObject object;
  object.json("height", fault->height ? std::to_string(*fault->height) : "null")
      .json("record", fault->record ? std::to_string(*fault->record) : "null")
      .text("place", fault->place)
      .text("reason", fault->reason);
  return object.str();
}

void print_verified_json(const FolderFindings& found) {
  std::cout << JsonObject()
                   .boolean("valid", !found.fault)
                   .boolean("final", found.is_final())
                   .number("blocks", found.blocks)
                   .number("records", found.records)
                   .number("batches", found.batches)
                   .number("bodies", found.bodies)
                   .number("bytes", found.bytes)
                   .number("certificates", found.certificates)
                   .json("tip", crypto::to_json(found.tip))
                   .number("certified_height", found.certified_height)
                   .number("tail_bytes", found.tail.bytes)
                   .json("fault", fault_json(found.fault))
                   .str()
            << "\n";
}

void print_verified_words(const FolderFindings& found) {
  std::cout << grouped(found.blocks) << " blocks hold: " << grouped(found.records) << " records, "
            << grouped(found.batches) << " batches, " << grouped(found.bodies) << " bodies, "
            << grouped(found.certificates) << " certificates\n";
  if (found.blocks > 0) {
    std::cout << "  last block " << found.tip.height << " of " << time_text(found.tip.time_ms)
              << ", log size " << found.tip.tree_size << ", root " << found.tip.root.hex() << "\n"
              << "  proved final up to block " << found.certified_height << "\n";
    if (!found.is_final()) {
      std::cout << "  NOT PROVED FINAL: the blocks above; they carry another block's certificate\n";
    }
  }
  if (found.tail.bytes > 0) {
    std::cout << "  " << grouped(found.tail.bytes)
              << " bytes after it belong to a commit that is under way or was cut short\n";
  }
  std::cout << "  not checked: what the contracts made of the statements, and submitters' "
               "signatures (sanad audit)\n";
  if (found.fault) std::cout << "DAMAGED: " << found.fault->text() << "\n";
}

ExitCode run_verify(const LedgerVerifyOptions& options) {
  const auto genesis = load_genesis(options.genesis);
  if (!genesis) return report(genesis.error());
  Rate rate;
  const auto found =
      check_folder(options.folder, genesis->genesis, [&rate](const FolderFindings& so_far) {
        rate.show("block", so_far.tip.height, so_far.records);
      });
  if (!found) return report(found.error());
  if (options.json) {
    print_verified_json(*found);
  } else {
    print_verified_words(*found);
  }
  if (found->fault) return kExitDamaged;
  return found->is_final() ? kExitOk : kExitCheckFailed;
}

void add_ledger_verify(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<LedgerVerifyOptions>();
  CLI::App* verify = app.add_subcommand(
      "verify", "Check a ledger's files: frames, chain, certificates, batches, log, index.");
  verify->add_option("FOLDER", options->folder, "A node's data folder, or the ledger in it")
      ->required();
  verify->add_option("--genesis", options->genesis, "The network's genesis.cbor")->required();
  verify->add_flag("--json", options->json, "Print JSON");
  verify->footer(
      "Reads the segment files alone; the node may be running, and nothing secret is needed.\n"
      "Memory: about 500 bytes for each consignment.\n"
      "Exit code 0: everything holds; 1: the last blocks are not proved final; 2: nothing to read, "
      "or of another network; 5: damaged: the\n"
      "first bad thing is named.\n"
      "Example:\n  sanad ledger verify run/dev/members/KW/data --genesis run/dev/genesis.cbor");
  verify->callback([options, &chosen] { chosen = [options] { return run_verify(*options); }; });
}

// ------------------------------------------------------------------------------------ compare

struct CompareOptions {
  std::array<std::string, 2> folders;
  bool json = false;
};

std::string record_text(const std::optional<crypto::Bytes>& bytes) {
  if (!bytes) return "none";
  const auto record = chaincode::decode_record(*bytes);
  return record ? tell(*record) : "undecodable: " + crypto::to_hex(*bytes);
}

std::string record_document(const std::optional<crypto::Bytes>& bytes) {
  if (!bytes) return "null";
  const auto record = chaincode::decode_record(*bytes);
  return record ? crypto::to_json(*record) : "null";
}

void print_comparison_json(const Comparison& found) {
  const auto number = [](const std::optional<std::uint64_t>& value) {
    return value ? std::to_string(*value) : std::string("null");
  };
  JsonObject object;
  object.boolean("same", found.same())
      .json("last", json_array({number(found.last[0]), number(found.last[1])}))
      .json("height", number(found.height));
  if (found.height) {
    std::vector<std::string> names;
    for (const std::string& one : found.differs) names.push_back(json_string(one));
    object.json("differs", json_array(names))
        .json("committed", json_array({crypto::to_json(found.committed[0]),
                                       crypto::to_json(found.committed[1])}));
    std::string record = "null";
    if (found.record) {
      record = JsonObject()
                   .number("index", found.record->index)
                   .json("records", json_array({record_document(found.record->bytes[0]),
                                                record_document(found.record->bytes[1])}))
                   .str();
    }
    object.json("record", record);
  }
  std::cout << object.str() << "\n";
}

void print_comparison_words(const Comparison& found, const CompareOptions& options) {
  for (std::size_t i = 0; i < 2; ++i) {
    std::cout << options.folders[i] << ": "
              << (found.last[i] ? "up to block " + std::to_string(*found.last[i])
                                : std::string("empty"))
              << "\n";
  }
  if (found.same()) {
    std::cout << "the same in every block that both have\n";
    return;
  }
  std::cout << "DIFFERENT from block " << *found.height << " on, in: ";
  for (const std::string& one : found.differs) {
    std::cout << (&one == &found.differs.front() ? "" : ", ") << one;
  }
  std::cout << "\n";
  if (!found.record) {
    std::cout << "  its records are the same: what differs is the contracts' state or the index\n";
    return;
  }
  std::cout << "  first in record " << found.record->index << ":\n";
  for (std::size_t i = 0; i < 2; ++i) {
    std::cout << "  " << options.folders[i] << ": " << record_text(found.record->bytes[i]) << "\n";
  }
}

ExitCode run_compare(const CompareOptions& options) {
  Progress progress;
  const auto found = compare_ledgers(
      options.folders[0], options.folders[1],
      [&progress](std::uint64_t height) { progress.show("comparing block " + grouped(height)); });
  if (!found) return report(found.error());
  if (options.json) {
    print_comparison_json(*found);
  } else {
    print_comparison_words(*found, options);
  }
  return found->same() ? kExitOk : kExitCheckFailed;
}

void add_ledger_compare(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App* compare = app.add_subcommand(
      "compare", "Find the first block in which two nodes' ledgers differ, and in what.");
  compare->add_option("A", options->folders[0], "A data folder, or the ledger in it")->required();
  compare->add_option("B", options->folders[1], "Another one")->required();
  compare->add_flag("--json", options->json, "Print JSON");
  compare->footer(
      "Bisects over what each block committed, which covers all blocks before; the nodes may be\n"
      "running. One that is only behind is no difference. Takes both folders at their word: "
      "whether\n"
      "one was tampered with is for `sanad ledger verify`.\n"
      "Exit code 0: the same as far as both go; 1: different; 2: nothing to read; 5: damaged.\n"
      "Example:\n  sanad ledger compare run/dev/members/KW/data run/dev/members/QA/data");
  compare->callback([options, &chosen] { chosen = [options] { return run_compare(*options); }; });
}

}  // namespace

void add_ledger(CLI::App& app, Run& chosen) {
  CLI::App* ledger = app.add_subcommand("ledger", "Check, compare and repair ledger folders.");
  ledger->require_subcommand(1);
  add_ledger_verify(*ledger, chosen);
  add_ledger_compare(*ledger, chosen);
  add_ledger_rebuild(*ledger, chosen);
}

}  // namespace sanad::tools
