// Scenario scripts as text: one command a line, words between blanks, comments from `#` on. A
// script begins with a comment that says why it is there (docs/reliability.md, "Scenarios").
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/types.h"

namespace sanad::simulation {

// A script that is wrong, or an expectation that did not come true. what() begins with file:line.
struct ScriptError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Line {
  std::size_t number = 0;  // from 1
  std::vector<std::string> words;
};

struct Script {
  std::string name;  // as errors show it
  std::vector<Line> lines;
};

// Throws ScriptError if the text does not begin with a comment or holds no command.
Script parse_script(const std::string& name, const std::string& text);
[[noreturn]] void fail_at(const Script& script, std::size_t line, const std::string& what);

// The one of `known` that takes the fewest edits to reach. REQUIRES: known is not empty.
std::string nearest(const std::string& word, const std::vector<std::string>& known);

// A line's words, taken from left to right; what does not fit is a ScriptError that says what was
// expected there. Words of the form key=value are options and stand anywhere.
class Words {
 public:
  // `script` and `line` outlive this; `members` is the size of the committee.
  Words(const Script& script, const Line& line, std::size_t members);

  [[noreturn]] void fail(const std::string& what) const;
  [[nodiscard]] std::size_t line() const { return line_.number; }
  [[nodiscard]] bool done() const { return at_ == words_.size(); }
  [[nodiscard]] bool next_is(std::string_view word) const { return !done() && words_[at_] == word; }
  // Takes the next word if it is this one.
  bool take(std::string_view word);
  // `what` names it in the error if it is not there.
  std::string word(const std::string& what);
  // One of `known`.
  std::string one_of(const std::string& what, const std::vector<std::string>& known);
  std::uint64_t number(const std::string& what);
  consensus::MemberIndex member();
  // Members up to the first word that is no number; "all" stands for everybody.
  std::vector<consensus::MemberIndex> members();
  std::optional<std::string> option(const std::string& key);
  std::optional<std::uint64_t> number_option(const std::string& key);
  // Empty if the option is not there.
  std::vector<consensus::MemberIndex> members_option(const std::string& key);
  // Nothing may be left.
  void finish() const;

 private:
  [[nodiscard]] std::optional<std::uint64_t> number_at(std::size_t index) const;
  [[nodiscard]] consensus::MemberIndex checked_member(std::uint64_t number) const;

  const Script& script_;
  const Line& line_;
  std::size_t members_;
  std::vector<std::string> words_;
  std::vector<std::pair<std::string, std::string>> options_;
  std::size_t at_ = 0;
};

// "a,b" → {"a", "b"}.
std::vector<std::string> split_at_commas(const std::string& list);

}  // namespace sanad::simulation
