#include "tools/dev_network.h"

#include <algorithm>

#include "chaincode/beacon.h"
#include "chaincode/rules/rule_set.h"
#include "chaincode/trust.h"
#include "crypto/key_file.h"
#include "tools/submitter.h"

namespace sanad::tools {
namespace {

using crypto::Error;
using crypto::Result;
using crypto::Status;
namespace fs = std::filesystem;

struct Invented {
  std::string_view id;
  std::string_view name;
};
constexpr std::array<Invented, kDevMembersMax> kMembers = {{
    {"AE-DU", "Dubai Customs"},
    {"AE-AZ", "Abu Dhabi Customs"},
    {"KW", "Kuwait Customs"},
    {"QA", "Qatar Customs"},
    {"SA", "Saudi Customs"},
    {"BH", "Bahrain Customs"},
    {"OM", "Oman Customs"},
    {"X-08", "Example Authority 8"},
    {"X-09", "Example Authority 9"},
    {"X-10", "Example Authority 10"},
    {"X-11", "Example Authority 11"},
    {"X-12", "Example Authority 12"},
    {"X-13", "Example Authority 13"},
}};
constexpr std::array<std::string_view, 9> kRoles = {"consensus", "log",       "cosigner",
                                                    "tls",       "submitter", "officer-1",
                                                    "officer-2", "auditor",   "governance"};
// About four days of turns at three a second; a start-up walks the chain once, 0.2 s.
constexpr std::uint32_t kBeaconLength = 1U << 20U;
constexpr std::uint32_t kTrustDays = 90;

Error folder_error(const fs::path& path, const std::string& why) {
  return {Errc::kNetworkFolder, path.string() + ": " + why};
}

// Makes one network; the genesis grows with every member.
class NetworkMaker {
 public:
  NetworkMaker(const NetworkFolder& network, const NetworkPlan& plan)
      : network_(network), plan_(plan) {}

  Status run() {
    if (!plan_.insecure_keys) {
      SANAD_TRY(phrase_, passphrase("the new network's keys"));
    }
    genesis_.network = plan_.name;
    genesis_.time_ms = now_ms();
    SANAD_TRY_STATUS(add_rules());
    secret_ = {1, fresh<crypto::HmacKey>()};
    for (std::size_t i = 0; i < plan_.validators; ++i) SANAD_TRY_STATUS(add_member(kMembers[i]));
    return finish();
  }

 private:
  Status add_rules();
  Status add_rule_set(const std::string& name, std::string_view text);
  Status add_member(const Invented& who);
  Status write_config(const Invented& who);
  Result<crypto::PublicKey> make_key(const fs::path& folder, std::string_view role);
  Status finish();

