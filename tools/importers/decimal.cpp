#include "tools/importers/decimal.h"

#include <charconv>
#include <limits>

namespace sanad::tools {
namespace {

constexpr std::size_t kTextMax = 64;
// Beyond this a number is either zero to every unit or too large for 64 bits.
constexpr int kExponentMax = 99;

using crypto::Error;
using crypto::Result;

struct Parts {
  bool negative = false;
  std::string digits;  // without the point
  int point = 0;       // digits before the point, after the exponent is applied
};

std::string_view take_digits(std::string_view& rest) {
  std::size_t count = 0;
  while (count < rest.size() && rest[count] >= '0' && rest[count] <= '9') ++count;
  const std::string_view digits = rest.substr(0, count);
  rest.remove_prefix(count);
  return digits;
}

Error refuse(std::string_view text, std::string_view why) {
  return {Errc::kBadDecimal, "\"" + std::string(text) + "\" " + std::string(why)};
}

Result<int> parse_exponent(std::string_view text, std::string_view rest) {
  rest.remove_prefix(1);
  const bool negative = !rest.empty() && rest.front() == '-';
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) rest.remove_prefix(1);
  const std::string_view digits = take_digits(rest);
  int exponent = 0;
  if (digits.empty() || !rest.empty()) return refuse(text, "is not a decimal number");
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  if (parsed.ec != std::errc() || exponent > kExponentMax) return refuse(text, "is too large");
  return negative ? -exponent : exponent;
}

Result<Parts> split(std::string_view text) {
  Parts parts;
  std::string_view rest = text;
  if (text.empty()) return refuse(text, "is not a number");
  if (text.size() > kTextMax) return Error{Errc::kBadDecimal, "number of over 64 characters"};
  parts.negative = rest.front() == '-';
  if (parts.negative) rest.remove_prefix(1);
  const std::string_view whole = take_digits(rest);
  if (whole.empty()) return refuse(text, "is not a decimal number");
  parts.digits = whole;
  parts.point = static_cast<int>(whole.size());
  if (!rest.empty() && rest.front() == '.') {
    rest.remove_prefix(1);
    const std::string_view fraction = take_digits(rest);
    if (fraction.empty()) return refuse(text, "has no digit after its point");
    parts.digits += fraction;
  }
  if (!rest.empty()) {
    if (rest.front() != 'e' && rest.front() != 'E') return refuse(text, "is not a decimal number");
    SANAD_TRY(const int exponent, parse_exponent(text, rest));
    parts.point += exponent;
  }
  return parts;
}

}  // namespace

Result<ScaledDecimal> parse_decimal(std::string_view text, int scale) {
  assert(scale >= 0 && scale <= 9);
  SANAD_TRY(const Parts parts, split(text));
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  const int whole_digits = parts.point + scale;
  const int digit_count = static_cast<int>(parts.digits.size());
  std::uint64_t value = 0;
  for (int i = 0; i < whole_digits; ++i) {
    const auto digit =
        i < digit_count
            ? static_cast<std::uint64_t>(parts.digits[static_cast<std::size_t>(i)] - '0')
            : 0U;
    if (value > (kMax - digit) / 10) return refuse(text, "is too large");
    value = value * 10 + digit;
  }
  // The dropped digits start `lead` zeros after the unit when the number is that small.
  const int first_dropped = whole_digits < 0 ? 0 : whole_digits;
  const bool leading_zero = whole_digits < 0;
  bool rest_zero = true;
  for (int i = first_dropped + (leading_zero ? 0 : 1); i < digit_count; ++i) {
    rest_zero = rest_zero && parts.digits[static_cast<std::size_t>(i)] == '0';
  }
  const char next = !leading_zero && first_dropped < digit_count
                        ? parts.digits[static_cast<std::size_t>(first_dropped)]
                        : '0';
  const bool up = next > '5' || (next == '5' && (!rest_zero || value % 2 == 1));
  if (up && value == kMax) return refuse(text, "is too large");
  value += up ? 1 : 0;
  const auto magnitude = static_cast<std::int64_t>(value);
  return ScaledDecimal{parts.negative ? -magnitude : magnitude, next != '0' || !rest_zero};
}

}  // namespace sanad::tools
