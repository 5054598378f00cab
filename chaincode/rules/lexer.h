// Text of a rule file → tokens. Never fails: what is no token is reported and skipped.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "chaincode/rules/diagnostic.h"

namespace sanad::chaincode::rules {

// Bytes of the source.
struct Span {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};
// From the start of `first` to the end of `last`.
Span join(Span first, Span last);

// Collects what is found, with positions as lines and columns.
class DiagnosticLog {
 public:
  explicit DiagnosticLog(std::string_view source);
  // Beyond kDiagnosticsMax only the fact of an error is kept.
  void add(std::string_view code, Span span, std::string text, std::string suggestion = {});
  [[nodiscard]] bool failed() const { return failed_; }
  // No more will be kept: suggestions need not be worked out.
  [[nodiscard]] bool full() const;
  [[nodiscard]] std::uint32_t line_of(std::uint32_t offset) const;
  // In the order of the text.
  [[nodiscard]] std::vector<Diagnostic> take();

 private:
  std::vector<std::uint32_t> line_starts_;
  std::vector<Diagnostic> diagnostics_;
  bool failed_ = false;
};

enum class TokenKind : std::uint8_t {
  kEnd,
  kWord,    // letters, digits, _ and inner hyphens, beginning with a letter
  kNumber,  // digits, thousands commas, one decimal point
  kDate,    // yyyy-mm-dd
  kText,    // between double quotes, on one line
  kSymbol,  // ( ) , : % + - = < > <= >= != -> x(multiplication sign)
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  bool at_margin = false;  // first on its line, in column 1: a new statement begins
  Span span;
  // As written; of a text without its quotes; of ≥ ≤ ≠ → × the ASCII form (>= <= != -> x).
  std::string_view text;
};

// The last token is kEnd. O(bytes). REQUIRES: source.size() <= kSourceBytesMax.
std::vector<Token> tokenize(std::string_view source, DiagnosticLog& log);

}  // namespace sanad::chaincode::rules
