#include "chaincode/log_policy.h"

namespace sanad::chaincode {

using crypto::NoteKeyType;
using crypto::VerifierKey;

std::vector<VerifierKey> log_keys(const Trust& trust) {
  std::vector<VerifierKey> keys;
  for (const TrustedValidator& one : trust.validators) {
    keys.push_back({trust.origin(), NoteKeyType::kEd25519, one.log});
  }
  for (const TrustedValidator& one : trust.validators) {
    keys.push_back({cosigner_name(trust.network, one.id), NoteKeyType::kCosignature, one.cosigner});
  }
  return keys;
}

std::string log_keys_text(const Trust& trust) {
  std::string text;
  for (const VerifierKey& key : log_keys(trust)) text += key.text() + "\n";
  return text;
}

std::string log_policy_text(const Trust& trust) {
  const auto keys = log_keys(trust);
  const std::size_t members = trust.validators.size();
  std::string text;
  for (std::size_t i = 0; i < members; ++i) text += "log " + keys[i].text() + "\n";
  std::string names;
  for (std::size_t i = 0; i < members; ++i) {
    const std::string& id = trust.validators[i].id;
    text += "witness " + id + " " + keys[members + i].text() + "\n";
    names += " " + id;
  }
  text += "group validators " + std::to_string(trust.quorum()) + names + "\n";
  return text + "quorum validators\n";
}

}  // namespace sanad::chaincode
