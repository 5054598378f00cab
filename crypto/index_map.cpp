#include "crypto/index_map.h"

#include <algorithm>
#include <bit>

namespace sanad::crypto {
namespace {

constexpr std::uint8_t kLeafTag = 0x02;
constexpr std::uint8_t kInnerTag = 0x03;
constexpr unsigned kKeyBits = 256;
constexpr std::size_t kLeafSize = 1 + 32 + 8 + 32;
constexpr std::size_t kInnerSize = 1 + 2 + 32 + 32;

unsigned bit_of(const Hash& key, unsigned bit) { return key.bytes[bit / 8] >> (7 - bit % 8) & 1U; }

// The first bit in which the keys differ; kKeyBits if they are equal.
unsigned first_difference(const Hash& a, const Hash& b) {
  for (unsigned i = 0; i < Hash::kSize; ++i) {
    const auto difference = static_cast<std::uint8_t>(a.bytes[i] ^ b.bytes[i]);
    if (difference != 0) return 8 * i + static_cast<unsigned>(std::countl_zero(difference));
  }
  return kKeyBits;
}

std::size_t bytes_for(unsigned bits) { return (bits + 7) / 8; }

// Of a stored inner node before its leaves: what is hashed, the bits, which children are leaves.
std::size_t inner_size(unsigned bit) { return kInnerSize + bytes_for(bit) + 1; }

// The first `depth` bits of the key, the rest zero.
Hash prefix_of(const Hash& key, unsigned depth) {
  Hash prefix;
  std::copy_n(key.bytes.begin(), bytes_for(depth), prefix.bytes.begin());
  if (depth % 8 != 0) {
    prefix.bytes[depth / 8] &= static_cast<std::uint8_t>(0xFF00U >> (depth % 8));
  }
  return prefix;
}

class NodeId {
 public:
  NodeId(const Hash& key, unsigned depth) : size_(2 + bytes_for(depth)) {
    bytes_[0] = static_cast<std::uint8_t>(depth >> 8);
    bytes_[1] = static_cast<std::uint8_t>(depth);
    const Hash prefix = prefix_of(key, depth);
    std::copy_n(prefix.bytes.begin(), bytes_for(depth), bytes_.begin() + 2);
  }
  [[nodiscard]] ByteView view() const { return ByteView(bytes_).first(size_); }

 private:
  std::array<std::uint8_t, 2 + Hash::kSize> bytes_{};
  std::size_t size_;
};

std::array<std::uint8_t, kLeafSize> leaf_bytes(const Hash& key, const IndexValue& value) {
  std::array<std::uint8_t, kLeafSize> bytes;
  auto end = bytes.begin();
  *end++ = kLeafTag;
  end = std::copy(key.bytes.begin(), key.bytes.end(), end);
  for (int shift = 56; shift >= 0; shift -= 8) *end++ = static_cast<std::uint8_t>(value.n >> shift);
  std::copy(value.root.bytes.begin(), value.root.bytes.end(), end);
  return bytes;
}

std::array<std::uint8_t, kInnerSize> inner_bytes(std::uint16_t bit, const Hash& left,
                                                 const Hash& right) {
  std::array<std::uint8_t, kInnerSize> bytes;
  auto end = bytes.begin();
  *end++ = kInnerTag;
  *end++ = static_cast<std::uint8_t>(bit >> 8);
  *end++ = static_cast<std::uint8_t>(bit);
  end = std::copy(left.bytes.begin(), left.bytes.end(), end);
  std::copy(right.bytes.begin(), right.bytes.end(), end);
  return bytes;
}

Hash hash_at(ByteView bytes, std::size_t at) {
  Hash hash;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), Hash::kSize, hash.bytes.begin());
  return hash;
}

}  // namespace

Hash index_key(std::string_view index_name, ByteView key) {
  CborWriter writer;
  writer.begin_array(2);
  writer.write_text(index_name);
  writer.write_bytes(key);
  writer.end_array();
  return tagged_hash_bytes("index", writer.view());
}

