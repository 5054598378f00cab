#include "crypto/cose.h"

#include <catch2/catch.hpp>

#include "tests/crypto/seeded.h"

namespace sanad::crypto::tests {
namespace {

const SigningKey& key() {
  static const SigningKey signing_key(Seeded(1).fixed<Seed>());
  return signing_key;
}

CoseSign1 make_message() { return sign_cose(key(), {0x81, 0x05}); }

Errc refusal(ByteView bytes) {
  const auto result = parse_cose(bytes);
  return result ? Errc::kNone : static_cast<Errc>(result.error().code.value());
}

}  // namespace

TEST_CASE("F8: the bytes are COSE_Sign1 with {1: -19, 4: kid} and nothing unprotected", "[cose]") {
  const CoseSign1 message = make_message();
  const std::string protected_header =
      "a2013204"
      "5820" +
      message.kid.hex();
  CHECK(to_hex(encode_cose(message)) == "845826" + protected_header +
                                            "a0"
                                            "428105"
                                            "5840" +
                                            message.signature.hex());
  CHECK(to_hex(cose_to_be_signed(message.kid, message.payload)) ==
        "846a5369676e617475726531"
        "5826" +
            protected_header +
            "40"
            "428105");
}

TEST_CASE("F8: what was signed parses, verifies and encodes as before", "[cose]") {
  for (const std::size_t size : {0U, 1U, 23U, 24U, 255U, 256U, 1024U}) {
    const CoseSign1 message = sign_cose(key(), Seeded(size).bytes(size));
    const Bytes bytes = encode_cose(message);
    const auto parsed = parse_cose(bytes);
    REQUIRE(parsed.ok());
    CHECK(*parsed == message);
    CHECK(verify_cose(*parsed).ok());
    CHECK(encode_cose(*parsed) == bytes);
  }
}

TEST_CASE("F8: the id names what was signed, not the signature", "[cose]") {
  const CoseSign1 message = make_message();
  CHECK(cose_id(message.kid, message.payload) == cose_id(message.kid, {message.payload}));
  CHECK(cose_id(message.kid, message.payload) != cose_id(message.kid, Bytes{0x81, 0x06}));
  CHECK(cose_id(message.kid, message.payload) != cose_id(PublicKey(), message.payload));
  Bytes cbor = from_hex("825826a20132045820" + message.kid.hex() + "428105").value();
  CHECK(cose_id(message.kid, message.payload) == tagged_hash_bytes("cose", cbor));
}

TEST_CASE("F8: a signature by another key or over another payload is refused", "[cose]") {
  CoseSign1 message = make_message();
  message.payload[1] = 0x06;
  CHECK(verify_cose(message).error() == Errc::kBadSignature);
  message = make_message();
  message.kid = SigningKey(Seeded(9).fixed<Seed>()).public_key();
  CHECK(verify_cose(message).error() == Errc::kBadSignature);
}

TEST_CASE("F8: other headers, tags, types and encodings are refused", "[cose]") {
  const std::string good = to_hex(encode_cose(make_message()));
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string changed = good;
    const auto at = changed.find(from);
    REQUIRE(at != std::string::npos);
    return from_hex(changed.replace(at, from.size(), to)).value();
  };
  CHECK(refusal(from_hex(good).value()) == Errc::kNone);
  CHECK(refusal(from_hex("d2" + good).value()) == Errc::kUnexpectedType);     // tagged 18
  CHECK(refusal(with("a2013204", "a2012704")) == Errc::kUnexpectedType);      // alg EdDSA = -8
  CHECK(refusal(with("a2013204", "a2013304")) == Errc::kUnexpectedType);      // alg -20
  CHECK(refusal(with("845826", "835826")) == Errc::kUnexpectedType);          // three items
  CHECK(refusal(with("a0428105", "a10000428105")) == Errc::kUnexpectedType);  // unprotected
  CHECK(refusal(with("a0428105", "a0628105")) == Errc::kUnexpectedType);      // payload as text
  CHECK(refusal(with("a0428105", "a0f6")) == Errc::kUnexpectedType);          // detached payload
  CHECK(refusal(with("a0428105", "a058028105")) == Errc::kNotCanonical);
  CHECK(refusal(with("4281055840", "428105583f")) == Errc::kWrongLength);
  CHECK(refusal(from_hex(good + "00").value()) == Errc::kTrailingBytes);
}

TEST_CASE("F8: payloads over the limit and cut messages are refused", "[cose]") {
  CoseSign1 message = make_message();
  message.payload.resize(kCosePayloadMax + 1);
  CHECK(refusal(encode_cose(message)) == Errc::kTooLong);
  const Bytes bytes = encode_cose(make_message());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK(refusal(ByteView(bytes).first(size)) == Errc::kTruncated);
  }
}

TEST_CASE("F2, F8: whatever parses is what would have been written", "[cose]") {
  Seeded seeded(7);
  const Bytes valid = encode_cose(make_message());
  int accepted = 0;
  for (int round = 0; round < 50'000; ++round) {
    const Bytes bytes = seeded.mutated(valid);
    const auto message = parse_cose(bytes);
    if (!message) continue;
    ++accepted;
    if (encode_cose(*message) != bytes) FAIL("accepted but not canonical: " << to_hex(bytes));
    if (bytes != valid && round < 2'000) CHECK_FALSE(verify_cose(*message).ok());
  }
  CHECK(accepted > 1'000);
}

}  // namespace sanad::crypto::tests
