// SHA-256 (FIPS 180-4, by OpenSSL) and HMAC-SHA-256 (RFC 2104).
#pragma once

#include "crypto/bytes.h"

namespace sanad::crypto {

// Hashes a message given in pieces. Not thread-safe; reusable after finish(); a copy goes on from
// the same point. Allocates nothing.
class Sha256 {
 public:
  Sha256();

  Sha256& update(ByteView bytes);
  Sha256& update(std::string_view text) { return update(as_bytes(text)); }
  // The digest of all updates since construction or the last finish().
  Hash finish();

 private:
  alignas(8) std::array<std::uint8_t, 112> state_;  // OpenSSL's SHA256_CTX
};

// About 90 ns for 64 bytes.
Hash sha256(ByteView bytes);

// Domain-separated hash of canonical bytes (LEDGER F3): SHA-256("sanad/v1/" tag 0x00 cbor).
// codec.h has tagged_hash(tag, value) for values.
Hash tagged_hash_bytes(std::string_view tag, ByteView cbor);

using HmacKey = Fixed<struct HmacKeyTag, 32>;
Hash hmac_sha256(const HmacKey& key, ByteView message);

}  // namespace sanad::crypto
