#include "tests/node/ledger/sample_blocks.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/node/ledger/simulated_disk.h"

namespace sanad::tests {

using crypto::Bytes;
using crypto::Hash;
using node::CommitRequest;
using node::CommittedBlock;

namespace {

void add_declaration(CommitRequest& block, std::uint64_t number, const SampleShape& shape) {
  const Hash declaration = sample_hash("declaration", number);
  const Hash detail = sample_hash("detail", number);
  const std::vector<chaincode::RecordContent> contents = {
      chaincode::Declared{declaration, {}},
      chaincode::VerdictGiven{declaration, chaincode::Lane::kGreen, sample_hash("rules", 0),
                              detail},
      chaincode::Released{declaration, chaincode::ReleaseBasis::kGreen, std::nullopt}};
  std::uint64_t of_this = 0;
  for (const auto& content : contents) {
    chaincode::Record record;
    record.height = block.height;
    record.time_ms = block.time_ms;
    record.consignments = {sample_handle(number % shape.consignments)};
    // Declarations are numbered through all blocks; each leaves as many records as there are here.
    record.n = number / shape.consignments * contents.size() + ++of_this;
    record.authority = "AE-DU";
    record.origin = chaincode::StatementOrigin{sample_hash("submission", number), 0};
    record.content = content;
    block.effects.records.push_back(std::move(record));
  }
  const Bytes key(declaration.bytes.begin(), declaration.bytes.end());
  block.effects.writes[key] = Bytes(40, static_cast<std::uint8_t>(number));
  if (number > 3) {
    const Hash old = sample_hash("declaration", number - 3);
    block.effects.writes[Bytes(old.bytes.begin(), old.bytes.end())] = std::nullopt;
  }
  // Bodies under each of the digests that the series of bodies knows.
  const Bytes body(shape.body_bytes, static_cast<std::uint8_t>(number * 7));
  const Bytes stored_detail(90, static_cast<std::uint8_t>(number * 13));
  block.bodies.push_back({chaincode::body_digest(body), body});
  block.bodies.push_back({chaincode::detail_digest(stored_detail), stored_detail});
  if (number % 3 == 0) block.bodies.push_back({sample_hash("named", number), body});
}

}  // namespace

Hash sample_hash(std::string_view kind, std::uint64_t number) {
  return crypto::tagged_hash(kind, number);
}
crypto::Handle sample_handle(std::uint64_t number) {
  return *crypto::Handle::from(sample_hash("handle", number).view());
}
Hash sample_network() { return sample_hash("network", 0); }

CommitRequest sample_block(std::uint64_t height, const SampleShape& shape) {
  CommitRequest block;
  block.height = height;
  block.block_hash = height == 0 ? sample_network() : sample_hash("block", height);
  block.time_ms = 1'750'000'000'000 + height * 250;
  block.committee_hash = sample_hash("committee", 0);
  block.effects.beacon = sample_hash("beacon", height);
  if (height == 0) return block;
  block.header = Bytes(120, static_cast<std::uint8_t>(height));
  block.finalization = Bytes(220, static_cast<std::uint8_t>(height + 1));
  block.batches = {Bytes(70 * shape.declarations, static_cast<std::uint8_t>(height + 2)),
                   Bytes(33, 0xAA)};
  for (std::uint64_t i = 0; i < shape.declarations; ++i) {
    add_declaration(block, (height - 1) * shape.declarations + i, shape);
  }
  return block;
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "sanad-ledger-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}
TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

node::LedgerOptions sample_options(const std::string& folder) {
  return {.folder = folder,
          .network_id = sample_network(),
          .segment_bytes_max = 4096,
          .cache_bytes = 1 << 20,
          .write_buffer_bytes = 64 << 10};
}

node::LedgerOptions options_on(SimulatedDisk& disk) {
  auto options = sample_options("ledger");
  options.files = &disk;
  return options;
}

std::unique_ptr<node::Ledger> open_or_fail(const node::LedgerOptions& options) {
  auto ledger = node::Ledger::open(options);
  if (!ledger) FAIL(ledger.error().message());
  return std::move(*ledger);
}

void commit_to(node::Ledger& ledger, std::uint64_t height, const SampleShape& shape) {
  for (;;) {
    const auto tip = ledger.tip();
    if (tip && tip->height >= height) return;
    auto block = sample_block(tip ? tip->height + 1 : 0, shape);
    const auto committed = ledger.commit(std::move(block));
    if (!committed) FAIL(committed.error().message());
  }
}

crypto::Status commit_group(node::Ledger& ledger, std::uint64_t blocks, std::uint64_t height,
                            const SampleShape& shape) {
  const auto tip = ledger.tip();
  const std::uint64_t first = tip ? tip->height + 1 : 0;
  for (std::uint64_t next = first; next < first + blocks && next <= height; ++next) {
    const auto appended = ledger.append(sample_block(next, shape));
    if (!appended) return appended.error();
  }
  return ledger.commit();
}

std::vector<CommittedBlock> reference_blocks(std::uint64_t height, const SampleShape& shape) {
  SimulatedDisk disk;
  auto options = sample_options("reference");
  options.files = &disk;
  const auto ledger = open_or_fail(options);
  commit_to(*ledger, height, shape);
  std::vector<CommittedBlock> blocks;
  for (std::uint64_t i = 0; i <= height; ++i) {
    const auto block = ledger->view().committed(i);
    REQUIRE(block.ok());
    blocks.push_back(*block);
  }
  return blocks;
}

namespace {

void check_block(const node::LedgerView& view, const CommittedBlock& expected,
                 const SampleShape& shape) {
  const auto block = view.block(expected.height);
  if (!block) FAIL(block.error().message());
  REQUIRE(block->committed == expected);
  const CommitRequest request = sample_block(expected.height, shape);
  REQUIRE(block->header == request.header);
  REQUIRE(block->finalization == request.finalization);
  REQUIRE(block->batches == request.batches);
  for (const auto& body : request.bodies) {
    const auto found = view.body(body.digest);
    if (!found) FAIL(found.error().message());
    REQUIRE(*found == body.bytes);
  }
  const auto records =
      view.records(expected.first_record, expected.tree_size - expected.first_record);
  if (!records) FAIL(records.error().message());
  for (std::size_t i = 0; i < request.effects.records.size(); ++i) {
    REQUIRE((*records)[i] == chaincode::encode_record(request.effects.records[i]));
  }
}

}  // namespace

void check_whole(const node::Ledger& ledger, const std::vector<CommittedBlock>& expected,
                 const SampleShape& shape) {
  REQUIRE(ledger.health().ok());
  const auto view = ledger.view();
  REQUIRE(view.tip().height < expected.size());
  REQUIRE(view.tip() == expected[view.tip().height]);
  std::map<crypto::Handle, std::vector<std::uint64_t>> histories;
  for (std::uint64_t height = 0; height <= view.tip().height; ++height) {
    check_block(view, expected[height], shape);
    const CommittedBlock& block = expected[height];
    const auto root = view.root_at(block.tree_size);
    REQUIRE(root.ok());
    REQUIRE(*root == block.root);
    const auto records = sample_block(height, shape).effects.records;
    for (std::size_t i = 0; i < records.size(); ++i) {
      histories[records[i].consignments.front()].push_back(block.first_record + i);
    }
  }
  for (const auto& [handle, indices] : histories) {
    const auto found = view.consignment(handle);
    REQUIRE(found.ok());
    REQUIRE(*found == indices);
  }
}

}  // namespace sanad::tests
