#include "crypto/handle.h"

#include <catch2/catch.hpp>
#include <set>

#include "tests/crypto/seeded.h"

namespace sanad::crypto::tests {
namespace {

NetworkSecret make_secret(std::uint64_t seed) { return {1, Seeded(seed).fixed<HmacKey>()}; }

}  // namespace

TEST_CASE("F6: tokens and salts are HMACs under subkeys of their purpose", "[handle]") {
  const NetworkSecret secret = make_secret(1);
  const auto subkey = [&](std::string_view name) {
    return HmacKey{hmac_sha256(secret.key, as_bytes(name)).bytes};
  };
  // [kind, id] as canonical CBOR: array(2), bytes "importer", bytes "x".
  const Bytes input = from_hex("8248696d706f727465724178").value();
  const auto first16 = [](const Hash& mac) { return to_hex(ByteView(mac.bytes).first(16)); };
  CHECK(party_token(secret, "importer", "x").hex() ==
        first16(hmac_sha256(subkey("sanad/v1/party"), input)));
  CHECK(handle_salt(secret, "importer", "x").hex() ==
        first16(hmac_sha256(subkey("sanad/v1/handle"), input)));
  CHECK(detail_salt(secret, from_hex("0102").value()).hex() ==
        first16(hmac_sha256(subkey("sanad/v1/detail"), from_hex("81420102").value())));
}

TEST_CASE("F6: no two purposes, kinds, ids or secrets share a value", "[handle]") {
  std::set<std::string> seen;
  int count = 0;
  for (const std::uint64_t seed : {1U, 2U}) {
    const NetworkSecret secret = make_secret(seed);
    // Pairs that plain concatenation would confuse.
    for (const auto& [kind, id] : {std::pair("party", "a"),
                                   {"part", "ya"},
                                   {"", "partya"},
                                   {"party", "A"},
                                   {"party", ""},
                                   {"consignment", "a"}}) {
      seen.insert(party_token(secret, kind, id).hex());
      seen.insert(handle_salt(secret, kind, id).hex());
      count += 2;
    }
    seen.insert(detail_salt(secret, as_bytes("a")).hex());
    ++count;
  }
  CHECK(static_cast<int>(seen.size()) == count);
}

TEST_CASE("F6: the same trader is the same token for every member with the secret", "[handle]") {
  CHECK(party_token(make_secret(1), "importer", "AE123") ==
        party_token(make_secret(1), "importer", "AE123"));
}

TEST_CASE("F6: a handle needs the salt and the id, nothing secret", "[handle]") {
  const Salt salt = handle_salt(make_secret(1), "consignment", "UCR-1");
  Bytes cbor = {0x82, 0x50};
  append(cbor, salt.bytes);
  append(cbor, from_hex("455543522d31").value());
  const Handle handle = make_handle("consignment", salt, "UCR-1");
  CHECK(handle.hex() == tagged_hash_bytes("consignment", cbor).hex());
  CHECK(handle != make_handle("container", salt, "UCR-1"));
  CHECK(handle != make_handle("consignment", salt, "UCR-2"));
  CHECK(handle != make_handle("consignment", Salt(), "UCR-1"));
}

TEST_CASE("Hostile 78: any bytes may be named without harm", "[handle]") {
  const NetworkSecret secret = make_secret(1);
  const std::string hostile("\x00\xFF\n", 3);
  CHECK(party_token(secret, hostile, hostile) != party_token(secret, hostile, "a"));
  CHECK(make_handle("container", Salt(), hostile) != make_handle("container", Salt(), ""));
}

}  // namespace sanad::crypto::tests
