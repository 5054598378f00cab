#include "tools/importers/decimal.h"

#include <catch2/catch.hpp>

namespace sanad::tools {
namespace {

struct Case {
  const char* text;
  int scale;
  std::int64_t value;
  bool rounded;
};

TEST_CASE("decimal text becomes integers exactly, rounded half to even") {
  const Case one = GENERATE(values<Case>({
      {"0", 0, 0, false},
      {"0.0", 3, 0, false},
      {"-0", 0, 0, false},
      {"20.7", 3, 20'700, false},
      {"108.0", 3, 108'000, false},
      {"0.08000000000000003", 2, 8, true},
      {"241.58000000000004", 2, 24'158, true},
      {"6534.839999999997", 2, 653'484, true},
      {"30866.000000000004", 0, 30'866, true},
      {"0.5", 0, 0, true},
      {"1.5", 0, 2, true},
      {"2.5", 0, 2, true},
      {"2.50000000000000000000000000000001", 0, 3, true},
      {"-2.5", 0, -2, true},
      {"-3.5", 0, -4, true},
      {"2.500", 0, 2, true},
      {"0.0005", 3, 0, true},
      {"0.00050", 3, 0, true},
      {"0.0015", 3, 2, true},
      {"0.05", 0, 0, true},
      {"0.9", 0, 1, true},
      {"9.999", 2, 1'000, true},
      {"1e3", 0, 1'000, false},
      {"1.5E+2", 0, 150, false},
      {"8e-05", 5, 8, false},
      {"8e-05", 3, 0, true},
      {"5e-1", 0, 0, true},
      {"15e-1", 0, 2, true},
      {"9223372036854775807", 0, 9'223'372'036'854'775'807, false},
      {"000012.30", 2, 1'230, false},
  }));
  CAPTURE(one.text, one.scale);
  const auto parsed = parse_decimal(one.text, one.scale);
  REQUIRE(parsed.ok());
  CHECK(parsed->value == one.value);
  CHECK(parsed->rounded == one.rounded);
}

TEST_CASE("what is not a decimal number, or does not fit, is refused with a reason") {
  const char* text = GENERATE("", "-", ".", ".5", "5.", "+1", " 1", "1 ", "1,000", "0x10", "inf",
                              "nan", "1e", "1e+", "1e1000", "1.2.3", "--1", "1e3x", "1\n",
                              "9223372036854775808", "9223372036854775807.5", "1e99",
                              "99999999999999999999999999999999999999999999999999999999999999999");
  CAPTURE(text);
  const auto parsed = parse_decimal(text, 0);
  REQUIRE_FALSE(parsed.ok());
  CHECK(parsed.error() == make_error_code(Errc::kBadDecimal));
  CHECK_FALSE(parsed.error().detail.empty());
}

}  // namespace
}  // namespace sanad::tools
