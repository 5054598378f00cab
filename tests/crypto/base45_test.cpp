#include "crypto/base45.h"

#include <catch2/catch.hpp>

namespace sanad::crypto {
namespace {

std::string text_of(std::string_view bytes) { return to_base45(as_bytes(bytes)); }

TEST_CASE("RFC 9285: the examples of section 4.3") {
  CHECK(text_of("AB") == "BB8");
  CHECK(text_of("Hello!!") == "%69 VD92EX0");
  CHECK(text_of("base-45") == "UJCLQE7W581");
  CHECK(text_of("") == "");
  const auto back = from_base45("QED8WEX0");
  REQUIRE(back.ok());
  CHECK(as_text(*back) == "ietf!");
}

TEST_CASE("RFC 9285: every pair of bytes comes back") {
  for (unsigned value = 0; value <= 0xFFFF; value += 7) {
    const Bytes bytes = {static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value),
                         static_cast<std::uint8_t>(value * 3)};
    const auto back = from_base45(to_base45(bytes));
    REQUIRE(back.ok());
    REQUIRE(*back == bytes);
  }
}

TEST_CASE("RFC 9285: what no bytes are written as is refused") {
  for (const char* text : {"A", "AAAA", "GGW", "ZZ", "::", ":::", "ab8", "B\nB", "BB8x"}) {
    CAPTURE(text);
    CHECK_FALSE(from_base45(text).ok());
  }
  CHECK(from_base45("FGW").ok());  // 65535
}

}  // namespace
}  // namespace sanad::crypto
