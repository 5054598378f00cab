// Ed25519 (RFC 8032) by libsodium and by nothing else (LEDGER F4): implementations disagree on edge
// cases, so one function decides what is valid on every node.
#pragma once

#include "crypto/bytes.h"

namespace sanad::crypto {

using PublicKey = Fixed<struct PublicKeyTag, 32>;
using Signature = Fixed<struct SignatureTag, 64>;
// RFC 8032's 32-byte private key.
using Seed = Fixed<struct SeedTag, 32>;

// A secret key with its public key; wiped when destroyed. Move-only.
class SigningKey {
 public:
  explicit SigningKey(const Seed& seed);
  ~SigningKey();
  SigningKey(SigningKey&& other) noexcept;
  SigningKey& operator=(SigningKey&& other) noexcept;
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;

  [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
  // The private key itself, for a library that must hold its own copy (TLS).
  [[nodiscard]] Seed seed() const;
  // Deterministic: the same message gives the same signature.
  [[nodiscard]] Signature sign(ByteView message) const;

 private:
  std::array<std::uint8_t, 64> secret_{};
  PublicKey public_key_;
};

// True iff `signature` is valid: canonical S and R, no small-order key or R, cofactorless (about 50
// µs).
[[nodiscard]] bool verify(const PublicKey& key, ByteView message, const Signature& signature);

}  // namespace sanad::crypto
