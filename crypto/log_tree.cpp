#include "crypto/log_tree.h"

#include <algorithm>
#include <bit>

namespace sanad::crypto {
namespace {

Error out_of_range(std::string what) { return {Errc::kOutOfRange, std::move(what)}; }

// Largest power of two below n: where RFC 6962 splits n leaves.
// REQUIRES: n > 1.
std::uint64_t split_point(std::uint64_t n) { return std::bit_floor(n - 1); }

// Hash of the subtree over leaves [begin, end), by complete subtrees from the right.
// REQUIRES: begin < end, and begin is a multiple of the largest complete subtree within.
Result<Hash> subtree(std::uint64_t begin, std::uint64_t end, const NodeReader& reader) {
  std::uint64_t left = end - begin;
  unsigned level = static_cast<unsigned>(std::countr_zero(left));
  SANAD_TRY(Hash hash, reader.read(level, (end >> level) - 1));
  left &= left - 1;
  while (left != 0) {
    level = static_cast<unsigned>(std::countr_zero(left));
    SANAD_TRY(const Hash sibling, reader.read(level, ((begin + left) >> level) - 1));
    hash = node_hash(sibling, hash);
    left &= left - 1;
  }
  return hash;
}

Error too_short() { return {Errc::kBadProof, "too few hashes"}; }

}  // namespace

Hash empty_root() { return sha256({}); }

Hash leaf_hash(ByteView leaf) {
  static constexpr std::array<std::uint8_t, 1> kPrefix = {0x00};
  return Sha256().update(kPrefix).update(leaf).finish();
}

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<std::uint8_t, 1 + 2 * Hash::kSize> bytes;
  bytes[0] = 0x01;
  const auto middle = std::copy(left.bytes.begin(), left.bytes.end(), bytes.begin() + 1);
  std::copy(right.bytes.begin(), right.bytes.end(), middle);
  return sha256(bytes);
}

// ------------------------------------------------------------------ frontier

bool LogFrontier::is_consistent() const {
  return hashes_.size() == static_cast<std::size_t>(std::popcount(size_));
}

Result<LogFrontier> LogFrontier::from(std::uint64_t size, std::vector<Hash> hashes) {
  LogFrontier frontier;
  frontier.size_ = size;
  frontier.hashes_ = std::move(hashes);
  if (frontier.is_consistent()) return frontier;
  return Error{Errc::kFieldCount, std::to_string(frontier.hashes_.size()) +
                                      " subtree hashes for a tree of " + std::to_string(size)};
}

Hash LogFrontier::root() const {
  if (hashes_.empty()) return empty_root();
  Hash hash = hashes_.back();
  for (auto it = hashes_.rbegin() + 1; it != hashes_.rend(); ++it) hash = node_hash(*it, hash);
  return hash;
}

// ------------------------------------------------------------------ proofs

Result<Hash> root_of(std::uint64_t size, const NodeReader& reader) {
  if (size == 0) return empty_root();
  return subtree(0, size, reader);
}

