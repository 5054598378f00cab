#include "crypto/bytes.h"

#include <catch2/catch.hpp>

#include "crypto/hash.h"
#include "tests/crypto/seeded.h"

namespace sanad::crypto::tests {

TEST_CASE("Hex is lower case, even, and nothing else", "[bytes]") {
  CHECK(to_hex(Bytes{0, 0x1F, 0xFF}) == "001fff");
  CHECK(from_hex("001fff").value() == Bytes{0, 0x1F, 0xFF});
  for (const char* text : {"0", "0G", "FF", " 00", "0x"}) {
    CAPTURE(text);
    CHECK(from_hex(text).error() == Errc::kBadText);
  }
  CHECK(Hash::from_hex("00").error() == Errc::kWrongLength);
}

TEST_CASE("Base64 is RFC 4648's, in its one canonical form", "[bytes]") {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : vectors) {
    CHECK(to_base64(as_bytes(plain)) == text);
    CHECK(as_text(from_base64(text).value()) == plain);
  }
  for (const char* text : {"Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm9v\n",
                           "Zm9-", " Zm9", "Zm=v", "=m9v"}) {
    CAPTURE(text);
    CHECK(from_base64(text).error() == Errc::kBadText);
  }
}

TEST_CASE("Base64 and hex read back what they wrote", "[bytes]") {
  Seeded seeded(1);
  for (std::size_t size = 0; size < 100; ++size) {
    const Bytes bytes = seeded.bytes(size);
    CHECK(from_base64(to_base64(bytes)).value() == bytes);
    CHECK(from_hex(to_hex(bytes)).value() == bytes);
  }
}

TEST_CASE("Big-endian integers keep their order of bytes", "[bytes]") {
  Bytes bytes;
  append_u16be(bytes, 0x0102);
  append_u32be(bytes, 0x03040506);
  append_u64be(bytes, 0x0708090A0B0C0D0EU);
  CHECK(to_hex(bytes) == "0102030405060708090a0b0c0d0e");
  CHECK(read_u32be(ByteView(bytes).subspan(2)) == 0x03040506);
  CHECK(read_u64be(ByteView(bytes).subspan(6)) == 0x0708090A0B0C0D0EU);
}

}  // namespace sanad::crypto::tests
