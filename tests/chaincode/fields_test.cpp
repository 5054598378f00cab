#include "chaincode/fields.h"

#include <set>

#include "sample.h"

namespace sanad::tests {
namespace {

Body minimal_body() {
  Body body;
  body.schema = kDeclarationSchema;
  open(body, FieldId::kDeclarationId, std::string("D-1"), 1);
  open(body, FieldId::kFlow, std::string("import"), 1);
  open(body, FieldId::kDate, std::int64_t{20370}, 1);
  return body;
}

std::error_code code_with(FieldId id, crypto::FieldValue value) {
  Body body = minimal_body();
  open(body, id, std::move(value), 1);
  const Status status = check_body(body);
  return status ? std::error_code() : status.error().code;
}

std::string text(std::size_t length) { return std::string(length, 'x'); }

TEST_CASE("fields: ids are 1 to 37 without gaps, names are unique and found") {
  std::set<std::string_view> names;
  std::uint8_t expected = 1;
  for (const FieldSpec& spec : field_specs()) {
    CHECK(static_cast<std::uint8_t>(spec.id) == expected);
    CHECK(field_spec(expected) == &spec);
    CHECK(find_field(spec.name) == &spec);
    CHECK(names.insert(spec.name).second);
    ++expected;
  }
  CHECK(expected == kFieldIdMax + 1);
  CHECK(field_spec(0) == nullptr);
  CHECK(field_spec(38) == nullptr);
  CHECK(find_field("nonsense") == nullptr);
}

TEST_CASE("fields: every field takes its bounds and refuses one beyond") {
  for (const FieldSpec& spec : field_specs()) {
    INFO(spec.name);
    switch (spec.kind) {
      case FieldKind::kInteger:
        CHECK(check_field(spec.id, spec.minimum).ok());
        CHECK(check_field(spec.id, spec.maximum).ok());
        CHECK(check_field(spec.id, spec.minimum - 1).error() == Errc::kFieldValue);
        CHECK(check_field(spec.id, spec.maximum + 1).error() == Errc::kFieldValue);
        CHECK(check_field(spec.id, std::string("1")).error() == Errc::kFieldKind);
        break;
      case FieldKind::kText:
        if (spec.characters == Characters::kAny) {
          CHECK(check_field(spec.id, text(1)).ok());
          CHECK(check_field(spec.id, text(spec.length_max)).ok());
        }
        CHECK(check_field(spec.id, text(0)).error() == Errc::kFieldValue);
        CHECK(check_field(spec.id, text(spec.length_max + 1U)).error() == Errc::kFieldValue);
        CHECK(check_field(spec.id, std::int64_t{1}).error() == Errc::kFieldKind);
        break;
      case FieldKind::kList: {
        using List = std::vector<std::string>;
        CHECK(check_field(spec.id, List(spec.items_max, text(spec.length_max))).ok());
        CHECK(check_field(spec.id, List{}).error() == Errc::kFieldValue);
        CHECK(check_field(spec.id, List(spec.items_max + 1U, "x")).error() == Errc::kFieldValue);
        CHECK(check_field(spec.id, List{text(spec.length_max + 1U)}).error() == Errc::kFieldValue);
        break;
      }
    }
  }
}

TEST_CASE("F2: texts with a meaning take only their characters") {
  CHECK(!code_with(FieldId::kUcr, std::string("5AE-2026/00412")));
  CHECK(code_with(FieldId::kUcr, std::string("5ae")) == Errc::kFieldValue);
  CHECK(code_with(FieldId::kUcr, std::string("UCR 1")) == Errc::kFieldValue);
  CHECK(code_with(FieldId::kUcr, std::string(36, 'U')) == Errc::kFieldValue);
  // A homoglyph: Cyrillic capital A.
  CHECK(code_with(FieldId::kUcr, std::string("\xD0\x90-1")) == Errc::kFieldValue);
  CHECK(!code_with(FieldId::kImporter, std::string(32, 'f')));
  CHECK(code_with(FieldId::kImporter, std::string(32, 'F')) == Errc::kFieldValue);
  CHECK(code_with(FieldId::kImporter, std::string(31, 'f')) == Errc::kFieldValue);
  CHECK(!code_with(FieldId::kInvoiceHash, std::string(64, '0')));
  CHECK(code_with(FieldId::kInvoiceHash, std::string(64, 'g')) == Errc::kFieldValue);
}

TEST_CASE("fields: the first three are required and opened, a UCR is never sealed") {
  for (std::size_t missing = 0; missing < 3; ++missing) {
    Body body = minimal_body();
    const std::uint8_t id = body.opened[missing].id;
    body.opened.erase(body.opened.begin() + static_cast<std::ptrdiff_t>(missing));
    CHECK(check_body(body).error() == Errc::kFieldMissing);
    body.sealed.push_back({id, Hash{}});
    CHECK(check_body(body).error() == Errc::kFieldMissing);
  }
  Body body = minimal_body();
  body.sealed.push_back({static_cast<std::uint8_t>(FieldId::kValue), Hash{}});
  CHECK(check_body(body).ok());
  body.sealed.push_back({static_cast<std::uint8_t>(FieldId::kUcr), Hash{}});
  CHECK(check_body(body).error() == Errc::kFieldMissing);
}

TEST_CASE("fields: unknown ids, schemas and flows are refused") {
  Body body = minimal_body();
  body.sealed.push_back({38, Hash{}});
  CHECK(check_body(body).error() == Errc::kUnknownField);
  body = minimal_body();
  body.opened.push_back({38, std::int64_t{1}, {}});
  CHECK(check_body(body).error() == Errc::kUnknownField);
  body = minimal_body();
  body.schema = 9;
  CHECK(check_body(body).error() == Errc::kUnknownSchema);
  body = minimal_body();
  body.opened[1].value = std::string("smuggle");
  CHECK(check_body(body).error() == Errc::kFieldValue);
}

TEST_CASE("fields: a reason is one text") {
  CHECK(check_reason_body(make_reason("documents seen", salt_of(1))).ok());
  CHECK(check_reason_body(make_reason("", salt_of(1))).error() == Errc::kFieldValue);
  CHECK(check_reason_body(make_reason("two\nlines", salt_of(1))).error() == crypto::Errc::kBadUtf8);
  CHECK(check_reason_body(make_reason(std::string(513, 'x'), salt_of(1))).error() ==
        crypto::Errc::kTooLong);
  Body two = make_reason("a", salt_of(1));
  two.opened.push_back({2, std::string("b"), {}});
  CHECK(check_reason_body(two).error() == Errc::kUnknownField);
  Body number = make_reason("a", salt_of(1));
  number.opened[0].value = std::int64_t{1};
  CHECK(check_reason_body(number).error() == Errc::kFieldKind);
  CHECK(check_reason_body(minimal_body()).error() == Errc::kUnknownSchema);
}

TEST_CASE("79: identifiers that fail their own check are facts, never a rejection") {
  CHECK(container_check_digit_ok("CSQU3054383"));
  CHECK_FALSE(container_check_digit_ok("CSQU3054384"));
  CHECK_FALSE(container_check_digit_ok("CSQX3054383"));
  CHECK_FALSE(container_check_digit_ok("CSQU305438"));
  CHECK_FALSE(container_check_digit_ok("csqu3054383"));
  CHECK_FALSE(container_check_digit_ok(""));
  CHECK(!code_with(FieldId::kContainers, std::vector<std::string>{"CSQU3054384", "none"}));

  for (const char* code : {"85", "8517", "851712", "85171200", "851712000000"}) {
    CHECK(hs_shape_ok(code));
  }
  for (const char* code : {"", "8", "85171", "8517120000", "85171a", "8517 12"}) {
    CHECK_FALSE(hs_shape_ok(code));
  }
  CHECK(!code_with(FieldId::kHs, std::string("not a code")));

  CHECK(locode_shape_ok("AEJEA"));
  CHECK(locode_shape_ok("US2AB"));
  CHECK_FALSE(locode_shape_ok("AEJE"));
  CHECK_FALSE(locode_shape_ok("aejea"));
  CHECK_FALSE(locode_shape_ok("AE1EA"));
  CHECK(!code_with(FieldId::kOffice, std::string("41")));
}

TEST_CASE("fields: every ISO 6346 check digit but one is wrong") {
  // Sum of the ten values times powers of two, by a table written out independently.
  const std::map<char, int> values = {{'A', 10}, {'B', 12}, {'K', 21}, {'L', 23},
                                      {'U', 32}, {'V', 34}, {'Z', 38}};
  const std::string stem = "ABKU123456";
  int sum = 0;
  for (std::size_t i = 0; i < stem.size(); ++i) {
    const int value = i < 4 ? values.at(stem[i]) : stem[i] - '0';
    sum += value * (1 << i);
  }
  const char right = static_cast<char>('0' + sum % 11 % 10);
  for (char digit = '0'; digit <= '9'; ++digit) {
    CHECK(container_check_digit_ok(stem + digit) == (digit == right));
  }
}

}  // namespace
}  // namespace sanad::tests
