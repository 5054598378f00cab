#include "node/ledger/storage.h"

#include <algorithm>

namespace sanad::node {

using crypto::Bytes;
using crypto::ByteView;
using crypto::Error;
using crypto::Hash;
using crypto::Result;
using crypto::Status;

namespace {

enum BodyKind : std::uint8_t { kNamed, kOpenedFields, kDetail };

}  // namespace

Bytes body_frame(const StoredBody& body) {
  Bytes frame;
  frame.reserve(1 + Hash::kSize + body.bytes.size());
  if (chaincode::body_digest(body.bytes) == body.digest) {
    frame.push_back(kOpenedFields);
  } else if (chaincode::detail_digest(body.bytes) == body.digest) {
    frame.push_back(kDetail);
  } else {
    frame.push_back(kNamed);
    crypto::append(frame, body.digest.view());
  }
  crypto::append(frame, body.bytes);
  return frame;
}

Result<StoredBody> parse_body_frame(ByteView frame) {
  const std::size_t head = !frame.empty() && frame[0] == kNamed ? 1 + Hash::kSize : 1;
  if (frame.size() < head || frame[0] > kDetail) {
    return Error{LedgerErrc::kDamaged, "a body's frame of an unknown kind"};
  }
  const ByteView bytes = frame.subspan(head);
  StoredBody body{{}, Bytes(bytes.begin(), bytes.end())};
  switch (frame[0]) {
    case kOpenedFields:
      body.digest = chaincode::body_digest(bytes);
      break;
    case kDetail:
      body.digest = chaincode::detail_digest(bytes);
      break;
    default:
      SANAD_TRY(body.digest, Hash::from(frame.subspan(1, Hash::kSize)));
  }
  return body;
}

Bytes encode_position(Position position) {
  Bytes out;
  crypto::append_u32be(out, position.segment);
  crypto::append_u32be(out, position.offset);
  return out;
}

Result<Position> decode_position(ByteView bytes) {
  if (bytes.size() != 8) return Error{LedgerErrc::kDamaged, "a position in the store"};
  return Position{crypto::read_u32be(bytes), crypto::read_u32be(bytes.subspan(4))};
}

Bytes u64_key(std::uint64_t value) {
  Bytes key;
  crypto::append_u64be(key, value);
  return key;
}

Bytes log_node_key(unsigned level, std::uint64_t index) {
  Bytes key{static_cast<std::uint8_t>(level)};
  crypto::append_u64be(key, index);
  return key;
}

Bytes consignment_run_key(const Hash& key, std::uint64_t run) {
  Bytes whole(key.bytes.begin(), key.bytes.end());
  crypto::append_u32be(whole, static_cast<std::uint32_t>(run));
  return whole;
}

void FailureLatch::record(const Error& error) const {
  const std::lock_guard lock(mutex_);
  if (!error_) error_ = error;
}

Status FailureLatch::status() const {
  const std::lock_guard lock(mutex_);
  return error_ ? Status(*error_) : Status();
}

Storage::Storage(std::unique_ptr<FolderLock> lock, std::shared_ptr<Store> opened,
                 const std::array<SegmentPlace, 3>& places)
    : lock_(std::move(lock)),
      store(std::move(opened)),
      blocks(places[0]),
      records(places[1]),
      bodies(places[2]) {}

Result<std::vector<Frame>> Storage::committed_frames(const SegmentFiles& series, Position at,
                                                     std::size_t count) const {
  auto frames = series.read_run(at, count);
  if (!frames && frames.error().code == LedgerErrc::kNotFound) {
    return Error{LedgerErrc::kDamaged, "committed bytes are missing: " + frames.error().detail};
  }
  return frames;
}

Error TipState::noted(Error error) const {
  if (error.code == LedgerErrc::kDamaged) storage->failure.record(error);
  return error;
}

std::optional<Bytes> TipState::read(ByteView key) const {
  auto value = snapshot->read(Family::kState, key);
  if (value) return std::move(*value);
  storage->failure.record(value.error());
  return std::nullopt;
}

Result<std::vector<Bytes>> TipState::records(std::uint64_t first, std::uint64_t count) const {
  const std::uint64_t size = entry.committed.tree_size;
  if (first > size || count > size - first) {
    return Error{LedgerErrc::kNotFound, "record " + std::to_string(first) + " + " +
                                            std::to_string(count) + " of " + std::to_string(size)};
  }
  std::vector<Bytes> found;
  if (count == 0) return found;
  const std::uint64_t skip = first % kRunRecords;
  SANAD_TRY(const auto begin, snapshot->read(Family::kRecordRun, u64_key(first / kRunRecords)));
  if (!begin) {
    return noted({LedgerErrc::kDamaged, "the store has no record run of " + std::to_string(first)});
  }
  SANAD_TRY(const Position at, decode_position(*begin));
  auto frames = storage->committed_frames(storage->records, at, skip + count);
  if (!frames) return noted(frames.error());
  for (std::size_t i = skip; i < frames->size(); ++i)
    found.push_back(std::move((*frames)[i].bytes));
  return found;
}

// ------------------------------------------------------------------------------- tree nodes

Result<const LogNodes::Leaves*> LogNodes::run(std::uint64_t number) const {
  if (const auto found = runs_.find(number); found != runs_.end()) return &found->second;
  const std::uint64_t first = number * kRunRecords;
  const std::uint64_t count = std::min(kRunRecords, tip_.entry.committed.tree_size - first);
  SANAD_TRY(const auto records, tip_.records(first, count));
  Leaves leaves;
  for (const Bytes& record : records) leaves.push_back(crypto::leaf_hash(record));
  return &runs_.emplace(number, std::move(leaves)).first->second;
}

Result<Hash> LogNodes::read(unsigned level, std::uint64_t index) const {
  const std::uint64_t size = tip_.entry.committed.tree_size;
  if (level > 63 || index >= (size >> level)) {
    return Error{LedgerErrc::kNotFound, "log node (" + std::to_string(level) + ", " +
                                            std::to_string(index) + ") of a log of " +
                                            std::to_string(size)};
  }
  if (level >= kRunLevel) {
    SANAD_TRY(const auto node, tip_.snapshot->read(Family::kLogNode, log_node_key(level, index)));
    auto hash = node ? Hash::from(*node) : Result<Hash>(Error{LedgerErrc::kNotFound});
    if (hash) return *hash;
    return tip_.noted({LedgerErrc::kDamaged, "the store has no log node (" + std::to_string(level) +
                                                 ", " + std::to_string(index) + ")"});
  }
  const std::uint64_t first = index << level;
  SANAD_TRY(const Leaves* leaves, run(first / kRunRecords));
  const auto begin = leaves->begin() + static_cast<std::ptrdiff_t>(first % kRunRecords);
  Leaves row(begin, begin + (std::ptrdiff_t{1} << level));
  for (; row.size() > 1; row.resize(row.size() / 2)) {
    for (std::size_t i = 0; i < row.size() / 2; ++i) {
      row[i] = crypto::node_hash(row[2 * i], row[2 * i + 1]);
    }
  }
  return row.front();
}

std::optional<Bytes> StoredIndexNodes::read(ByteView node_id) const {
  if (tip_ == nullptr) return std::nullopt;
  auto node = tip_->snapshot->read(Family::kIndexNode, node_id);
  if (node) return std::move(*node);
  tip_->storage->failure.record(node.error());
  return std::nullopt;
}

}  // namespace sanad::node