Hash empty_index_root() {
  CborWriter writer;
  writer.begin_array(0);
  writer.end_array();
  return tagged_hash_bytes("index-empty", writer.view());
}

// ------------------------------------------------------------------ verifying

Result<std::optional<IndexValue>> verify_index(const Hash& root, const Hash& key,
                                               const IndexProof& proof) {
  const auto refuse = [](std::string what) { return Error{Errc::kBadProof, std::move(what)}; };
  if (!proof.leaf) {
    if (!proof.turns.empty()) return refuse("turns that lead to no leaf");
    if (root != empty_index_root()) return refuse("the map is not empty");
    return std::optional<IndexValue>();
  }
  const IndexLeaf& leaf = *proof.leaf;
  if (leaf.n == 0) return refuse("a leaf of no records");
  for (std::size_t i = 0; i < proof.turns.size(); ++i) {
    const unsigned bit = proof.turns[i].bit;
    if (bit >= kKeyBits) return refuse("bit " + std::to_string(bit));
    if (i > 0 && bit <= proof.turns[i - 1].bit) return refuse("bits that do not rise");
    if (bit_of(leaf.key, bit) != bit_of(key, bit)) {
      return refuse("the leaf differs from the key on tested bit " + std::to_string(bit));
    }
  }
  Hash hash = sha256(leaf_bytes(leaf.key, {leaf.n, leaf.root}));
  for (auto turn = proof.turns.rbegin(); turn != proof.turns.rend(); ++turn) {
    const bool right = bit_of(key, turn->bit) == 1;
    hash = sha256(right ? inner_bytes(turn->bit, turn->sibling, hash)
                        : inner_bytes(turn->bit, hash, turn->sibling));
  }
  if (hash != root) return refuse("the turns do not lead to the root");
  if (leaf.key != key) return std::optional<IndexValue>();
  return std::optional(IndexValue{leaf.n, leaf.root});
}

// ------------------------------------------------------------------ the map

IndexMap::IndexMap(const IndexNodes& nodes, const Hash& root) : nodes_(&nodes), root_(root) {}

std::optional<IndexMap::Node> IndexMap::parse_leaf(ByteView bytes, const Hash& expected) {
  if (bytes.size() != kLeafSize || bytes.front() != kLeafTag || sha256(bytes) != expected) {
    return std::nullopt;
  }
  Node node;
  node.hash = expected;
  node.key = hash_at(bytes, 1);
  node.value = {read_u64be(bytes.subspan(33)), hash_at(bytes, 41)};
  return node;
}

// An inner node without its leaves, which follow `bytes`' first inner_size() bytes.
std::optional<IndexMap::Node> IndexMap::parse_inner(ByteView bytes, const Hash& expected) {
  if (bytes.size() < kInnerSize || bytes.front() != kInnerTag ||
      sha256(bytes.first(kInnerSize)) != expected) {
    return std::nullopt;
  }
  Node node;
  node.hash = expected;
  node.bit = static_cast<std::uint16_t>(bytes[1] << 8 | bytes[2]);
  if (node.bit >= kKeyBits || bytes.size() < inner_size(node.bit)) return std::nullopt;
  node.child_hash = {hash_at(bytes, 3), hash_at(bytes, 35)};
  std::copy_n(bytes.begin() + kInnerSize, bytes_for(node.bit), node.key.bytes.begin());
  return node;
}

Result<std::uint32_t> IndexMap::load(const Hash& prefix, unsigned depth, const Hash& expected) {
  const NodeId id(prefix, depth);
  const auto damaged = [&id] {
    return Error{Errc::kDamagedNode, "index node " + to_hex(id.view())};
  };
  const std::optional<Bytes> bytes = nodes_->read(id.view());
  if (!bytes || bytes->empty()) return damaged();
  const bool lone_leaf = depth == 0 && bytes->front() == kLeafTag;
  std::optional<Node> node =
      lone_leaf ? parse_leaf(*bytes, expected) : parse_inner(*bytes, expected);
  if (!node || node->bit < depth || prefix_of(node->key, depth) != prefix) return damaged();
  if (!lone_leaf && !load_leaves(*node, ByteView(*bytes).subspan(inner_size(node->bit) - 1))) {
    return damaged();
  }
  pool_.push_back(*node);
  return static_cast<std::uint32_t>(pool_.size() - 1);
}

