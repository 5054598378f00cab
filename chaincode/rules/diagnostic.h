// What the checker has to say about a rule file, in the analyst's words (docs/rules.md lists the
// numbers).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sanad::chaincode::rules {

struct Diagnostic {
  std::string code;          // "E0203": the file is refused; "W0301": a warning
  std::uint32_t line = 1;    // from 1
  std::uint32_t column = 1;  // from 1, in bytes
  std::uint32_t length = 1;  // bytes to underline
  std::string text;          // one line: what is wrong, and what was expected
  std::string suggestion;    // what to write instead; may be empty

  [[nodiscard]] bool is_error() const { return code.starts_with('E'); }
};

// Three to four lines: number and text, the line as written, a caret, the suggestion:
//
//   E0203 origin is a country and cannot be compared with a mass            line 31
//   31 |   when origin >= 10 kg
//      |        ^^^^^^
//      = write: net_mass >= 10 kg
//
// Total: positions outside `source` show no line.
std::string format_diagnostic(std::string_view source, const Diagnostic& diagnostic);

}  // namespace sanad::chaincode::rules
