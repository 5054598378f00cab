// Where a network begins: who its members are, whose keys may act, and which rules hold at
// height 1.
//
// The network id is the hash of these bytes; it stops replay elsewhere and is block 0's hash.
#pragma once

#include <string>
#include <vector>

#include "chaincode/errors.h"
#include "crypto/codec.h"
#include "crypto/signature.h"

namespace sanad::chaincode {

using crypto::Hash;
using crypto::PublicKey;

// Position in Genesis::members.
using MemberIndex = std::uint16_t;

// What a key may do for its authority.
enum class Role : std::uint8_t { kSubmitter, kOfficer, kAuditor };
inline constexpr std::array<std::string_view, 3> kRoleNames = {"submitter", "officer", "auditor"};
constexpr const std::array<std::string_view, 3>& enum_names(Role) { return kRoleNames; }

inline constexpr std::size_t kMembersMax = 64;
inline constexpr std::size_t kActorsMax = 4096;
inline constexpr std::size_t kGovernanceKeysMax = 64;
inline constexpr std::size_t kRuleSetsMax = 16;
inline constexpr std::size_t kRuleTextMax = 1 << 20;  // bytes
inline constexpr std::size_t kAuthorityIdMax = 16;    // bytes
inline constexpr std::size_t kNameMax = 128;          // bytes
// Verifying a reveal after a long silence hashes once per missed turn: at most about 2 s.
inline constexpr std::uint32_t kBeaconLengthMax = 1 << 24;

// A member authority: it runs one validator.
struct Member {
  std::string id;    // 1–16 of A–Z 0–9 -, "AE-DU"
  std::string name;  // "Dubai Customs"
  PublicKey consensus_key;
  PublicKey log_key;
  PublicKey cosigner_key;
  PublicKey tls_key;
  Hash beacon_anchor;               // end of the member's hash chain (beacon.h)
  std::uint32_t beacon_length = 0;  // turns that the chain lasts, 1 to kBeaconLengthMax
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(id, kAuthorityIdMax), SANAD_FIELD_MAX(name, kNameMax),
       SANAD_FIELD(consensus_key), SANAD_FIELD(log_key), SANAD_FIELD(cosigner_key),
       SANAD_FIELD(tls_key), SANAD_FIELD(beacon_anchor), SANAD_FIELD(beacon_length));
  }
  friend bool operator==(const Member&, const Member&) = default;
};

// A key that may sign submissions, and for whom.
struct Actor {
  PublicKey key;
  std::string authority;    // a member's id
  std::vector<Role> roles;  // strictly ascending, at least one
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(key), SANAD_FIELD_MAX(authority, kAuthorityIdMax),
       SANAD_FIELD_MAX(roles, kRoleNames.size()));
  }
  friend bool operator==(const Actor&, const Actor&) = default;
};

struct RuleSetText {
  std::string id;      // the name that the text gives itself
  crypto::Bytes text;  // the rule language's source: bytes, because it has line ends
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(id, kNameMax), SANAD_FIELD_MAX(text, kRuleTextMax));
  }
  friend bool operator==(const RuleSetText&, const RuleSetText&) = default;
};

struct Parameters {
  // A submission executes only if block time <= valid_until <= block time + this (LEDGER F8).
  std::uint64_t submission_window_ms = 3'600'000;
  // Limit of a rule set's static cost per declaration (RULES C12).
  std::uint64_t rule_cost_max = 100'000;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(submission_window_ms), SANAD_FIELD(rule_cost_max));
  }
  friend bool operator==(const Parameters&, const Parameters&) = default;
};

struct Genesis {
  std::string network;        // 1–64 of a–z 0–9 - .
  std::uint64_t time_ms = 0;  // the time of block 0
  std::vector<Member> members;
  std::vector<Actor> actors;           // strictly ascending by key
  std::vector<PublicKey> governance;   // strictly ascending
  std::vector<RuleSetText> rule_sets;  // strictly ascending by id
  Parameters params;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(network, kNameMax), SANAD_FIELD(time_ms),
       SANAD_FIELD_MAX(members, kMembersMax), SANAD_FIELD_MAX(actors, kActorsMax),
       SANAD_FIELD_MAX(governance, kGovernanceKeysMax), SANAD_FIELD_MAX(rule_sets, kRuleSetsMax),
       SANAD_FIELD(params));
  }
  friend bool operator==(const Genesis&, const Genesis&) = default;
};

// H("genesis", genesis).
Hash network_id(const Genesis& genesis);

// kBadGenesis with the member, key or parameter that is wrong: names and their characters, every
// list in its order, no key used twice for anything, actors of existing members, bounds of
// parameters. Rule texts are compiled by Contracts::create.
Status check(const Genesis& genesis);

}  // namespace sanad::chaincode
