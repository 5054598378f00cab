// How commands speak: results on standard output, everything else on standard error.
#pragma once

#include <string>
#include <vector>

#include "crypto/result.h"
#include "tools/exit_code.h"

namespace sanad::tools {

// Prints "sanad: <message>" on standard error and says which exit code the error is.
ExitCode report(const crypto::Error& error);
// The same for a mistake in the arguments.
ExitCode report_usage(const std::string& message);

// Rows of text in aligned columns, the first row underlined; columns in `right` are numbers.
std::string format_table(const std::vector<std::vector<std::string>>& rows,
                         const std::vector<std::size_t>& right = {});

// 1234567 → "1,234,567".
std::string grouped(std::uint64_t number);
// Milliseconds since 1970 → "2026-03-01 12:34:56.789 UTC".
std::string time_text(std::uint64_t ms);

// A text as a JSON string, quotes included.
std::string json_string(std::string_view text);
// Values that are JSON already, as an array.
std::string json_array(const std::vector<std::string>& values);

// A JSON object, member by member. What a command prints with --json is one such document.
class JsonObject {
 public:
  JsonObject& text(std::string_view name, std::string_view value);
  JsonObject& number(std::string_view name, std::uint64_t value);
  JsonObject& boolean(std::string_view name, bool value);
  // A value that is JSON already.
  JsonObject& json(std::string_view name, std::string_view value);
  [[nodiscard]] std::string str() const;

 private:
  std::string members_;
};

// One line on a terminal that is written over; silent where standard error is no terminal.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // At most ten times a second, whatever the number of calls. Not thread-safe.
  void show(const std::string& line);

 private:
  bool on_terminal_;
  std::uint64_t shown_at_ms_ = 0;
  std::size_t width_ = 0;
};

}  // namespace sanad::tools
