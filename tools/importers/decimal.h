// Decimal text to integers, exactly: no floating point is involved at any step (CUSTOMS "money,
// mass"). Source files hold numbers such as 0.08000000000000003 that a program once printed.
#pragma once

#include "tools/errc.h"

namespace sanad::tools {

struct ScaledDecimal {
  std::int64_t value = 0;
  bool rounded = false;  // digits below the unit were not all zero
};

// `text` × 10^scale, rounded half to even: "20.7" with scale 3 is 20700, "0.5" with scale 0 is 0,
// "1.5" is 2. Accepts [-]digits[.digits][e[+-]digits], at most 64 characters, nothing else: no
// spaces, signs of thousands, "inf", "+1", ".5" or "5.". kBadDecimal says what is wrong.
// REQUIRES: 0 <= scale <= 9.
crypto::Result<ScaledDecimal> parse_decimal(std::string_view text, int scale);

}  // namespace sanad::tools
