#include "crypto/codec.h"

#include <catch2/catch.hpp>

#include "tests/crypto/sample.h"
#include "tests/crypto/seeded.h"

namespace sanad::crypto::tests {
namespace {

Bytes hex(std::string_view text) { return from_hex(text).value(); }

template <class T>
std::string encoded(const T& value) {
  return to_hex(encode(value));
}

// The code with which a T is refused; kNone if it is accepted.
template <class T>
Errc refusal(ByteView bytes) {
  const auto result = decode<T>(bytes);
  return result ? Errc::kNone : static_cast<Errc>(result.error().code.value());
}
template <class T>
Errc refusal_of_hex(std::string_view text) {
  return refusal<T>(hex(text));
}

struct Nested {
  std::vector<std::vector<
      std::vector<std::vector<std::vector<std::vector<std::vector<std::vector<std::uint64_t>>>>>>>>
      inner;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(inner));
  }
};

struct Even {
  std::uint64_t value = 0;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(value));
    if constexpr (Archive::is_loading::value) {
      if (value % 2 != 0) ar.fail(Errc::kOutOfRange);
    }
  }
};

}  // namespace

TEST_CASE("F1: integers are the shortest, as in RFC 8949 appendix A", "[codec]") {
  CHECK(encoded(std::uint64_t{0}) == "00");
  CHECK(encoded(std::uint64_t{23}) == "17");
  CHECK(encoded(std::uint64_t{24}) == "1818");
  CHECK(encoded(std::uint64_t{255}) == "18ff");
  CHECK(encoded(std::uint64_t{256}) == "190100");
  CHECK(encoded(std::uint64_t{65'536}) == "1a00010000");
  CHECK(encoded(std::uint64_t{1'000'000'000'000}) == "1b000000e8d4a51000");
  CHECK(encoded(~std::uint64_t{0}) == "1bffffffffffffffff");
  CHECK(encoded(std::int64_t{-1}) == "20");
  CHECK(encoded(std::int64_t{-1000}) == "3903e7");
  CHECK(encoded(std::numeric_limits<std::int64_t>::min()) == "3b7fffffffffffffff");
  CHECK(decode<std::int64_t>(hex("3b7fffffffffffffff")).value() ==
        std::numeric_limits<std::int64_t>::min());
}

TEST_CASE("F1: texts, bytes, optionals, variants and structs have their documented form",
          "[codec]") {
  CHECK(encoded(true) == "f5");
  CHECK(encoded(false) == "f4");
  CHECK(encoded(std::string("\xC3\xBC")) == "62c3bc");
  CHECK(encoded(Bytes{1, 2, 3, 4}) == "4401020304");
  CHECK(encoded(std::vector<std::uint64_t>{1, 2, 3}) == "83010203");
  CHECK(encoded(std::optional<std::uint64_t>()) == "f6");
  CHECK(encoded(std::optional<std::uint64_t>(5)) == "05");
  CHECK(encoded(Choice(std::string("a"))) == "82026161");
  CHECK(encoded(Colour::kGreen) == "01");
  CHECK(encoded(Point{-1, 2}) == "822002");
  CHECK(encoded(make_sample()) ==
        "8a1bffffffffffffffff3b7ffffffffffffffff50250abababababababababababababababab430001ff70"
        "d8b3d986d8af202271756f7465645c228282200282"
        "1a7fffffff18ff19ffff8201820506");
}

TEST_CASE("F1: every kind of field reads back as it was written", "[codec]") {
  const Sample sample = make_sample();
  CHECK(decode<Sample>(encode(sample)).value() == sample);
  CHECK(decode<Sample>(encode(Sample())).value() == Sample());
}

TEST_CASE("F2: an integer in a longer form is refused", "[codec]") {
  using U = std::uint64_t;
  CHECK(refusal_of_hex<U>("17") == Errc::kNone);
  for (const char* longer : {"1817", "1900ff", "1a0000ffff", "1b00000000ffffffff", "1800"}) {
    CAPTURE(longer);
    CHECK(refusal_of_hex<U>(longer) == Errc::kNotCanonical);
  }
  CHECK(refusal_of_hex<Bytes>("580101") == Errc::kNotCanonical);
  CHECK(refusal_of_hex<std::vector<U>>("980101") == Errc::kNotCanonical);
}

TEST_CASE("F2: bytes after the value and bytes that end too early are refused", "[codec]") {
  using U = std::uint64_t;
  CHECK(refusal_of_hex<U>("0000") == Errc::kTrailingBytes);
  CHECK(refusal_of_hex<U>("") == Errc::kTruncated);
  CHECK(refusal_of_hex<U>("19ff") == Errc::kTruncated);
  CHECK(refusal_of_hex<Bytes>("4401") == Errc::kTruncated);
  const Bytes whole = encode(make_sample());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(refusal<Sample>(ByteView(whole).first(size)) == Errc::kTruncated);
  }
}

TEST_CASE("F2, hostile 4: a length beyond the bytes left allocates nothing and is refused",
          "[codec]") {
  CHECK(refusal_of_hex<std::vector<std::uint64_t>>("990fff") == Errc::kTruncated);
  CHECK(refusal_of_hex<std::vector<std::uint64_t>>("9bffffffffffffffff") == Errc::kTooLong);
  CHECK(refusal_of_hex<Bytes>("5b7fffffffffffffff") == Errc::kTooLong);
  CHECK(refusal_of_hex<Bytes>("59ffff") == Errc::kTruncated);
  CHECK(refusal_of_hex<std::string>("7bffffffffffffffff") == Errc::kTooLong);
}

TEST_CASE("F2: lengths over the type's maximum are refused", "[codec]") {
  Sample sample = make_sample();
  sample.text = std::string(32, 'a');
  CHECK(refusal<Sample>(encode(sample)) == Errc::kNone);
  sample.text = std::string(33, 'a');
  CHECK(refusal<Sample>(encode(sample)) == Errc::kTooLong);
  sample = make_sample();
  sample.blob.resize(65);
  CHECK(refusal<Sample>(encode(sample)) == Errc::kTooLong);
  sample = make_sample();
  sample.points.resize(5);
  CHECK(refusal<Sample>(encode(sample)) == Errc::kTooLong);
  CHECK(refusal<std::string>(encode(std::string(kDefaultTextMax, 'a'))) == Errc::kNone);
  CHECK(refusal<std::string>(encode(std::string(kDefaultTextMax + 1, 'a'))) == Errc::kTooLong);
}

TEST_CASE("F2, hostile 5: nesting over 8 levels is refused", "[codec]") {
  // The struct is one level, its vectors eight more.
  CHECK(refusal_of_hex<Nested>("818181818181818180") == Errc::kTooDeep);
  CHECK(refusal_of_hex<Nested>("8181818181818180") == Errc::kNone);
  CHECK(refusal<Nested>(Bytes(100'000, 0x81)) == Errc::kTooDeep);
}

TEST_CASE("F2: invalid UTF-8 and control characters are refused", "[codec]") {
  using S = std::string;
  for (const char* text :
       {"6100", "611f", "617f", "61ff", "61c3", "62c080", "62c285", "62c380", "63eda080",
        "63e08080", "64f0808080", "64f4908080", "64f8888080", "63e2802f", "610a"}) {
    CAPTURE(text);
    const bool fine = std::string_view(text) == "62c380";
    CHECK(refusal_of_hex<S>(text) == (fine ? Errc::kNone : Errc::kBadUtf8));
  }
  CHECK(refusal_of_hex<S>("64f48fbfbf") == Errc::kNone);
  CHECK(refusal_of_hex<S>("63ed9fbf") == Errc::kNone);
}

TEST_CASE("F2: unknown enumerators and variant tags are refused", "[codec]") {
  CHECK(refusal_of_hex<Colour>("02") == Errc::kNone);
  CHECK(refusal_of_hex<Colour>("03") == Errc::kUnknownEnumerator);
  CHECK(refusal_of_hex<Colour>("1bffffffffffffffff") == Errc::kUnknownEnumerator);
  CHECK(refusal_of_hex<Choice>("820305") == Errc::kUnknownEnumerator);
  CHECK(refusal_of_hex<Choice>("821b000000010000000000") == Errc::kUnknownEnumerator);
  CHECK(refusal_of_hex<Choice>("8100") == Errc::kFieldCount);
  CHECK(refusal_of_hex<Choice>("83000505") == Errc::kTooLong);
}

TEST_CASE("F2: numbers that the field cannot hold are refused", "[codec]") {
  CHECK(refusal_of_hex<std::uint8_t>("190100") == Errc::kOutOfRange);
  CHECK(refusal_of_hex<std::uint16_t>("1a00010000") == Errc::kOutOfRange);
  CHECK(refusal_of_hex<std::int32_t>("1a80000000") == Errc::kOutOfRange);
  CHECK(refusal_of_hex<std::int64_t>("1b8000000000000000") == Errc::kOutOfRange);
  CHECK(refusal_of_hex<std::int64_t>("3b8000000000000000") == Errc::kOutOfRange);
  CHECK(refusal_of_hex<std::uint64_t>("20") == Errc::kUnexpectedType);
}

TEST_CASE("F2: other types, floats, tags, maps and indefinite items are refused", "[codec]") {
  using U = std::uint64_t;
  for (const char* other : {"f4", "f6", "40", "60", "80"}) {
    CAPTURE(other);
    CHECK(refusal_of_hex<U>(other) == Errc::kUnexpectedType);
  }
  for (const char* other : {"a0", "c000", "f90000", "fa00000000", "fb0000000000000000", "1f", "f7",
                            "1c", "ff", "f800", "9f00ff", "5f4100ff", "7f6100ff"}) {
    CAPTURE(other);
    CHECK(refusal_of_hex<U>(other) != Errc::kNone);
    CHECK(refusal_of_hex<Bytes>(other) != Errc::kNone);
    CHECK(refusal_of_hex<std::string>(other) != Errc::kNone);
    CHECK(refusal_of_hex<std::vector<U>>(other) != Errc::kNone);
    CHECK(refusal_of_hex<bool>(other) != Errc::kNone);
    CHECK(refusal_of_hex<std::optional<U>>(other) != Errc::kNone);
  }
  CHECK(refusal_of_hex<bool>("02") == Errc::kUnexpectedType);
  CHECK(refusal_of_hex<bool>("01") == Errc::kUnexpectedType);
}

TEST_CASE("F2: a struct with more or fewer fields is refused", "[codec]") {
  CHECK(refusal_of_hex<Point>("822002") == Errc::kNone);
  CHECK(refusal_of_hex<Point>("8120") == Errc::kFieldCount);
  CHECK(refusal_of_hex<Point>("83200200") == Errc::kFieldCount);
  CHECK(refusal_of_hex<Salt>("4f000000000000000000000000000000") == Errc::kWrongLength);
}

TEST_CASE("F2: a refusal names the byte where the bad item starts", "[codec]") {
  CHECK(decode<Point>(hex("821817")).error().detail == "at byte 1");
  CHECK(decode<Point>(hex("82201817")).error().detail == "at byte 2");
  CHECK(decode<Point>(hex("82200200")).error().message() == "bytes after the end: at byte 3");
}

TEST_CASE("F2: a type's own rule is part of the gate", "[codec]") {
  CHECK(refusal_of_hex<Even>("8102") == Errc::kNone);
  CHECK(refusal_of_hex<Even>("8103") == Errc::kOutOfRange);
}

TEST_CASE("F2: whatever is accepted is what would have been written", "[codec]") {
  Seeded seeded(2);
  const Bytes valid = encode(make_sample());
  int accepted = 0;
  int refused = 0;
  for (int round = 0; round < 200'000; ++round) {
    Bytes bytes = seeded.mutated(valid);
    if (round % 4 == 0) bytes = seeded.mutated(bytes);
    const auto value = decode<Sample>(bytes);
    ++(value ? accepted : refused);
    if (value && encode(*value) != bytes) FAIL("accepted but not canonical: " << to_hex(bytes));
  }
  CHECK(accepted > 1'000);
  CHECK(refused > 1'000);
}

TEST_CASE("F2: bytes from nowhere are refused or canonical", "[codec]") {
  Seeded seeded(3);
  int accepted = 0;
  for (int round = 0; round < 200'000; ++round) {
    const Bytes bytes = seeded.bytes(seeded.below(12));
    const auto value = decode<std::vector<Choice>>(bytes);
    if (!value) continue;
    ++accepted;
    if (encode(*value) != bytes) FAIL("accepted but not canonical: " << to_hex(bytes));
  }
  CHECK(accepted > 0);
}

TEST_CASE("F3: tags separate domains, and the prefix is as documented", "[codec]") {
  const std::uint64_t value = 7;
  CHECK(tagged_hash("a", value) != tagged_hash("b", value));
  const std::string preimage = std::string("sanad/v1/a") + '\0' + '\x07';
  CHECK(tagged_hash("a", value) == sha256(as_bytes(preimage)));
}

}  // namespace sanad::crypto::tests
