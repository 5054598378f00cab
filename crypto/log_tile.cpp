#include "crypto/log_tile.h"

#include <charconv>
#include <optional>

namespace sanad::crypto {
namespace {

constexpr std::string_view kTile = "tile/";
constexpr std::string_view kEntries = "entries/";
constexpr std::string_view kPartial = ".p/";
constexpr std::size_t kGroupDigits = 3;
constexpr std::size_t kPathMax = 64;  // the longest is tile/63/x072/…/x935.p/255

std::string grouped(std::uint64_t index) {
  std::string text;
  for (bool last = true; last || index > 0; last = false, index /= 1000) {
    std::string group = std::to_string(index % 1000);
    group.insert(0, kGroupDigits - group.size(), '0');
    text = last ? group : "x" + group + "/" + text;
  }
  return text;
}

std::optional<std::uint64_t> number(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (status != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

// Without regard to leading zeros: parse() compares with what path() writes.
std::optional<std::uint64_t> ungrouped(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != 'x' && c != '/') digits.push_back(c);
  }
  return number(digits);
}

}  // namespace

bool LogTile::is_within(std::uint64_t size) const {
  const std::uint64_t nodes = node_level() < 64 ? size >> node_level() : 0;
  return first() <= nodes && width <= nodes - first();
}

std::string LogTile::path() const {
  std::string text(kTile);
  text += entries ? std::string(kEntries) : std::to_string(level) + "/";
  text += grouped(index);
  if (width != kFullWidth) text += std::string(kPartial) + std::to_string(width);
  return text;
}

Result<LogTile> LogTile::parse(std::string_view path) {
  const Error malformed{Errc::kBadText, "not the path of a tile"};
  if (path.size() > kPathMax || !path.starts_with(kTile)) return malformed;
  LogTile tile;
  std::string_view rest = path.substr(kTile.size());
  tile.entries = rest.starts_with(kEntries);
  if (tile.entries) {
    rest.remove_prefix(kEntries.size());
  } else {
    const auto slash = rest.find('/');
    const auto level = number(rest.substr(0, slash));
    if (slash == std::string_view::npos || !level || *level > kLevelMax) return malformed;
    tile.level = static_cast<unsigned>(*level);
    rest.remove_prefix(slash + 1);
  }
  if (const auto dot = rest.find(kPartial); dot != std::string_view::npos) {
    const auto width = number(rest.substr(dot + kPartial.size()));
    if (!width || *width == 0 || *width >= kFullWidth) return malformed;
    tile.width = static_cast<unsigned>(*width);
    rest = rest.substr(0, dot);
  }
  const auto index = ungrouped(rest);
  if (!index || *index > kIndexMax) return malformed;
  tile.index = *index;
  if (tile.path() != path) return malformed;
  return tile;
}

}  // namespace sanad::crypto
