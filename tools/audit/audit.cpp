#include "tools/audit/audit.h"

#include "tools/errc.h"

namespace sanad::tools {

using chaincode::Record;
using crypto::Hash;
using node::SegmentBlock;

Audit::Audit(const chaincode::Contracts& contracts, node::SegmentReader& reader, AuditRange range)
    : contracts_(contracts),
      reader_(reader),
      range_(range),
      chain_(contracts.genesis()),
      batches_({chain_.committee(), chain_.network()}, reader) {}

AuditFindings Audit::findings() const {
  AuditFindings found = found_;
  found.statistics = statistics_.counts();
  return found;
}

namespace {

// The figures of a snapshot, in its order.
template <class Findings>
auto figures_of(Findings& found) {
  return std::array{&found.blocks,     &found.records, &found.submissions,     &found.statements,
                    &found.signatures, &found.bytes,   &found.certified_height};
}

}  // namespace

AuditSnapshot Audit::snapshot() const {
  AuditSnapshot snapshot;
  snapshot.network = chain_.network();
  snapshot.from = range_.from;
  snapshot.tip = found_.tip;
  snapshot.ends = reader_.ends();
  for (const std::uint64_t* figure : figures_of(found_)) snapshot.figures.push_back(*figure);
  snapshot.state_digest = state_digest_;
  for (const auto& [key, value] : state_.values()) {
    const crypto::ByteView bytes = crypto::as_bytes(key);
    snapshot.state.push_back({{bytes.begin(), bytes.end()}, value});
  }
  trees_.save(snapshot);
  batches_.save(snapshot);
  statistics_.save(snapshot);
  return snapshot;
}

crypto::Status Audit::resume(const AuditSnapshot& snapshot) {
  const auto cannot = [](const std::string& why) {
    return crypto::Error{Errc::kBadFile, "the audit cannot go on: " + why};
  };
  if (snapshot.network != chain_.network()) return cannot("its file is of another network");
  if (snapshot.from != range_.from) {
    return cannot("its file counts from block " + std::to_string(snapshot.from) + ", say --from " +
                  std::to_string(snapshot.from));
  }
  const auto figures = figures_of(found_);
  const bool whole = snapshot.figures.size() == figures.size() &&
                     snapshot.state_digest == snapshot.tip.state_digest && trees_.load(snapshot) &&
                     statistics_.load(snapshot);
  if (!whole) return cannot("its file contradicts itself; remove it to audit from genesis");
  for (std::size_t i = 0; i < figures.size(); ++i) *figures[i] = snapshot.figures[i];
  found_.tip = snapshot.tip;
  state_digest_ = snapshot.state_digest;
  for (const StateEntry& one : snapshot.state) state_.write(one.key, one.value);
  batches_.load(snapshot);
  chain_.resume(snapshot.tip, found_.certified_height);
  reader_.resume(snapshot.tip, snapshot.ends);
  return {};
}

bool Audit::next() {
  if (found_.fault || (found_.blocks > 0 && found_.tip.height >= range_.to)) return false;
  auto next = reader_.next();
  if (next && !*next) {
    const auto tail = reader_.tail();
    if (tail) return false;
    next = reader_.next();  // a running node has written it meanwhile
    if (next && !*next) next = tail.error();
  }
  if (!next) {
    found_.fault = Fault{next.error().message()};
    return false;
  }
  const SegmentBlock& block = **next;
  found_.fault = check(block);
  if (found_.fault) {
    found_.fault->height = block.block.committed.height;
    locate(*found_.fault, reader_, block);
    return false;
  }
  ++found_.blocks;
  found_.records += block.records.size();
  found_.bytes += bytes_of(block);
  found_.certified_height = chain_.certified_height();
  found_.tip = block.block.committed;
  return true;
}

Checked Audit::check(const SegmentBlock& block) {
  const std::uint64_t signatures_before = chain_.signatures();
  if (Checked fault = chain_.next(block.block)) return fault;
  found_.signatures += chain_.signatures() - signatures_before;
  records_.clear();
  node::CandidateBlock candidate;
  if (block.block.committed.height > 0) {
    candidate.header = chain_.header();
    candidate.hash = block.block.committed.block_hash;
    if (Checked fault = batches_.open(block, nullptr, candidate)) return fault;
    for (const node::BatchPtr& batch : candidate.batches) {
      found_.submissions += batch->submissions().size();
      found_.statements += batch->ref().statements;
      found_.signatures += 1 + batch->submissions().size();
    }
    if (Checked fault = execute(block, candidate)) return fault;
  }
  auto commit = chaincode::decode_record(block.records.back());
  if (!commit || records_.size() + 1 != block.records.size()) {
    Fault fault{commit ? "block 0 has more than its commit record" : commit.error().message()};
    fault.record = block.block.committed.tree_size - 1;
    return fault;
  }
  records_.push_back(std::move(*commit));
  const bool counted = block.block.committed.height >= range_.from;
  for (const Record& record : records_) statistics_.add(record, counted);
  if (block.block.committed.height == 0) {
    state_digest_ = chaincode::state_digest(Hash{}, {});
    if (block.block.committed.state_digest != state_digest_) {
      return Fault{"the state digest of an empty state is another"};
    }
  }
  return trees_.next(block, records_);
}

Checked Audit::execute(const SegmentBlock& block, const node::CandidateBlock& candidate) {
  auto planned = node::Executor::plan(contracts_, candidate, state_, trees_.log().size());
  if (Checked fault = compare(block, planned.request)) return fault;
  state_digest_ = chaincode::state_digest(state_digest_, planned.request.effects.writes);
  if (state_digest_ != block.block.committed.state_digest) {
    return Fault{"executing it again gives another state digest"};
  }
  state_.apply(std::move(planned.request.effects.writes));
  records_ = std::move(planned.request.effects.records);
  return std::nullopt;
}

Checked Audit::compare(const SegmentBlock& block, const node::CommitRequest& made) const {
  const auto& records = made.effects.records;
  const std::uint64_t first = block.block.committed.first_record;
  for (std::size_t i = 0; i < records.size() && i + 1 < block.records.size(); ++i) {
    if (chaincode::encode_record(records[i]) == block.records[i]) continue;
    Fault fault{"executing its block again gives another record"};
    fault.record = first + i;
    return fault;
  }
  if (records.size() + 1 != block.records.size()) {
    return Fault{"executing it again gives " + std::to_string(records.size() + 1) + " records, " +
                 std::to_string(block.records.size()) + " are stored"};
  }
  const auto commit = chaincode::decode_record(block.records.back());
  const auto* said = commit ? std::get_if<chaincode::CommitRecord>(&commit->content) : nullptr;
  if (said == nullptr || said->beacon != made.effects.beacon) {
    Fault fault{"executing its block again gives another beacon"};
    fault.record = first + records.size();
    return fault;
  }
  for (std::size_t i = 0; i < std::max(made.bodies.size(), block.bodies.size()); ++i) {
    const bool same = i < made.bodies.size() && i < block.bodies.size() &&
                      made.bodies[i].digest == block.bodies[i].digest &&
                      made.bodies[i].bytes == block.bodies[i].bytes;
    if (same) continue;
    Fault fault{"executing its block again keeps other bodies"};
    if (i < block.bodies.size()) fault.body = i;
    return fault;
  }
  return std::nullopt;
}

}  // namespace sanad::tools
