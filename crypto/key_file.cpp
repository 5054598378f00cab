#include "crypto/key_file.h"

#include <sodium.h>

#include "crypto/codec_json.h"

namespace sanad::crypto {
namespace {

constexpr std::string_view kFormat = "sanad-key-v1";
constexpr std::string_view kEncrypted = "argon2id";
constexpr std::size_t kRoleMax = 64;
// RFC 9106 §4, second recommended choice, as libsodium offers it (one lane).
constexpr std::uint32_t kPasses = 3;
constexpr std::uint32_t kMemoryKib = 64 * 1024;
// What a file may ask for: a hostile one must not cost minutes or gigabytes.
constexpr std::uint32_t kPassesMax = 16;
constexpr std::uint32_t kMemoryKibMin = 8 * 1024;
constexpr std::uint32_t kMemoryKibMax = 1024 * 1024;

static_assert(KeyFileSalt::kSize == crypto_pwhash_SALTBYTES);
static_assert(KeyFileNonce::kSize == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);

struct Encryption {
  std::uint32_t passes = kPasses;
  std::uint32_t memory_kib = kMemoryKib;
  KeyFileSalt salt;
  KeyFileNonce nonce;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(passes), SANAD_FIELD(memory_kib), SANAD_FIELD(salt), SANAD_FIELD(nonce));
  }
};

// All that is not secret. Its canonical bytes are authenticated with the encrypted seed.
struct Label {
  std::string format = std::string(kFormat);
  std::string role;
  PublicKey public_key;
  std::string protection;
  std::optional<Encryption> encryption;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(format), SANAD_FIELD_MAX(role, kRoleMax), SANAD_FIELD(public_key),
       SANAD_FIELD(protection), SANAD_FIELD(encryption));
  }
};

struct File {
  Label label;
  // The 32 bytes, or the 48 of the encrypted seed with its tag.
  Bytes secret;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(label), SANAD_FIELD_MAX(secret, 64));
  }
};

// Nothing if there is not enough memory.
std::optional<Seed> encryption_key(const Encryption& encryption, std::string_view passphrase) {
  Seed key;
  const int failed =
      crypto_pwhash(key.bytes.data(), key.bytes.size(), passphrase.data(), passphrase.size(),
                    encryption.salt.bytes.data(), encryption.passes,
                    std::size_t{encryption.memory_kib} * 1024, crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) return std::nullopt;
  return key;
}

Label make_label(const Seed& seed, std::string_view role) {
  assert(role.size() <= kRoleMax && is_clean_text(role));
  Label label;
  label.role = role;
  label.public_key = SigningKey(seed).public_key();
  return label;
}

std::string to_text(const File& file) { return to_json(file) + "\n"; }

Result<File> parse(std::string_view text) {
  if (text.size() > kKeyFileMax) return Error{Errc::kTooLong, "key file"};
  SANAD_TRY(File file, from_json<File>(text));
  if (file.label.format != kFormat) return Error{Errc::kBadKey, "not a " + std::string(kFormat)};
  const bool insecure = file.label.protection == kInsecureProtection;
  if (!insecure && file.label.protection != kEncrypted) {
    return Error{Errc::kBadKey, "unknown protection"};
  }
  if (insecure == file.label.encryption.has_value()) {
    return Error{Errc::kBadKey, "protection and encryption contradict each other"};
  }
  const std::size_t tag = insecure ? 0 : crypto_aead_xchacha20poly1305_ietf_ABYTES;
  if (file.secret.size() != Seed::kSize + tag) return Error{Errc::kBadKey, "length of the secret"};
  return file;
}

Result<Seed> decrypt(const File& file, std::string_view passphrase) {
  const Encryption& encryption = *file.label.encryption;
  const bool sane = encryption.passes >= 1 && encryption.passes <= kPassesMax &&
                    encryption.memory_kib >= kMemoryKibMin &&
                    encryption.memory_kib <= kMemoryKibMax;
  if (!sane) return Error{Errc::kBadKey, "cost of the key derivation is out of bounds"};
  auto key = encryption_key(encryption, passphrase);
  if (!key) return Error{Errc::kBadKey, "not enough memory for the key derivation"};
  const Bytes authenticated = encode(file.label);
  Seed seed;
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      seed.bytes.data(), nullptr, nullptr, file.secret.data(), file.secret.size(),
      authenticated.data(), authenticated.size(), encryption.nonce.bytes.data(), key->bytes.data());
  sodium_memzero(key->bytes.data(), key->bytes.size());
  if (failed != 0) return Error{Errc::kWrongPassphrase, "or the key file was changed"};
  return seed;
}

}  // namespace

std::string seal_key(const Seed& seed, std::string_view role, const KeyEncryption& with) {
  assert(!with.passphrase.empty());
  File file;
  file.label = make_label(seed, role);
  file.label.protection = kEncrypted;
  file.label.encryption = Encryption{kPasses, kMemoryKib, with.salt, with.nonce};
  auto key = encryption_key(*file.label.encryption, with.passphrase);
  assert(key.has_value());
  const Bytes authenticated = encode(file.label);
  file.secret.resize(seed.bytes.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      file.secret.data(), nullptr, seed.bytes.data(), seed.bytes.size(), authenticated.data(),
      authenticated.size(), nullptr, with.nonce.bytes.data(), key->bytes.data());
  sodium_memzero(key->bytes.data(), key->bytes.size());
  return to_text(file);
}

std::string seal_key_insecurely(const Seed& seed, std::string_view role) {
  File file;
  file.label = make_label(seed, role);
  file.label.protection = kInsecureProtection;
  file.secret.assign(seed.bytes.begin(), seed.bytes.end());
  return to_text(file);
}

Result<OpenedKey> open_key(std::string_view text, std::string_view passphrase) {
  SANAD_TRY(const File file, parse(text));
  const bool insecure = !file.label.encryption.has_value();
  SANAD_TRY(Seed seed, insecure ? Seed::from(file.secret) : decrypt(file, passphrase));
  SigningKey key(seed);
  sodium_memzero(seed.bytes.data(), seed.bytes.size());
  if (key.public_key() != file.label.public_key) {
    return Error{Errc::kBadKey, "the public key is not the secret key's"};
  }
  return OpenedKey{file.label.role, insecure, std::move(key)};
}

Result<KeyLabel> read_key_label(std::string_view text) {
  SANAD_TRY(const File file, parse(text));
  return KeyLabel{file.label.role, file.label.public_key, !file.label.encryption.has_value()};
}

}  // namespace sanad::crypto
