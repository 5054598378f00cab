#include "chaincode/genesis.h"

#include <algorithm>
#include <set>

namespace sanad::chaincode {
namespace {

Error bad(const std::string& what) { return {Errc::kBadGenesis, what}; }

bool is_network_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

bool is_authority_id(std::string_view id) {
  return !id.empty() && id.size() <= kAuthorityIdMax &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
         });
}

template <class T, class Key>
bool strictly_ascending(const std::vector<T>& items, Key key) {
  return std::adjacent_find(items.begin(), items.end(), [&key](const T& a, const T& b) {
           return !(key(a) < key(b));
         }) == items.end();
}

// Every key of the network, each allowed once.
class KeysSeen {
 public:
  Status add(const PublicKey& key, const std::string& whose) {
    if (key.is_zero()) return bad(whose + " is all zeros");
    if (!seen_.insert(key).second) return bad(whose + " is used for something else as well");
    return {};
  }

 private:
  std::set<PublicKey> seen_;
};

Status check_members(const Genesis& genesis, KeysSeen& keys) {
  if (genesis.members.empty() || genesis.members.size() > kMembersMax) {
    return bad("members: expected 1 to " + std::to_string(kMembersMax));
  }
  std::set<std::string> ids;
  for (const Member& member : genesis.members) {
    const std::string whose = "member \"" + member.id + "\": ";
    if (!is_authority_id(member.id)) return bad(whose + "an id has 1 to 16 of A-Z 0-9 -");
    if (!ids.insert(member.id).second) return bad(whose + "is there twice");
    if (member.name.empty() || member.name.size() > kNameMax) {
      return bad(whose + "a name has 1 to 128 bytes");
    }
    SANAD_TRY_STATUS(keys.add(member.consensus_key, whose + "consensus_key"));
    SANAD_TRY_STATUS(keys.add(member.log_key, whose + "log_key"));
    SANAD_TRY_STATUS(keys.add(member.cosigner_key, whose + "cosigner_key"));
    SANAD_TRY_STATUS(keys.add(member.tls_key, whose + "tls_key"));
    if (member.beacon_anchor.is_zero()) return bad(whose + "beacon_anchor is all zeros");
    if (member.beacon_length == 0 || member.beacon_length > kBeaconLengthMax) {
      return bad(whose + "beacon_length: expected 1 to " + std::to_string(kBeaconLengthMax));
    }
  }
  return {};
}

Status check_actors(const Genesis& genesis, KeysSeen& keys) {
  if (genesis.actors.size() > kActorsMax) return bad("actors: too many");
  if (!strictly_ascending(genesis.actors, [](const Actor& actor) { return actor.key; })) {
    return bad("actors: keys must be strictly ascending");
  }
  for (const Actor& actor : genesis.actors) {
    const std::string whose = "actor " + actor.key.hex() + ": ";
    SANAD_TRY_STATUS(keys.add(actor.key, whose + "key"));
    const bool known =
        std::any_of(genesis.members.begin(), genesis.members.end(),
                    [&actor](const Member& member) { return member.id == actor.authority; });
    if (!known) return bad(whose + "authority \"" + actor.authority + "\" is no member");
    if (actor.roles.empty()) return bad(whose + "has no role");
    if (!strictly_ascending(actor.roles, [](Role role) { return role; })) {
      return bad(whose + "roles must be strictly ascending");
    }
  }
  return {};
}

Status check_rule_sets(const Genesis& genesis) {
  if (genesis.rule_sets.size() > kRuleSetsMax) return bad("rule_sets: too many");
  if (!strictly_ascending(genesis.rule_sets, [](const RuleSetText& set) { return set.id; })) {
    return bad("rule_sets: ids must be strictly ascending");
  }
  for (const RuleSetText& set : genesis.rule_sets) {
    if (set.id.empty() || set.text.empty() || set.text.size() > kRuleTextMax) {
      return bad("rule set \"" + set.id + "\": expected an id and 1 to " +
                 std::to_string(kRuleTextMax) + " bytes of text");
    }
  }
  return {};
}

Status check_params(const Parameters& params) {
  constexpr std::uint64_t kWindowMin = 1'000;
  constexpr std::uint64_t kWindowMax = 86'400'000;
  if (params.submission_window_ms < kWindowMin || params.submission_window_ms > kWindowMax) {
    return bad("params.submission_window_ms: expected 1000 to 86400000");
  }
  constexpr std::uint64_t kCostMax = 1'000'000'000;
  if (params.rule_cost_max == 0 || params.rule_cost_max > kCostMax) {
    return bad("params.rule_cost_max: expected 1 to 1000000000");
  }
  return {};
}

}  // namespace

Hash network_id(const Genesis& genesis) { return crypto::tagged_hash("genesis", genesis); }

Status check(const Genesis& genesis) {
  // 2020-01-01 to 2100-01-01: a second where a millisecond was meant is caught.
  constexpr std::uint64_t kTimeMin = 1'577'836'800'000;
  constexpr std::uint64_t kTimeMax = 4'102'444'800'000;
  if (!is_network_name(genesis.network)) {
    return bad("network: a name has 1 to 64 of a-z 0-9 - .");
  }
  if (genesis.time_ms < kTimeMin || genesis.time_ms > kTimeMax) {
    return bad("time_ms: expected milliseconds since 1970, between 2020 and 2100");
  }
  KeysSeen keys;
  SANAD_TRY_STATUS(check_members(genesis, keys));
  SANAD_TRY_STATUS(check_actors(genesis, keys));
  if (genesis.governance.empty() || genesis.governance.size() > kGovernanceKeysMax) {
    return bad("governance: expected 1 to " + std::to_string(kGovernanceKeysMax) + " keys");
  }
  if (!strictly_ascending(genesis.governance, [](const PublicKey& key) { return key; })) {
    return bad("governance: keys must be strictly ascending");
  }
  for (const PublicKey& key : genesis.governance) {
    SANAD_TRY_STATUS(keys.add(key, "governance key " + key.hex()));
  }
  SANAD_TRY_STATUS(check_rule_sets(genesis));
  return check_params(genesis.params);
}

}  // namespace sanad::chaincode
