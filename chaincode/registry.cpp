#include "chaincode/registry.h"

namespace sanad::chaincode {

Registry::Registry(const Genesis& genesis) {
  for (const Member& member : genesis.members) {
    const auto index = static_cast<MemberIndex>(authority_ids_.size());
    authority_ids_.push_back(member.id);
    entries_.emplace(member.consensus_key,
                     Entry{.key = member.consensus_key, .authority = index, .validator = true});
  }
  for (const Actor& actor : genesis.actors) {
    Entry entry;
    entry.key = actor.key;
    const auto authority = authority_of(actor.authority);
    assert(authority);
    entry.authority = *authority;
    for (const Role role : actor.roles) {
      entry.submitter = entry.submitter || role == Role::kSubmitter;
      entry.officer = entry.officer || role == Role::kOfficer;
      entry.auditor = entry.auditor || role == Role::kAuditor;
    }
    entries_.emplace(actor.key, entry);
  }
}

const Registry::Entry* Registry::find(const PublicKey& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

const std::string& Registry::authority_id(MemberIndex authority) const {
  assert(authority < authority_ids_.size());
  return authority_ids_[authority];
}

std::optional<MemberIndex> Registry::authority_of(std::string_view id) const {
  for (std::size_t i = 0; i < authority_ids_.size(); ++i) {
    if (authority_ids_[i] == id) return static_cast<MemberIndex>(i);
  }
  return std::nullopt;
}

}  // namespace sanad::chaincode
