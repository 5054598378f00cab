#include "crypto/signature.h"

#include <boost/json.hpp>

#include "tests/crypto/seeded.h"
#include "tests/shared_data.h"

namespace sanad::crypto::tests {
namespace {

namespace json = boost::json;

Bytes hex(const json::value& value) {
  return from_hex(std::string_view(value.as_string())).value();
}

// 2^252 + 27742317777372353535851937790883648493, the order of the base point, little-endian.
constexpr std::string_view kOrder =
    "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

}  // namespace

TEST_CASE("F4: keys and signatures are RFC 8032's (§7.1)", "[signature]") {
  struct Vector {
    const char* seed;
    const char* public_key;
    const char* message;
    const char* signature;
  };
  const Vector vectors[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
       "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
       "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
       "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
  };
  for (const Vector& vector : vectors) {
    const SigningKey key(Seed::from_hex(vector.seed).value());
    const Bytes message = from_hex(vector.message).value();
    CHECK(key.public_key().hex() == vector.public_key);
    CHECK(key.sign(message).hex() == vector.signature);
    CHECK(verify(key.public_key(), message, key.sign(message)));
  }
}

TEST_CASE("F4: Wycheproof's Ed25519 vectors, 151 of 151", "[signature]") {
  const auto path = sanad::tests::shared_path("vectors/wycheproof_ed25519.json");
  if (!path) return;
  const json::value file = json::parse(sanad::tests::file_text(*path));
  int count = 0;
  for (const json::value& group : file.at("testGroups").as_array()) {
    const auto key = PublicKey::from(hex(group.at("publicKey").at("pk"))).value();
    for (const json::value& test : group.at("tests").as_array()) {
      CAPTURE(test.at("tcId").as_int64());
      const auto signature = Signature::from(hex(test.at("sig")));
      const bool accepted = signature && verify(key, hex(test.at("msg")), *signature);
      CHECK(accepted == (test.at("result").as_string() == "valid"));
      ++count;
    }
  }
  CHECK(count == 151);
  CHECK(count == file.at("numberOfTests").as_int64());
}

TEST_CASE("F4, hostile 72: S + L, small-order and non-canonical points are refused",
          "[signature]") {
  const SigningKey key(Seeded(1).fixed<Seed>());
  const Bytes message = {1, 2, 3};
  const Signature good = key.sign(message);
  REQUIRE(verify(key.public_key(), message, good));

  Signature malleated = good;
  const Bytes order = from_hex(kOrder).value();
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += unsigned{malleated.bytes[32 + i]} + order[i];
    malleated.bytes[32 + i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  REQUIRE(carry == 0);
  CHECK_FALSE(verify(key.public_key(), message, malleated));

  // The neutral point as key and as R with S = 0 satisfies the equation for every message.
  PublicKey neutral;
  neutral.bytes[0] = 1;
  Signature trivial;
  trivial.bytes[0] = 1;
  CHECK_FALSE(verify(neutral, message, trivial));
  CHECK_FALSE(verify(PublicKey(), message, trivial));
  // y = p + 1, the neutral point again in a second encoding.
  PublicKey non_canonical;
  non_canonical.bytes.fill(0xFF);
  non_canonical.bytes[0] = 0xEE;
  non_canonical.bytes[31] = 0x7F;
  CHECK_FALSE(verify(non_canonical, message, trivial));
}

TEST_CASE("F4: any bit of key, message or signature matters", "[signature]") {
  const SigningKey key(Seeded(2).fixed<Seed>());
  const Bytes message = Seeded(3).bytes(40);
  const Signature good = key.sign(message);
  for (std::size_t bit = 0; bit < 8 * Signature::kSize; bit += 7) {
    Signature bad = good;
    bad.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    CHECK_FALSE(verify(key.public_key(), message, bad));
  }
  Bytes other = message;
  other[0] ^= 1;
  CHECK_FALSE(verify(key.public_key(), other, good));
  CHECK_FALSE(verify(SigningKey(Seeded(4).fixed<Seed>()).public_key(), message, good));
}

TEST_CASE("A moved-from signing key has handed its secret over", "[signature]") {
  SigningKey key(Seeded(5).fixed<Seed>());
  const Bytes message = {9};
  const Signature expected = key.sign(message);
  const SigningKey moved = std::move(key);
  CHECK(moved.sign(message) == expected);
}

}  // namespace sanad::crypto::tests
