#include "crypto/codec_json.h"

#include <catch2/catch.hpp>

#include "tests/crypto/sample.h"
#include "tests/crypto/seeded.h"

namespace sanad::crypto::tests {
namespace {

template <class T>
Errc refusal(std::string_view text) {
  const auto result = from_json<T>(text);
  return result ? Errc::kNone : static_cast<Errc>(result.error().code.value());
}

struct One {
  std::uint32_t value = 0;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(value));
  }
};
struct Tree {
  std::vector<One> items;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(items));
  }
};

// {"value":<number>}
Errc number_refusal(std::string_view number) {
  return refusal<One>("{\"value\":" + std::string(number) + "}");
}

constexpr std::string_view kSampleText =
    "{\"count\":\"18446744073709551615\",\"balance\":\"-9223372036854775808\",\"flag\":true,"
    "\"colour\":\"blue\",\"salt\":\"abababababababababababababababab\",\"blob\":\"AAH/\","
    "\"text\":\"\xD8\xB3\xD9\x86\xD8\xAF \\\"quoted\\\\\\\"\","
    "\"points\":[{\"x\":-1,\"y\":2},{\"x\":2147483647,\"y\":255}],\"maybe\":65535,"
    "\"choice\":{\"point\":{\"x\":5,\"y\":6}}}";

