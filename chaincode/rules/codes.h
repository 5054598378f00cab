// Code lists that the language itself knows, for checking what an analyst writes: ISO 3166-1 and
// ISO 4217. Facts are never judged by them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sanad::chaincode::rules {

// An assigned ISO 3166-1 alpha-2 code.
bool is_country(std::string_view code);
// The decimals of an active ISO 4217 currency (KWD 3, AED 2, KRW 0).
std::optional<unsigned> currency_decimals(std::string_view code);

}  // namespace sanad::chaincode::rules
