#include "crypto/index_map.h"

#include <catch2/catch.hpp>
#include <map>

#include "tests/crypto/seeded.h"

namespace sanad::crypto::tests {
namespace {

using Writes = std::map<Bytes, Bytes>;
using Contents = std::map<Hash, IndexValue>;

NodeWriter into(Writes& writes) {
  return [&writes](ByteView id, ByteView bytes) {
    writes[Bytes(id.begin(), id.end())] = Bytes(bytes.begin(), bytes.end());
  };
}

class MemoryNodes final : public IndexNodes {
 public:
  [[nodiscard]] std::optional<Bytes> read(ByteView node_id) const override {
    const auto found = nodes.find(Bytes(node_id.begin(), node_id.end()));
    ++reads;
    return found == nodes.end() ? std::nullopt : std::optional(found->second);
  }
  void apply(const Writes& writes) {
    for (const auto& [id, bytes] : writes) nodes[id] = bytes;
  }
  std::map<Bytes, Bytes> nodes;
  mutable int reads = 0;
};

bool bit_at(const Hash& key, unsigned bit) {
  return (key.bytes[bit / 8] >> (7 - bit % 8) & 1) != 0;
}

// The trie's root from its definition: split the sorted keys at the first bit in which they differ.
Hash reference_root(std::span<const std::pair<const Hash, IndexValue>* const> entries) {
  if (entries.empty()) return empty_index_root();

  const auto& [key, value] = *entries.front();
  if (entries.size() == 1) {
    Bytes bytes = {0x02};
    append(bytes, key.bytes);
    append_u64be(bytes, value.n);
    append(bytes, value.root.bytes);
    return sha256(bytes);
  }
  std::uint16_t bit = 0;
  while (bit_at(entries.front()->first, bit) == bit_at(entries.back()->first, bit)) ++bit;
  std::size_t left = 0;
  while (!bit_at(entries[left]->first, bit)) ++left;
  Bytes bytes = {0x03};
  append_u16be(bytes, bit);
  append(bytes, reference_root(entries.first(left)).bytes);
  append(bytes, reference_root(entries.subspan(left)).bytes);
  return sha256(bytes);
}
Hash reference_root(const Contents& contents) {
  std::vector<const std::pair<const Hash, IndexValue>*> entries;
  for (const auto& entry : contents) entries.push_back(&entry);
  return reference_root(entries);
}

IndexValue random_value(Seeded& seeded) { return {1 + seeded.below(1'000), seeded.fixed<Hash>()}; }

// A map of `count` random keys, stored, with its contents.
struct Fixture {
  explicit Fixture(std::size_t count, std::uint64_t seed = 1) {
    Seeded seeded(seed);
    IndexMap map(nodes, empty_index_root());
    for (std::size_t i = 0; i < count; ++i) {
      const auto key = seeded.fixed<Hash>();
      contents[key] = random_value(seeded);
      REQUIRE(map.put(key, contents[key]).ok());
    }
    Writes writes;
    root = map.commit(into(writes));
    nodes.apply(writes);
  }
  IndexProof prove(const Hash& key) const { return IndexMap(nodes, root).prove(key).value(); }

  MemoryNodes nodes;
  Contents contents;
  Hash root;
};

Errc refusal(const Hash& root, const Hash& key, const IndexProof& proof) {
  const auto result = verify_index(root, key, proof);
  return result ? Errc::kNone : static_cast<Errc>(result.error().code.value());
}

Hash flipped(Hash key, unsigned bit) {
  key.bytes[bit / 8] ^= static_cast<std::uint8_t>(0x80U >> bit % 8);
  return key;
}

// Hashes that a forger can make, for proofs of his own construction.
Hash leaf_of(const IndexLeaf& leaf) {
  Bytes bytes = {0x02};
  append(bytes, leaf.key.bytes);
  append_u64be(bytes, leaf.n);
  append(bytes, leaf.root.bytes);
  return sha256(bytes);
}
Hash inner_of(std::uint16_t bit, const Hash& left, const Hash& right) {
  Bytes bytes = {0x03};
  append_u16be(bytes, bit);
  append(bytes, left.bytes);
  append(bytes, right.bytes);
  return sha256(bytes);
}

}  // namespace

TEST_CASE("F16: a key is H(index, [name, key])", "[index_map]") {
  // array(2), text "consignment", bytes "abc".
  const Hash key = index_key("consignment", as_bytes("abc"));
  CHECK(key == tagged_hash_bytes("index", from_hex("826b636f6e7369676e6d656e7443616263").value()));
  CHECK(key != index_key("container", as_bytes("abc")));
  CHECK(key != index_key("consignment", as_bytes("abd")));
}

TEST_CASE("F16: an empty map has a defined root and proves every key absent", "[index_map]") {
  const MemoryNodes nodes;
  IndexMap map(nodes, empty_index_root());
  CHECK(empty_index_root() == tagged_hash_bytes("index-empty", Bytes{0x80}));
  const Hash key = index_key("consignment", as_bytes("x"));
  const IndexProof proof = map.prove(key).value();
  CHECK(proof == IndexProof());
  CHECK(verify_index(empty_index_root(), key, proof).value() == std::nullopt);
  CHECK(map.get(key).value() == std::nullopt);
  Writes writes;
  CHECK(map.commit(into(writes)) == empty_index_root());
  CHECK(writes.empty());
}

TEST_CASE(
    "F16: the root is the definition's for random sets, put in any order and split over blocks",
    "[index_map]") {
  Seeded seeded(11);
  for (int round = 0; round < 60; ++round) {
    MemoryNodes nodes;
    Contents contents;
    Hash root = empty_index_root();
    IndexMap kept(nodes, root);  // one object that serves all blocks
    for (int block = 0; block < 6; ++block) {
      IndexMap fresh(nodes, root);  // a new one for each block
      for (std::uint64_t i = seeded.below(12); i > 0; --i) {
        // Keys close together, so that long shared prefixes and repeated keys occur.
        auto key = round % 2 == 0 ? seeded.fixed<Hash>() : Hash();
        key.bytes[seeded.below(2) * 31] = static_cast<std::uint8_t>(seeded.below(32));
        contents[key] = random_value(seeded);
        REQUIRE(fresh.put(key, contents[key]).ok());
        REQUIRE(kept.put(key, contents[key]).ok());
      }
      Writes writes;
      Writes kept_writes;
      root = fresh.commit(into(writes));
      CHECK(root == reference_root(contents));
      CHECK(kept.commit(into(kept_writes)) == root);
      CHECK(kept_writes == writes);
      nodes.apply(writes);
      if (block % 2 == 0) kept.forget(static_cast<unsigned>(seeded.below(4)));
    }
    for (const auto& [key, value] : contents) {
      CHECK(kept.get(key).value() == value);
      const auto proof = IndexMap(nodes, root).prove(key).value();
      CHECK(verify_index(root, key, proof).value() == value);
    }
    // Leaves are stored with their parents.
    const std::size_t size = contents.size();
    CHECK(nodes.nodes.size() == (size < 2 ? size : size - 1));
  }
}

TEST_CASE("F16: presence and absence are proved for random keys", "[index_map]") {
  const Fixture fixture(300);
  for (const auto& [key, value] : fixture.contents) {
    CHECK(verify_index(fixture.root, key, fixture.prove(key)).value() == value);
  }
  Seeded seeded(99);
  for (int i = 0; i < 300; ++i) {
    const auto key = seeded.fixed<Hash>();
    CHECK(verify_index(fixture.root, key, fixture.prove(key)).value() == std::nullopt);
  }
  // Absent keys that differ from a present one in a single bit, first to last.
  for (unsigned bit = 0; bit < 256; ++bit) {
    const Hash key = flipped(fixture.contents.begin()->first, bit);
    CHECK(verify_index(fixture.root, key, fixture.prove(key)).value() == std::nullopt);
  }
}

TEST_CASE("F16: a block's changes touch their paths and nothing else", "[index_map]") {
  Fixture fixture(2'000);
  fixture.nodes.reads = 0;
  IndexMap map(fixture.nodes, fixture.root);
  Seeded seeded(77);
  const auto added = seeded.fixed<Hash>();
  REQUIRE(map.put(added, random_value(seeded)).ok());
  Writes writes;
  const Hash root = map.commit(into(writes));
  const std::size_t depth = map.prove(added).value().turns.size();
  // Its ancestors: its leaf goes with the last of them, and so does the leaf that moved down for
  // it.
  CHECK(writes.size() == depth);
  CHECK(fixture.nodes.reads <= static_cast<int>(depth) + 1);
  fixture.nodes.apply(writes);
  CHECK(verify_index(root, added, IndexMap(fixture.nodes, root).prove(added).value()).value());
}

TEST_CASE("F16: shared ancestors are written once per block", "[index_map]") {
  Fixture fixture(64);
  IndexMap map(fixture.nodes, fixture.root);
  for (auto& [key, value] : fixture.contents) {
    ++value.n;
    REQUIRE(map.put(key, value).ok());
  }
  Writes writes;
  CHECK(map.commit(into(writes)) == reference_root(fixture.contents));
  CHECK(writes.size() == 63);
}

TEST_CASE("F16: forgetting keeps the map as it is", "[index_map]") {
  Fixture fixture(500);
  IndexMap map(fixture.nodes, fixture.root);
  for (const auto& [key, value] : fixture.contents) REQUIRE(map.get(key).ok());
  CHECK(map.kept_nodes() == 999);
  map.forget(5);
  CHECK(map.kept_nodes() == 31);
  for (const auto& [key, value] : fixture.contents) CHECK(map.get(key).value() == value);
  map.forget(0);
  CHECK(map.kept_nodes() == 0);
  CHECK(map.root() == fixture.root);
}

TEST_CASE("Hostile 113: a stored node that is missing, cut or changed is found", "[index_map]") {
  Fixture fixture(40);
  const auto key = fixture.contents.begin()->first;
  const auto read_all = [&] {
    IndexMap map(fixture.nodes, fixture.root);
    for (const auto& entry : fixture.contents) {
      const auto value = map.get(entry.first);
      if (!value) return static_cast<Errc>(value.error().code.value());
      CHECK(*value == entry.second);
    }
    return Errc::kNone;
  };
  REQUIRE(read_all() == Errc::kNone);
  const auto intact = fixture.nodes.nodes;
  for (const auto& [id, bytes] : intact) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      fixture.nodes.nodes[id][i] ^= 1;
      CHECK(read_all() == Errc::kDamagedNode);
      fixture.nodes.nodes[id] = bytes;
    }
    fixture.nodes.nodes[id].pop_back();
    CHECK(read_all() == Errc::kDamagedNode);
    fixture.nodes.nodes[id].clear();
    CHECK(read_all() == Errc::kDamagedNode);
    fixture.nodes.nodes.erase(id);
    CHECK(read_all() == Errc::kDamagedNode);
    fixture.nodes.nodes[id] = bytes;
  }
  CHECK(IndexMap(fixture.nodes, Hash()).get(key).error() == Errc::kDamagedNode);
}

TEST_CASE("Hostile 63: every single change of a proof is refused", "[index_map]") {
  const Fixture fixture(100);
  const Hash present = fixture.contents.begin()->first;
  const Hash absent = Seeded(5).fixed<Hash>();
  for (const Hash& key : {present, absent}) {
    const Bytes good = encode(fixture.prove(key));
    const auto truth = verify_index(fixture.root, key, decode<IndexProof>(good).value()).value();
    for (std::size_t i = 0; i < good.size(); ++i) {
      for (const unsigned flip : {1U, 128U}) {
        Bytes bytes = good;
        bytes[i] ^= static_cast<std::uint8_t>(flip);
        const auto proof = decode<IndexProof>(bytes);
        if (proof) CHECK(refusal(fixture.root, key, *proof) == Errc::kBadProof);
      }
    }
    IndexProof proof = fixture.prove(key);
    proof.turns.pop_back();
    CHECK(refusal(fixture.root, key, proof) == Errc::kBadProof);
    proof = fixture.prove(key);
    proof.turns.insert(proof.turns.begin(), {0, Hash()});
    CHECK(refusal(fixture.root, key, proof) == Errc::kBadProof);
    proof = fixture.prove(key);
    proof.leaf.reset();
    CHECK(refusal(fixture.root, key, proof) == Errc::kBadProof);
    CHECK(refusal(fixture.root, key, IndexProof()) == Errc::kBadProof);
    CHECK(refusal(Hash(), key, fixture.prove(key)) == Errc::kBadProof);
    CHECK(truth.has_value() == (key == present));
  }
}

TEST_CASE("Hostile 63: a proof says nothing about another key", "[index_map]") {
  const Fixture fixture(100);
  const auto key = fixture.contents.begin()->first;
  const auto other = std::next(fixture.contents.begin(), 50)->first;
  CHECK(refusal(fixture.root, other, fixture.prove(key)) == Errc::kBadProof);
  CHECK(refusal(fixture.root, key, fixture.prove(other)) == Errc::kBadProof);
  // A present key hidden behind the leaf of its neighbour.
  IndexProof proof = fixture.prove(key);
  proof.leaf = fixture.prove(other).leaf;
  CHECK(refusal(fixture.root, key, proof) == Errc::kBadProof);
}

TEST_CASE("Hostile 63: bits must rise strictly and stay below 256", "[index_map]") {
  const IndexLeaf leaf{Hash(), 1, Hash()};
  const auto forged = [&](std::vector<std::uint16_t> bits) {
    IndexProof proof;
    proof.leaf = leaf;
    for (const std::uint16_t bit : bits) proof.turns.push_back({bit, Hash()});
    Hash root = leaf_of(leaf);
    for (auto bit = bits.rbegin(); bit != bits.rend(); ++bit) root = inner_of(*bit, root, Hash());
    return refusal(root, leaf.key, proof);
  };
  CHECK(forged({0, 7, 255}) == Errc::kNone);
  CHECK(forged({7, 7}) == Errc::kBadProof);
  CHECK(forged({7, 6}) == Errc::kBadProof);
  CHECK(forged({7, 256}) == Errc::kBadProof);
  CHECK(forged({65'535}) == Errc::kBadProof);
}

TEST_CASE("Hostile 64: a turn against the key's bit is refused", "[index_map]") {
  // The forger hashes his leaf on the side where the key does not go.
  Hash key;
  const IndexLeaf leaf{key, 1, Hash()};
  IndexProof proof;
  proof.leaf = leaf;
  proof.turns = {{3, Hash()}};
  CHECK(refusal(inner_of(3, leaf_of(leaf), Hash()), key, proof) == Errc::kNone);
  CHECK(refusal(inner_of(3, Hash(), leaf_of(leaf)), key, proof) == Errc::kBadProof);
}

TEST_CASE("Hostile 64: an absence leaf that disagrees on a tested bit is refused", "[index_map]") {
  // The tree holds `other` on the right of bit 3; `key` goes left there. The forger follows key's
  // turns but hangs other's leaf below them.
  const Hash key;
  const IndexLeaf other{flipped(key, 3), 1, Hash()};
  IndexProof proof;
  proof.leaf = other;
  proof.turns = {{3, Hash()}};
  CHECK(refusal(inner_of(3, leaf_of(other), Hash()), key, proof) == Errc::kBadProof);
  CHECK(refusal(inner_of(3, Hash(), leaf_of(other)), key, proof) == Errc::kBadProof);
  // On an untested bit it may differ: that is what proves absence.
  proof.leaf = IndexLeaf{flipped(key, 4), 1, Hash()};
  CHECK(refusal(inner_of(3, leaf_of(*proof.leaf), Hash()), key, proof) == Errc::kNone);
}

TEST_CASE("Hostile 64: n, the mini-log's root and the key are bound by the leaf", "[index_map]") {
  const Fixture fixture(20);
  const Hash key = fixture.contents.begin()->first;
  IndexProof proof = fixture.prove(key);
  for (const std::int64_t step : {-1, 1}) {
    IndexProof wrong = proof;
    wrong.leaf->n += static_cast<std::uint64_t>(step);
    CHECK(refusal(fixture.root, key, wrong) == Errc::kBadProof);
  }
  proof.leaf->root.bytes[0] ^= 1;
  CHECK(refusal(fixture.root, key, proof) == Errc::kBadProof);
  // A leaf of no records could be absence in disguise.
  const IndexLeaf empty{key, 0, sha256({})};
  IndexProof forged;
  forged.leaf = empty;
  CHECK(refusal(leaf_of(empty), key, forged) == Errc::kBadProof);
}

TEST_CASE("Hostile 65: a proof does not hold under another map's root", "[index_map]") {
  const Fixture fixture(50);
  const Fixture other(50, 2);
  const Hash key = fixture.contents.begin()->first;
  CHECK(refusal(other.root, key, fixture.prove(key)) == Errc::kBadProof);
  // The same map a block later.
  IndexMap later(fixture.nodes, fixture.root);
  REQUIRE(later.put(key, {9, Hash()}).ok());
  Writes writes;
  const Hash root = later.commit(into(writes));
  CHECK(refusal(root, key, fixture.prove(key)) == Errc::kBadProof);
}

TEST_CASE("F16: a proof reads back, and is small", "[index_map]") {
  const Fixture fixture(1'000);
  for (int i = 0; i < 50; ++i) {
    const auto key = std::next(fixture.contents.begin(), 20 * i)->first;
    const IndexProof proof = fixture.prove(key);
    const Bytes bytes = encode(proof);
    CHECK(decode<IndexProof>(bytes).value() == proof);
    CHECK(bytes.size() <= 84 + 39 * proof.turns.size());
  }
}

}  // namespace sanad::crypto::tests
