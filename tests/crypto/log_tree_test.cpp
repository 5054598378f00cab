#include "crypto/log_tree.h"

#include <boost/json.hpp>

#include "tests/crypto/code_of.h"
#include "tests/crypto/seeded.h"
#include "tests/shared_data.h"

namespace sanad::crypto::tests {
namespace {

namespace json = boost::json;

// RFC 6962 §2.1 as it is written, for comparison.
Hash reference_root(std::span<const Hash> leaves) {
  if (leaves.empty()) return sha256({});
  if (leaves.size() == 1) return leaves[0];
  std::size_t split = 1;
  while (2 * split < leaves.size()) split *= 2;
  return node_hash(reference_root(leaves.first(split)), reference_root(leaves.subspan(split)));
}

std::vector<Hash> make_leaves(std::size_t count) {
  Seeded seeded(count);
  std::vector<Hash> leaves;
  for (std::size_t i = 0; i < count; ++i) leaves.push_back(leaf_hash(seeded.bytes(20)));
  return leaves;
}

MemoryTree make_tree(std::span<const Hash> leaves) {
  MemoryTree tree;
  for (const Hash& leaf : leaves) tree.append(leaf);
  return tree;
}

// A hash in a vector file; nothing if it is not one, which is a refusal too.
std::optional<Hash> hash_in(const json::value& value) {
  const auto bytes = from_base64(std::string_view(value.as_string()));
  const auto hash = bytes ? Hash::from(*bytes) : Result<Hash>(bytes.error());
  return hash ? std::optional(*hash) : std::nullopt;
}
std::optional<std::vector<Hash>> proof_in(const json::value& value) {
  std::vector<Hash> proof;
  if (value.is_null()) return proof;
  for (const json::value& item : value.as_array()) {
    const auto hash = hash_in(item);
    if (!hash) return std::nullopt;
    proof.push_back(*hash);
  }
  return proof;
}
bool wants_error(const json::value& test) { return test.at("wantErr").as_bool(); }

bool inclusion_holds(const json::value& test) {
  const auto root = hash_in(test.at("root"));
  const auto leaf = hash_in(test.at("leafHash"));
  const auto proof = proof_in(test.at("proof"));
  return root && leaf && proof &&
         verify_inclusion(*leaf, test.at("leafIdx").to_number<std::uint64_t>(),
                          test.at("treeSize").to_number<std::uint64_t>(), *proof, *root)
             .ok();
}
bool consistency_holds(const json::value& test) {
  const auto old_root = hash_in(test.at("root1"));
  const auto root = hash_in(test.at("root2"));
  const auto proof = proof_in(test.at("proof"));
  return old_root && root && proof &&
         verify_consistency(test.at("size1").to_number<std::uint64_t>(), *old_root,
                            test.at("size2").to_number<std::uint64_t>(), *root, *proof)
             .ok();
}

template <class Holds>
void check_vectors(const char* folder, Holds holds, int expected_good, int expected_bad) {
  const auto path = sanad::tests::shared_path(folder);
  if (!path) return;
  int good = 0;
  int bad = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(*path)) {
    if (entry.path().extension() != ".json") continue;
    CAPTURE(entry.path().string());
    const json::value test = json::parse(sanad::tests::file_text(entry.path()));
    CHECK(holds(test) == !wants_error(test));
    ++(wants_error(test) ? bad : good);
  }
  CHECK(good == expected_good);
  CHECK(bad == expected_bad);
}

}  // namespace

