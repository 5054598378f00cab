// sanad network init | up | down
#include <iostream>
#include <memory>

#include "tools/commands/commands.h"
#include "tools/commands/report.h"
#include "tools/dev_network.h"

namespace sanad::tools {
namespace {

struct InitOptions {
  std::string folder;
  NetworkPlan plan;
  bool json = false;
};

ExitCode run_init(const InitOptions& options) {
  const NetworkFolder network{options.folder};
  if (options.plan.insecure_keys) {
    std::cerr << "WARNING: --insecure-dev-keys writes secret keys without protection. Use this "
                 "network for development and demonstrations only, never for real declarations.\n";
  }
  if (const crypto::Status made = init_network(network, options.plan); !made) {
    return report(made.error());
  }
  const auto loaded = load_genesis(network.genesis());
  if (!loaded) return report(loaded.error());
  if (options.json) {
    std::vector<std::string> validators;
    for (const auto& member : loaded->genesis.members) validators.push_back(json_string(member.id));
    std::cout << JsonObject()
                     .text("network", loaded->genesis.network)
                     .text("network_id", loaded->network_id.hex())
                     .json("validators", json_array(validators))
                     .text("folder", options.folder)
                     .text("trust", network.trust().string())
                     .str()
              << "\n";
    return kExitOk;
  }
  std::cout << "network " << loaded->genesis.network << " with " << loaded->genesis.members.size()
            << " validators in " << options.folder << "\n"
            << "network id " << loaded->network_id.hex() << "\n"
            << "trust file " << network.trust().string()
            << " (public: give it to whoever is to verify proofs)\n"
            << "next: sanad network up " << options.folder << "\n";
  return kExitOk;
}

ExitCode run_up(const std::string& folder, const UpOptions& options, bool json) {
  const auto started = network_up({folder}, options);
  if (!started) return report(started.error());
  std::vector<std::vector<std::string>> rows = {{"member", "pid", "API", ""}};
  std::string items;
  for (const StartedNode& one : *started) {
    rows.push_back({one.member, std::to_string(one.pid), "http://" + one.api.text(),
                    one.was_running ? "was running" : "started"});
    items += std::string(items.empty() ? "" : ",") + "{\"member\":" + json_string(one.member) +
             ",\"pid\":" + std::to_string(one.pid) + ",\"api\":" + json_string(one.api.text()) +
             ",\"started\":" + (one.was_running ? "false" : "true") + "}";
  }
  std::cout << (json ? "[" + items + "]\n" : format_table(rows));
  return kExitOk;
}

ExitCode run_down(const std::string& folder, const DownOptions& options, bool json) {
  const auto ended = network_down({folder}, options);
  if (!ended) return report(ended.error());
  if (json) {
    std::vector<std::string> members;
    for (const std::string& id : *ended) members.push_back(json_string(id));
    std::cout << JsonObject().json("ended", json_array(members)).str() << "\n";
    return kExitOk;
  }
  std::cout << "ended:";
  for (const std::string& id : *ended) std::cout << " " << id;
  std::cout << (ended->empty() ? " nothing was running\n" : "\n");
  return kExitOk;
}

void add_init(CLI::App& network, Run& chosen) {
  auto options = std::make_shared<InitOptions>();
  CLI::App* init = network.add_subcommand(
      "init", "Make a development network: keys, secrets, genesis and a configuration per member.");
  init->add_option("DIR", options->folder, "Folder to make; must be empty or absent")->required();
  init->add_option("--validators", options->plan.validators,
                   "1 to 13; the first seven are the authorities of the Gulf")
      ->capture_default_str();
  init->add_option("--name", options->plan.name, "The network's name")->capture_default_str();
  init->add_option("--rules", options->plan.rule_files,
                   "Rule files to adopt instead of those shipped");
  init->add_flag("--insecure-dev-keys", options->plan.insecure_keys,
                 "Write secret keys unprotected; without it they take the pass-phrase in "
                 "SANAD_PASSPHRASE or one that is asked for");
  init->add_flag("--json", options->json, "Print JSON");
  init->footer(
      "Exit code 0: made; 2: a folder that is not empty, rules that do not compile, no "
      "pass-phrase.\n"
      "Example:\n  sanad network init run/dev --insecure-dev-keys --validators 7");
  init->callback([options, &chosen] { chosen = [options] { return run_init(*options); }; });
}

void add_up(CLI::App& network, Run& chosen) {
  struct Options {
    std::string folder;
    UpOptions up;
    bool no_wait = false;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* up = network.add_subcommand(
      "up", "Start the nodes in the background and wait until they are ready.");
  up->add_option("DIR", options->folder, "The network's folder")->required();
  CLI::Option* only =
      up->add_option("--only", options->up.only,
                     "Start these members only; with too few for a quorum also say --no-wait");
  up->add_option("--quarantine", options->up.quarantine, "Given on to the nodes: see node run")
      ->needs(only)
      ->check(CLI::IsMember({"watch", "vote-later"}));
  up->add_flag("--no-wait", options->no_wait, "Return once the processes run");
  up->add_option("--ready-within-ms", options->up.ready_within_ms, "How long to wait")
      ->capture_default_str();
  up->add_flag("--json", options->json, "Print JSON");
  up->footer(
      "Exit code 0: all run; 2: no such network or member; 3: a node did not come up (its log's "
      "end "
      "is shown).\n"
      "Example:\n  sanad network up run/dev\n  sanad network up run/dev --only KW");
  up->callback([options, &chosen] {
    chosen = [options] {
      options->up.wait = !options->no_wait;
      return run_up(options->folder, options->up, options->json);
    };
  });
}

void add_down(CLI::App& network, Run& chosen) {
  struct Options {
    std::string folder;
    DownOptions down;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* down =
      network.add_subcommand("down", "End the nodes: each finishes what it has accepted.");
  down->add_option("DIR", options->folder, "The network's folder")->required();
  down->add_option("--only", options->down.only, "End these members only");
  down->add_option("--within-ms", options->down.within_ms, "How long to wait for them")
      ->capture_default_str();
  down->add_flag("--kill", options->down.kill, "kill -9: a crash instead of an orderly end");
  down->add_flag("--json", options->json, "Print JSON");
  down->footer(
      "Exit code 0: none of them runs; 2: no such network or member; 3: some did not end.\n"
      "Example:\n  sanad network down run/dev\n  sanad network down run/dev --only KW --kill");
  down->callback([options, &chosen] {
    chosen = [options] { return run_down(options->folder, options->down, options->json); };
  });
}

}  // namespace

void add_network(CLI::App& app, Run& chosen) {
  CLI::App* network = app.add_subcommand("network", "Make, start and end a development network.");
  network->require_subcommand(1);
  add_init(*network, chosen);
  add_up(*network, chosen);
  add_down(*network, chosen);
}

}  // namespace sanad::tools