  const NetworkFolder& network_;
  const NetworkPlan& plan_;
  std::string phrase_;
  chaincode::Genesis genesis_;
  crypto::NetworkSecret secret_;
};

Status NetworkMaker::add_rules() {
  std::error_code error;
  fs::create_directories(network_.root / "rules", error);
  if (error) return folder_error(network_.root, error.message());
  for (const fs::path& file : plan_.rule_files) {
    SANAD_TRY(const std::string text, read_file(file, chaincode::kRuleTextMax));
    SANAD_TRY_STATUS(add_rule_set(file.filename().string(), text));
  }
  if (plan_.rule_files.empty()) {
    for (const ShippedRules& one : shipped_rules()) {
      SANAD_TRY_STATUS(add_rule_set(std::string(one.name), one.text));
    }
  }
  std::sort(genesis_.rule_sets.begin(), genesis_.rule_sets.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  return {};
}

Status NetworkMaker::add_rule_set(const std::string& name, std::string_view text) {
  const auto compiled = chaincode::rules::compile(text);
  if (!compiled.rule_set) {
    std::string faults = name + " does not compile:\n";
    for (const auto& one : compiled.diagnostics) {
      faults += chaincode::rules::format_diagnostic(text, one) + "\n";
    }
    return Error{Errc::kNetworkFolder, faults};
  }
  const crypto::ByteView bytes = crypto::as_bytes(text);
  genesis_.rule_sets.push_back({compiled.rule_set->name(), {bytes.begin(), bytes.end()}});
  return write_file(network_.root / "rules" / name, text);
}

Result<crypto::PublicKey> NetworkMaker::make_key(const fs::path& folder, std::string_view role) {
  const auto seed = fresh<crypto::Seed>();
  const crypto::SigningKey key(seed);
  std::string text;
  if (plan_.insecure_keys) {
    text = crypto::seal_key_insecurely(seed, role);
  } else {
    text = crypto::seal_key(seed, role,
                            {phrase_, fresh<crypto::KeyFileSalt>(), fresh<crypto::KeyFileNonce>()});
  }
  const fs::path file = folder / (std::string(role) + ".key");
  SANAD_TRY_STATUS(write_file(file, text, Privacy::kSecret));
  return key.public_key();
}

Status NetworkMaker::add_member(const Invented& who) {
  using chaincode::Role;
  const fs::path folder = network_.member(who.id);
  std::error_code error;
  fs::create_directories(folder / "keys", error);
  if (error) return folder_error(folder, error.message());
  std::map<std::string_view, crypto::PublicKey> keys;
  for (const std::string_view role : kRoles) {
    SANAD_TRY(keys[role], make_key(folder / "keys", role));
  }
  const auto seed = fresh<crypto::Hash>();
  SANAD_TRY_STATUS(write_file(folder / "beacon.seed", seed.hex() + "\n", Privacy::kSecret));
  SANAD_TRY_STATUS(write_file(folder / "network.secret", crypto::as_text(crypto::encode(secret_)),
                              Privacy::kSecret));
  SANAD_TRY_STATUS(
      write_file(folder / "api.token", fresh<crypto::Hash>().hex() + "\n", Privacy::kSecret));
  SANAD_TRY_STATUS(
      write_file(folder / "auditor.token", fresh<crypto::Hash>().hex() + "\n", Privacy::kSecret));
  SANAD_TRY_STATUS(write_config(who));
  const std::string id(who.id);
  genesis_.members.push_back({id, std::string(who.name), keys["consensus"], keys["log"],
                              keys["cosigner"], keys["tls"],
                              chaincode::beacon_anchor(seed, kBeaconLength), kBeaconLength});
  genesis_.actors.push_back({keys["submitter"], id, {Role::kSubmitter}});
  genesis_.actors.push_back({keys["officer-1"], id, {Role::kOfficer}});
  genesis_.actors.push_back({keys["officer-2"], id, {Role::kOfficer}});
  genesis_.actors.push_back({keys["auditor"], id, {Role::kAuditor}});
  genesis_.governance.push_back(keys["governance"]);
  return {};
}

// Ports are 0 until `network up` has opened the sockets.
Status NetworkMaker::write_config(const Invented& who) {
  node::NodeConfig config;
  config.member = who.id;
  config.genesis = "../../genesis.cbor";
  config.data = "data";
  config.keys = "keys";
  config.secret = "network.secret";
  config.beacon = "beacon.seed";
  config.api_token = "api.token";
  config.auditor_token = "auditor.token";
  for (std::size_t i = 0; i < plan_.validators; ++i) {
    if (kMembers[i].id != who.id) config.peers.push_back({std::string(kMembers[i].id), {}});
  }
  return write_file(network_.member(who.id) / "node.toml", node::to_toml(config));
}

Status NetworkMaker::finish() {
  std::sort(genesis_.actors.begin(), genesis_.actors.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  std::sort(genesis_.governance.begin(), genesis_.governance.end());
  SANAD_TRY_STATUS(chaincode::check(genesis_));
  const chaincode::Trust trust = chaincode::trust_of(genesis_, genesis_.time_ms, kTrustDays);
  SANAD_TRY_STATUS(write_file(network_.trust(), chaincode::format_trust(trust)));
  return write_file(network_.genesis(), crypto::as_text(crypto::encode(genesis_)));
}

}  // namespace

Status init_network(const NetworkFolder& network, const NetworkPlan& plan) {
  if (plan.validators < 1 || plan.validators > kDevMembersMax) {
    return folder_error(network.root, "a development network has 1 to 13 validators");
  }
  std::error_code error;
  const bool existed = fs::exists(network.root, error);
  if (existed && !fs::is_empty(network.root, error)) {
    return folder_error(network.root, "is not empty; name another folder or remove it first");
  }
  const Status made = NetworkMaker(network, plan).run();
  if (!made) {
    for (const char* part : {"members", "rules", "trust.json", "genesis.cbor"}) {
      fs::remove_all(network.root / part, error);
    }
    if (!existed) fs::remove(network.root, error);
  }
  return made;
}

Result<std::vector<std::string>> member_ids(const NetworkFolder& network) {
  SANAD_TRY(const LoadedGenesis loaded, load_genesis(network.genesis()));
  std::vector<std::string> ids;
  for (const chaincode::Member& member : loaded.genesis.members) ids.push_back(member.id);
  return ids;
}

}  // namespace sanad::tools
