#include "node/crash_point.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <iostream>

namespace sanad::node {
namespace {

struct Target {
  std::string_view name;  // empty: never
  std::uint64_t pass = 0;
};

bool is_known(std::string_view name) {
  return std::find(kCrashPoints.begin(), kCrashPoints.end(), name) != kCrashPoints.end();
}

Target read_target() {
  const char* text = std::getenv("SANAD_CRASH_AT");
  if (text == nullptr) return {};
  const std::string_view value(text);
  const std::size_t colon = value.find(':');
  Target target{value.substr(0, colon), 0};
  if (colon != std::string_view::npos) {
    const char* end = value.data() + value.size();
    const auto parsed = std::from_chars(value.data() + colon + 1, end, target.pass);
    if (parsed.ec != std::errc{} || parsed.ptr != end) target.pass = 0;
  }
  if (!is_known(target.name) || target.pass == 0) {
    std::cerr << "SANAD_CRASH_AT: '" << value << "' is not <crash point>:<pass from 1>\n";
    std::_Exit(2);
  }
  return target;
}

}  // namespace

void crash_point(std::string_view name) {
  static const Target target = read_target();
  assert(is_known(name));
  if (name != target.name) return;
  static std::atomic<std::uint64_t> passes{0};
  if (++passes != target.pass) return;
  // SIGKILL, not exit(): no destructor, no flush, nothing that a power cut would not do either.
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

}  // namespace sanad::node
