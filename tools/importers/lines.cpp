#include "tools/importers/lines.h"

namespace sanad::tools {

InputItem LinesReader::next() {
  std::string text;
  std::streambuf* buffer = input_.rdbuf();
  constexpr int kEof = std::streambuf::traits_type::eof();
  int c = buffer->sbumpc();
  if (c == kEof) return InputEnd{};
  bool too_long = false;
  for (; c != kEof && c != '\n'; c = buffer->sbumpc()) {
    too_long = too_long || text.size() == kDeclarationTextMax;
    if (!too_long) text += static_cast<char>(c);
  }
  ++line_;
  if (too_long) return RejectedRow{line_, "", "the line is longer than 65536 bytes", text};
  auto parsed = parse_declaration(text);
  if (!parsed) return RejectedRow{line_, "", parsed.error().detail, text};
  if (parsed->member.empty()) return RejectedRow{line_, "member", "missing", text};
  return InputRow{line_, std::move(text), std::move(*parsed), false, {}, 0};
}

}  // namespace sanad::tools
