#include "crypto/receipt.h"

#include <catch2/catch.hpp>

#include "tests/crypto/code_of.h"
#include "tests/crypto/seeded.h"

namespace sanad::crypto::tests {
namespace {

constexpr std::uint64_t kRecords = 11;

const SigningKey& receipt_key() {
  static const SigningKey signing_key(Seeded(21).fixed<Seed>());
  return signing_key;
}
Hash numbered_leaf(std::uint64_t index) {
  return leaf_hash(Bytes(5, static_cast<std::uint8_t>(index)));
}
MemoryTree numbered_tree() {
  MemoryTree tree;
  for (std::uint64_t i = 0; i < kRecords; ++i) tree.append(numbered_leaf(i));
  return tree;
}
Receipt receipt_of(std::uint64_t index) {
  const MemoryTree tree = numbered_tree();
  return sign_receipt(receipt_key(), tree.root(), kRecords, index,
                      inclusion_proof(index, kRecords, tree).value());
}

}  // namespace

TEST_CASE("F15: a receipt's bytes are RFC 9942's", "[receipt]") {
  const Receipt receipt = receipt_of(10);
  REQUIRE(receipt.path.size() == 2);
  const std::string header = "a30132045820" + receipt.kid.hex() + "19018b01";
  const std::string proof = "830b0a825820" + receipt.path[0].hex() + "5820" + receipt.path[1].hex();
  CHECK(to_hex(encode_receipt(receipt)) == "d284582a" + header + "a119018ca12081" + "5848" + proof +
                                               "f6" + "5840" + receipt.signature.hex());
  CHECK(to_hex(receipt_to_be_signed(receipt.kid, numbered_tree().root())) ==
        "846a5369676e617475726531582a" + header + "405820" + numbered_tree().root().hex());
}

TEST_CASE("F15: every record's receipt leads to the signed root, and no other record's does",
          "[receipt]") {
  for (std::uint64_t index = 0; index < kRecords; ++index) {
    const auto receipt = parse_receipt(encode_receipt(receipt_of(index)));
    REQUIRE(receipt.ok());
    CHECK(*receipt == receipt_of(index));
    const auto root = verify_receipt(*receipt, numbered_leaf(index));
    REQUIRE(root.ok());
    CHECK(*root == numbered_tree().root());
    CHECK(code_of(verify_receipt(*receipt, numbered_leaf(index + 1))) == Errc::kBadSignature);
  }
}

TEST_CASE("F15: a receipt with another size, index, path, key or signature proves nothing",
          "[receipt]") {
  const Hash leaf = numbered_leaf(4);
  const Receipt good = receipt_of(4);
  const auto refusal = [&](auto change) {
    Receipt receipt = good;
    change(receipt);
    return code_of(verify_receipt(receipt, leaf));
  };
  CHECK(refusal([](Receipt& r) { r.index = kRecords; }) == Errc::kOutOfRange);
  CHECK(refusal([](Receipt& r) { r.index = 5; }) == Errc::kBadSignature);
  CHECK(refusal([](Receipt& r) { r.size = 8; }) == Errc::kBadProof);
  CHECK(refusal([](Receipt& r) { r.path.pop_back(); }) == Errc::kBadProof);
  CHECK(refusal([](Receipt& r) { r.path.emplace_back(); }) == Errc::kBadProof);
  CHECK(refusal([](Receipt& r) { std::swap(r.path[0], r.path[1]); }) == Errc::kBadSignature);
  CHECK(refusal([](Receipt& r) { r.signature.bytes[0] ^= 1; }) == Errc::kBadSignature);
  CHECK(refusal([](Receipt& r) { r.kid = SigningKey(Seeded(22).fixed<Seed>()).public_key(); }) ==
        Errc::kBadSignature);
}

TEST_CASE(
    "F15: one changed bit anywhere in a receipt is refused, but for sizes that change no hash",
    "[receipt]") {
  const Bytes good = encode_receipt(receipt_of(4));
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    Bytes bytes = good;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    auto receipt = parse_receipt(bytes);
    if (!receipt || !verify_receipt(*receipt, numbered_leaf(4))) continue;
    // RFC 9942 has the root signed, not the size.
    receipt->size = kRecords;
    if (*receipt != receipt_of(4)) FAIL("bit " << bit);
  }
}

TEST_CASE("F2: other shapes of a receipt are refused", "[receipt]") {
  const std::string good = to_hex(encode_receipt(receipt_of(4)));
  const auto refusal = [&](std::string_view from, std::string_view to) {
    std::string changed = good;
    const auto at = changed.find(from);
    REQUIRE(at != std::string::npos);
    const Bytes bytes = from_hex(changed.replace(at, from.size(), to)).value();
    return code_of(parse_receipt(bytes));
  };
  CHECK(refusal("d2845", "d3845") == Errc::kUnexpectedType);            // another tag
  CHECK(refusal("a3013204", "a3012704") == Errc::kUnexpectedType);      // alg EdDSA = -8
  CHECK(refusal("19018b01", "19018b02") == Errc::kUnexpectedType);      // vds 2
  CHECK(refusal("19018ca120", "19018ca121") == Errc::kUnexpectedType);  // a consistency proof
  CHECK(refusal("a12081", "a12082") == Errc::kUnexpectedType);          // two proofs
  CHECK(refusal("f65840", "405840") == Errc::kWrongLength);             // a payload
  CHECK(refusal("f65840", "f6583f") != Errc::kNone);
  CHECK(code_of(parse_receipt(from_hex(good + "00").value())) == Errc::kTrailingBytes);
  const Bytes bytes = encode_receipt(receipt_of(4));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK(code_of(parse_receipt(ByteView(bytes).first(size))) == Errc::kTruncated);
  }
  Receipt without_path = receipt_of(4);
  without_path.path.clear();
  CHECK(code_of(parse_receipt(encode_receipt(without_path))) == Errc::kFieldCount);
}

TEST_CASE("F2: whatever parses as a receipt is what would have been written", "[receipt]") {
  Seeded seeded(23);
  const Bytes valid = encode_receipt(receipt_of(4));
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    const Bytes bytes = seeded.mutated(valid);
    const auto receipt = parse_receipt(bytes);
    if (!receipt) continue;
    ++accepted;
    if (encode_receipt(*receipt) != bytes) FAIL("accepted but not canonical: " << to_hex(bytes));
  }
  CHECK(accepted > 1'000);
}

}  // namespace sanad::crypto::tests
