// Receipts of inclusion for who asks for SCITT: COSE Receipts (RFC 9942) with the verifiable data
// structure RFC9162_SHA256 (LEDGER F15). One shape only, in deterministic CBOR:
//
//   18([ << {1: -19, 4: kid, 395: 1} >>,
//        {396: {-1: [ << [size, index, [ path… ]] >> ]}},
//        null, signature ])
//
// What is signed is the root: a size with which the same path leads to it is not told apart.
// alg Ed25519 = -19 (RFC 9864), kid = the raw public key of a validator's 0x01 lines. The payload,
// the root of the log at `size`, is detached: a verifier computes it from the leaf and the path.
// One validator vouches for that root; a quorum does in the checkpoint of the same size. Pure.
#pragma once

#include "crypto/log_tree.h"
#include "crypto/signature.h"

namespace sanad::crypto {

struct Receipt {
  PublicKey kid;
  std::uint64_t size = 0;
  std::uint64_t index = 0;
  std::vector<Hash> path;  // never empty: a log of one record gives none
  Signature signature;

  friend bool operator==(const Receipt&, const Receipt&) = default;
};

// The bytes that are signed: Sig_structure ["Signature1", protected, h'', root] (RFC 9052 §4.4).
Bytes receipt_to_be_signed(const PublicKey& kid, const Hash& root);

// REQUIRES: `path` leads from the leaf at `index` to `root` of `size` records, and is not empty.
Receipt sign_receipt(const SigningKey& key, const Hash& root, std::uint64_t size,
                     std::uint64_t index, std::vector<Hash> path);

Bytes encode_receipt(const Receipt& receipt);

// The form alone. Errors are the codec's (kUnexpectedType for other headers). encode_receipt() of
// the result is the input.
Result<Receipt> parse_receipt(ByteView bytes);

// The root that the kid's owner signed for the leaf with this hash: kOutOfRange or kBadProof for a
// path that leads nowhere, kBadSignature where the root that it leads to is not the one signed.
// Whose key the kid is, is for the caller to know.
Result<Hash> verify_receipt(const Receipt& receipt, const Hash& leaf);

}  // namespace sanad::crypto
