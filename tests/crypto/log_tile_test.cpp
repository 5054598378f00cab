#include "crypto/log_tile.h"

#include <catch2/catch.hpp>

#include "tests/crypto/code_of.h"

namespace sanad::crypto::tests {
namespace {

LogTile nodes_tile(unsigned level, std::uint64_t index, unsigned width = LogTile::kFullWidth) {
  return {false, level, index, width};
}
LogTile entries_tile(std::uint64_t index, unsigned width = LogTile::kFullWidth) {
  return {true, 0, index, width};
}

}  // namespace

TEST_CASE("F13: the path of a tile is tlog-tiles', both ways", "[log_tile]") {
  const std::pair<LogTile, const char*> tiles[] = {
      {nodes_tile(0, 0), "tile/0/000"},
      {nodes_tile(0, 999), "tile/0/999"},
      {nodes_tile(2, 1000), "tile/2/x001/000"},
      {nodes_tile(5, 1'234'067), "tile/5/x001/x234/067"},
      {nodes_tile(63, 7, 1), "tile/63/007.p/1"},
      {nodes_tile(1, 12, 255), "tile/1/012.p/255"},
      {entries_tile(273), "tile/entries/273"},
      {entries_tile(1'000'000, 112), "tile/entries/x001/x000/000.p/112"},
      {nodes_tile(0, LogTile::kIndexMax, 255), "tile/0/x072/x057/x594/x037/x927/935.p/255"}};
  for (const auto& [tile, path] : tiles) {
    CHECK(tile.path() == path);
    const auto parsed = LogTile::parse(path);
    REQUIRE(parsed.ok());
    CHECK(*parsed == tile);
  }
}

TEST_CASE("F13: a path that is written in another way is none", "[log_tile]") {
  const char* refused[] = {
      "", "tile", "tile/", "tile//000", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000",
      "tile/00/000", "tile/01/000", "tile/+1/000", "tile/-1/000", "tile/64/000", "tile/x/000",
      "tile/0/x000", "tile/0/x000/000", "tile/0/x000/001", "tile/0/x1/000", "tile/0/001/000",
      "tile/0/x001", "tile/0/x001/x000", "tile/0/1000", "tile/0/x001000", "tile/0/000/",
      "tile/0//000", "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/01",
      "tile/0/000.p/256", "tile/0/000.p/1/", "tile/0/000.p/1.p/1", "tile/0/000.q/1",
      "tile/0/%30%30%30", "tile/0/000?", "tile/entries", "tile/entries/", "tile/entries/0/000",
      "tile/Entries/000", "entries/000", "/tile/0/000", " tile/0/000",
      // One more than the largest index, and numbers beyond 64 bits.
      "tile/0/x072/x057/x594/x037/x927/936", "tile/0/x018/x446/x744/x073/x709/x551/616",
      "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/999"};
  for (const char* path : refused) {
    CAPTURE(path);
    CHECK(code_of(LogTile::parse(path)) == Errc::kBadText);
  }
}

TEST_CASE("F13: a tile is within a log that has all of it", "[log_tile]") {
  // The standard's example: a log of 70,000 records.
  constexpr std::uint64_t kSize = 70'000;
  CHECK(nodes_tile(0, 272).is_within(kSize));
  CHECK_FALSE(nodes_tile(0, 273).is_within(kSize));
  CHECK(nodes_tile(0, 273, 112).is_within(kSize));
  CHECK_FALSE(nodes_tile(0, 273, 113).is_within(kSize));
  CHECK(entries_tile(273, 112).is_within(kSize));
  CHECK_FALSE(entries_tile(273, 113).is_within(kSize));
  CHECK(nodes_tile(1, 0).is_within(kSize));
  CHECK(nodes_tile(1, 1, 17).is_within(kSize));
  CHECK_FALSE(nodes_tile(1, 1, 18).is_within(kSize));
  CHECK(nodes_tile(2, 0, 1).is_within(kSize));
  CHECK_FALSE(nodes_tile(2, 0, 2).is_within(kSize));
  for (unsigned level = 3; level <= LogTile::kLevelMax; ++level) {
    CHECK_FALSE(nodes_tile(level, 0, 1).is_within(kSize));
  }
  CHECK_FALSE(nodes_tile(0, LogTile::kIndexMax, 1).is_within(kSize));
  CHECK_FALSE(nodes_tile(0, 0, 1).is_within(0));
}

}  // namespace sanad::crypto::tests
