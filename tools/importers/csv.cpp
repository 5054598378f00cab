#include "tools/importers/csv.h"

namespace sanad::tools {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_clean_ascii(char c) { return c >= 0x20 && c < 0x7f; }

// The length of the UTF-8 sequence that starts `text`, 0 where it is malformed (RFC 3629 §4).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool forbidden = (first == 0xED && byte(1) > 0x9F) || (first == 0xF4 && byte(1) > 0x8F) ||
                         (first == 0xC2 && byte(1) < 0xA0);
  return overlong || forbidden ? 0 : length;
}

// Splits one line; the cell in hand is cells_.back().
class LineSplitter {
 public:
  LineSplitter(std::string_view line, const CsvLimits& limits) : rest_(line), limits_(limits) {}

  std::variant<std::vector<std::string>, RejectedRow> run() {
    do {
      if (cells_.size() == limits_.cells_max) return refuse("too many columns");
      cells_.emplace_back();
      const char* wrong = !rest_.empty() && rest_.front() == '"' ? quoted_cell() : bare_cell();
      if (wrong != nullptr) return refuse(wrong);
    } while (take_comma());
    return std::move(cells_);
  }

 private:
  const char* bare_cell() {
    while (!rest_.empty() && rest_.front() != ',') {
      if (rest_.front() == '"') return "a quote inside a cell that does not start with one";
      if (const char* wrong = take_character()) return wrong;
    }
    return nullptr;
  }

  const char* quoted_cell() {
    rest_.remove_prefix(1);
    while (!rest_.empty()) {
      if (rest_.front() != '"') {
        if (const char* wrong = take_character()) return wrong;
      } else if (rest_.size() > 1 && rest_[1] == '"') {
        cells_.back() += '"';
        rest_.remove_prefix(2);
      } else {
        rest_.remove_prefix(1);
        return rest_.empty() || rest_.front() == ',' ? nullptr : "text after the closing quote";
      }
      if (cells_.back().size() > limits_.cell_bytes_max) return "the cell is too long";
    }
    return "the quote is not closed on its line";
  }

  const char* take_character() {
    const std::size_t length = is_clean_ascii(rest_.front()) ? 1 : utf8_length(rest_);
    if (length == 0) return "a control character or malformed UTF-8";
    cells_.back() += rest_.substr(0, length);
    rest_.remove_prefix(length);
    return cells_.back().size() > limits_.cell_bytes_max ? "the cell is too long" : nullptr;
  }

  bool take_comma() {
    if (rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }

  RejectedRow refuse(const char* reason) const {
    return {0, std::to_string(cells_.size()), reason, {}};
  }

  std::string_view rest_;
  const CsvLimits& limits_;
  std::vector<std::string> cells_;
};

}  // namespace

std::variant<std::vector<std::string>, RejectedRow> split_csv_line(std::string_view line,
                                                                   const CsvLimits& limits) {
  return LineSplitter(line, limits).run();
}

CsvReader::CsvReader(std::istream& input, CsvLimits limits) : input_(input), limits_(limits) {}

std::optional<CsvReader::Line> CsvReader::read_line() {
  Line line;
  std::streambuf* buffer = input_.rdbuf();
  int c = buffer->sbumpc();
  if (c == std::streambuf::traits_type::eof()) return std::nullopt;
  for (; c != std::streambuf::traits_type::eof() && c != '\n'; c = buffer->sbumpc()) {
    if (line.text.size() < limits_.row_bytes_max) {
      line.text += static_cast<char>(c);
    } else {
      line.too_long = true;
    }
  }
  ++line_;
  if (!line.too_long && !line.text.empty() && line.text.back() == '\r') line.text.pop_back();
  if (line_ == 1 && line.text.starts_with(kByteOrderMark))
    line.text.erase(0, kByteOrderMark.size());
  return line;
}

std::variant<CsvRow, RejectedRow, InputEnd> CsvReader::next() {
  std::optional<Line> line = read_line();
  if (!line) return InputEnd{};
  if (line->too_long) {
    return RejectedRow{
        line_, "", "the line is longer than " + std::to_string(limits_.row_bytes_max) + " bytes",
        std::move(line->text)};
  }
  if (line->text.empty()) return RejectedRow{line_, "", "the line is empty", {}};
  auto split = split_csv_line(line->text, limits_);
  if (auto* rejected = std::get_if<RejectedRow>(&split)) {
    rejected->line = line_;
    rejected->text = std::move(line->text);
    return std::move(*rejected);
  }
  return CsvRow{line_, std::move(line->text), std::move(std::get<0>(split))};
}

std::string csv_cell(std::string_view text) {
  const bool bare = text.find_first_of(",\"\r\n") == std::string_view::npos;
  if (bare) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace sanad::tools
