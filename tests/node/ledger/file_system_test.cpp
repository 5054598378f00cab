// The real disk: what the simulated one stands for.
#include "node/ledger/file_system.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

#include "tests/node/ledger/sample_blocks.h"

namespace sanad::tests {

using crypto::Bytes;
using node::Ledger;
using node::LedgerErrc;
using node::OpenMode;
using node::real_file_system;

namespace {

// Runs `body` in a child process; its exit code. The child must not touch Catch.
template <class Body>
int exit_code_of(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace

TEST_CASE("files are appended, read, cut, renamed, listed and removed") {
  const TemporaryFolder folder;
  auto& files = real_file_system();
  const std::string deep = folder.path() + "/a/b";
  REQUIRE(files.create_folders(deep).ok());
  REQUIRE(files.create_folders(deep).ok());
  auto file = files.open(deep + "/x", OpenMode::kAppend);
  REQUIRE(file.ok());
  REQUIRE((*file)->append(crypto::as_bytes("hello ")).ok());
  REQUIRE((*file)->append(crypto::as_bytes("world")).ok());
  REQUIRE((*file)->sync().ok());
  Bytes read(20);
  CHECK(*(*file)->read_at(6, read) == 5);
  CHECK(crypto::as_text(crypto::ByteView(read).first(5)) == "world");
  REQUIRE((*file)->truncate(5).ok());
  REQUIRE((*file)->append(crypto::as_bytes("!")).ok());
  CHECK((*file)->size() == 6);
  REQUIRE(files.rename(deep + "/x", deep + "/y").ok());
  REQUIRE(node::replace_file(files, deep + "/small", crypto::as_bytes("one")).ok());
  REQUIRE(node::replace_file(files, deep + "/small", crypto::as_bytes("two")).ok());
  CHECK(crypto::as_text(*node::read_file(files, deep + "/small", 3)) == "two");
  CHECK(node::read_file(files, deep + "/small", 2).error().code == LedgerErrc::kTooLarge);
  CHECK(*files.list(deep) == std::vector<std::string>{"small", "y"});
  REQUIRE(files.remove(deep + "/small").ok());
  CHECK_FALSE(files.exists(deep + "/small"));
  CHECK(crypto::as_text(*node::read_file(files, deep + "/y", 100)) == "hello!");
}

TEST_CASE("errors of the system name the path and the reason") {
  const TemporaryFolder folder;
  auto& files = real_file_system();
  const std::string missing = folder.path() + "/none";
  const auto opened = files.open(missing, OpenMode::kRead);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == LedgerErrc::kNoSuchFile);
  CHECK(opened.error().detail.find(missing) != std::string::npos);
  CHECK(files.list(missing).error().code == LedgerErrc::kNoSuchFile);
  CHECK(files.remove(missing).error().code == LedgerErrc::kNoSuchFile);
  CHECK(files.rename(missing, missing + "2").error().code == LedgerErrc::kNoSuchFile);
  CHECK(files.sync_directory(missing).error().code == LedgerErrc::kNoSuchFile);
  CHECK(files.open(folder.path(), OpenMode::kAppend).error().code == LedgerErrc::kIo);
  // A device that is always full.
  const auto full = files.open("/dev/full", OpenMode::kAppend);
  if (full) {
    const auto written = (*full)->append(crypto::as_bytes("x"));
    REQUIRE_FALSE(written.ok());
    CHECK(written.error().code == LedgerErrc::kNoSpace);
  }
}

TEST_CASE("F22: a second process on one ledger folder gets the holder's pid, then its turn") {
  const TemporaryFolder folder;
  auto ledger = open_or_fail(sample_options(folder.path()));
  commit_to(*ledger, 2);
  const std::string holder = "process " + std::to_string(::getpid());
  const auto second = [&] {
    const auto refused = Ledger::open(sample_options(folder.path()));
    if (refused || refused.error().code != LedgerErrc::kLocked) return 1;
    return refused.error().detail.find(holder) == std::string::npos ? 2 : 0;
  };
  CHECK(exit_code_of(second) == 0);
  CHECK(second() == 0);  // nor can the same process open it twice
  const auto view = ledger->view();
  ledger.reset();
  CHECK(second() == 0);  // a view still reads the files
}

TEST_CASE("F22: the lock of a process that was killed does not block") {
  const TemporaryFolder folder;
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto ledger = Ledger::open(sample_options(folder.path()));
    if (ledger && (*ledger)->commit(sample_block(0))) {
      static_cast<void>(!::write(ready[1], "x", 1));
    }
    for (;;) ::pause();
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  CHECK(Ledger::open(sample_options(folder.path())).error().code == LedgerErrc::kLocked);
  REQUIRE(::kill(child, SIGKILL) == 0);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  ::close(ready[0]);
  ::close(ready[1]);
  CHECK(std::filesystem::exists(folder.path() + "/LOCK"));
  const auto ledger = open_or_fail(sample_options(folder.path()));
  REQUIRE(ledger->tip().has_value());
  CHECK(ledger->tip()->height == 0);
}

}  // namespace sanad::tests
