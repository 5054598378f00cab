// `sanad node run`: one validator in the foreground.
#include "node/node.h"

#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "network/listener.h"
#include "node/errors.h"
#include "tools/commands/commands.h"
#include "tools/commands/report.h"
#include "tools/verifier_page.h"

namespace sanad::tools {
namespace {

constexpr int kFirstInheritedFd = 3;  // systemd's LISTEN_FDS protocol
constexpr long kHealthIntervalNs = 200'000'000;

struct NodeRun {
  std::string config;
  std::uint64_t drain_ms = 10'000;
  std::string quarantine;
  bool json = false;
};

// A pass-phrase is asked for on a terminal only.
std::string passphrase() {
  if (const char* given = std::getenv("SANAD_PASSPHRASE")) return given;
  if (isatty(STDIN_FILENO) == 0) return {};
  const char* typed = getpass("Pass-phrase of this member's keys (empty: none): ");
  return typed == nullptr ? std::string() : std::string(typed);
}

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Waits for a signal, or for the node to find that it must end.
crypto::Status wait_for_end(const node::Node& node) {
  const sigset_t signals = ending_signals();
  const timespec interval{0, kHealthIntervalNs};
  while (sigtimedwait(&signals, nullptr, &interval) < 0) SANAD_TRY_STATUS(node.health());
  return {};
}

ExitCode exit_code_of(const crypto::Error& error) {
  if (error == node::Errc::kConfig || error == node::Errc::kFile) return kExitUsage;
  if (error.code.category() == node::error_category()) {
    return error == node::Errc::kNetwork ? kExitNetwork : kExitDamaged;
  }
  return error.code.category().name() == std::string_view("sanad.network") ? kExitNetwork
                                                                           : kExitDamaged;
}

ExitCode run_node(const NodeRun& options) {
  auto config = node::load_config(options.config);
  if (!config) {
    std::cerr << "sanad node run: " << config.error().message() << "\n";
    return kExitUsage;
  }
  spdlog::set_default_logger(options.json ? spdlog::stderr_logger_mt("sanad")
                                          : spdlog::stdout_logger_mt("sanad"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  spdlog::set_level(spdlog::level::from_str(config->log_level));
  spdlog::flush_on(spdlog::level::info);
  // Blocked before any thread starts, so that every thread leaves them to wait_for_end().
  const sigset_t signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  node::NodeOptions start{*config, passphrase()};
  start.verifier_page = verifier_page();
  if (options.quarantine == "watch") start.quarantine = node::Quarantine::kWatch;
  if (options.quarantine == "vote-later") start.quarantine = node::Quarantine::kVoteLater;
  const unsigned inherited = network::inherited_listeners();
  if (inherited >= 1) start.inherited_peer_fd = kFirstInheritedFd;
  if (inherited >= 2) start.inherited_api_fd = kFirstInheritedFd + 1;
  auto started = node::Node::start(std::move(start));
  if (!started) {
    std::cerr << "sanad node run: " << started.error().message() << "\n";
    return exit_code_of(started.error());
  }
  node::Node& node = **started;
  if (node.insecure_keys()) {
    spdlog::warn("KEYS ARE NOT PROTECTED: this is a development network, never a real one");
  }
  spdlog::info("{} is up: peers on port {}, API on port {}", node.member(), node.peer_port(),
               node.api_port());
  if (options.json) {
    std::cout << JsonObject()
                     .text("member", node.member())
                     .number("peer_port", node.peer_port())
                     .number("api_port", node.api_port())
                     .str()
              << std::endl;
  }
  const crypto::Status end = wait_for_end(node);
  if (!end) spdlog::critical("stopping: {}", end.error().message());
  node.stop(end ? options.drain_ms : 0);
  spdlog::info("stopped");
  return end ? kExitOk : exit_code_of(end.error());
}

}  // namespace

void add_node(CLI::App& app, Run& chosen) {
  CLI::App* node = app.add_subcommand("node", "Run a validator");
  node->require_subcommand(1);
  CLI::App* run = node->add_subcommand("run", "Run one validator in the foreground until SIGTERM");
  auto options = std::make_shared<NodeRun>();
  run->add_option("--config", options->config, "the member's node.toml")
      ->required()
      ->check(CLI::ExistingFile);
  run->add_option("--drain-ms", options->drain_ms,
                  "on SIGTERM wait this long for submissions that are not final yet")
      ->capture_default_str();
  run->add_option(
         "--quarantine", options->quarantine,
         "Where the journal is damaged or gone, set it aside and start all the same. watch: "
         "cast no vote until re-admitted with a new key. vote-later: once 2f + 1 others "
         "have said where they stand, vote above all that may have been forgotten")
      ->check(CLI::IsMember({"watch", "vote-later"}));
  run->add_flag("--json", options->json,
                "Once it is up print member and ports as JSON; the log goes to standard error");
  run->footer(
      "Encrypted keys are opened with the pass-phrase in SANAD_PASSPHRASE, or asked for on a\n"
      "terminal. Listening sockets can be inherited (LISTEN_FDS: peers first, then the API).\n"
      "Exit code 0: ended by a signal; 2: configuration; 3: an address cannot be bound; 5: damaged "
      "data,\na failed disk, or a result that is not the network's.\n"
      "Example:\n  sanad node run --config dev/members/KW/node.toml");
  run->callback([options, &chosen] { chosen = [options] { return run_node(*options); }; });
}

}  // namespace sanad::tools
