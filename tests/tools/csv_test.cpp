#include "tools/importers/csv.h"

#include <catch2/catch.hpp>
#include <sstream>

namespace sanad::tools {
namespace {

using Cells = std::vector<std::string>;

struct Read {
  std::vector<CsvRow> rows;
  std::vector<RejectedRow> rejected;
};

Read read_all(const std::string& text, CsvLimits limits = {}) {
  std::istringstream input(text);
  CsvReader reader(input, limits);
  Read read;
  while (true) {
    auto item = reader.next();
    if (std::holds_alternative<InputEnd>(item)) return read;
    if (auto* row = std::get_if<CsvRow>(&item)) read.rows.push_back(*row);
    if (auto* row = std::get_if<RejectedRow>(&item)) read.rejected.push_back(*row);
  }
}

TEST_CASE("rows, quotes, line ends and a byte order mark are read as RFC 4180 says") {
  const Read read = read_all(
      "\xEF\xBB\xBF"
      "a,b,c\r\n\"x, y\",\"say \"\"hi\"\"\",\n,,\"\"\nlast,row,z");
  REQUIRE(read.rejected.empty());
  REQUIRE(read.rows.size() == 4);
  CHECK(read.rows[0].cells == Cells{"a", "b", "c"});
  CHECK(read.rows[1].cells == Cells{"x, y", "say \"hi\"", ""});
  CHECK(read.rows[2].cells == Cells{"", "", ""});
  CHECK(read.rows[3].cells == Cells{"last", "row", "z"});
  CHECK(read.rows[3].line == 4);
}

TEST_CASE("an empty file has no rows") {
  const Read read = read_all("");
  CHECK(read.rows.empty());
  CHECK(read.rejected.empty());
}

TEST_CASE("a hostile row is refused with line, column and reason, and the next one is read") {
  const std::string bad = GENERATE(
      std::string("\"open"), std::string("\"a\"b,c"), std::string("a\"b,c"), std::string(""),
      std::string("a,b\rc"), std::string("nul\0here", 8), std::string("esc\x1b[31m"),
      std::string("\xC3"), std::string("\xC0\xAF"), std::string("\xED\xA0\x80"),
      std::string("\xF4\x90\x80\x80"), std::string("\xFF\xFE"), std::string("\xC2\x80"),
      std::string(2'000, 'x'), std::string(400, ','), std::string(20'000, ','));
  CAPTURE(bad.size());
  const Read read = read_all("good,1\n" + bad + "\ngood,2\n");
  REQUIRE(read.rejected.size() == 1);
  CHECK(read.rejected[0].line == 2);
  CHECK_FALSE(read.rejected[0].reason.empty());
  CHECK(read.rejected[0].text.size() <= CsvLimits{}.row_bytes_max);
  REQUIRE(read.rows.size() == 2);
  CHECK(read.rows[1].cells == Cells{"good", "2"});
}

TEST_CASE("the column of a fault is named by its number") {
  const Read read = read_all("a,b,\"c\n");
  REQUIRE(read.rejected.size() == 1);
  CHECK(read.rejected[0].column == "3");
  CHECK(read.rejected[0].text == "a,b,\"c");
}

TEST_CASE("a cell is written so that it reads back") {
  for (const std::string cell : {"plain", "a,b", "say \"x\"", ""}) {
    const auto split = split_csv_line(csv_cell(cell) + ",end", {});
    REQUIRE(std::holds_alternative<Cells>(split));
    CHECK(std::get<Cells>(split) == Cells{cell, "end"});
  }
}

}  // namespace
}  // namespace sanad::tools
