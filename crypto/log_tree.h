// The log's Merkle tree (RFC 6962 §2.1; LEDGER F13): roots, inclusion and consistency proofs.
//
// A tree of n leaves is the concatenation of complete subtrees, one per set bit of n. The hash of
// the complete subtree over leaves [index·2^level, (index+1)·2^level) is "node (level, index)";
// such a node never changes, and every algorithm here needs no other. Level 0 holds leaf hashes.
#pragma once

#include "crypto/codec.h"

namespace sanad::crypto {

// The longest inclusion (consistency) proof of a tree of fewer than 2^64 leaves.
inline constexpr std::size_t kLogProofMax = 65;

Hash empty_root();                                    // SHA-256 of nothing
Hash leaf_hash(ByteView leaf);                        // SHA-256(0x00 ‖ leaf)
Hash node_hash(const Hash& left, const Hash& right);  // SHA-256(0x01 ‖ left ‖ right)

// The right edge of a growing tree: all that appending and the root need. O(log n) space.
class LogFrontier {
 public:
  LogFrontier() = default;
  // `hashes`: the complete subtrees from left (largest) to right, one per set bit of `size`;
  // kFieldCount for another number.
  static Result<LogFrontier> from(std::uint64_t size, std::vector<Hash> hashes);

  // Adds a leaf and calls completed(level, index, hash) for every node that it completes, the leaf
  // itself (level 0) first. Amortised two hashes.
  template <class Completed>
  void append(const Hash& leaf, Completed&& completed) {
    Hash hash = leaf;
    std::uint64_t index = size_++;
    completed(0U, index, std::as_const(hash));
    for (unsigned level = 1; index % 2 == 1; ++level) {
      hash = node_hash(hashes_.back(), hash);
      hashes_.pop_back();
      index /= 2;
      completed(level, index, std::as_const(hash));
    }
    hashes_.push_back(hash);
  }
  void append(const Hash& leaf) {
    append(leaf, [](unsigned, std::uint64_t, const Hash&) {});
  }

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::vector<Hash>& hashes() const { return hashes_; }
  // O(log n) hashes.
  [[nodiscard]] Hash root() const;

  friend bool operator==(const LogFrontier&, const LogFrontier&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(::cereal::make_nvp("size", size_), ::cereal::make_nvp("hashes", at_most(hashes_, 64)));
    if constexpr (Archive::is_loading::value) {
      if (!is_consistent()) ar.fail(Errc::kFieldCount);
    }
  }

 private:
  [[nodiscard]] bool is_consistent() const;

  std::uint64_t size_ = 0;
  std::vector<Hash> hashes_;
};

// Where nodes come from: memory, disk or tiles. read() of a node that the tree does not have is an
// error of the implementation's choice.
class NodeReader {
 public:
  virtual ~NodeReader() = default;
  [[nodiscard]] virtual Result<Hash> read(unsigned level, std::uint64_t index) const = 0;
};

// RFC 6962 §2.1.1: the siblings from the leaf up. kOutOfRange unless index < size. O(log n) reads.
Result<std::vector<Hash>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                          const NodeReader& reader);
// RFC 6962 §2.1.2. kOutOfRange unless 0 < old_size <= size; empty where they are equal. O(log n)
// reads.
Result<std::vector<Hash>> consistency_proof(std::uint64_t old_size, std::uint64_t size,
                                            const NodeReader& reader);
// Root of the first `size` leaves.
Result<Hash> root_of(std::uint64_t size, const NodeReader& reader);

// The root to which `proof` leads from the leaf. kOutOfRange unless index < size; kBadProof unless
// it has exactly as many hashes as it takes (RFC 9162 §2.1.3.2).
Result<Hash> inclusion_root(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                            std::span<const Hash> proof);
// kOutOfRange unless index < size; kBadProof unless `proof` leads from the leaf to `root`, as
// inclusion_root() has it.
Status verify_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                        std::span<const Hash> proof, const Hash& root);
// kOutOfRange unless old_size <= size; kBadProof unless the tree (size, root) extends (old_size,
// old_root) (RFC 9162 §2.1.4.2). Of an empty old tree: its root is empty_root() and the proof is
// empty.
Status verify_consistency(std::uint64_t old_size, const Hash& old_root, std::uint64_t size,
                          const Hash& root, std::span<const Hash> proof);

// A whole tree in memory, 64 bytes a leaf: submissions, mini-logs, tests.
class MemoryTree final : public NodeReader {
 public:
  void append(const Hash& leaf);
  [[nodiscard]] std::uint64_t size() const { return frontier_.size(); }
  [[nodiscard]] Hash root() const { return frontier_.root(); }
  // kOutOfRange for a node beyond the tree.
  [[nodiscard]] Result<Hash> read(unsigned level, std::uint64_t index) const override;

 private:
  LogFrontier frontier_;
  std::vector<std::vector<Hash>> levels_;
};

}  // namespace sanad::crypto
