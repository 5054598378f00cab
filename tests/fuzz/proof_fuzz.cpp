// Proof files: the first line is a trust file, the rest a bundle. Whatever is accepted has one text
// form, and checking it ends in an answer.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "chaincode/bundle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sanad::chaincode;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\n');
  if (end == std::string_view::npos) return 0;
  const auto trust = parse_trust(input.substr(0, end + 1));
  const auto bundle = parse_bundle(input.substr(end + 1));
  if (!bundle) return 0;
  assert(format_bundle(*bundle) == input.substr(end + 1));
  if (!trust) return 0;
  const auto found = verify_bundle(*bundle, *trust);
  assert(!found || found->records.size() == bundle->records.size());
  return 0;
}
