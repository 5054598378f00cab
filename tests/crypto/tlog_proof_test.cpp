#include "crypto/tlog_proof.h"

#include <catch2/catch.hpp>

#include "tests/crypto/code_of.h"
#include "tests/crypto/seeded.h"

namespace sanad::crypto::tests {
namespace {

constexpr std::uint64_t kIndex = 5;

SigningKey make_key() { return SigningKey(Seeded(1).fixed<Seed>()); }
CheckpointPolicy log_policy() {
  return {"log", {{"m", NoteKeyType::kCosignature, make_key().public_key()}}, 1};
}
Hash make_leaf(std::uint64_t index) {
  return leaf_hash(Bytes(3, static_cast<std::uint8_t>(index)));
}

TlogProof make_proof() {
  MemoryTree tree;
  for (std::uint64_t i = 0; i < 11; ++i) tree.append(make_leaf(i));
  TlogProof proof;
  proof.index = kIndex;
  proof.path = inclusion_proof(kIndex, tree.size(), tree).value();
  proof.checkpoint.text = Checkpoint{"log", tree.size(), tree.root()}.text();
  proof.checkpoint.lines.push_back(cosign_line(make_key(), "m", proof.checkpoint.text, 7));
  return proof;
}

Errc verdict(const TlogProof& proof) {
  return code_of(verify_tlog_proof(proof, make_leaf(kIndex), log_policy()));
}

}  // namespace

TEST_CASE("F15: the proof's text is the standard's", "[tlog_proof]") {
  TlogProof proof = make_proof();
  std::string expected = "c2sp.org/tlog-proof@v1\nindex 5\n";
  for (const Hash& hash : proof.path) expected += to_base64(hash.bytes) + "\n";
  expected += "\n" + proof.checkpoint.format();
  CHECK(proof.format() == expected);
  proof.extra = Bytes{1, 2, 3};
  CHECK(proof.format().starts_with("c2sp.org/tlog-proof@v1\nextra AQID\nindex 5\n"));
  CHECK(TlogProof::parse(proof.format()).value() == proof);
}

TEST_CASE("F15: a proof names the checkpoint that holds the leaf", "[tlog_proof]") {
  const auto verified = verify_tlog_proof(make_proof(), make_leaf(kIndex), log_policy());
  REQUIRE(verified.ok());
  CHECK(verified->checkpoint.size == 11);
  CHECK(verified->time_s == 7);
}

TEST_CASE("F15: a tree of one leaf has an empty path", "[tlog_proof]") {
  TlogProof proof;
  proof.checkpoint.text = Checkpoint{"log", 1, make_leaf(0)}.text();
  proof.checkpoint.lines.push_back(cosign_line(make_key(), "m", proof.checkpoint.text, 7));
  const auto parsed = TlogProof::parse(proof.format());
  REQUIRE(parsed.ok());
  CHECK(verify_tlog_proof(*parsed, make_leaf(0), log_policy()).ok());
}

TEST_CASE("F15: another leaf, index, path or checkpoint is refused", "[tlog_proof]") {
  CHECK(code_of(verify_tlog_proof(make_proof(), make_leaf(4), log_policy())) == Errc::kBadProof);
  TlogProof proof = make_proof();
  proof.index = 4;
  CHECK(verdict(proof) == Errc::kBadProof);
  proof.index = 11;
  CHECK(verdict(proof) == Errc::kOutOfRange);
  proof = make_proof();
  proof.path.pop_back();
  CHECK(verdict(proof) == Errc::kBadProof);
  proof = make_proof();
  proof.checkpoint.text = Checkpoint{"log", 12, Hash()}.text();
  CHECK(verdict(proof) == Errc::kBadSignature);
  proof = make_proof();
  proof.checkpoint.lines[0].name = "stranger";
  CHECK(verdict(proof) == Errc::kNotQuorum);
}

TEST_CASE("F15: every single-byte change of a proof is refused", "[tlog_proof]") {
  const std::string good = make_proof().format();
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const int flip : {1, 32}) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ flip);
      CAPTURE(i);
      const auto proof = TlogProof::parse(bad);
      CHECK((!proof || verdict(*proof) != Errc::kNone));
    }
  }
}

TEST_CASE("F15: malformed texts are refused", "[tlog_proof]") {
  const TlogProof proof = make_proof();
  const std::string head = "c2sp.org/tlog-proof@v1\n";
  const std::string tail = "\n" + proof.checkpoint.format();
  const std::string hash = to_base64(proof.path[0].bytes) + "\n";
  REQUIRE(TlogProof::parse(head + "index 0\n" + hash + tail).ok());
  for (const std::string& text :
       {std::string(), head, head + "index 0\n", "c2sp.org/tlog-proof@v2\nindex 0\n" + tail,
        head + tail, head + "index 00\n" + tail, head + "index -1\n" + tail,
        head + "index 18446744073709551616\n" + tail, head + "index\n" + tail,
        head + "index 0\nextra AQID\n" + tail, head + "extra AQI\nindex 0\n" + tail,
        head + "extra AQID\nextra AQID\nindex 0\n" + tail, head + "index 0\r\n" + tail,
        head + "index 0\n" + hash + hash + "x" + tail, head + "index 0\n" + hash + "\n"}) {
    CAPTURE(text);
    CHECK(code_of(TlogProof::parse(text)) == Errc::kBadText);
  }
  CHECK(code_of(TlogProof::parse(head + "index 0\nAAAA\n" + tail)) == Errc::kWrongLength);
  std::string many = head + "index 0\n";
  for (std::size_t i = 0; i <= kLogProofMax; ++i) many += hash;
  CHECK(code_of(TlogProof::parse(many + tail)) == Errc::kTooLong);
  CHECK(code_of(TlogProof::parse(std::string(300'000, 'a'))) == Errc::kTooLong);
}

}  // namespace sanad::crypto::tests
