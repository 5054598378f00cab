// Imported files: as a Korean set, and as generated lines. Every line is taken or refused with its
// number and a reason, none is lost, and what is taken reads back.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <sstream>

#include "tools/importers/kcs.h"
#include "tools/importers/lines.h"

namespace {

using namespace sanad::tools;

void read_all(Input& input) {
  std::uint64_t line = 0;
  while (true) {
    const InputItem item = input.next();
    if (std::holds_alternative<InputEnd>(item)) return;
    if (const auto* rejected = std::get_if<RejectedRow>(&item)) {
      assert(rejected->line > line && !rejected->reason.empty());
      line = rejected->line;
      continue;
    }
    const auto& row = std::get<InputRow>(item);
    assert(row.line > line && !row.declaration.member.empty());
    line = row.line;
    const auto again = parse_declaration(format_declaration(row.declaration));
    assert(again && *again == row.declaration);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::istringstream rows(text);
  if (auto reader = KcsReader::open(rows)) read_all(*reader);
  std::istringstream with_header(KcsReader::header() + "\n" + text);
  auto reader = KcsReader::open(with_header);
  assert(reader.ok());
  read_all(*reader);
  std::istringstream lines(text);
  LinesReader line_reader(lines);
  read_all(line_reader);
  return 0;
}
