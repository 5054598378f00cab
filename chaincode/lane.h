// The lanes of a verdict (CUSTOMS "The goods' way"), lowest to highest: what is done with the
// goods.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sanad::chaincode {

// Ordered: a verdict's lane is the highest that any rule asks for (RULES C3).
enum class Lane : std::uint8_t {
  kGreen,   // released automatically
  kBlue,    // released, audited later
  kYellow,  // documents are examined
  kRed,     // the goods are examined
};

constexpr auto enum_names(Lane) {
  return std::array<std::string_view, 4>{"green", "blue", "yellow", "red"};
}

constexpr std::string_view lane_name(Lane lane) {
  return enum_names(lane)[static_cast<std::size_t>(lane)];
}

}  // namespace sanad::chaincode
