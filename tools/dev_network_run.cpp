// Starting and ending the nodes of a development network.
#include <fcntl.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include "crypto/key_file.h"
#include "tools/dev_network.h"
#include "tools/node_client.h"
#include "tools/submitter.h"

namespace sanad::tools {
namespace {

using crypto::Error;
using crypto::Result;
using crypto::Status;
namespace fs = std::filesystem;

constexpr std::uint64_t kReadyPollMs = 50;
constexpr std::uint64_t kEndAfterFailureMs = 15'000;
constexpr std::size_t kLogLines = 12;
constexpr std::uint16_t kPortFirst = 20'000;
constexpr std::uint16_t kPortLast = 32'000;
constexpr int kPortTries = 64;

struct Sockets {
  network::ListenSocket peer;
  network::ListenSocket api;
};

// One member's part of starting the network.
struct NodePlace {
  std::string member;
  fs::path folder;
  node::NodeConfig config;
  std::optional<ProcessMark> process;
  Sockets sockets;
  bool chosen = false;
  bool started = false;  // by this call
};

fs::path pid_file(const fs::path& folder) { return folder / "node.pid"; }

bool is_chosen(const std::vector<std::string>& only, const std::string& id) {
  return only.empty() || std::find(only.begin(), only.end(), id) != only.end();
}

Status check_ids(const std::vector<std::string>& only, const std::vector<std::string>& ids) {
  for (const std::string& one : only) {
    if (std::find(ids.begin(), ids.end(), one) != ids.end()) continue;
    std::string known;
    for (const std::string& id : ids) known += " " + id;
    return Error{Errc::kNetworkFolder,
                 "there is no member \"" + one + "\"; the members are" + known};
  }
  return {};
}

Result<std::vector<NodePlace>> look_around(const NetworkFolder& network,
                                           const std::vector<std::string>& only) {
  SANAD_TRY(const std::vector<std::string> ids, member_ids(network));
  SANAD_TRY_STATUS(check_ids(only, ids));
  std::vector<NodePlace> places;
  for (const std::string& id : ids) {
    NodePlace place;
    place.member = id;
    place.folder = network.member(id);
    place.process = running_process(pid_file(place.folder));
    place.chosen = is_chosen(only, id);
    SANAD_TRY(place.config, node::load_config(place.folder / "node.toml"));
    places.push_back(std::move(place));
  }
  return places;
}

// New ports lie below those that systems give to whoever connects (from 32,768 on): while a node is
// down, nobody's connection takes its port.
Result<network::ListenSocket> open_new_port(const std::string& host) {
  std::random_device random;
  std::uniform_int_distribution<std::uint16_t> port(kPortFirst, kPortLast);
  for (int tries = 0; tries < kPortTries; ++tries) {
    auto opened = network::open_listener({host, port(random), -1});
    if (opened) return opened;
  }
  return network::open_listener({host, 0, -1});
}

Result<network::ListenSocket> open_socket(const node::Address& address, bool keep_port) {
  auto opened = keep_port ? network::open_listener({address.host, address.port, -1})
                          : open_new_port(address.host);
  if (opened) return std::move(*opened);
  return Error{Errc::kProcess, address.text() + ": " + opened.error().message() +
                                   "; if another program took the port, `sanad network down` and "
                                   "`up` choose new ones"};
}

// load_config() made the paths absolute; the file keeps them relative, so that the folder can be
// moved.
Status rewrite_config(const NodePlace& place) {
  node::NodeConfig config = place.config;
  const fs::path folder = fs::absolute(place.folder);
  for (fs::path* path :
       {&config.genesis, &config.data, &config.keys, &config.secret, &config.beacon,
        &config.api_token, &config.auditor_token, &config.api_certificate, &config.api_key}) {
    if (!path->empty()) *path = path->lexically_relative(folder);
  }
  return write_file(place.folder / "node.toml", node::to_toml(config));
}

// Where nobody runs yet the ports are new and everybody must learn them; else they stay as
// recorded.
Status open_sockets(std::vector<NodePlace>& places) {
  const bool any_running =
      std::any_of(places.begin(), places.end(), [](const NodePlace& p) { return p.process; });
  for (NodePlace& place : places) {
    if (place.process || (any_running && !place.chosen)) continue;
    SANAD_TRY(place.sockets.peer, open_socket(place.config.peer_listen, any_running));
    SANAD_TRY(place.sockets.api, open_socket(place.config.api_listen, any_running));
    place.config.peer_listen.port = place.sockets.peer.port();
    place.config.api_listen.port = place.sockets.api.port();
  }
  if (any_running) return {};
  for (NodePlace& place : places) {
    for (node::PeerConfig& peer : place.config.peers) {
      const auto other = std::find_if(places.begin(), places.end(), [&peer](const NodePlace& p) {
        return p.member == peer.member;
      });
      if (other != places.end()) peer.address = other->config.peer_listen;
    }
    SANAD_TRY_STATUS(rewrite_config(place));
  }
  return {};
}

// Encrypted keys: the phrase is asked for here, since a node in the background has no terminal.
Result<std::string> phrase_for(const NodePlace& place) {
  SANAD_TRY(const std::string text,
            read_file(place.folder / "keys" / "consensus.key", crypto::kKeyFileMax));
  SANAD_TRY(const crypto::KeyLabel label, crypto::read_key_label(text));
  if (label.insecure) return std::string();
  SANAD_TRY(const std::string phrase, passphrase("the keys of " + place.member));
  // Better found out here than in the log of a process in the background.
  if (const auto opened = crypto::open_key(text, phrase); !opened) {
    return Error{opened.error().code, "the keys of " + place.member};
  }
  return phrase;
}

Status start(NodePlace& place, const std::string& quarantine) {
  NodeStart how{fs::absolute(place.folder / "node.toml"),
                place.folder / "node.log",
                pid_file(place.folder),
                {},
                quarantine};
  SANAD_TRY(how.passphrase, phrase_for(place));
  SANAD_TRY(place.process, start_node(how, place.sockets.peer, place.sockets.api));
  place.started = true;
  return {};
}

// A network that cannot come up is not left half up.
void end_started(const std::vector<NodePlace>& places) {
  for (const NodePlace& place : places) {
    if (place.started) send_signal(*place.process, SIGTERM);
  }
  for (const NodePlace& place : places) {
    if (place.started) wait_until_ended(*place.process, kEndAfterFailureMs);
  }
}

Status wait_ready(const NodePlace& place, std::uint64_t deadline_ms) {
  Member reach;
  reach.id = place.member;
  reach.api = place.config.api_listen;
  NodeClient client(reach);
  while (true) {
    ::waitpid(place.process->pid, nullptr, WNOHANG);
    if (!is_running(*place.process)) {
      return Error{Errc::kProcess, place.member + " ended; the end of its log:" +
                                       last_lines(place.folder / "node.log", kLogLines)};
    }
    const auto ready = client.ready();
    if (ready && *ready == 200) return {};
    if (now_ms() >= deadline_ms) {
      return Error{Errc::kProcess, place.member + " runs but is not ready; the end of its log:" +
                                       last_lines(place.folder / "node.log", kLogLines)};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(kReadyPollMs));
  }
}

// Starts what is chosen and waits for it.
Status start_all(std::vector<NodePlace>& places, const UpOptions& options) {
  for (NodePlace& place : places) {
    if (place.chosen && !place.process) SANAD_TRY_STATUS(start(place, options.quarantine));
  }
  // The children have their sockets; a listener kept open here would swallow connections.
  for (NodePlace& place : places) place.sockets = {};
  const std::uint64_t deadline_ms = now_ms() + options.ready_within_ms;
  for (const NodePlace& place : places) {
    if (options.wait && place.chosen) SANAD_TRY_STATUS(wait_ready(place, deadline_ms));
  }
  return {};
}

}  // namespace

Result<std::vector<StartedNode>> network_up(const NetworkFolder& network,
                                            const UpOptions& options) {
  SANAD_TRY(std::vector<NodePlace> places, look_around(network, options.only));
  SANAD_TRY_STATUS(open_sockets(places));
  if (const Status up = start_all(places, options); !up) {
    end_started(places);
    return up.error();
  }
  std::vector<StartedNode> nodes;
  for (const NodePlace& place : places) {
    if (!place.chosen) continue;
    nodes.push_back({place.member, place.process->pid, place.config.api_listen, !place.started});
  }
  return nodes;
}

Result<std::vector<std::string>> network_down(const NetworkFolder& network,
                                              const DownOptions& options) {
  SANAD_TRY(const std::vector<std::string> ids, member_ids(network));
  SANAD_TRY_STATUS(check_ids(options.only, ids));
  std::vector<std::pair<std::string, ProcessMark>> running;
  for (const std::string& id : ids) {
    const auto process = running_process(pid_file(network.member(id)));
    if (process && is_chosen(options.only, id)) running.emplace_back(id, *process);
  }
  for (const auto& [id, process] : running) send_signal(process, options.kill ? SIGKILL : SIGTERM);
  const std::uint64_t deadline_ms = now_ms() + options.within_ms;
  std::vector<std::string> ended;
  std::string stuck;
  for (const auto& [id, process] : running) {
    const std::uint64_t now = now_ms();
    if (wait_until_ended(process, deadline_ms > now ? deadline_ms - now : 0)) {
      ended.push_back(id);
      std::error_code ignored;  // a pid file that stays behind names nobody
      fs::remove(pid_file(network.member(id)), ignored);
    } else {
      stuck += " " + id + " (pid " + std::to_string(process.pid) + ")";
    }
  }
  if (stuck.empty()) return ended;
  return Error{Errc::kProcess,
               "still running:" + stuck + "; `sanad network down --kill` ends them"};
}

}  // namespace sanad::tools
