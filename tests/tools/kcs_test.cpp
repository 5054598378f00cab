#include "tools/importers/kcs.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "tests/shared_data.h"

namespace sanad::tools {
namespace {

using chaincode::FieldId;

// A good row whose cells a test may change.
struct Row {
  std::vector<std::string> cells = {"97061800", "2020-01-01", "30",      "B",       "11",      "21",
                                    "11",       "10",         "ZZR1LT6", "QLRUBN9", "0VKY2BR", "",
                                    "440890",   "BE",         "BE",      "0.0",     "FEU1",    "G",
                                    "108.0",    "372254.4",   "0",       "0"};
  [[nodiscard]] std::string text() const {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) line += (i == 0 ? "" : ",") + csv_cell(cells[i]);
    return line;
  }
  Row& set(std::size_t column, std::string value) {
    cells[column] = std::move(value);
    return *this;
  }
};

InputItem read_one(const std::string& row) {
  std::istringstream input(KcsReader::header() + "\n" + row + "\n");
  auto reader = KcsReader::open(input);
  REQUIRE(reader.ok());
  return reader->next();
}

InputRow taken(const Row& row) {
  InputItem item = read_one(row.text());
  if (const auto* rejected = std::get_if<RejectedRow>(&item)) {
    FAIL(rejected->column << ": " << rejected->reason);
  }
  return std::get<InputRow>(item);
}

std::int64_t integer(const InputRow& row, FieldId id) {
  return std::get<std::int64_t>(row.declaration.fields.at(id));
}

TEST_CASE("a row becomes a declaration field by field, without its labels") {
  const InputRow row = taken(Row().set(20, "1").set(21, "2"));
  const Declaration& d = row.declaration;
  CHECK(d.member == "AE-AZ");
  CHECK(d.text(FieldId::kDeclarationId) == "97061800");
  CHECK(d.text(FieldId::kUcr) == "KCS-97061800");
  CHECK(d.text(FieldId::kFlow) == "import");
  CHECK(integer(row, FieldId::kDate) == 18'262);  // 2020-01-01
  CHECK(d.text(FieldId::kProcedure) == "B-11");
  CHECK(d.text(FieldId::kExporter) == "0VKY2BR");
  CHECK(d.text(FieldId::kDestination) == "AE");
  CHECK(integer(row, FieldId::kNetMass) == 108'000);
  CHECK(integer(row, FieldId::kValue) == 372'254);
  CHECK(d.text(FieldId::kCurrency) == "KRW");
  CHECK(integer(row, FieldId::kDutyRate) == 0);
  CHECK(row.rounded);
  CHECK(row.fraud == true);
  CHECK(row.critical_fraud == 2);
  CHECK(format_declaration(d).find("raud") == std::string::npos);
}

TEST_CASE("zero is zero and empty is missing") {
  const InputRow zero = taken(Row().set(18, "0.0").set(19, "0.0"));
  CHECK(integer(zero, FieldId::kNetMass) == 0);
  CHECK(integer(zero, FieldId::kValue) == 0);
  CHECK_FALSE(zero.rounded);
  const InputRow empty = taken(Row().set(10, "").set(11, "").set(18, "").set(19, ""));
  for (const FieldId id : {FieldId::kExporter, FieldId::kCarrier, FieldId::kNetMass,
                           FieldId::kValue, FieldId::kCurrency}) {
    CHECK(empty.declaration.fields.count(id) == 0);
  }
}

TEST_CASE("unknown countries, old HS editions and float noise are taken as they are") {
  const InputRow row =
      taken(Row().set(12, "847330").set(13, "ZZ").set(14, "ZZ").set(19, "0.6000000000000001"));
  CHECK(row.declaration.text(FieldId::kDeparture) == "ZZ");
  CHECK(row.declaration.text(FieldId::kHs) == "847330");
  CHECK(integer(row, FieldId::kValue) == 1);
  CHECK(row.rounded);
}

TEST_CASE("duty rates become basis points") {
  CHECK(integer(taken(Row().set(15, "6.5")), FieldId::kDutyRate) == 650);
  CHECK(integer(taken(Row().set(15, "630.0")), FieldId::kDutyRate) == 63'000);
}

TEST_CASE("offices map to members") {
  const auto [office, member] = GENERATE(table<const char*, const char*>({{"40", "AE-DU"},
                                                                          {"20", "SA"},
                                                                          {"30", "AE-AZ"},
                                                                          {"16", "KW"},
                                                                          {"13", "QA"},
                                                                          {"10", "BH"},
                                                                          {"120", "OM"},
                                                                          {"90", "OM"}}));
  CHECK(taken(Row().set(2, office)).declaration.member == member);
}

TEST_CASE("a bad cell is reported with its line, column and reason") {
  struct Bad {
    std::size_t column;
    const char* value;
    const char* name;
  };
  const Bad bad = GENERATE(values<Bad>({
      {0, "", "Declaration ID"},
      {0, "97x", "Declaration ID"},
      {0, "123456789012345678901", "Declaration ID"},
      {1, "2020-02-30", "Date"},
      {1, "01.02.2020", "Date"},
      {1, "", "Date"},
      {2, "", "Office ID"},
      {2, "4O", "Office ID"},
      {13, "be", "Country of Departure"},
      {14, "BEL", "Country of Origin"},
      {15, "eight", "Tax Rate"},
      {15, "-1", "Tax Rate"},
      {18, "1,5", "Net Mass"},
      {18, "-0.5", "Net Mass"},
      {18, "1e40", "Net Mass"},
      {19, "NaN", "Item Price"},
      {20, "2", "Fraud"},
      {21, "3", "Critical Fraud"},
  }));
  CAPTURE(bad.column, bad.value);
  const InputItem item = read_one(Row().set(bad.column, bad.value).text());
  REQUIRE(std::holds_alternative<RejectedRow>(item));
  const auto& rejected = std::get<RejectedRow>(item);
  CHECK(rejected.line == 2);
  CHECK(rejected.column == bad.name);
  CHECK_FALSE(rejected.reason.empty());
  CHECK(rejected.text == Row().set(bad.column, bad.value).text());
}

TEST_CASE("a bad row never stops the rest") {
  const std::string good = Row().text();
  std::istringstream input(KcsReader::header() + "\n" + good + "\nshort,row\n\"\n" + good +
                           ",extra\n" + good + "\n");
  auto reader = KcsReader::open(input);
  REQUIRE(reader.ok());
  std::size_t rows = 0;
  std::vector<std::uint64_t> rejected;
  while (true) {
    const InputItem item = reader->next();
    if (std::holds_alternative<InputEnd>(item)) break;
    if (std::holds_alternative<InputRow>(item)) ++rows;
    if (const auto* one = std::get_if<RejectedRow>(&item)) rejected.push_back(one->line);
  }
  CHECK(rows == 2);
  CHECK(rejected == std::vector<std::uint64_t>{3, 4, 5});
}

TEST_CASE("a file with another header is refused with the column that differs") {
  for (const std::string header : {"", "a,b", "\"open"}) {
    std::istringstream input(header);
    const auto reader = KcsReader::open(input);
    REQUIRE_FALSE(reader.ok());
    CHECK(reader.error() == make_error_code(Errc::kBadRow));
  }
  std::string header = KcsReader::header();
  header.replace(header.find("Net Mass"), 8, "Gross Mass");
  std::istringstream input(header);
  const auto reader = KcsReader::open(input);
  REQUIRE_FALSE(reader.ok());
  CHECK(reader.error().detail.find("Gross Mass") != std::string::npos);
}

struct Counts {
  std::size_t rows = 0;
  std::size_t rejected = 0;
  std::size_t zero_mass = 0;
  std::size_t zero_price = 0;
  std::size_t rounded_to_zero = 0;
  std::size_t no_seller = 0;
  std::size_t no_courier = 0;
  std::size_t unknown_country = 0;
  std::size_t fraud = 0;
};

void count_file(const std::filesystem::path& path, Counts& counts) {
  std::ifstream file(path, std::ios::binary);
  auto reader = KcsReader::open(file);
  REQUIRE(reader.ok());
  for (InputItem item = reader->next(); !std::holds_alternative<InputEnd>(item);
       item = reader->next()) {
    if (std::holds_alternative<RejectedRow>(item)) {
      ++counts.rejected;
      continue;
    }
    const auto& row = std::get<InputRow>(item);
    const Declaration& d = row.declaration;
    const bool no_value = integer(row, FieldId::kValue) == 0;
    ++counts.rows;
    counts.zero_mass += integer(row, FieldId::kNetMass) == 0;
    counts.zero_price += no_value && row.text.find(",0.0,") != std::string::npos && !row.rounded;
    counts.rounded_to_zero += no_value && row.rounded;
    counts.no_seller += d.fields.count(FieldId::kExporter) == 0;
    counts.no_courier += d.fields.count(FieldId::kCarrier) == 0;
    counts.unknown_country +=
        d.text(FieldId::kDeparture) == "ZZ" || d.text(FieldId::kOrigin) == "ZZ";
    counts.fraud += row.fraud == true;
  }
}

TEST_CASE("all 45,519 real rows are well-formed, and every trap is counted") {
  Counts counts;
  for (const char* name : {"declarations/kcs_train.csv", "declarations/kcs_valid.csv"}) {
    const auto path = tests::shared_path(name);
    if (!path) return;
    count_file(*path, counts);
  }
  CHECK(counts.rows == 45'519);
  CHECK(counts.rejected == 0);
  CHECK(counts.zero_mass == 340);
  CHECK(counts.zero_price == 437);
  CHECK(counts.no_seller == 4'510);
  CHECK(counts.no_courier == 37'507);
  CHECK(counts.fraud == 9'818);
  CHECK(counts.unknown_country > 0);
  CHECK(counts.rounded_to_zero > 0);
}

}  // namespace
}  // namespace sanad::tools
