// Node processes in the background: started with their listening sockets, found again by pid and
// start time, ended in order. Linux only (/proc).
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <vector>

#include "network/listener.h"
#include "tools/errc.h"

namespace sanad::tools {

// A process and when it started, so that a pid that was given away again is not taken for ours.
struct ProcessMark {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;
};

// The process that the file names, if it still runs and is the same one.
std::optional<ProcessMark> running_process(const std::filesystem::path& pid_file);
[[nodiscard]] bool is_running(const ProcessMark& process);

struct NodeStart {
  std::filesystem::path config;    // node.toml
  std::filesystem::path log;       // stdout and stderr are appended
  std::filesystem::path pid_file;  // written before the child runs
  std::string passphrase;          // for its environment; empty: none
  std::string quarantine;          // its --quarantine; empty: none
};
// Runs `sanad node run --config FILE` (this very program) in a session of its own with `peer` and
// `api` as descriptors 3 and 4 (LISTEN_FDS). kProcess where it cannot be started.
crypto::Result<ProcessMark> start_node(const NodeStart& start, const network::ListenSocket& peer,
                                       const network::ListenSocket& api);

// Sends a signal if the process is still the one meant; true if it was sent.
bool send_signal(const ProcessMark& process, int signal);
// Waits until it has ended, at most `limit_ms`; true if it has.
bool wait_until_ended(const ProcessMark& process, std::uint64_t limit_ms);

// The last `lines` lines of a log, for an error text.
std::string last_lines(const std::filesystem::path& log, std::size_t lines);

}  // namespace sanad::tools
