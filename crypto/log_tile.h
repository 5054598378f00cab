// Tiles of the log: how C2SP's tlog-tiles names runs of 256 nodes or records (LEDGER F13). Pure.
//
//   tile/<L>/<N>[.p/<W>]        nodes (8·L, 256·N) and the W − 1 after it (crypto/log_tree.h)
//   tile/entries/<N>[.p/<W>]    records 256·N and the W − 1 after it
//
// N is written in groups of three digits, x before all but the last: 1234067 is x001/x234/067. A
// tile without .p/<W> is full: W is 256.
#pragma once

#include <string>
#include <string_view>

#include "crypto/result.h"

namespace sanad::crypto {

struct LogTile {
  static constexpr unsigned kFullWidth = 256;
  static constexpr unsigned kLevelMax = 63;
  static constexpr std::uint64_t kIndexMax = (std::uint64_t{1} << 56) - 1;

  bool entries = false;     // records instead of nodes; `level` is 0
  unsigned level = 0;       // at most kLevelMax
  std::uint64_t index = 0;  // at most kIndexMax
  unsigned width = kFullWidth;

  friend bool operator==(const LogTile&, const LogTile&) = default;
  // Of the first node or record.
  [[nodiscard]] std::uint64_t first() const { return index * kFullWidth; }
  [[nodiscard]] unsigned node_level() const { return 8 * level; }
  // All of it belongs to a log of `size` records.
  [[nodiscard]] bool is_within(std::uint64_t size) const;
  // "tile/…"
  [[nodiscard]] std::string path() const;
  // kBadText for anything that path() would not have written.
  static Result<LogTile> parse(std::string_view path);
};

}  // namespace sanad::crypto
