// Where a declaration is in its life (chaincode/clearance.h).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sanad::chaincode {

enum class Phase : std::uint8_t { kLodged, kReleased, kExited, kSeized, kCancelled };
inline constexpr std::array<std::string_view, 5> kPhaseNames = {"lodged", "released", "exited",
                                                                "seized", "cancelled"};
constexpr const std::array<std::string_view, 5>& enum_names(Phase) { return kPhaseNames; }

}  // namespace sanad::chaincode
