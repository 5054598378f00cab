#include "tools/audit/batch_opener.h"

#include "node/replica/batch.h"

namespace sanad::tools {

using crypto::Bytes;
using crypto::Hash;

void BatchOpener::remember_bodies(const node::SegmentBlock& block) {
  for (std::size_t i = 0; i < block.bodies.size(); ++i) {
    at_.try_emplace(block.bodies[i].digest, block.bodies_at[i]);
  }
}

std::optional<Bytes> BatchOpener::body(const Hash& digest) const {
  if (const auto here = here_.find(digest); here != here_.end()) return *here->second;
  const auto before = at_.find(digest);
  if (before == at_.end()) return std::nullopt;
  auto read = reader_.body(before->second);
  if (!read || read->digest != digest) return std::nullopt;
  return std::move(read->bytes);
}

Checked BatchOpener::open(const node::SegmentBlock& block, const node::FinalBatches* known,
                          node::CandidateBlock& candidate) {
  here_.clear();
  for (const node::StoredBody& one : block.bodies) here_.emplace(one.digest, &one.bytes);
  remember_bodies(block);
  const auto look_up = [this](const Hash& digest) { return body(digest); };
  for (std::size_t i = 0; i < block.block.batches.size(); ++i) {
    Fault fault{"it is not the one that the header names"};
    fault.batch = i;
    const auto joined = node::join_batch(block.block.batches[i], look_up);
    if (!joined) {
      fault.reason = joined.error().message();
      return fault;
    }
    auto opened = node::check_batch(context_, *joined, known);
    if (!opened) fault.reason = opened.error().message();
    if (!opened || (*opened)->ref() != candidate.header.batches[i]) return fault;
    candidate.batches.push_back(std::move(*opened));
  }
  return std::nullopt;
}

void BatchOpener::save(AuditSnapshot& snapshot) const {
  for (const auto& [digest, at] : at_) snapshot.bodies.push_back({digest, at});
}

void BatchOpener::load(const AuditSnapshot& snapshot) {
  for (const BodyEntry& one : snapshot.bodies) at_.try_emplace(one.digest, one.at);
}

}  // namespace sanad::tools