// `bytes`: which children are leaves, and those.
bool IndexMap::load_leaves(Node& parent, ByteView bytes) {
  const std::uint8_t sides = bytes.front();
  const auto count = static_cast<std::size_t>(std::popcount(sides));
  if (sides > 3 || bytes.size() != 1 + count * kLeafSize) return false;
  bytes = bytes.subspan(1);
  for (unsigned side = 0; side < 2; ++side) {
    if ((sides >> side & 1U) == 0) continue;
    const auto leaf = parse_leaf(bytes.first(kLeafSize), parent.child_hash[side]);
    const unsigned tested = parent.bit + 1U;
    if (!leaf || prefix_of(leaf->key, tested) != child_prefix(parent, side)) return false;
    pool_.push_back(*leaf);
    parent.child[side] = static_cast<std::uint32_t>(pool_.size() - 1);
    bytes = bytes.subspan(kLeafSize);
  }
  return true;
}

// What all keys below that child begin with: one bit more than the parent's.
Hash IndexMap::child_prefix(const Node& parent, unsigned side) {
  Hash prefix = parent.key;
  if (side == 1) {
    prefix.bytes[parent.bit / 8] |= static_cast<std::uint8_t>(0x80U >> (parent.bit % 8));
  }
  return prefix;
}

Result<std::uint32_t> IndexMap::child_of(std::uint32_t parent, unsigned side) {
  const Node& node = pool_[parent];
  if (node.child[side] != kAbsent) return node.child[side];
  SANAD_TRY(const std::uint32_t child,
            load(child_prefix(node, side), node.bit + 1U, node.child_hash[side]));
  pool_[parent].child[side] = child;
  return child;
}

// Follows the key's bits to a leaf, whichever key it holds.
Status IndexMap::walk(const Hash& key) {
  path_.clear();
  if (top_ == kAbsent) {
    if (root_ == empty_index_root()) return {};
    SANAD_TRY(top_, load(Hash{}, 0, root_));
  }
  path_.push_back(top_);
  while (pool_[path_.back()].bit != kLeafBit) {
    const std::uint32_t parent = path_.back();
    SANAD_TRY(const std::uint32_t child, child_of(parent, bit_of(key, pool_[parent].bit)));
    path_.push_back(child);
  }
  return {};
}

std::uint32_t IndexMap::add_leaf(const Hash& key, const IndexValue& value) {
  Node leaf;
  leaf.changed = true;
  leaf.key = key;
  leaf.value = value;
  pool_.push_back(leaf);
  return static_cast<std::uint32_t>(pool_.size() - 1);
}

Status IndexMap::put(const Hash& key, const IndexValue& value) {
  assert(value.n > 0);
  SANAD_TRY_STATUS(walk(key));
  changed_ = true;
  if (path_.empty()) {
    top_ = add_leaf(key, value);
    return {};
  }
  const unsigned split = first_difference(pool_[path_.back()].key, key);
  if (split == kKeyBits) {
    pool_[path_.back()].value = value;
    for (const std::uint32_t at : path_) pool_[at].changed = true;
    return {};
  }
  // The new inner node takes the place of the first node on the path that tests a later bit; that
  // node moves one turn down and is written again under its new id.
  std::size_t place = 0;
  for (; pool_[path_[place]].bit < split; ++place) pool_[path_[place]].changed = true;
  const std::uint32_t moved = path_[place];
  pool_[moved].changed = true;
  Node inner;
  inner.bit = static_cast<std::uint16_t>(split);
  inner.changed = true;
  inner.key = prefix_of(key, split);
  const unsigned side = bit_of(key, split);
  inner.child[side] = add_leaf(key, value);
  inner.child[1 - side] = moved;
  pool_.push_back(inner);
  const auto added = static_cast<std::uint32_t>(pool_.size() - 1);
  if (place == 0) {
    top_ = added;
  } else {
    Node& parent = pool_[path_[place - 1]];
    parent.child[bit_of(key, parent.bit)] = added;
  }
  return {};
}