Result<std::vector<Hash>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                          const NodeReader& reader) {
  if (index >= size) {
    return out_of_range("leaf " + std::to_string(index) + " of " + std::to_string(size));
  }
  std::vector<Hash> proof;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + split_point(end - begin);
    const bool go_left = index < middle;
    SANAD_TRY(const Hash sibling,
              go_left ? subtree(middle, end, reader) : subtree(begin, middle, reader));
    proof.push_back(sibling);
    (go_left ? end : begin) = middle;
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

Result<std::vector<Hash>> consistency_proof(std::uint64_t old_size, std::uint64_t size,
                                            const NodeReader& reader) {
  if (old_size == 0 || old_size > size) {
    return out_of_range("old size " + std::to_string(old_size) + " of " + std::to_string(size));
  }
  std::vector<Hash> proof;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end != old_size) {
    const std::uint64_t middle = begin + split_point(end - begin);
    const bool go_left = old_size <= middle;
    SANAD_TRY(const Hash sibling,
              go_left ? subtree(middle, end, reader) : subtree(begin, middle, reader));
    proof.push_back(sibling);
    (go_left ? end : begin) = middle;
  }
  // The old tree's last subtree, unless it is the old tree itself: the verifier has that root.
  if (begin != 0) {
    SANAD_TRY(const Hash last, subtree(begin, end, reader));
    proof.push_back(last);
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

Result<Hash> inclusion_root(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                            std::span<const Hash> proof) {
  if (index >= size) {
    return out_of_range("leaf " + std::to_string(index) + " of " + std::to_string(size));
  }
  Hash hash = leaf;
  std::uint64_t at = index;
  std::uint64_t last = size - 1;
  auto sibling = proof.begin();
  for (; last != 0; at /= 2, last /= 2) {
    if (at % 2 == 1 || at < last) {
      if (sibling == proof.end()) return too_short();
      hash = at % 2 == 1 ? node_hash(*sibling, hash) : node_hash(hash, *sibling);
      ++sibling;
    }
    // The last node of a level without a sibling moves up as it is.
  }
  if (sibling != proof.end()) return Error{Errc::kBadProof, "too many hashes"};
  return hash;
}

Status verify_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                        std::span<const Hash> proof, const Hash& root) {
  SANAD_TRY(const Hash reached, inclusion_root(leaf, index, size, proof));
  if (reached != root) return Error{Errc::kBadProof, "leaf is not under the root"};
  return {};
}

Status verify_consistency(std::uint64_t old_size, const Hash& old_root, std::uint64_t size,
                          const Hash& root, std::span<const Hash> proof) {
  if (old_size > size) {
    return out_of_range("old size " + std::to_string(old_size) + " of " + std::to_string(size));
  }
  if (old_size == 0 || old_size == size) {
    const Hash& expected = old_size == size ? root : empty_root();
    if (!proof.empty()) return Error{Errc::kBadProof, "too many hashes"};
    if (old_root != expected) return Error{Errc::kBadProof, "the roots differ"};
    if (size == 0 && root != empty_root()) return Error{Errc::kBadProof, "not the empty root"};
    return {};
  }
  // Start at the old tree's last complete subtree: the old root itself where there is but one.
  std::uint64_t at = old_size - 1;
  std::uint64_t last = size - 1;
  for (; at % 2 == 1; at /= 2) last /= 2;
  auto sibling = proof.begin();
  const bool one_subtree = at == 0;
  if (!one_subtree && sibling == proof.end()) return too_short();
  Hash old_hash = one_subtree ? old_root : *sibling++;
  Hash hash = old_hash;
  for (; last != 0; at /= 2, last /= 2) {
    if (at % 2 == 0 && at >= last) continue;
    if (sibling == proof.end()) return too_short();
    if (at % 2 == 1) {
      old_hash = node_hash(*sibling, old_hash);
      hash = node_hash(*sibling, hash);
    } else {
      hash = node_hash(hash, *sibling);
    }
    ++sibling;
  }
  if (sibling != proof.end()) return Error{Errc::kBadProof, "too many hashes"};
  if (old_hash != old_root) return Error{Errc::kBadProof, "the old root does not follow"};
  if (hash != root) return Error{Errc::kBadProof, "the new root does not follow"};
  return {};
}

// ------------------------------------------------------------------ tree in memory

void MemoryTree::append(const Hash& leaf) {
  frontier_.append(leaf, [this](unsigned level, std::uint64_t, const Hash& hash) {
    if (levels_.size() == level) levels_.emplace_back();
    levels_[level].push_back(hash);
  });
}

Result<Hash> MemoryTree::read(unsigned level, std::uint64_t index) const {
  if (level < levels_.size() && index < levels_[level].size()) {
    return levels_[level][static_cast<std::size_t>(index)];
  }
  return out_of_range("node " + std::to_string(index) + " of level " + std::to_string(level));
}

}  // namespace sanad::crypto
