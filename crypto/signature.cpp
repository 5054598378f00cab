#include "crypto/signature.h"

#include <sodium.h>

#include <algorithm>

namespace sanad::crypto {
namespace {

// Chooses libsodium's fastest code for this CPU. Idempotent and thread-safe.
void start_sodium() {
  static const int started = sodium_init();
  assert(started >= 0);
}

}  // namespace

SigningKey::SigningKey(const Seed& seed) {
  static_assert(crypto_sign_SECRETKEYBYTES == 64 && crypto_sign_SEEDBYTES == 32);
  start_sodium();
  crypto_sign_seed_keypair(public_key_.bytes.data(), secret_.data(), seed.bytes.data());
}

SigningKey::~SigningKey() { sodium_memzero(secret_.data(), secret_.size()); }

SigningKey::SigningKey(SigningKey&& other) noexcept
    : secret_(other.secret_), public_key_(other.public_key_) {
  sodium_memzero(other.secret_.data(), other.secret_.size());
}

SigningKey& SigningKey::operator=(SigningKey&& other) noexcept {
  std::swap(secret_, other.secret_);
  std::swap(public_key_, other.public_key_);
  return *this;
}

Seed SigningKey::seed() const {
  Seed seed;
  std::copy_n(secret_.begin(), Seed::kSize, seed.bytes.begin());
  return seed;
}

Signature SigningKey::sign(ByteView message) const {
  Signature signature;
  crypto_sign_detached(signature.bytes.data(), nullptr, message.data(), message.size(),
                       secret_.data());
  return signature;
}

bool verify(const PublicKey& key, ByteView message, const Signature& signature) {
  start_sodium();
  return crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(),
                                     key.bytes.data()) == 0;
}

}  // namespace sanad::crypto
