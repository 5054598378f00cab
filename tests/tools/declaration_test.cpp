#include "tools/declaration.h"

#include <catch2/catch.hpp>

namespace sanad::tools {
namespace {

using chaincode::FieldId;

TEST_CASE("a declaration's text form reads back") {
  const std::string text =
      R"({"member":"AE-DU","declaration_id":"D-1","flow":"export","date":"2026-03-01",)"
      R"("hs":"851712","value":1250000,"currency":"AED","containers":["CSQU3054383","SNDU0000010"]})";
  const auto parsed = parse_declaration(text);
  if (!parsed) FAIL(parsed.error().message());
  CHECK(parsed->member == "AE-DU");
  CHECK(std::get<std::int64_t>(parsed->fields.at(FieldId::kDate)) == 20'513);
  CHECK(std::get<std::vector<std::string>>(parsed->fields.at(FieldId::kContainers)).size() == 2);
  CHECK(format_declaration(*parsed) == text);
  CHECK(parse_declaration(R"({"value":"12"})")->fields.at(FieldId::kValue) ==
        crypto::FieldValue(std::int64_t{12}));
}

TEST_CASE("what is no declaration is refused with the field") {
  const char* text =
      GENERATE("", "[]", "{", "{\"hs\":85}", "{\"value\":1.5}", "{\"value\":\"1.5\"}",
               "{\"value\":true}", "{\"colour\":\"red\"}", "{\"hs\":\"\"}", "{\"member\":7}",
               "{\"containers\":[1]}", "{\"containers\":[[\"a\"]]}", "{\"date\":\"2026-02-30\"}",
               "{\"hs\":null}", "[[[[[[[[[[\"deep\"]]]]]]]]]]", "{\"hs\":\"1\"} x");
  CAPTURE(text);
  const auto parsed = parse_declaration(text);
  REQUIRE_FALSE(parsed.ok());
  CHECK(parsed.error() == make_error_code(Errc::kBadDeclaration));
  CHECK_FALSE(parsed.error().detail.empty());
}

TEST_CASE("an unknown field's name is answered with one that exists") {
  Declaration declaration;
  const auto status = set_field(declaration, "valeu", "1");
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().detail.find("value") != std::string::npos);
}

TEST_CASE("what a field's bounds forbid never becomes a body") {
  Declaration declaration;
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"declaration_id", "1"}, {"flow", "import"}, {"date", "2026-03-01"}}) {
    REQUIRE(set_field(declaration, name, value).ok());
  }
  const auto salt = [] { return crypto::Salt{}; };
  REQUIRE(make_body(declaration, {}, salt).ok());
  const auto [name, value] = GENERATE(table<const char*, const char*>({{"flow", "sideways"},
                                                                       {"value", "-1"},
                                                                       {"ucr", "lower case"},
                                                                       {"importer", "  "},
                                                                       {"currency", "EURO"},
                                                                       {"invoice_hash", "xyz"}}));
  CAPTURE(name, value);
  REQUIRE(set_field(declaration, name, value).ok());
  CHECK_FALSE(make_body(declaration, {}, salt).ok());
}

TEST_CASE("days count from 1970 and back") {
  const auto [text, day] = GENERATE(table<const char*, std::int64_t>({{"1970-01-01", 0},
                                                                      {"1969-12-31", -1},
                                                                      {"2000-02-29", 11'016},
                                                                      {"2020-01-01", 18'262},
                                                                      {"9999-12-31", 2'932'896}}));
  CHECK(parse_day(text).value() == day);
  CHECK(day_text(day) == text);
  CHECK_FALSE(parse_day("2100-02-29").ok());
  CHECK_FALSE(parse_day("2020-1-01").ok());
  CHECK_FALSE(parse_day("+020-01-01").ok());
}

}  // namespace
}  // namespace sanad::tools
