// Third part of a bundle's check: what stands behind its records: signed statements (LEDGER F8),
// facts (F5), reasons of verdicts (F11). Pure.
#pragma once

#include "chaincode/bundle.h"

namespace sanad::chaincode {

// Whose signature a key is, as far as a verifier knows: the last committee's actors, and those of
// the trust file, who may have signed before they were replaced.
struct KnownActors {
  std::span<const TrustedActor> current;
  std::span<const TrustedActor> trusted;

  [[nodiscard]] bool knows(const PublicKey& key) const;
  [[nodiscard]] bool is(const PublicKey& key, std::string_view authority) const;
};

// `found.records` are believed; `network` is the network's id. `actors` nullptr: a verifier who
// does not know them.
[[nodiscard]] Status check_statements(const Bundle& bundle, const KnownActors* actors,
                                      const Hash& network, BundleFindings& found);
[[nodiscard]] Status check_bodies(const Bundle& bundle, BundleFindings& found);
[[nodiscard]] Status check_details(const Bundle& bundle, BundleFindings& found);

}  // namespace sanad::chaincode
