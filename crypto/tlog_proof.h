// Inclusion proofs that need nothing else (c2sp.org/tlog-proof@v1; LEDGER F15): files
// `*.tlog-proof`.
//
//   c2sp.org/tlog-proof@v1
//   extra <base64>               optional
//   index <decimal>
//   <base64 hash>                one a line, from the leaf's sibling up
//                                an empty line
//   <signed checkpoint>          verbatim
#pragma once

#include "crypto/log_tree.h"
#include "crypto/note.h"

namespace sanad::crypto {

inline constexpr std::size_t kTlogProofExtraMax = 65'536;  // bytes

struct TlogProof {
  std::optional<Bytes> extra;  // nothing vouches for it
  std::uint64_t index = 0;
  std::vector<Hash> path;
  SignedNote checkpoint;

  friend bool operator==(const TlogProof&, const TlogProof&) = default;
  [[nodiscard]] std::string format() const;
  // kBadText, kTooLong or an error of SignedNote::parse(). format() of the result is the input.
  static Result<TlogProof> parse(std::string_view text);
};

// The checkpoint in which the leaf with this hash stands at proof.index. Errors of
// verify_checkpoint() and verify_inclusion().
Result<VerifiedCheckpoint> verify_tlog_proof(const TlogProof& proof, const Hash& leaf,
                                             const CheckpointPolicy& policy);

}  // namespace sanad::crypto
