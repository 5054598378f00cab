#include "simulation/nodes/audit.h"

#include <leveldb/db.h>

#include "node/ledger/leveldb_env.h"
#include "node/ledger/store.h"
#include "node/replica/archive.h"

namespace sanad::simulation::nodes {

using crypto::Bytes;

namespace {

template <class T>
T must(crypto::Result<T> result, const std::string& invariant) {
  if (!result) violate(invariant, result.error().message());
  return std::move(*result);
}

// I13: every finalization that a member keeps is one.
void check_finalizations(World& world, const node::LedgerView& view,
                         consensus::SignatureCache& cache) {
  const consensus::Verifier verifier(world.realm().committee(), world.realm().network(), cache);
  for (std::uint64_t height = 1; height <= view.tip().height; ++height) {
    const auto block = must(view.block_head(height), "I13");
    const auto certificate =
        must(crypto::decode<consensus::Certificate>(block.finalization), "I13");
    if (const auto checked = verifier.check(certificate); !checked) {
      violate("I13", "block " + std::to_string(height) + ": " + checked.error().message());
    }
  }
}

// I10: what was acknowledged is on this chain, where it was first seen.
void check_acknowledged(World& world, const node::LedgerView& view) {
  for (const crypto::Hash& id : world.acknowledged()) {
    const auto outcome = chaincode::read_outcome(view.state(), id);
    if (!outcome || outcome->height != world.watch().executed_at(id)) {
      violate("I10", "an acknowledged submission is gone: " + id.hex());
    }
  }
}

node::FinalizedBlock block_of(World& world, const node::LedgerView& view, std::uint64_t height) {
  const auto stored = must(view.block(height), "I11");
  node::FinalizedBlock block;
  block.header = must(crypto::decode<consensus::BlockHeader>(stored.header), "I11");
  block.hash = stored.committed.block_hash;
  block.finalization = must(crypto::decode<consensus::Certificate>(stored.finalization), "I11");
  if (consensus::block_hash(block.header) != block.hash) violate("I11", "a header is another's");
  const auto body = [&view](const crypto::Hash& digest) -> std::optional<Bytes> {
    auto bytes = view.body(digest);
    return bytes ? std::optional(std::move(*bytes)) : std::nullopt;
  };
  for (const Bytes& bytes : stored.batches) {
    const node::Batch wire = must(node::join_batch(bytes, body), "I11");
    block.batches.push_back(must(node::check_batch(world.realm().batches(), wire), "I11"));
  }
  return block;
}

// I11: the chain of one member, executed from genesis on an empty disk, block by block.
void execute_again(World& world, const node::LedgerView& view) {
  tests::SimulatedDisk disk;
  node::LedgerOptions options{.folder = "ledger", .network_id = world.realm().network()};
  options.files = &disk;
  const auto ledger = must(node::Ledger::open(options), "I11");
  node::Executor executor(world.realm().contracts(), *ledger);
  if (const auto prepared = executor.prepare(); !prepared) {
    violate("I11", prepared.error().message());
  }
  for (std::uint64_t height = 1; height <= view.tip().height; ++height) {
    const auto done = must(executor.append(executor.execute(block_of(world, view, height))), "I11");
    if (const auto kept = executor.commit(); !kept) violate("I11", kept.error().message());
    if (done.committed != must(view.committed(height), "I11")) {
      violate("I11", "block " + std::to_string(height) + " gives another result when repeated");
    }
  }
}

// What LevelDB holds but for where blocks lie: certificates differ in length.
std::vector<std::pair<std::string, std::string>> entries_of(node::FileSystem& files) {
  node::LeveldbEnv env(files);
  leveldb::Options options;
  options.env = &env;
  options.paranoid_checks = true;
  leveldb::DB* opened = nullptr;
  const auto status = leveldb::DB::Open(options, std::string(kLedgerFolder) + "/store", &opened);
  const std::unique_ptr<leveldb::DB> database(opened);
  if (!status.ok()) violate("I12", status.ToString());
  std::vector<std::pair<std::string, std::string>> entries;
  const std::unique_ptr<leveldb::Iterator> at(database->NewIterator({}));
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    const char family = at->key()[0];
    if (family == static_cast<char>(node::Family::kBlock)) continue;
    if (family == static_cast<char>(node::Family::kTip)) continue;
    entries.emplace_back(at->key().ToString(), at->value().ToString());
  }
  if (!at->status().ok()) violate("I12", at->status().ToString());
  return entries;
}

void compare_records(const node::LedgerView& view, const node::LedgerView& other) {
  constexpr std::uint64_t kAtOnce = 1'024;
  const std::uint64_t size = view.tip().tree_size;
  for (std::uint64_t first = 0; first < size; first += kAtOnce) {
    const std::uint64_t count = std::min(kAtOnce, size - first);
    if (must(view.records(first, count), "I12") != must(other.records(first, count), "I12")) {
      violate("I12", "records from " + std::to_string(first) + " on differ");
    }
  }
}

// I15: nobody honest stands accused on the ledger. Gives how many accusations there are.
std::uint64_t count_accusations(World& world, const node::LedgerView& view) {
  constexpr std::uint64_t kAtOnce = 1'024;
  const chaincode::Registry& registry = world.realm().contracts().registry();
  const std::uint64_t size = view.tip().tree_size;
  std::uint64_t count = 0;
  for (std::uint64_t first = 0; first < size; first += kAtOnce) {
    const std::uint64_t some = std::min(kAtOnce, size - first);
    for (const Bytes& bytes : must(view.records(first, some), "I15")) {
      const chaincode::Record record = must(chaincode::decode_record(bytes), "I15");
      const auto* accused = std::get_if<chaincode::Accused>(&record.content);
      if (accused == nullptr) continue;
      ++count;
      const auto member = registry.authority_of(accused->accused);
      if (!member || world.plan().honest(*member)) {
        violate("I15", "the ledger accuses " + accused->accused + ", which is honest");
      }
    }
  }
  return count;
}

// I12, byte for byte, of what a power cut would leave.
void compare_stores(World& world) {
  std::optional<std::vector<std::pair<std::string, std::string>>> first;
  for (Slot slot = 0; slot < world.plan().n; ++slot) {
    if (!world.honest(slot)) continue;
    // A copy: what opening changes is nobody's.
    const auto copy = world.machine(slot).disk->after_power_cut(tests::Unsynced::kDropped, 1);
    auto entries = entries_of(*copy);
    if (first && entries != *first) violate("I12", "the stores of two members differ");
    first = std::move(entries);
  }
}

}  // namespace

std::uint64_t audit(World& world) {
  std::vector<Slot> honest;
  for (Slot slot = 0; slot < world.plan().n; ++slot) {
    if (world.honest(slot)) honest.push_back(slot);
  }
  consensus::SignatureCache cache;
  const node::LedgerView first = world.machine(honest.front()).process->ledger().view();
  for (const Slot slot : honest) {
    const node::LedgerView view = world.machine(slot).process->ledger().view();
    if (view.tip() != first.tip()) violate("I12", "the tips of two members differ");
    check_finalizations(world, view, cache);
    check_acknowledged(world, view);
    compare_records(first, view);
  }
  execute_again(world, first);
  compare_stores(world);
  return count_accusations(world, first);
}

}  // namespace sanad::simulation::nodes
