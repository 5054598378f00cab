// sanad status
#include <iostream>
#include <memory>

#include "crypto/codec_json.h"
#include "tools/commands/commands.h"
#include "tools/commands/report.h"
#include "tools/dev_network.h"
#include "tools/node_client.h"

namespace sanad::tools {
namespace {

struct MemberStatus {
  std::string id;
  std::optional<ProcessMark> process;
  bool ready = false;
  std::optional<chaincode::NetworkAnswer> answer;
  std::string trouble;
};

MemberStatus look_at(const NetworkFolder& network, const std::string& id) {
  MemberStatus status;
  status.id = id;
  status.process = running_process(network.member(id) / "node.pid");
  const auto member = open_member(network, id);
  if (!member) {
    status.trouble = member.error().message();
    return status;
  }
  NodeClient client(*member);
  const auto ready = client.ready();
  status.ready = ready && *ready == 200;
  auto answer = client.network();
  if (answer) {
    status.answer = std::move(*answer);
  } else {
    status.trouble = status.process ? answer.error().message() : "not running";
  }
  return status;
}

// True if no two nodes at one height hold different ledgers.
bool agree(const std::vector<MemberStatus>& all) {
  for (const MemberStatus& a : all) {
    for (const MemberStatus& b : all) {
      if (!a.answer || !b.answer) continue;
      if (a.answer->executed_height != b.answer->executed_height) continue;
      if (a.answer->root != b.answer->root || a.answer->index_root != b.answer->index_root ||
          a.answer->state_digest != b.answer->state_digest) {
        return false;
      }
    }
  }
  return true;
}

void print_table(const std::vector<MemberStatus>& all) {
  std::vector<std::vector<std::string>> rows = {{"member", "pid", "ready", "height", "view",
                                                 "records", "checkpoint", "pending", "state", ""}};
  for (const MemberStatus& one : all) {
    const std::string pid = one.process ? std::to_string(one.process->pid) : "-";
    if (!one.answer) {
      rows.push_back({one.id, pid, "no", "", "", "", "", "", "", one.trouble});
      continue;
    }
    const chaincode::NetworkAnswer& a = *one.answer;
    rows.push_back({one.id, pid, one.ready ? "yes" : "no", grouped(a.executed_height),
                    grouped(a.view), grouped(a.tree_size), grouped(a.checkpoint_size),
                    grouped(a.pending_submissions), a.state_digest.hex().substr(0, 12), ""});
  }
  std::cout << format_table(rows, {1, 3, 4, 5, 6, 7});
}

void print_json(const std::vector<MemberStatus>& all, bool same) {
  std::string members;
  for (const MemberStatus& one : all) {
    members += std::string(members.empty() ? "" : ",") + "{\"member\":" + json_string(one.id) +
               ",\"pid\":" + (one.process ? std::to_string(one.process->pid) : "null") +
               ",\"ready\":" + (one.ready ? "true" : "false") +
               ",\"network\":" + (one.answer ? crypto::to_json(*one.answer) : "null") +
               ",\"trouble\":" + json_string(one.trouble) + "}";
  }
  std::cout << "{\"agree\":" << (same ? "true" : "false") << ",\"members\":[" << members << "]}\n";
}

ExitCode run(const std::string& folder, bool json) {
  const NetworkFolder network{folder};
  const auto ids = member_ids(network);
  if (!ids) return report(ids.error());
  std::vector<MemberStatus> all;
  for (const std::string& id : *ids) all.push_back(look_at(network, id));
  const bool same = agree(all);
  bool up = true;
  for (const MemberStatus& one : all) up = up && one.ready;
  if (json) {
    print_json(all, same);
  } else {
    print_table(all);
    if (!same) std::cout << "THE NODES DISAGREE: equal heights, different ledgers\n";
  }
  if (!same) return kExitCheckFailed;
  return up ? kExitOk : kExitNetwork;
}

}  // namespace

void add_status(CLI::App& app, Run& chosen) {
  struct Options {
    std::string folder;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* status = app.add_subcommand("status", "Show every node of a network on this machine.");
  status->add_option("--network", options->folder, "The network's folder")->required();
  status->add_flag("--json", options->json, "Print JSON");
  status->footer(
      "Exit code 0: all are ready and agree; 1: they disagree; 3: some are down.\n"
      "Example:\n  sanad status --network run/dev");
  status->callback(
      [options, &chosen] { chosen = [options] { return run(options->folder, options->json); }; });
}

}  // namespace sanad::tools
