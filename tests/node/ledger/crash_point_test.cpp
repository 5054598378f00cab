// 107: real processes, killed at each named point of the commit.
#include "node/crash_point.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "tests/node/ledger/sample_blocks.h"

namespace sanad::tests {

namespace {

// Runs this test program's hidden case below with SANAD_CRASH_AT set; the wait status.
int run_child(const std::string& folder, const std::string& crash_at) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv("SANAD_TEST_FOLDER", folder.c_str(), 1);
    ::setenv("SANAD_CRASH_AT", crash_at.c_str(), 1);
    static_cast<void>(!::freopen("/dev/null", "w", stdout));
    static_cast<void>(!::freopen("/dev/null", "w", stderr));
    ::execl("/proc/self/exe", "tests", "[.crash-child]", nullptr);
    ::_exit(99);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

}  // namespace

TEST_CASE("child of the crash point tests: commits five blocks", "[.crash-child]") {
  const char* folder = std::getenv("SANAD_TEST_FOLDER");
  REQUIRE(folder != nullptr);
  const auto ledger = open_or_fail(sample_options(folder));
  commit_to(*ledger, 4);
}

TEST_CASE("107: a process killed at any point of the third commit loses nothing it had committed") {
  const auto expected = reference_blocks(6);
  for (const std::string_view point : node::kCrashPoints) {
    if (!point.starts_with("ledger.")) continue;
    INFO(point);
    const TemporaryFolder folder;
    const int status = run_child(folder.path(), std::string(point) + ":3");
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(WTERMSIG(status) == SIGKILL);
    const auto ledger = open_or_fail(sample_options(folder.path()));
    REQUIRE(ledger->tip().has_value());
    CHECK(ledger->tip()->height == (point == "ledger.committed" ? 2 : 1));
    check_whole(*ledger, expected);
    commit_to(*ledger, 6);
    check_whole(*ledger, expected);
  }
}

TEST_CASE("a crash point that does not exist ends the process with a message, not with luck") {
  for (const char* wrong : {"ledger.nowhere:1", "ledger.committed", "ledger.committed:0",
                            "ledger.committed:x", "ledger.committed:1x", ":1", ""}) {
    INFO(wrong);
    const TemporaryFolder folder;
    const int status = run_child(folder.path(), wrong);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 2);
  }
}

}  // namespace sanad::tests