TEST_CASE("F13: leaf, node and empty hashes are RFC 6962's", "[log_tree]") {
  // Roots of the RFC's well-known test leaves, first 0, 1, 2, 3, 5 and 8 of them.
  const char* leaves[] = {"",
                          "00",
                          "10",
                          "2021",
                          "3031",
                          "40414243",
                          "5051525354555657",
                          "606162636465666768696a6b6c6d6e6f"};
  const std::pair<std::size_t, const char*> roots[] = {
      {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
      {2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
      {3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
      {5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
      {8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}};
  for (const auto& [size, root] : roots) {
    MemoryTree tree;
    for (std::size_t i = 0; i < size; ++i) tree.append(leaf_hash(from_hex(leaves[i]).value()));
    CHECK(tree.root().hex() == root);
  }
}

TEST_CASE("F13: root, frontier and reader agree with the definition at every size", "[log_tree]") {
  const auto leaves = make_leaves(130);
  const MemoryTree tree = make_tree(leaves);
  LogFrontier frontier;
  for (std::size_t size = 0; size <= leaves.size(); ++size) {
    CAPTURE(size);
    const Hash expected = reference_root(std::span(leaves).first(size));
    CHECK(frontier.root() == expected);
    CHECK(root_of(size, tree).value() == expected);
    CHECK(LogFrontier::from(size, frontier.hashes()).value() == frontier);
    CHECK(decode<LogFrontier>(encode(frontier)).value() == frontier);
    if (size < leaves.size()) frontier.append(leaves[size]);
  }
  CHECK(root_of(131, tree).error() == Errc::kOutOfRange);
}

TEST_CASE("F13: appending reports each completed node once", "[log_tree]") {
  const auto leaves = make_leaves(21);
  LogFrontier frontier;
  int nodes = 0;
  for (const Hash& leaf : leaves) {
    frontier.append(leaf, [&](unsigned level, std::uint64_t index, const Hash& hash) {
      const std::size_t width = std::size_t{1} << level;
      CHECK(hash == reference_root(std::span(leaves).subspan(index * width, width)));
      ++nodes;
    });
  }
  CHECK(nodes == 21 + 10 + 5 + 2 + 1);
}

TEST_CASE("F2: a frontier with the wrong number of hashes is refused", "[log_tree]") {
  CHECK(LogFrontier::from(3, {Hash()}).error() == Errc::kFieldCount);
  CHECK(LogFrontier::from(0, {Hash()}).error() == Errc::kFieldCount);
  Bytes bytes = encode(LogFrontier::from(4, {Hash()}).value());
  bytes[1] = 3;
  CHECK(decode<LogFrontier>(bytes).error() == Errc::kFieldCount);
}

TEST_CASE("F15: every leaf of every size to 70 is proved, and under no other index or size",
          "[log_tree]") {
  const auto leaves = make_leaves(70);
  const MemoryTree tree = make_tree(leaves);
  for (std::uint64_t size = 1; size <= leaves.size(); ++size) {
    const Hash root = root_of(size, tree).value();
    for (std::uint64_t index = 0; index < size; ++index) {
      CAPTURE(size, index);
      const auto proof = inclusion_proof(index, size, tree).value();
      CHECK(verify_inclusion(leaves[index], index, size, proof, root).ok());
      if (size > 1) CHECK_FALSE(verify_inclusion(leaves[index], index ^ 1, size, proof, root).ok());
      CHECK_FALSE(verify_inclusion(leaves[index], index, size + size, proof, root).ok());
    }
  }
}

TEST_CASE("F16: every pair of sizes to 70 is proved consistent, and no other root is",
          "[log_tree]") {
  const auto leaves = make_leaves(70);
  const MemoryTree tree = make_tree(leaves);
  for (std::uint64_t size = 1; size <= leaves.size(); ++size) {
    const Hash root = root_of(size, tree).value();
    for (std::uint64_t old_size = 1; old_size <= size; ++old_size) {
      CAPTURE(old_size, size);
      const Hash old_root = root_of(old_size, tree).value();
      auto proof = consistency_proof(old_size, size, tree).value();
      CHECK(verify_consistency(old_size, old_root, size, root, proof).ok());
      CHECK_FALSE(verify_consistency(old_size, Hash(), size, root, proof).ok());
      CHECK_FALSE(verify_consistency(old_size, old_root, size, Hash(), proof).ok());
      proof.emplace_back();
      CHECK_FALSE(verify_consistency(old_size, old_root, size, root, proof).ok());
    }
  }
}

TEST_CASE("Hostile 58: a leaf is no inner node and an inner node no leaf", "[log_tree]") {
  const Hash a = leaf_hash(as_bytes("a"));
  const Hash b = leaf_hash(as_bytes("b"));
  Bytes joined;
  append(joined, a.bytes);
  append(joined, b.bytes);
  CHECK(leaf_hash(joined) != node_hash(a, b));
  // The inner node of a tree of two, shown as the only leaf's bytes.
  CHECK_FALSE(verify_inclusion(leaf_hash(joined), 0, 1, {}, node_hash(a, b)).ok());
  // A tree of three whose second leaf's data are two hashes is not the tree of four.
  MemoryTree three;
  for (const Hash& leaf : {a, b, leaf_hash(joined)}) three.append(leaf);
  MemoryTree four;
  for (const Hash& leaf : {a, b, a, b}) four.append(leaf);
  CHECK(three.root() != four.root());
}

TEST_CASE("Hostile 59: every Merkle inclusion vector by its wantErr", "[log_tree]") {
  check_vectors("vectors/merkle/inclusion", inclusion_holds, 3, 46);
}
TEST_CASE("Hostile 59: every Merkle consistency vector by its wantErr", "[log_tree]") {
  check_vectors("vectors/merkle/consistency", consistency_holds, 3, 40);
}

TEST_CASE("Hostile 60: indices and sizes out of range are refused", "[log_tree]") {
  const MemoryTree tree = make_tree(make_leaves(5));
  const Hash root = tree.root();
  const Hash leaf = tree.read(0, 0).value();
  constexpr std::uint64_t kHuge = std::uint64_t{1} << 63;
  CHECK(inclusion_proof(5, 5, tree).error() == Errc::kOutOfRange);
  CHECK(inclusion_proof(0, 0, tree).error() == Errc::kOutOfRange);
  CHECK(inclusion_proof(0, kHuge, tree).error() == Errc::kOutOfRange);
  CHECK(consistency_proof(0, 5, tree).error() == Errc::kOutOfRange);
  CHECK(consistency_proof(6, 5, tree).error() == Errc::kOutOfRange);
  CHECK(consistency_proof(5, kHuge, tree).error() == Errc::kOutOfRange);
  CHECK(code_of(verify_inclusion(leaf, 5, 5, {}, root)) == Errc::kOutOfRange);
  CHECK(code_of(verify_inclusion(leaf, 0, 0, {}, root)) == Errc::kOutOfRange);
  CHECK(code_of(verify_inclusion(leaf, ~std::uint64_t{0}, ~std::uint64_t{0}, {}, root)) ==
        Errc::kOutOfRange);
  CHECK(code_of(verify_inclusion(leaf, 0, kHuge, {}, root)) == Errc::kBadProof);
  const std::vector<Hash> long_proof(100);
  CHECK(code_of(verify_inclusion(leaf, 0, ~std::uint64_t{0}, long_proof, root)) == Errc::kBadProof);
  CHECK(code_of(verify_consistency(6, root, 5, root, {})) == Errc::kOutOfRange);
  CHECK(code_of(verify_consistency(5, root, ~std::uint64_t{0}, root, long_proof)) ==
        Errc::kBadProof);
}

TEST_CASE("An empty old tree is consistent with every tree, with nothing to show", "[log_tree]") {
  const MemoryTree tree = make_tree(make_leaves(5));
  CHECK(verify_consistency(0, empty_root(), 5, tree.root(), {}).ok());
  CHECK(verify_consistency(0, empty_root(), 0, empty_root(), {}).ok());
  CHECK(code_of(verify_consistency(0, tree.root(), 5, tree.root(), {})) == Errc::kBadProof);
  CHECK(code_of(verify_consistency(0, empty_root(), 0, tree.root(), {})) == Errc::kBadProof);
  CHECK(code_of(verify_consistency(0, empty_root(), 5, tree.root(), std::vector<Hash>(1))) ==
        Errc::kBadProof);
}

TEST_CASE("Hostile 61: a proof with a hash less, more, swapped or changed is refused",
          "[log_tree]") {
  const auto leaves = make_leaves(21);
  const MemoryTree tree = make_tree(leaves);
  const Hash root = tree.root();
  for (std::uint64_t index = 0; index < leaves.size(); ++index) {
    const auto good = inclusion_proof(index, leaves.size(), tree).value();
    const auto refused = [&](const std::vector<Hash>& proof) {
      return code_of(verify_inclusion(leaves[index], index, leaves.size(), proof, root)) ==
             Errc::kBadProof;
    };
    CHECK(refused({}));
    for (std::size_t i = 0; i < good.size(); ++i) {
      auto proof = good;
      proof[i].bytes[31] ^= 1;
      CHECK(refused(proof));
      proof = good;
      proof.erase(proof.begin() + static_cast<std::ptrdiff_t>(i));
      CHECK(refused(proof));
      proof = good;
      proof.insert(proof.begin() + static_cast<std::ptrdiff_t>(i), good[i]);
      CHECK(refused(proof));
      proof = good;
      std::swap(proof[i], proof[(i + 1) % proof.size()]);
      CHECK(refused(proof));
    }
  }
}

TEST_CASE("Hostile 62: a proof at one size does not hold against the root of the size before",
          "[log_tree]") {
  const auto leaves = make_leaves(40);
  const MemoryTree tree = make_tree(leaves);
  for (std::uint64_t size = 2; size <= leaves.size(); ++size) {
    const auto proof = inclusion_proof(0, size, tree).value();
    const Hash before = root_of(size - 1, tree).value();
    CHECK_FALSE(verify_inclusion(leaves[0], 0, size, proof, before).ok());
    // What an honest verifier does: size and root from one checkpoint, here the older.
    CHECK_FALSE(verify_inclusion(leaves[0], 0, size - 1, proof, before).ok());
  }
}

}  // namespace sanad::crypto::tests
