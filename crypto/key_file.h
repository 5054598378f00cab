// Secret keys at rest (LEDGER F4): JSON text, encrypted with Argon2id and XChaCha20-Poly1305, or
// plain and saying so. Pure: salt, nonce and seed are arguments; reading and writing the file is
// the caller's (mode 0600).
#pragma once

#include "crypto/codec.h"
#include "crypto/signature.h"

namespace sanad::crypto {

using KeyFileSalt = Fixed<struct KeyFileSaltTag, 16>;
using KeyFileNonce = Fixed<struct KeyFileNonceTag, 24>;

inline constexpr std::size_t kKeyFileMax = 4'096;  // bytes
inline constexpr std::string_view kInsecureProtection = "none — insecure development key";

struct KeyEncryption {
  std::string_view passphrase;  // at least one byte
  KeyFileSalt salt;             // fresh random bytes for every file
  KeyFileNonce nonce;           // fresh random bytes for every file
};

// `role` ("consensus", "submitter" …) is clean text of at most 64 bytes. About 0.2 s and 64 MiB.
std::string seal_key(const Seed& seed, std::string_view role, const KeyEncryption& encryption);
// Plain, with "protection": kInsecureProtection. For development networks only.
std::string seal_key_insecurely(const Seed& seed, std::string_view role);

struct OpenedKey {
  std::string role;
  bool insecure = false;  // was not encrypted
  SigningKey key;
};
// Any byte changed is refused: kWrongPassphrase (the same for a tampered file: the two cannot be
// told apart), kBadKey (not a key file, or the public key is not the seed's), JSON errors. An
// insecure file ignores the passphrase.
Result<OpenedKey> open_key(std::string_view text, std::string_view passphrase);
// The public key and role without opening it; unverified.
struct KeyLabel {
  std::string role;
  PublicKey public_key;
  bool insecure = false;
};
Result<KeyLabel> read_key_label(std::string_view text);

}  // namespace sanad::crypto
