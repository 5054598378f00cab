#include "chaincode/rules/lexer.h"

#include <algorithm>
#include <array>

#include "crypto/codec.h"

namespace sanad::chaincode::rules {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }

struct SymbolForm {
  std::string_view written;
  std::string_view meant;
};
// Longer forms first.
constexpr std::array<SymbolForm, 19> kSymbols = {{{"≥", ">="},
                                                  {"≤", "<="},
                                                  {"≠", "!="},
                                                  {"→", "->"},
                                                  {"×", "x"},
                                                  {">=", ">="},
                                                  {"<=", "<="},
                                                  {"!=", "!="},
                                                  {"->", "->"},
                                                  {"(", "("},
                                                  {")", ")"},
                                                  {",", ","},
                                                  {":", ":"},
                                                  {"%", "%"},
                                                  {"+", "+"},
                                                  {"-", "-"},
                                                  {"=", "="},
                                                  {">", ">"},
                                                  {"<", "<"}}};

class Lexer {
 public:
  Lexer(std::string_view source, DiagnosticLog& log) : source_(source), log_(log) {}

  std::vector<Token> run() {
    while (at_ < source_.size()) step();
    push(TokenKind::kEnd, at_, {});
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }

  void push(TokenKind kind, std::size_t from, std::string_view text) {
    Token& token = tokens_.emplace_back();
    token.kind = kind;
    token.at_margin = from == 0 || source_[from - 1] == '\n';
    token.span = {static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(at_ - from)};
    token.text = text;
  }

  void step() {
    const char c = peek();
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at_;
    } else if (c == '#') {
      while (at_ < source_.size() && peek() != '\n') ++at_;
    } else if (is_letter(c)) {
      word();
    } else if (is_digit(c)) {
      number();
    } else if (c == '"') {
      text();
    } else {
      symbol();
    }
  }

  void word() {
    const std::size_t from = at_;
    while (is_word(peek()) || (peek() == '-' && is_letter(peek(1)))) ++at_;
    push(TokenKind::kWord, from, source_.substr(from, at_ - from));
  }

  void digits() {
    while (is_digit(peek())) ++at_;
  }

  [[nodiscard]] bool at_group() const {  // ",ddd" and no fourth digit
    return peek() == ',' && is_digit(peek(1)) && is_digit(peek(2)) && is_digit(peek(3)) &&
           !is_digit(peek(4));
  }

  void number() {
    const std::size_t from = at_;
    digits();
    if (at_ - from == 4 && peek() == '-' && is_digit(peek(1))) {
      while (is_digit(peek()) || (peek() == '-' && is_digit(peek(1)))) ++at_;
      return push(TokenKind::kDate, from, source_.substr(from, at_ - from));
    }
    if (at_ - from <= 3) {
      while (at_group()) at_ += 4;
    }
    if (peek() == '.' && is_digit(peek(1))) {
      ++at_;
      digits();
    }
    const std::string_view written = source_.substr(from, std::min<std::size_t>(40, at_ - from));
    push(TokenKind::kNumber, from, source_.substr(from, at_ - from));
    if (is_word(peek())) {
      const std::size_t stuck = at_;
      while (is_word(peek())) ++at_;
      const std::string unit(source_.substr(stuck, std::min<std::size_t>(40, at_ - stuck)));
      const Span span{static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(at_ - from)};
      log_.add("E0103", span, "A number and a word run into each other",
               "write: " + std::string(written) + " " + unit + "   or, if it is a code: \"" +
                   std::string(written) + unit + "\"");
    }
  }

  void text() {
    const std::size_t from = at_++;
    while (at_ < source_.size() && peek() != '"' && peek() != '\n') ++at_;
    const std::string_view inside = source_.substr(from + 1, at_ - from - 1);
    const Span span{static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(at_ - from)};
    if (peek() != '"') {
      log_.add("E0102", span, "This text has no closing quotation mark on its line",
               "end it with \"");
    } else {
      ++at_;
    }
    if (!crypto::is_clean_text(inside)) {
      log_.add("E0104", span, "This text holds a control character or is not UTF-8",
               "type it again");
    }
    push(TokenKind::kText, from, inside);
  }

  void symbol() {
    const std::size_t from = at_;
    for (const SymbolForm& form : kSymbols) {
      if (source_.substr(at_).starts_with(form.written)) {
        at_ += form.written.size();
        return push(TokenKind::kSymbol, from, form.meant);
      }
    }
    // One report for a run of strange bytes.
    while (at_ < source_.size() && static_cast<unsigned char>(peek()) >= 0x80) ++at_;
    if (at_ == from) ++at_;
    const Span span{static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(at_ - from)};
    log_.add("E0101", span, "This character has no meaning in a rule",
             "texts stand between \" and \", comments after #");
  }

  std::string_view source_;
  DiagnosticLog& log_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source, DiagnosticLog& log) {
  return Lexer(source, log).run();
}

}  // namespace sanad::chaincode::rules
