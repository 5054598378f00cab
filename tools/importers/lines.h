// Declarations as `sanad generate` writes them: one JSON object a line (tools/declaration.h), each
// with its "member".
#pragma once

#include <istream>

#include "tools/importers/input.h"

namespace sanad::tools {

class LinesReader final : public Input {
 public:
  // `input` outlives the reader.
  explicit LinesReader(std::istream& input) : input_(input) {}
  InputItem next() override;

 private:
  std::istream& input_;
  std::uint64_t line_ = 0;
};

}  // namespace sanad::tools
