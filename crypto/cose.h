// Signed submissions: COSE_Sign1 (RFC 9052 §4.2), one shape only (LEDGER F8).
//
//   [ protected: bstr .cbor {1: -19, 4: kid}, unprotected: {}, payload: bstr, signature: bstr ]
//
// untagged, alg Ed25519 = -19 (RFC 9864), kid = the raw public key. Any other shape is refused, so
// there is one encoding per content. Pure; thread-safe.
#pragma once

#include "crypto/codec.h"
#include "crypto/signature.h"

namespace sanad::crypto {

inline constexpr std::size_t kCosePayloadMax = 1024;

struct CoseSign1 {
  PublicKey kid;
  Bytes payload;
  Signature signature;

  friend bool operator==(const CoseSign1&, const CoseSign1&) = default;
};

// The bytes that are signed: Sig_structure ["Signature1", protected, h'', payload] (RFC 9052 §4.4).
Bytes cose_to_be_signed(const PublicKey& kid, ByteView payload);

// Names what was signed, never the signature: H("cose", [protected, payload]).
Hash cose_id(const PublicKey& kid, ByteView payload);

// REQUIRES: payload of at most kCosePayloadMax bytes.
CoseSign1 sign_cose(const SigningKey& key, Bytes payload);

Bytes encode_cose(const CoseSign1& message);

// Checks the form alone; the signature is verify_cose()'s. Errors are the codec's (kUnexpectedType
// for another header), with a byte offset.
Result<CoseSign1> parse_cose(ByteView bytes);

// kBadSignature unless `signature` is the kid's over cose_to_be_signed(). About 50 µs.
Status verify_cose(const CoseSign1& message);

}  // namespace sanad::crypto
