#include "tools/completeness.h"

#include <catch2/catch.hpp>

namespace sanad::tools {
namespace {

crypto::Bytes leaf_of(std::uint8_t number) { return {number, 0, 7}; }
std::string listed_as(std::initializer_list<std::uint8_t> numbers) {
  std::string text;
  for (const std::uint8_t number : numbers) {
    const std::string encoded = crypto::to_base64(leaf_of(number));
    text += number % 2 == 0 ? encoded + "\r\n" : R"({"index":"1","leaf":")" + encoded + "\"}\n\n";
  }
  return text;
}

std::string faults_of(std::initializer_list<std::uint8_t> numbers) {
  const auto listed = parse_list(listed_as(numbers));
  REQUIRE(listed.ok());
  std::string text;
  for (const ListFault& fault : compare_list({leaf_of(1), leaf_of(2), leaf_of(3)}, *listed)) {
    text += "-+2"[static_cast<std::size_t>(fault.kind)] + std::to_string(fault.at) + " ";
  }
  return text;
}

TEST_CASE("F16: a list is complete, or its faults are named") {
  CHECK(faults_of({1, 2, 3}).empty());
  CHECK(faults_of({3, 1, 2}).empty());
  CHECK(faults_of({1, 3}) == "-2 ");
  CHECK(faults_of({}) == "-1 -2 -3 ");
  CHECK(faults_of({2, 2, 2, 1, 3}) == "22 23 ");
  CHECK(faults_of({2, 4, 1, 3}) == "+2 ");
  CHECK(faults_of({4}) == "+1 -1 -2 -3 ");
}

TEST_CASE("A list that cannot be read says which line") {
  for (const char* text : {"AAAA\n{", "AAAA\n{}\n", "AAAA\n{\"leaf\":1}", "AAAA\n[1]", "AAAA\nA"}) {
    CAPTURE(text);
    const auto listed = parse_list(text);
    REQUIRE_FALSE(listed.ok());
    CHECK(listed.error() == make_error_code(Errc::kBadRow));
    CHECK(listed.error().detail.starts_with("line 2: "));
  }
}

}  // namespace
}  // namespace sanad::tools
