#include "tools/audit/folder_check.h"

#include <algorithm>

#include "node/replica/batch.h"
#include "tools/errc.h"

namespace sanad::tools {

using crypto::Error;
using crypto::Hash;
using crypto::Result;
using node::SegmentBlock;

std::uint64_t bytes_of(const SegmentBlock& block) {
  std::uint64_t bytes = block.block.header.size() + block.block.finalization.size();
  for (const crypto::Bytes& batch : block.block.batches) bytes += batch.size();
  for (const crypto::Bytes& record : block.records) bytes += record.size();
  for (const node::StoredBody& body : block.bodies) bytes += body.bytes.size();
  return bytes;
}

Checked BlockCheck::next(const SegmentBlock& block) {
  named_.clear();
  if (Checked found = chain_.next(block.block)) return found;
  if (Checked found = check_batches(block)) return found;
  if (Checked found = check_records(block)) return found;
  if (Checked found = trees_.next(block, records_)) return found;
  return check_bodies(block);
}

Checked BlockCheck::check_batches(const SegmentBlock& block) {
  for (std::size_t i = 0; i < block.block.batches.size(); ++i) {
    const auto stored = node::read_stored_batch(block.block.batches[i]);
    Fault fault{"it is not the one that the header names", block.block.committed.height};
    fault.batch = i;
    if (!stored) fault.reason = stored.error().message();
    if (!stored || stored->ref != chain_.header().batches[i]) return fault;
    named_.insert(named_.end(), stored->bodies.begin(), stored->bodies.end());
  }
  return std::nullopt;
}

Checked BlockCheck::check_records(const SegmentBlock& block) {
  records_.clear();
  for (const crypto::Bytes& bytes : block.records) {
    auto record = chaincode::decode_record(bytes);
    if (!record) {
      return Fault{record.error().message(), block.block.committed.height,
                   block.block.committed.first_record + records_.size()};
    }
    const auto* verdict = std::get_if<chaincode::VerdictGiven>(&record->content);
    if (verdict != nullptr) named_.push_back(verdict->detail);
    records_.push_back(std::move(*record));
  }
  return std::nullopt;
}

// A body's digest follows from its bytes; whether it belongs here follows from who names it.
Checked BlockCheck::check_bodies(const SegmentBlock& block) const {
  std::vector<Hash> named = named_;
  std::ranges::sort(named);
  for (std::size_t i = 0; i < block.bodies.size(); ++i) {
    const node::StoredBody& body = block.bodies[i];
    const bool is_named = std::ranges::binary_search(named, body.digest);
    const bool is_its_digest = chaincode::body_digest(body.bytes) == body.digest ||
                               chaincode::detail_digest(body.bytes) == body.digest;
    if (is_named && is_its_digest) continue;
    Fault fault{"no statement or verdict of the block names it", block.block.committed.height};
    fault.body = i;
    return fault;
  }
  return std::nullopt;
}

std::filesystem::path ledger_folder(const std::filesystem::path& folder) {
  const auto inner = folder / "ledger";
  return std::filesystem::exists(inner) ? inner : folder;
}

Result<node::SegmentReader> open_segments(const std::filesystem::path& folder,
                                          const Hash& network) {
  SANAD_TRY(node::SegmentReader reader, node::SegmentReader::open(folder.string()));
  if (reader.network_id() == network) return reader;
  return Error{Errc::kNetworkFolder, folder.string() + " is the ledger of another network (" +
                                         reader.network_id().hex() + ")"};
}

Result<FolderFindings> check_folder(const std::filesystem::path& folder,
                                    const chaincode::Genesis& genesis,
                                    const std::function<void(const FolderFindings&)>& seen) {
  const auto ledger = ledger_folder(folder);
  BlockCheck check(genesis);
  SANAD_TRY(node::SegmentReader reader, open_segments(ledger, check.chain().network()));
  FolderFindings findings;
  while (true) {
    auto next = reader.next();
    if (next && !*next) {
      auto tail = reader.tail();
      if (tail) {
        findings.tail = *tail;
        return findings;
      }
      next = reader.next();  // a running node has written it meanwhile
      if (next && !*next) next = tail.error();
    }
    if (!next) {
      findings.fault = Fault{next.error().message()};
      return findings;
    }
    const SegmentBlock& block = **next;
    findings.fault = check.next(block);
    if (findings.fault) {
      locate(*findings.fault, reader, block);
      return findings;
    }
    ++findings.blocks;
    findings.records += block.records.size();
    findings.batches += block.block.batches.size();
    findings.bodies += block.bodies.size();
    findings.bytes += bytes_of(block);
    findings.certificates = check.chain().certificates();
    findings.certified_height = check.chain().certified_height();
    findings.tip = block.block.committed;
    seen(findings);
  }
}

}  // namespace sanad::tools
