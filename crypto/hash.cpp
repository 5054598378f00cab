#include "crypto/hash.h"

#include <openssl/evp.h>
#include <sodium.h>

namespace sanad::crypto {
namespace {

constexpr std::string_view kDomain = "sanad/v1/";

// Fetched once: a fetch per hash costs more than the hash.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  assert(algorithm != nullptr);
  return algorithm;
}

EVP_MD_CTX* as_context(void* context) { return static_cast<EVP_MD_CTX*>(context); }

void begin(void* context) {
  [[maybe_unused]] const int ok =
      EVP_DigestInit_ex2(as_context(context), sha256_algorithm(), nullptr);
  assert(ok == 1);
}

Sha256& thread_hasher() {
  thread_local Sha256 hasher;
  return hasher;
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  assert(context_ != nullptr);
  begin(context_);
}

Sha256::~Sha256() { EVP_MD_CTX_free(as_context(context_)); }

Sha256& Sha256::update(ByteView bytes) {
  [[maybe_unused]] const int ok =
      EVP_DigestUpdate(as_context(context_), bytes.data(), bytes.size());
  assert(ok == 1);
  return *this;
}

Hash Sha256::finish() {
  Hash digest;
  [[maybe_unused]] const int ok =
      EVP_DigestFinal_ex(as_context(context_), digest.bytes.data(), nullptr);
  assert(ok == 1);
  begin(context_);
  return digest;
}

Hash sha256(ByteView bytes) { return thread_hasher().update(bytes).finish(); }

Hash tagged_hash_bytes(std::string_view tag, ByteView cbor) {
  static constexpr std::uint8_t kSeparator[] = {0};
  return thread_hasher().update(kDomain).update(tag).update(kSeparator).update(cbor).finish();
}

Hash hmac_sha256(const HmacKey& key, ByteView message) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.bytes.data(), key.bytes.size());
  crypto_auth_hmacsha256_update(&state, message.data(), message.size());
  Hash digest;
  crypto_auth_hmacsha256_final(&state, digest.bytes.data());
  sodium_memzero(&state, sizeof state);
  return digest;
}

}  // namespace sanad::crypto
