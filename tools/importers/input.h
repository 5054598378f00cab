// What an importer reads: one declaration after the other, whatever the format of the file.
#pragma once

#include <optional>
#include <variant>

#include "tools/declaration.h"

namespace sanad::tools {

struct InputRow {
  std::uint64_t line = 0;  // from 1
  std::string text;        // as it stands in the file
  Declaration declaration;
  bool rounded = false;       // an amount had digits below its unit
  std::optional<bool> fraud;  // label of the inspection's result: never part of the declaration
  int critical_fraud = 0;     // 0, 1 or 2
};

// A row that cannot be taken, for the person who will mend it.
struct RejectedRow {
  std::uint64_t line = 0;
  std::string column;  // name, or number from 1; empty where it concerns the whole row
  std::string reason;
  std::string text;  // as it stands in the file, cut at the reader's limit
};

struct InputEnd {};

using InputItem = std::variant<InputRow, RejectedRow, InputEnd>;

// A file being read. A refused row never stops the rows after it. Not thread-safe.
class Input {
 public:
  virtual ~Input() = default;
  virtual InputItem next() = 0;
};

}  // namespace sanad::tools
