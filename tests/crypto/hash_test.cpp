#include "crypto/hash.h"

#include <openssl/evp.h>
#include <sodium.h>
#include <catch2/catch.hpp>

#include "tests/crypto/seeded.h"

namespace sanad::crypto::tests {

TEST_CASE("SHA-256 gives FIPS 180-4's digests", "[hash]") {
  CHECK(sha256({}).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256(as_bytes("abc")).hex() ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("SHA-256 of any length equals OpenSSL's digest interface, in one piece or many",
          "[hash]") {
  Seeded seeded(1);
  for (std::size_t size = 0; size < 300; ++size) {
    const Bytes message = seeded.bytes(size);
    Hash expected;
    unsigned length = 0;
    REQUIRE(EVP_Digest(message.data(), message.size(), expected.bytes.data(), &length, EVP_sha256(),
                       nullptr) == 1);
    CHECK(sha256(message) == expected);
    Sha256 pieces;
    ByteView rest = message;
    while (!rest.empty()) {
      const std::size_t take = 1 + seeded.below(rest.size());
      pieces.update(rest.first(take));
      rest = rest.subspan(take);
    }
    CHECK(pieces.finish() == expected);
    CHECK(pieces.update(message).finish() == expected);
  }
}

TEST_CASE("A copied hasher goes on from the same point", "[hash]") {
  Sha256 first;
  first.update("ab");
  Sha256 second = first;
  CHECK(first.update("c").finish() == sha256(as_bytes("abc")));
  CHECK(second.update("d").finish() == sha256(as_bytes("abd")));
}

TEST_CASE("HMAC-SHA-256 gives RFC 4231's codes", "[hash]") {
  // A key shorter than the block equals itself with zeros behind it (RFC 2104 §2).
  HmacKey key;
  std::fill_n(key.bytes.begin(), 20, std::uint8_t{0x0B});
  CHECK(hmac_sha256(key, as_bytes("Hi There")).hex() ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  key = {};
  std::copy_n(as_bytes("Jefe").begin(), 4, key.bytes.begin());
  CHECK(hmac_sha256(key, as_bytes("what do ya want for nothing?")).hex() ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("HMAC-SHA-256 equals libsodium's", "[hash]") {
  Seeded seeded(2);
  for (std::size_t size = 0; size < 200; ++size) {
    const auto key = seeded.fixed<HmacKey>();
    const Bytes message = seeded.bytes(size);
    Hash expected;
    crypto_auth_hmacsha256(expected.bytes.data(), message.data(), message.size(), key.bytes.data());
    CHECK(hmac_sha256(key, message) == expected);
  }
}

}  // namespace sanad::crypto::tests
