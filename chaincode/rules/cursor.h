// A position in the tokens, with the questions that a recursive-descent parser asks.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "chaincode/rules/lexer.h"

namespace sanad::chaincode::rules {

class Cursor {
 public:
  // REQUIRES: the last token is kEnd.
  Cursor(std::span<const Token> tokens, DiagnosticLog& log) : tokens_(tokens), log_(log) {}

  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  [[nodiscard]] bool at_end() const { return peek().kind == TokenKind::kEnd; }
  [[nodiscard]] bool at_word(std::string_view word, std::size_t ahead = 0) const {
    return peek(ahead).kind == TokenKind::kWord && peek(ahead).text == word;
  }
  [[nodiscard]] bool at_symbol(std::string_view symbol) const {
    return peek().kind == TokenKind::kSymbol && peek().text == symbol;
  }
  const Token& next() {
    const Token& token = peek();
    if (!at_end()) ++at_;
    return token;
  }
  // The token before the current one: where a statement ended.
  [[nodiscard]] Span last_span() const { return at_ == 0 ? Span{} : tokens_[at_ - 1].span; }

  bool accept_word(std::string_view word) {
    if (!at_word(word)) return false;
    next();
    return true;
  }
  bool accept_symbol(std::string_view symbol) {
    if (!at_symbol(symbol)) return false;
    next();
    return true;
  }
  // These report what should stand here, and leave the position, where it does not.
  bool expect_words(std::initializer_list<std::string_view> words);
  bool expect_symbol(std::string_view symbol, std::string_view what);
  std::optional<Token> expect(TokenKind kind, std::string_view what, std::string_view suggestion);
  // A whole number of at most `max`.
  std::optional<std::int64_t> expect_whole(std::string_view what, std::int64_t max);

  // "Here should stand <what>, not <what stands there>".
  void expected(std::string_view what, std::string_view suggestion = {});
  void report(std::string_view code, Span span, std::string text, std::string suggestion = {}) {
    log_.add(code, span, std::move(text), std::move(suggestion));
  }
  // Skips to the next token at the margin, or the end.
  void skip_statement();

 private:
  std::span<const Token> tokens_;
  DiagnosticLog& log_;
  std::size_t at_ = 0;
};

// A number as written ("1,250.75") × 10^decimals. Nothing if it has more decimals or is above 2^62.
std::optional<std::int64_t> scaled_number(std::string_view written, unsigned decimals);
// yyyy-mm-dd as days since 1970-01-01. Nothing if there is no such day, or before 1900 or after
// 2199.
std::optional<std::int64_t> day_number(std::string_view written);
std::string day_text(std::int64_t day);

// The candidate that a misspelt word most likely meant; empty if none is near.
std::string nearest(std::string_view word, std::span<const std::string_view> candidates);
// "write: <nearest>", or the fallback.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates,
                         std::string_view fallback);

}  // namespace sanad::chaincode::rules
