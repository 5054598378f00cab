// Who may act: authorities, keys and roles, from genesis. Whether a key may act is decided at
// execution, never earlier (LEDGER F8). Immutable; thread-safe.
#pragma once

#include <map>

#include "chaincode/genesis.h"

namespace sanad::chaincode {

class Registry {
 public:
  struct Entry {
    PublicKey key;
    MemberIndex authority = 0;
    bool submitter = false;
    bool officer = false;
    bool auditor = false;
    bool validator = false;  // a member's consensus key: it may accuse, and nothing else
  };

  Registry() = default;
  // REQUIRES: check(genesis).ok().
  explicit Registry(const Genesis& genesis);

  // nullptr for a key of nobody. O(log actors).
  [[nodiscard]] const Entry* find(const PublicKey& key) const;
  [[nodiscard]] const std::string& authority_id(MemberIndex authority) const;
  [[nodiscard]] std::optional<MemberIndex> authority_of(std::string_view id) const;
  [[nodiscard]] std::size_t members() const { return authority_ids_.size(); }

 private:
  std::vector<std::string> authority_ids_;
  std::map<PublicKey, Entry> entries_;
};

}  // namespace sanad::chaincode