Result<std::optional<IndexValue>> IndexMap::get(const Hash& key) {
  SANAD_TRY_STATUS(walk(key));
  if (path_.empty() || pool_[path_.back()].key != key) return std::optional<IndexValue>();
  return std::optional(pool_[path_.back()].value);
}

Hash IndexMap::hash_changed(std::uint32_t at, unsigned depth, const NodeWriter& write) {
  Node& node = pool_[at];  // the pool does not grow here
  if (!node.changed) return node.hash;
  node.changed = false;
  if (node.bit == kLeafBit) {
    const auto leaf = leaf_bytes(node.key, node.value);
    node.hash = sha256(leaf);
    if (depth == 0) write(NodeId(node.key, depth).view(), leaf);
    return node.hash;
  }
  for (unsigned side = 0; side < 2; ++side) {
    if (node.child[side] == kAbsent) continue;
    node.child_hash[side] = hash_changed(node.child[side], node.bit + 1U, write);
  }
  const auto inner = inner_bytes(node.bit, node.child_hash[0], node.child_hash[1]);
  node.hash = sha256(inner);
  std::array<std::uint8_t, kInnerSize + Hash::kSize + 1 + 2 * kLeafSize> bytes;
  auto end = std::copy(inner.begin(), inner.end(), bytes.begin());
  end = std::copy_n(node.key.bytes.begin(), bytes_for(node.bit), end);
  std::uint8_t& sides = *end++;
  sides = 0;
  for (unsigned side = 0; side < 2; ++side) {
    if (node.child[side] == kAbsent || pool_[node.child[side]].bit != kLeafBit) continue;
    const Node& child = pool_[node.child[side]];
    const auto leaf = leaf_bytes(child.key, child.value);
    end = std::copy(leaf.begin(), leaf.end(), end);
    sides |= static_cast<std::uint8_t>(1U << side);
  }
  write(NodeId(node.key, depth).view(),
        ByteView(bytes).first(static_cast<std::size_t>(end - bytes.begin())));
  return node.hash;
}

Hash IndexMap::commit(const NodeWriter& write) {
  if (changed_) root_ = hash_changed(top_, 0, write);
  changed_ = false;
  return root_;
}

Result<IndexProof> IndexMap::prove(const Hash& key) {
  assert(!changed_);
  SANAD_TRY_STATUS(walk(key));
  IndexProof proof;
  for (const std::uint32_t at : path_) {
    const Node& node = pool_[at];
    if (node.bit == kLeafBit) {
      proof.leaf = IndexLeaf{node.key, node.value.n, node.value.root};
    } else {
      proof.turns.push_back({node.bit, node.child_hash[1 - bit_of(key, node.bit)]});
    }
  }
  return proof;
}

std::uint32_t IndexMap::copy_top(const std::vector<Node>& from, std::uint32_t at, unsigned depth) {
  if (at == kAbsent || (depth == 0 && from[at].bit != kLeafBit)) return kAbsent;
  Node node = from[at];
  for (std::uint32_t& child : node.child) child = copy_top(from, child, depth - 1);
  pool_.push_back(node);
  return static_cast<std::uint32_t>(pool_.size() - 1);
}

void IndexMap::forget(unsigned depth) {
  assert(!changed_);
  const std::vector<Node> all = std::exchange(pool_, {});
  path_.clear();
  top_ = copy_top(all, top_, depth);
}

}  // namespace sanad::crypto
