#include "chaincode/rules/diagnostic.h"

#include <algorithm>

#include "chaincode/rules/lexer.h"
#include "chaincode/rules/rule_set.h"

namespace sanad::chaincode::rules {
namespace {

// A line of the source without what would break the caret's column or the terminal.
std::string printable(std::string_view line) {
  std::string out(line.substr(0, 240));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return out;
}

// Columns that bytes take on a terminal: continuation bytes of UTF-8 take none.
std::size_t width(std::string_view bytes) {
  return static_cast<std::size_t>(std::count_if(bytes.begin(), bytes.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string_view line_at(std::string_view source, std::uint32_t number) {
  for (std::uint32_t line = 1; line < number; ++line) {
    const std::size_t end = source.find('\n');
    if (end == std::string_view::npos) return {};
    source.remove_prefix(end + 1);
  }
  return source.substr(0, source.find('\n'));
}

}  // namespace

std::string format_diagnostic(std::string_view source, const Diagnostic& diagnostic) {
  const std::string number = std::to_string(diagnostic.line);
  const std::string margin(number.size(), ' ');
  std::string out = diagnostic.code + " " + diagnostic.text + " (line " + number + ")\n";
  const std::string line = printable(line_at(source, diagnostic.line));
  if (!line.empty()) {
    const std::size_t column = std::min<std::size_t>(diagnostic.column - 1, line.size());
    const std::size_t length = std::clamp<std::size_t>(
        diagnostic.length, 1, std::max<std::size_t>(1, line.size() - column));
    const std::string_view view = line;
    out += number + " | " + line + "\n";
    out += margin + " | " + std::string(width(view.substr(0, column)), ' ') +
           std::string(std::max<std::size_t>(1, width(view.substr(column, length))), '^') + "\n";
  }
  if (!diagnostic.suggestion.empty()) out += margin + " = " + diagnostic.suggestion + "\n";
  return out;
}

Span join(Span first, Span last) {
  return {first.offset, last.offset + last.length - first.offset};
}

DiagnosticLog::DiagnosticLog(std::string_view source) {
  line_starts_.push_back(0);
  for (std::size_t at = source.find('\n'); at != std::string_view::npos;
       at = source.find('\n', at + 1)) {
    line_starts_.push_back(static_cast<std::uint32_t>(at + 1));
  }
}

std::uint32_t DiagnosticLog::line_of(std::uint32_t offset) const {
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  return static_cast<std::uint32_t>(after - line_starts_.begin());
}

bool DiagnosticLog::full() const { return diagnostics_.size() >= kDiagnosticsMax; }

void DiagnosticLog::add(std::string_view code, Span span, std::string text,
                        std::string suggestion) {
  if (code.starts_with('E')) failed_ = true;
  if (full()) return;
  Diagnostic& added = diagnostics_.emplace_back();
  added.code = code;
  added.line = line_of(span.offset);
  added.column = span.offset - line_starts_[added.line - 1] + 1;
  added.length = std::max(1U, span.length);
  added.text = std::move(text);
  added.suggestion = std::move(suggestion);
}

std::vector<Diagnostic> DiagnosticLog::take() {
  std::stable_sort(diagnostics_.begin(), diagnostics_.end(), [](const auto& a, const auto& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  return std::move(diagnostics_);
}

}  // namespace sanad::chaincode::rules
