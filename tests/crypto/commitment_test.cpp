#include "crypto/commitment.h"

#include <catch2/catch.hpp>

#include "crypto/codec_json.h"
#include "tests/crypto/seeded.h"

namespace sanad::crypto::tests {
namespace {

// The field and the commitment as their definitions read, through the generic codec.
struct FieldPreimage {
  Salt salt;
  std::uint8_t id = 0;
  FieldValue value;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(salt), SANAD_FIELD(id), SANAD_FIELD(value));
  }
};
struct FieldsPreimage {
  std::uint16_t schema = 0;
  std::vector<SealedField> digests;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(schema), SANAD_FIELD(digests));
  }
};

Body make_body() {
  Seeded seeded(5);
  Body body;
  body.schema = 1;
  body.opened = {{1, std::string("AE-DU"), seeded.fixed<Salt>()},
                 {5, std::int64_t{-77'000}, seeded.fixed<Salt>()},
                 {9, std::vector<std::string>{"MSCU1234566", "MSCU6543217"}, seeded.fixed<Salt>()},
                 {200, std::string(), seeded.fixed<Salt>()}};
  body.sealed = {{3, seeded.fixed<Hash>()}, {150, seeded.fixed<Hash>()}};
  return body;
}

Errc refusal(const Body& body) {
  const auto result = commitment_of(body);
  return result ? Errc::kNone : static_cast<Errc>(result.error().code.value());
}

// Decodes what was encoded; kNone if that works.
Errc wire_refusal(const Body& body) {
  const auto result = decode<Body>(encode(body));
  return result ? Errc::kNone : static_cast<Errc>(result.error().code.value());
}

}  // namespace

TEST_CASE("F5: a field's digest is H(field, [salt, id, value])", "[commitment]") {
  Seeded seeded(1);
  const FieldValue values[] = {std::int64_t{0},
                               std::int64_t{-1},
                               std::numeric_limits<std::int64_t>::min(),
                               std::numeric_limits<std::int64_t>::max(),
                               std::string(),
                               std::string(23, 'a'),
                               std::string(24, 'a'),
                               std::string(kFieldTextMax, 'z'),
                               std::vector<std::string>(),
                               std::vector<std::string>(kFieldListMax, std::string(64, 'b'))};
  for (const FieldValue& value : values) {
    for (const int id : {0, 23, 24, 255}) {
      const auto salt = seeded.fixed<Salt>();
      const auto field = static_cast<std::uint8_t>(id);
      CHECK(field_digest(salt, field, value) ==
            tagged_hash("field", FieldPreimage{salt, field, value}));
    }
  }
}

TEST_CASE("F5: the commitment is H(fields, [schema, [[id, digest]…]]) by ascending id",
          "[commitment]") {
  const Body body = make_body();
  FieldsPreimage expected{1, {}};
  expected.digests = body.sealed;
  for (const OpenedField& field : body.opened) {
    expected.digests.push_back({field.id, field_digest(field.salt, field.id, field.value)});
  }
  std::sort(expected.digests.begin(), expected.digests.end(),
            [](const SealedField& a, const SealedField& b) { return a.id < b.id; });
  CHECK(commitment_of(body).value() == tagged_hash("fields", expected));
  const auto digests = field_digests(body).value();
  REQUIRE(digests.size() == 6);
  CHECK(digests[1] == std::pair(std::uint8_t{3}, body.sealed[0].digest));
  CHECK(digests[5].first == 200);
}

TEST_CASE("F5: sealing any opened field leaves the commitment as it is", "[commitment]") {
  const Body whole = make_body();
  const Hash commitment = commitment_of(whole).value();
  for (std::size_t i = 0; i < whole.opened.size(); ++i) {
    Body body = whole;
    const OpenedField field = body.opened[i];
    body.opened.erase(body.opened.begin() + static_cast<std::ptrdiff_t>(i));
    body.sealed.push_back({field.id, field_digest(field.salt, field.id, field.value)});
    std::sort(body.sealed.begin(), body.sealed.end(),
              [](const SealedField& a, const SealedField& b) { return a.id < b.id; });
    CHECK(commitment_of(body).value() == commitment);
  }
}

TEST_CASE("F5: salt, id, value and schema all matter", "[commitment]") {
  const Body body = make_body();
  const Hash commitment = commitment_of(body).value();
  Body other = body;
  other.schema = 2;
  CHECK(commitment_of(other).value() != commitment);
  other = body;
  other.opened[0].salt.bytes[15] ^= 1;
  CHECK(commitment_of(other).value() != commitment);
  other = body;
  other.opened[1].value = std::int64_t{-77'001};
  CHECK(commitment_of(other).value() != commitment);
  other = body;
  other.opened[1].value = std::string("-77000");
  CHECK(commitment_of(other).value() != commitment);
  other = body;
  other.opened[0].id = 2;
  CHECK(commitment_of(other).value() != commitment);
  other = body;
  other.opened[2].value = std::vector<std::string>{"MSCU1234566MSCU6543217"};
  CHECK(commitment_of(other).value() != commitment);
  other = body;
  other.sealed.pop_back();
  CHECK(commitment_of(other).value() != commitment);
}

TEST_CASE("F5: ids must ascend strictly over opened and sealed fields together", "[commitment]") {
  Body body = make_body();
  std::swap(body.opened[0], body.opened[1]);
  CHECK(refusal(body) == Errc::kNotAscending);
  body = make_body();
  body.opened[1].id = 1;
  CHECK(refusal(body) == Errc::kNotAscending);
  body = make_body();
  std::swap(body.sealed[0], body.sealed[1]);
  CHECK(refusal(body) == Errc::kNotAscending);
  body = make_body();
  body.sealed[0].id = 5;  // opened as well
  CHECK(refusal(body) == Errc::kNotAscending);
  CHECK(refusal(make_body()) == Errc::kNone);
  CHECK(refusal(Body()) == Errc::kNone);
}

TEST_CASE("F2, F5: values over their limits are refused on the wire and when committed",
          "[commitment]") {
  const FieldValue too_long[] = {std::string(kFieldTextMax + 1, 'a'),
                                 std::vector<std::string>(kFieldListMax + 1),
                                 std::vector<std::string>{std::string(kFieldItemMax + 1, 'a')}};
  for (const FieldValue& value : too_long) {
    Body body = make_body();
    body.opened[0].value = value;
    CHECK(refusal(body) == Errc::kTooLong);
    CHECK(wire_refusal(body) == Errc::kTooLong);
  }
  Body body = make_body();
  body.opened[0].value = std::string("a\nb");
  CHECK(refusal(body) == Errc::kBadUtf8);
  body = make_body();
  body.sealed.clear();
  body.opened.clear();
  for (std::uint8_t id = 0; id < 65; ++id) body.opened.push_back({id, std::int64_t{0}, Salt()});
  CHECK(refusal(body) == Errc::kTooLong);
  CHECK(wire_refusal(body) == Errc::kTooLong);
  body.opened.pop_back();
  CHECK(refusal(body) == Errc::kNone);
  CHECK(wire_refusal(body) == Errc::kNone);
}

TEST_CASE("A body reads back from CBOR and from JSON", "[commitment]") {
  const Body body = make_body();
  CHECK(decode<Body>(encode(body)).value() == body);
  CHECK(from_json<Body>(to_json(body)).value() == body);
  CHECK(to_json(body.opened[1].value) == R"({"integer":"-77000"})");
}

}  // namespace sanad::crypto::tests