std::string with(std::string_view from, std::string_view to) {
  std::string text(kSampleText);
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("JSON has every field by its name, 64-bit integers as strings", "[json]") {
  CHECK(to_json(make_sample()) == kSampleText);
  CHECK(from_json<Sample>(kSampleText).value() == make_sample());
  CHECK(from_json<Sample>(to_json(Sample())).value() == Sample());
  CHECK(to_json(std::vector<Choice>{std::uint64_t{1}, std::string("a")}) ==
        R"([{"number":"1"},{"text":"a"}])");
  CHECK(to_json(std::variant<std::uint64_t, bool>(true)) == R"({"1":true})");
  CHECK(to_json(std::optional<std::uint16_t>()) == "null");
}

TEST_CASE("JSON is read whatever its order, spaces and escapes", "[json]") {
  CHECK(from_json<Point>(" { \"y\" : 2 ,\n\"x\" : -1 } ").value() == Point{-1, 2});
  CHECK(from_json<std::string>("\"\\u0061\\/\\ud83d\\ude00\"").value() == "a/\xF0\x9F\x98\x80");
}

TEST_CASE("Hostile 78: duplicate, unknown and missing names are refused, with their path",
          "[json]") {
  CHECK(refusal<Point>(R"({"x":1,"y":2})") == Errc::kNone);
  CHECK(refusal<Point>(R"({"x":1,"y":2,"x":1})") == Errc::kDuplicateKey);
  CHECK(refusal<Point>(R"({"x":1,"y":2,"\u0078":1})") == Errc::kDuplicateKey);
  CHECK(refusal<Point>(R"({"x":1})") == Errc::kMissingField);
  CHECK(refusal<Point>(R"({"x":1,"y":2,"z":3})") == Errc::kUnknownField);
  CHECK(refusal<Point>("{}") == Errc::kMissingField);
  CHECK(refusal<Sample>(with(",\"maybe\":65535", "")) == Errc::kMissingField);
  CHECK(from_json<Tree>(R"({"items":[{"value":1},{"value":2,"more":0}]})").error().message() ==
        "unknown field: at items[1].more");
  CHECK(from_json<Tree>(R"({"items":[{"value":1},{"valu":2}]})").error().message() ==
        "missing field: at items[1].value");
  CHECK(from_json<Tree>("{\"items\":[],\"a\\nb\":2}").error().detail == "at ?");
}

TEST_CASE("Hostile 78: numbers are plain integers within their field", "[json]") {
  CHECK(number_refusal("4294967295") == Errc::kNone);
  CHECK(number_refusal("4294967296") == Errc::kOutOfRange);
  CHECK(number_refusal("-1") == Errc::kOutOfRange);
  CHECK(number_refusal("18446744073709551615") == Errc::kOutOfRange);
  CHECK(number_refusal("-0") == Errc::kBadText);
  CHECK(number_refusal("-0.0") == Errc::kUnexpectedType);
  for (const char* fraction : {"1e400", "1e3", "1.0", "0.5", "1E1", "18446744073709551616",
                               "123456789012345678901234567890"}) {
    CAPTURE(fraction);
    CHECK(number_refusal(fraction) == Errc::kUnexpectedType);
  }
  for (const char* text : {"NaN", "Infinity", "-Infinity", "nan", "+1", "01", "0x10", ".5", "1.",
                           "1e", "--1", "1_000"}) {
    CAPTURE(text);
    CHECK(number_refusal(text) == Errc::kBadText);
  }
  CHECK(number_refusal("\"1\"") == Errc::kUnexpectedType);
  CHECK(number_refusal("true") == Errc::kUnexpectedType);
  CHECK(number_refusal("null") == Errc::kUnexpectedType);
}

TEST_CASE("Hostile 78: 64-bit integers are canonical decimal strings", "[json]") {
  using U = std::uint64_t;
  CHECK(from_json<U>("\"0\"").value() == 0);
  CHECK(refusal<U>("\"18446744073709551616\"") == Errc::kOutOfRange);
  CHECK(refusal<std::int64_t>("\"9223372036854775808\"") == Errc::kOutOfRange);
  CHECK(refusal<U>("1") == Errc::kUnexpectedType);
  for (const char* text : {"\"\"", "\"01\"", "\"+1\"", "\"-1\"", "\"-0\"", "\" 1\"", "\"1 \"",
                           "\"1e3\"", "\"0x1\"", "\"1.0\"", "\"NaN\""}) {
    CAPTURE(text);
    CHECK(refusal<U>(text) == Errc::kBadText);
  }
  CHECK(refusal<std::int64_t>("\"-0\"") == Errc::kBadText);
  CHECK(refusal<U>("\"" + std::string(1'000, '1') + "\"") == Errc::kTooLong);
}

TEST_CASE("F2, JSON: limits, hex, base64, enumerators and alternatives are held to", "[json]") {
  CHECK(refusal<Sample>(with("\"blue\"", "\"purple\"")) == Errc::kUnknownEnumerator);
  CHECK(refusal<Sample>(with("\"blue\"", "2")) == Errc::kUnexpectedType);
  CHECK(refusal<Sample>(with("\"point\":", "\"line\":")) == Errc::kUnknownEnumerator);
  CHECK(refusal<Sample>(with("{\"point\":{\"x\":5,\"y\":6}}", "{}")) == Errc::kFieldCount);
  CHECK(refusal<Sample>(with("abababab", "ABABABAB")) == Errc::kBadText);
  CHECK(refusal<Sample>(with("abababab", "abab")) == Errc::kWrongLength);
  CHECK(refusal<Sample>(with("abababab", "ababababab")) == Errc::kTooLong);
  CHECK(refusal<Sample>(with("AAH/", "AAH_")) == Errc::kBadText);
  CHECK(refusal<Sample>(with("AAH/", to_base64(Bytes(65)))) == Errc::kTooLong);
  CHECK(refusal<Sample>(with("AAH/", to_base64(Bytes(64)))) == Errc::kNone);
  CHECK(refusal<Sample>(with("quoted", std::string(40, 'a'))) == Errc::kTooLong);
  CHECK(refusal<Sample>(with("quoted", "\\n")) == Errc::kBadUtf8);
  CHECK(refusal<Sample>(with("quoted", "\\u0000")) == Errc::kBadUtf8);
  CHECK(refusal<Sample>(with("\"maybe\":65535", "\"maybe\":null")) == Errc::kNone);
  CHECK(refusal<Sample>(with("\"points\":[",
                             "\"points\":[{\"x\":0,\"y\":0},{\"x\":0,\"y\":0},"
                             "{\"x\":0,\"y\":0},")) == Errc::kTooLong);
}

TEST_CASE("JSON that is none is refused, with the byte", "[json]") {
  for (const char* text : {"", "{", "[", "\"", "tru"}) {
    CAPTURE(text);
    CHECK(refusal<Point>(text) == Errc::kTruncated);
  }
  for (const char* text :
       {"{]", "{'x':1}", "{x:1}", "{\"x\":1,}", "[1,]", "// c\n{}", "/**/{}", "{\"x\" 1}", "\"\n\"",
        "\"\\x\"", "\"\\ud800\"", "\"\xFF\"", "\"\xC0\x80\"", "\xEF\xBB\xBF{}"}) {
    CAPTURE(text);
    CHECK(refusal<Point>(text) == Errc::kBadText);
  }
  CHECK(refusal<Point>(R"({"x":1,"y":2}{})") == Errc::kTrailingBytes);
  CHECK(refusal<Point>(R"({"x":1,"y":2} x)") == Errc::kTrailingBytes);
  CHECK(from_json<Point>(R"({"x":1;"y":2})").error().detail == "at byte 6");
}

TEST_CASE("Hostile 5, 78: deep, wide and huge texts are refused in bounded memory", "[json]") {
  CHECK(refusal<Point>(std::string(100'000, '[')) == Errc::kTooDeep);
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  CHECK(refusal<Point>(objects) == Errc::kTooDeep);
  CHECK(refusal<Point>(std::string(kJsonTextMax + 1, ' ')) == Errc::kTooLong);
  std::string wide = "[0";
  for (std::size_t i = 0; i < kJsonValuesMax; ++i) wide += ",0";
  CHECK(refusal<std::vector<One>>(wide + "]") == Errc::kTooLong);
  std::string members = "{\"a\":0";
  for (std::size_t i = 0; i < kJsonMembersMax; ++i) members += ",\"" + std::to_string(i) + "\":0";
  CHECK(refusal<Point>(members + "}") == Errc::kTooLong);
}

TEST_CASE("JSON and CBOR of one value say the same", "[json]") {
  Seeded seeded(6);
  const std::string text(kSampleText);
  const Bytes bytes(text.begin(), text.end());
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    const auto value = from_json<Sample>(as_text(seeded.mutated(bytes)));
    if (!value) continue;
    ++accepted;
    if (decode<Sample>(encode(*value)).value() != *value) FAIL("CBOR differs");
    if (from_json<Sample>(to_json(*value)).value() != *value) FAIL("JSON differs");
  }
  CHECK(accepted > 100);
}

}  // namespace sanad::crypto::tests
