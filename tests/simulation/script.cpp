#include "simulation/script.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <sstream>

namespace sanad::simulation {
namespace {

using consensus::MemberIndex;

// Levenshtein's distance.
std::size_t edits(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::optional<std::uint64_t> parse_number(const std::string& word) {
  std::uint64_t number = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace

void fail_at(const Script& script, std::size_t line, const std::string& what) {
  throw ScriptError(script.name + ":" + std::to_string(line) + ": " + what);
}

Script parse_script(const std::string& name, const std::string& text) {
  Script script{name, {}};
  if (!text.starts_with("#")) fail_at(script, 1, "expected a comment that says why it is there");
  std::istringstream lines(text);
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    std::istringstream words(line.substr(0, line.find('#')));
    Line parsed{number, {}};
    for (std::string word; words >> word;) parsed.words.push_back(word);
    if (!parsed.words.empty()) script.lines.push_back(std::move(parsed));
  }
  if (script.lines.empty()) fail_at(script, 1, "expected a command");
  return script;
}

std::string nearest(const std::string& word, const std::vector<std::string>& known) {
  return *std::min_element(known.begin(), known.end(),
                           [&word](const std::string& a, const std::string& b) {
                             return edits(word, a) < edits(word, b);
                           });
}

std::vector<std::string> split_at_commas(const std::string& list) {
  std::vector<std::string> parts;
  std::istringstream in(list);
  for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
  return parts;
}

Words::Words(const Script& script, const Line& line, std::size_t members)
    : script_(script), line_(line), members_(members) {
  for (std::size_t i = 1; i < line.words.size(); ++i) {
    const std::string& word = line.words[i];
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) {
      words_.push_back(word);
    } else {
      options_.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    }
  }
}

void Words::fail(const std::string& what) const { fail_at(script_, line_.number, what); }

bool Words::take(std::string_view word) {
  if (done() || words_[at_] != word) return false;
  ++at_;
  return true;
}

std::string Words::word(const std::string& what) {
  if (done()) fail("expected " + what + " at the end of the line");
  return words_[at_++];
}

std::string Words::one_of(const std::string& what, const std::vector<std::string>& known) {
  std::string found = word(what);
  if (std::find(known.begin(), known.end(), found) == known.end()) {
    fail("expected " + what + ", not \"" + found + "\"; nearest is \"" + nearest(found, known) +
         "\"");
  }
  return found;
}

std::optional<std::uint64_t> Words::number_at(std::size_t index) const {
  return index < words_.size() ? parse_number(words_[index]) : std::nullopt;
}

std::uint64_t Words::number(const std::string& what) {
  const auto found = number_at(at_);
  if (!found) fail("expected " + what + ", a number" + (done() ? "" : ", not " + words_[at_]));
  ++at_;
  return *found;
}

MemberIndex Words::checked_member(std::uint64_t number) const {
  if (number >= members_) {
    fail("expected a member from 0 to " + std::to_string(members_ - 1) + ", not " +
         std::to_string(number));
  }
  return static_cast<MemberIndex>(number);
}

MemberIndex Words::member() { return checked_member(number("a member")); }

std::vector<MemberIndex> Words::members() {
  std::vector<MemberIndex> found;
  if (take("all")) {
    for (std::size_t i = 0; i < members_; ++i) found.push_back(static_cast<MemberIndex>(i));
    return found;
  }
  found.push_back(member());
  while (number_at(at_)) found.push_back(member());
  return found;
}

std::optional<std::string> Words::option(const std::string& key) {
  const auto found = std::find_if(options_.begin(), options_.end(),
                                  [&key](const auto& option) { return option.first == key; });
  if (found == options_.end()) return std::nullopt;
  std::string value = found->second;
  options_.erase(found);
  return value;
}

std::optional<std::uint64_t> Words::number_option(const std::string& key) {
  const auto value = option(key);
  if (!value) return std::nullopt;
  const auto number = parse_number(*value);
  if (!number) fail("expected a number after " + key + "=, not \"" + *value + "\"");
  return number;
}

std::vector<MemberIndex> Words::members_option(const std::string& key) {
  std::vector<MemberIndex> members;
  const auto value = option(key);
  if (!value) return members;
  for (const std::string& part : split_at_commas(*value)) {
    const auto number = parse_number(part);
    if (!number) fail("expected members after " + key + "=, as in " + key + "=0,2");
    members.push_back(checked_member(*number));
  }
  if (members.empty()) fail("expected members after " + key + "=, as in " + key + "=0,2");
  return members;
}

void Words::finish() const {
  if (!done()) fail("expected the end of the line, not \"" + words_[at_] + "\"");
  if (!options_.empty()) {
    fail("expected the end of the line, not \"" + options_.front().first + "=\"");
  }
}

}  // namespace sanad::simulation
