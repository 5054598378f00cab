#include "tools/audit/compare.h"

#include <algorithm>

#include "tools/audit/folder_check.h"
#include "tools/errc.h"

namespace sanad::tools {

using crypto::Error;
using crypto::Result;
using crypto::Status;
using node::BlockFinder;
using node::CommittedBlock;
using node::SegmentBlock;

namespace {

// The bodies' order follows from the block; certificates may differ: any quorum makes one.
void compare_blocks(const SegmentBlock& one, const SegmentBlock& other, Comparison& found) {
  const auto note = [&found](bool differs, const char* what) {
    if (differs) found.differs.emplace_back(what);
  };
  const CommittedBlock& a = one.block.committed;
  const CommittedBlock& b = other.block.committed;
  note(a.block_hash != b.block_hash, "block hash");
  note(a.time_ms != b.time_ms, "time");
  note(one.block.epoch != other.block.epoch, "epoch");
  note(one.block.committee_hash != other.block.committee_hash, "committee");
  note(one.block.header != other.block.header, "header");
  note(one.block.batches != other.block.batches, "batches");
  note(one.records != other.records, "records");
  const auto same_body = [](const node::StoredBody& x, const node::StoredBody& y) {
    return x.digest == y.digest && x.bytes == y.bytes;
  };
  note(!std::ranges::equal(one.bodies, other.bodies, same_body), "bodies");
  note(a.index_root != b.index_root, "index root");
  note(a.state_digest != b.state_digest, "state digest");
  note(a.root != b.root, "log root");
  for (std::size_t i = 0; i < std::max(one.records.size(), other.records.size()); ++i) {
    DifferingRecord record{a.first_record + i, {}};
    if (i < one.records.size()) record.bytes[0] = one.records[i];
    if (i < other.records.size()) record.bytes[1] = other.records[i];
    if (record.bytes[0] == record.bytes[1]) continue;
    found.record = std::move(record);
    return;
  }
}

// The first height up to `last` whose commits differ; nothing where none does.
Result<std::optional<std::uint64_t>> first_difference(
    std::array<BlockFinder*, 2> ledgers, std::uint64_t last,
    const std::function<void(std::uint64_t)>& looked_at) {
  const auto differ = [&](std::uint64_t height) -> Result<bool> {
    looked_at(height);
    SANAD_TRY(const CommittedBlock one, ledgers[0]->committed(height));
    SANAD_TRY(const CommittedBlock other, ledgers[1]->committed(height));
    return one != other;
  };
  SANAD_TRY(const bool any, differ(last));
  if (!any) return std::optional<std::uint64_t>();
  std::uint64_t low = 0;  // the first that differs is not below
  std::uint64_t high = last;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    SANAD_TRY(const bool there, differ(middle));
    if (there) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return std::optional(high);
}

}  // namespace

Result<Comparison> compare_ledgers(const std::filesystem::path& one,
                                   const std::filesystem::path& other,
                                   const std::function<void(std::uint64_t)>& looked_at) {
  SANAD_TRY(BlockFinder first, BlockFinder::open(ledger_folder(one).string()));
  SANAD_TRY(BlockFinder second, BlockFinder::open(ledger_folder(other).string()));
  if (first.network_id() != second.network_id()) {
    return Error{Errc::kNetworkFolder,
                 "the ledgers are of different networks: " + first.network_id().hex() + " and " +
                     second.network_id().hex()};
  }
  Comparison found;
  SANAD_TRY(found.last[0], first.last());
  SANAD_TRY(found.last[1], second.last());
  if (!found.last[0] || !found.last[1]) return found;
  const std::uint64_t last = std::min(*found.last[0], *found.last[1]);
  SANAD_TRY(found.height, first_difference({&first, &second}, last, looked_at));
  if (!found.height) return found;
  SANAD_TRY(const SegmentBlock a, first.block(*found.height));
  SANAD_TRY(const SegmentBlock b, second.block(*found.height));
  found.committed = {a.block.committed, b.block.committed};
  compare_blocks(a, b, found);
  return found;
}

}  // namespace sanad::tools
