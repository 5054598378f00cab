// Comma-separated rows, read strictly and one at a time (RFC 4180 without line breaks in cells).
//
// A row is one line. A cell is either bare, without quotes, or wholly inside double quotes with
// each inner quote doubled. Lines end in LF or CRLF; the last may end at the end of the file; a
// UTF-8 byte order mark at the start is skipped. Control characters and malformed UTF-8 are
// refused. A row that is refused never stops the rows after it: reading goes on at the next line.
// Memory is bounded by CsvLimits::row_bytes_max whatever the file holds.
#pragma once

#include <istream>
#include <optional>
#include <variant>
#include <vector>

#include "tools/importers/input.h"

namespace sanad::tools {

struct CsvLimits {
  std::size_t row_bytes_max = 16'384;
  std::size_t cell_bytes_max = 512;
  std::size_t cells_max = 256;
};

struct CsvRow {
  std::uint64_t line = 0;  // from 1
  std::string text;        // as it stands in the file, without the line end
  std::vector<std::string> cells;
};

class CsvReader {
 public:
  // `input` outlives the reader. Not thread-safe.
  explicit CsvReader(std::istream& input, CsvLimits limits = {});

  // The next row, a refused one, or the end. An empty line is refused.
  std::variant<CsvRow, RejectedRow, InputEnd> next();
  // Lines read so far.
  [[nodiscard]] std::uint64_t line() const { return line_; }

 private:
  struct Line {
    std::string text;
    bool too_long = false;
  };
  std::optional<Line> read_line();

  std::istream& input_;
  CsvLimits limits_;
  std::uint64_t line_ = 0;
};

// The cells of one line, or why it cannot be split, with the number of the cell.
std::variant<std::vector<std::string>, RejectedRow> split_csv_line(std::string_view line,
                                                                   const CsvLimits& limits);
// One cell as it must be written to be read back.
std::string csv_cell(std::string_view text);

}  // namespace sanad::tools
