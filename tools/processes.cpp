#include "tools/processes.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <thread>

#include "tools/files.h"

namespace sanad::tools {
namespace {

using crypto::Error;
using crypto::Result;
namespace fs = std::filesystem;

constexpr int kFirstListenFd = 3;
constexpr std::uint64_t kPollMs = 20;

// proc(5): field 22 of /proc/<pid>/stat, after the name in parentheses, which may hold anything;
// field 3 is the state.
struct ProcStat {
  char state = 0;
  std::uint64_t start_ticks = 0;
};
std::optional<ProcStat> proc_stat(pid_t pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
  if (!text) return std::nullopt;
  std::size_t at = text->rfind(')');
  if (at == std::string::npos || at + 2 >= text->size()) return std::nullopt;
  at += 2;
  ProcStat stat;
  stat.state = (*text)[at];
  for (int field = 3; field < 22; ++field) {
    at = text->find(' ', at);
    if (at == std::string::npos) return std::nullopt;
    ++at;
  }
  std::from_chars(text->data() + at, text->data() + text->size(), stat.start_ticks);
  return stat;
}

// Runs in the child, between fork and exec.
[[noreturn]] void become_node(const NodeStart& start, int peer_fd, int api_fd, int log_fd) {
  const auto give_up = [](const char* what) {
    ::dprintf(STDERR_FILENO, "cannot start the node: %s: %s\n", what, std::strerror(errno));
    ::_exit(127);
  };
  if (::setsid() < 0) give_up("setsid");
  const int empty = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (::dup2(empty, STDIN_FILENO) < 0 || ::dup2(log_fd, STDOUT_FILENO) < 0 ||
      ::dup2(log_fd, STDERR_FILENO) < 0) {
    give_up("redirecting its output");
  }
  // Both may be 3 or 4 themselves: first out of the way, then into place.
  const int peer = ::fcntl(peer_fd, F_DUPFD_CLOEXEC, 10);
  const int api = ::fcntl(api_fd, F_DUPFD_CLOEXEC, 10);
  if (::dup2(peer, kFirstListenFd) < 0 || ::dup2(api, kFirstListenFd + 1) < 0) {
    give_up("passing its sockets");
  }
  // A lock or pipe of whoever called us is not the node's to hold.
  ::close_range(kFirstListenFd + 2, ~0U, CLOSE_RANGE_CLOEXEC);
  ::setenv("LISTEN_FDS", "2", 1);
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  if (!start.passphrase.empty()) ::setenv("SANAD_PASSPHRASE", start.passphrase.c_str(), 1);
  const char* option = start.quarantine.empty() ? nullptr : "--quarantine";
  ::execl("/proc/self/exe", "sanad", "node", "run", "--config", start.config.c_str(), option,
          start.quarantine.c_str(), nullptr);
  give_up("exec");
  std::abort();
}

}  // namespace

bool is_running(const ProcessMark& process) {
  const auto stat = proc_stat(process.pid);
  return stat && stat->start_ticks == process.start_ticks && stat->state != 'Z' &&
         stat->state != 'X';
}

std::optional<ProcessMark> running_process(const fs::path& pid_file) {
  const auto text = read_file(pid_file, 64);
  if (!text) return std::nullopt;
  ProcessMark mark;
  const char* end = text->data() + text->size();
  const auto pid = std::from_chars(text->data(), end, mark.pid);
  if (pid.ec != std::errc() || pid.ptr == end || mark.pid <= 1) return std::nullopt;
  const auto ticks = std::from_chars(pid.ptr + 1, end, mark.start_ticks);
  if (ticks.ec != std::errc() || !is_running(mark)) return std::nullopt;
  return mark;
}

Result<ProcessMark> start_node(const NodeStart& start, const network::ListenSocket& peer,
                               const network::ListenSocket& api) {
  const int log = ::open(start.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log < 0) {
    return Error{Errc::kProcess, "cannot open " + start.log.string() + ": " + std::strerror(errno)};
  }
  const pid_t pid = ::fork();
  if (pid == 0) become_node(start, peer.fd(), api.fd(), log);
  ::close(log);
  if (pid < 0) return Error{Errc::kProcess, std::string("cannot fork: ") + std::strerror(errno)};
  const auto stat = proc_stat(pid);
  const ProcessMark mark{pid, stat ? stat->start_ticks : 0};
  SANAD_TRY_STATUS(write_file(
      start.pid_file, std::to_string(mark.pid) + " " + std::to_string(mark.start_ticks) + "\n"));
  return mark;
}

bool send_signal(const ProcessMark& process, int signal) {
  return is_running(process) && ::kill(process.pid, signal) == 0;
}

bool wait_until_ended(const ProcessMark& process, std::uint64_t limit_ms) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::milliseconds(limit_ms);
  while (true) {
    ::waitpid(process.pid, nullptr, WNOHANG);  // in case it is our own child
    if (!is_running(process)) return true;
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(kPollMs));
  }
}

std::string last_lines(const fs::path& log, std::size_t lines) {
  std::ifstream file(log);
  std::deque<std::string> kept;
  for (std::string line; std::getline(file, line);) {
    kept.push_back(line.substr(0, 400));
    if (kept.size() > lines) kept.pop_front();
  }
  std::string text;
  for (const std::string& line : kept) text += "\n    " + line;
  return text;
}

}  // namespace sanad::tools
