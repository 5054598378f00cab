#include "node/replica/batch_pool.h"

#include <algorithm>

namespace sanad::node {

using consensus::BatchRef;
using crypto::Hash;

BatchPool::BatchPool(consensus::MemberIndex self, std::uint64_t next_seq, BatchPoolLimits limits)
    : self_(self), next_seq_(next_seq), limits_(limits) {}

void BatchPool::ordered(std::span<const BatchRef> refs) {
  for (const BatchRef& ref : refs) {
    if (ref.author == self_) next_seq_ = std::max(next_seq_, ref.seq + 1);
  }
}

bool BatchPool::admit(SubmissionPtr submission, std::uint64_t now_ms) {
  if (!own_ids_.insert(submission->id()).second) return false;
  waiting_bytes_ += submission->raw().size();
  waiting_.push_back({std::move(submission), now_ms});
  return true;
}

bool BatchPool::may_pack() const {
  const auto own = authors_.find(self_);
  if (own == authors_.end() || own->second.by_seq.empty()) return true;
  // What is on its way is in by_seq: its oldest is what the others wait for.
  return next_seq_ < own->second.by_seq.begin()->first + kSequenceWindow &&
         own->second.bytes < limits_.author_bytes_max;
}

std::optional<std::uint64_t> BatchPool::pack_at_ms() const {
  if (waiting_.empty() || !may_pack()) return std::nullopt;
  const auto own = authors_.find(self_);
  const bool idle = own == authors_.end() || own->second.by_seq.empty();
  const std::uint64_t since = waiting_.front().since_ms;
  const bool hurry = since <= hurry_until_ms_;
  if (idle || hurry || waiting_bytes_ >= limits_.batch_bytes_full) return since;
  return std::max(since, next_pack_ms_);
}

std::optional<BatchPool::Packed> BatchPool::pack(std::uint64_t now_ms) {
  const std::optional<std::uint64_t> at = pack_at_ms();
  if (!at || *at > now_ms) return std::nullopt;
  next_pack_ms_ = now_ms + limits_.batch_wait_ms;
  Packed packed{next_seq_++, {}};
  std::size_t bytes = 0;
  while (!waiting_.empty() && packed.submissions.size() < kBatchSubmissionsMax) {
    const std::size_t size = waiting_.front().submission->raw().size();
    if (bytes > 0 && bytes + size > kBatchBytesMax) break;
    bytes += size;
    waiting_bytes_ -= size;
    packed.submissions.push_back(std::move(waiting_.front().submission));
    waiting_.pop_front();
  }
  return packed;
}

Taken BatchPool::add(BatchPtr batch, bool wanted, std::uint64_t segment) {
  const BatchRef& ref = batch->ref();
  if (held_.contains(ref.digest)) return Taken::kHeld;
  if (!wanted && was_committed(ref.digest)) return Taken::kRefused;
  Author& author = authors_[ref.author];
  if (!wanted && ref.author != self_) {
    if (author.floor && ref.seq > *author.floor + limits_.received_window) return Taken::kRefused;
    // Its author keeps less than a window between its oldest on the way and its newest (B1).
    if (author.floor && ref.seq + kSequenceWindow <= *author.floor) return Taken::kRefused;
    if (author.by_seq.size() >= limits_.received_window) return Taken::kRefused;
    if (author.bytes + ref.bytes > limits_.author_bytes_max) return Taken::kRefused;
  }
  const std::size_t rivals = author.by_seq.count(ref.seq);
  if (!wanted && rivals >= limits_.conflicts_max) return Taken::kRefused;
  if (ref.author == self_) {
    // After a restart: what the journal gives back must not be packed again.
    for (const SubmissionPtr& submission : batch->submissions()) own_ids_.insert(submission->id());
    next_seq_ = std::max(next_seq_, ref.seq + 1);
  }
  author.by_seq.emplace(ref.seq, ref.digest);
  author.bytes += ref.bytes;
  held_bytes_ += ref.bytes;
  held_.emplace(ref.digest, Held{std::move(batch), segment});
  return rivals > 0 ? Taken::kConflict : Taken::kNew;
}

BatchPtr BatchPool::find(const Hash& digest) const {
  const auto held = held_.find(digest);
  return held == held_.end() ? nullptr : held->second.batch;
}

BatchPtr BatchPool::conflicting_with(const CheckedBatch& batch) const {
  const auto [begin, end] = authors_.at(batch.ref().author).by_seq.equal_range(batch.ref().seq);
  for (auto at = begin; at != end; ++at) {
    if (at->second != batch.ref().digest) return find(at->second);
  }
  assert(false && "no batch conflicts");
  return nullptr;
}

void BatchPool::drop(const Hash& digest) {
  const auto held = held_.find(digest);
  if (held == held_.end()) return;
  const CheckedBatch& batch = *held->second.batch;
  Author& author = authors_.at(batch.ref().author);
  const auto [begin, end] = author.by_seq.equal_range(batch.ref().seq);
  const auto at =
      std::find_if(begin, end, [&](const auto& entry) { return entry.second == digest; });
  assert(at != end);
  author.by_seq.erase(at);
  author.bytes -= batch.ref().bytes;
  held_bytes_ -= batch.ref().bytes;
  if (batch.ref().author == self_) {
    for (const SubmissionPtr& submission : batch.submissions()) own_ids_.erase(submission->id());
  }
  held_.erase(held);
}

void BatchPool::committed(std::span<const BatchRef> refs) {
  ordered(refs);
  for (const BatchRef& ref : refs) {
    Author& author = authors_[ref.author];
    author.floor = std::max(author.floor.value_or(0), ref.seq);
    drop(ref.digest);
    if (committed_.insert(ref.digest).second) committed_fifo_.push_back(ref.digest);
  }
  for (; committed_fifo_.size() > kCommittedRemembered; committed_fifo_.pop_front()) {
    committed_.erase(committed_fifo_.front());
  }
}

std::optional<std::uint64_t> BatchPool::oldest_segment() const {
  std::optional<std::uint64_t> oldest;
  for (const auto& [digest, held] : held_) {
    if (!oldest || held.segment < *oldest) oldest = held.segment;
  }
  return oldest;
}

std::vector<BatchPtr> BatchPool::move_segments(std::uint64_t below, std::uint64_t to,
                                               std::size_t bytes_max) {
  std::vector<BatchPtr> moved;
  std::size_t bytes = 0;
  for (auto& [digest, held] : held_) {
    if (held.segment >= below) continue;
    bytes += held.batch->ref().bytes;
    if (!moved.empty() && bytes > bytes_max) break;
    held.segment = to;
    moved.push_back(held.batch);
  }
  return moved;
}

std::vector<BatchPtr> BatchPool::held() const {
  std::vector<BatchPtr> all;
  for (const auto& [digest, held] : held_) all.push_back(held.batch);
  return all;
}

}  // namespace sanad::node
