// The verifiable index (LEDGER F16): a compressed binary Merkle trie from 32-byte keys to
// (n, root of the key's own mini-log), with proofs of presence and of absence.
//
//   leaf   SHA-256(0x02 ‖ key ‖ u64be n ‖ root)
//   inner  SHA-256(0x03 ‖ u16be bit ‖ left ‖ right)    bit: the first one, counted from the most
//                                                      significant, in which the keys below differ
//   empty  H("index-empty", [])
//
// Nodes are stored under the path to them: u16be depth ‖ the first `depth` key bits, zero-padded to
// bytes, where depth is 0 for the root and parent's bit + 1 below it. Leaves are stored with their
// parent, a lone one as the root: half of the nodes cost no entry of their own. A change rewrites
// the nodes on its path and no other; nothing is ever removed.
#pragma once

#include <functional>

#include "crypto/codec.h"

namespace sanad::crypto {

struct IndexValue {
  std::uint64_t n = 0;  // records of the key, at least 1
  Hash root;            // RFC 6962 root of the n records

  friend bool operator==(const IndexValue&, const IndexValue&) = default;
};

// k = H("index", [name, key as bytes]). `index_name`: "consignment", "container", "authority-day".
// REQUIRES: index_name is clean text.
Hash index_key(std::string_view index_name, ByteView key);
Hash empty_index_root();

struct IndexTurn {
  std::uint16_t bit = 0;
  Hash sibling;

  friend bool operator==(const IndexTurn&, const IndexTurn&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(bit), SANAD_FIELD(sibling));
  }
};
struct IndexLeaf {
  Hash key;
  std::uint64_t n = 0;
  Hash root;

  friend bool operator==(const IndexLeaf&, const IndexLeaf&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(key), SANAD_FIELD(n), SANAD_FIELD(root));
  }
};

// The turns from the root down and the leaf at their end: the key's own, or the one that is there
// instead. An empty map has no turn and no leaf. About 37 bytes a turn, 20 turns at 10^6 keys.
struct IndexProof {
  std::vector<IndexTurn> turns;
  std::optional<IndexLeaf> leaf;

  friend bool operator==(const IndexProof&, const IndexProof&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(turns, 256), SANAD_FIELD(leaf));
  }
};

// What the map with this root says of `key`: its value, or nothing, proved absent. kBadProof unless
// the bits rise strictly below 256, each turn follows the key's bit, the hashes lead to `root`, and
// a leaf of another key agrees with `key` on every tested bit.
Result<std::optional<IndexValue>> verify_index(const Hash& root, const Hash& key,
                                               const IndexProof& proof);

// Stored nodes. read() of what was never written is nullopt. Implementations are read from one
// thread.
class IndexNodes {
 public:
  virtual ~IndexNodes() = default;
  [[nodiscard]] virtual std::optional<Bytes> read(ByteView node_id) const = 0;
};

// Takes a node's id and bytes, both valid during the call alone.
using NodeWriter = std::function<void(ByteView node_id, ByteView bytes)>;

// The map as of `root` with changes on top, which commit() hashes together: shared ancestors once.
// Nodes read and written are kept, so one object may serve block after block (see forget()). Every
// node read is checked against its parent; kDamagedNode if it does not match, and a failed put()
// changes nothing. Not thread-safe; `nodes` must outlive it and must hold what was written before
// forget() is called.
class IndexMap {
 public:
  IndexMap(const IndexNodes& nodes, const Hash& root);

  // REQUIRES: value.n > 0. O(depth), no hashing of ancestors.
  Status put(const Hash& key, const IndexValue& value);
  Result<std::optional<IndexValue>> get(const Hash& key);
  // Hashes what changed, hands each changed node to `write` and returns the new root.
  Hash commit(const NodeWriter& write);
  // REQUIRES: nothing was put since the last commit(). Proof of the key's presence or absence.
  Result<IndexProof> prove(const Hash& key);

  [[nodiscard]] const Hash& root() const { return root_; }
  [[nodiscard]] std::size_t kept_nodes() const { return pool_.size(); }
  // Drops all nodes kept in memory but those within `depth` turns of the root. O(nodes kept): for
  // when kept_nodes(), about 200 bytes each, has grown over a bound, not for every block. REQUIRES:
  // nothing was put since the last commit().
  void forget(unsigned depth);

 private:
  static constexpr std::uint32_t kAbsent = 0xFFFF'FFFF;
  static constexpr std::uint16_t kLeafBit = 256;
  struct Node {
    std::uint16_t bit = kLeafBit;  // kLeafBit: a leaf
    bool changed = false;
    Hash key;  // a leaf's key; an inner node's first `bit` bits, rest zero
    Hash hash;
    IndexValue value;                  // leaf
    std::array<Hash, 2> child_hash{};  // inner
    // inner; kAbsent: not read yet. Leaves are always here.
    std::array<std::uint32_t, 2> child{kAbsent, kAbsent};
  };

  static std::optional<Node> parse_leaf(ByteView bytes, const Hash& expected);
  static std::optional<Node> parse_inner(ByteView bytes, const Hash& expected);
  static Hash child_prefix(const Node& parent, unsigned side);
  Result<std::uint32_t> load(const Hash& prefix, unsigned depth, const Hash& expected);
  bool load_leaves(Node& parent, ByteView bytes);
  Result<std::uint32_t> child_of(std::uint32_t parent, unsigned side);
  Status walk(const Hash& key);
  std::uint32_t add_leaf(const Hash& key, const IndexValue& value);
  Hash hash_changed(std::uint32_t at, unsigned depth, const NodeWriter& write);
  std::uint32_t copy_top(const std::vector<Node>& from, std::uint32_t at, unsigned depth);

  const IndexNodes* nodes_;
  Hash root_;
  std::vector<Node> pool_;
  std::uint32_t top_ = kAbsent;
  std::vector<std::uint32_t>
      path_;  // of the last walk(), from the root to a leaf; empty: empty map
  bool changed_ = false;
};

}  // namespace sanad::crypto
