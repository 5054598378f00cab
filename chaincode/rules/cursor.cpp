#include "chaincode/rules/cursor.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace sanad::chaincode::rules {

bool Cursor::expect_words(std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (accept_word(word)) continue;
    std::string phrase;
    for (const std::string_view each : words)
      phrase += (phrase.empty() ? "" : " ") + std::string(each);
    expected("the word '" + std::string(word) + "'", "the phrase is: " + phrase);
    return false;
  }
  return true;
}

bool Cursor::expect_symbol(std::string_view symbol, std::string_view what) {
  if (accept_symbol(symbol)) return true;
  expected(what);
  return false;
}

std::optional<Token> Cursor::expect(TokenKind kind, std::string_view what,
                                    std::string_view suggestion) {
  if (peek().kind == kind) return next();
  expected(what, suggestion);
  return std::nullopt;
}

std::optional<std::int64_t> Cursor::expect_whole(std::string_view what, std::int64_t max) {
  if (peek().kind != TokenKind::kNumber) {
    expected(what);
    return std::nullopt;
  }
  const auto number = scaled_number(peek().text, 0);
  if (!number || *number > max) {
    report("E0203", peek().span,
           "Here should stand " + std::string(what) + ", a whole number of at most " +
               std::to_string(max));
    return std::nullopt;
  }
  next();
  return number;
}

void Cursor::expected(std::string_view what, std::string_view suggestion) {
  const Token& token = peek();
  const std::string found = token.kind == TokenKind::kEnd
                                ? "the end of the file"
                                : "'" + std::string(token.text.substr(0, 40)) + "'";
  report("E0201", token.span, "Here should stand " + std::string(what) + ", not " + found,
         std::string(suggestion));
}

void Cursor::skip_statement() {
  while (!at_end() && !peek().at_margin) next();
}

std::optional<std::int64_t> scaled_number(std::string_view written, unsigned decimals) {
  constexpr std::int64_t kMax = std::int64_t{1} << 62;
  std::int64_t number = 0;
  unsigned after_point = 0;
  bool point = false;
  const auto take = [&number](std::int64_t digit) {
    if (number > (kMax - digit) / 10) return false;
    number = number * 10 + digit;
    return true;
  };
  for (const char c : written) {
    if (c == ',') continue;
    if (c == '.') {
      point = true;
      continue;
    }
    if (point && ++after_point > decimals) return std::nullopt;
    if (!take(c - '0')) return std::nullopt;
  }
  for (; after_point < decimals; ++after_point) {
    if (!take(0)) return std::nullopt;
  }
  return number;
}

namespace {

constexpr int kFirstYear = 1900;
constexpr int kLastYear = 2199;
constexpr std::int64_t kFirstDay = -25'567;  // 1900-01-01

// Gregorian.
bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int days_of_year(int year) { return is_leap(year) ? 366 : 365; }

unsigned days_of_month(int year, unsigned month) {
  constexpr std::array<unsigned, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[month - 1] + (month == 2 && is_leap(year) ? 1U : 0U);
}

}  // namespace

std::optional<std::int64_t> day_number(std::string_view written) {
  if (written.size() != 10 || written[4] != '-' || written[7] != '-') return std::nullopt;
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  const auto whole = [](std::string_view part, auto& number) {
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    return error == std::errc{} && end == part.data() + part.size();
  };
  if (!whole(written.substr(0, 4), year) || !whole(written.substr(5, 2), month) ||
      !whole(written.substr(8, 2), day)) {
    return std::nullopt;
  }
  if (year < kFirstYear || year > kLastYear || month < 1 || month > 12 || day < 1 ||
      day > days_of_month(year, month)) {
    return std::nullopt;
  }
  std::int64_t number = kFirstDay + day - 1;
  for (int each = kFirstYear; each < year; ++each) number += days_of_year(each);
  for (unsigned each = 1; each < month; ++each) number += days_of_month(year, each);
  return number;
}

std::string day_text(std::int64_t day) {
  if (day < kFirstDay) return "day " + std::to_string(day);
  std::int64_t left = day - kFirstDay;
  int year = kFirstYear;
  for (; year <= kLastYear && left >= days_of_year(year); ++year) left -= days_of_year(year);
  if (year > kLastYear) return "day " + std::to_string(day);
  unsigned month = 1;
  for (; left >= days_of_month(year, month); ++month) left -= days_of_month(year, month);
  const auto two = [](std::int64_t number) {
    return (number < 10 ? "-0" : "-") + std::to_string(number);
  };
  return std::to_string(year) + two(month) + two(left + 1);
}

namespace {

constexpr std::size_t kWordMax = 40;

// Levenshtein distance. REQUIRES: both at most kWordMax long.
std::size_t distance(std::string_view a, std::string_view b) {
  std::array<std::size_t, kWordMax + 1> row{};
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.size() > kWordMax) return {};
  std::size_t best = std::max<std::size_t>(1, (word.size() + 2) / 3) + 1;
  std::string_view found;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kWordMax) continue;
    const std::size_t far = distance(word, candidate);
    if (far < best) {
      best = far;
      found = candidate;
    }
  }
  return std::string(found);
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates,
                         std::string_view fallback) {
  const std::string near = nearest(word, candidates);
  return near.empty() ? std::string(fallback) : "write: " + near;
}

}  // namespace sanad::chaincode::rules
