#include "crypto/key_file.h"

#include <catch2/catch.hpp>

#include "tests/crypto/seeded.h"

namespace sanad::crypto::tests {
namespace {

constexpr std::string_view kPassphrase = "correct horse";

Seed make_seed() { return Seeded(1).fixed<Seed>(); }

const std::string& sealed() {
  static const std::string text =
      seal_key(make_seed(), "consensus",
               {kPassphrase, Seeded(2).fixed<KeyFileSalt>(), Seeded(3).fixed<KeyFileNonce>()});
  return text;
}

Errc refusal(std::string_view text, std::string_view passphrase) {
  const auto result = open_key(text, passphrase);
  return result ? Errc::kNone : static_cast<Errc>(result.error().code.value());
}

std::string with(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("F4: a sealed key opens with its passphrase and with no other", "[key_file]") {
  const auto opened = open_key(sealed(), kPassphrase);
  REQUIRE(opened.ok());
  CHECK(opened->role == "consensus");
  CHECK_FALSE(opened->insecure);
  CHECK(opened->key.public_key() == SigningKey(make_seed()).public_key());
  CHECK(opened->key.sign(Bytes{1}) == SigningKey(make_seed()).sign(Bytes{1}));
  for (const char* wrong : {"", "correct horsf", "Correct horse", "correct horse "}) {
    CHECK(refusal(sealed(), wrong) == Errc::kWrongPassphrase);
  }
}

TEST_CASE("F4: a sealed file does not show the seed", "[key_file]") {
  CHECK(sealed().find(to_base64(make_seed().bytes).substr(0, 12)) == std::string::npos);
  CHECK(sealed().find(make_seed().hex()) == std::string::npos);
  CHECK(sealed().find("\"argon2id\"") != std::string::npos);
}

TEST_CASE("F4: another salt or nonce gives another file", "[key_file]") {
  const auto other =
      seal_key(make_seed(), "consensus",
               {kPassphrase, Seeded(2).fixed<KeyFileSalt>(), Seeded(4).fixed<KeyFileNonce>()});
  CHECK(other != sealed());
  CHECK(open_key(other, kPassphrase).ok());
}

TEST_CASE("F4: role, public key, cost, salt, nonce and secret are all authenticated",
          "[key_file]") {
  const PublicKey own = SigningKey(make_seed()).public_key();
  const PublicKey other = SigningKey(Seeded(9).fixed<Seed>()).public_key();
  const auto salt = Seeded(2).fixed<KeyFileSalt>();
  const auto nonce = Seeded(3).fixed<KeyFileNonce>();
  const auto bad_salt = Seeded(4).fixed<KeyFileSalt>();
  const auto bad_nonce = Seeded(4).fixed<KeyFileNonce>();
  CHECK(refusal(with(sealed(), "consensus", "cosigner"), kPassphrase) == Errc::kWrongPassphrase);
  CHECK(refusal(with(sealed(), own.hex(), other.hex()), kPassphrase) == Errc::kWrongPassphrase);
  CHECK(refusal(with(sealed(), "\"passes\":3", "\"passes\":1"), kPassphrase) ==
        Errc::kWrongPassphrase);
  CHECK(refusal(with(sealed(), salt.hex(), bad_salt.hex()), kPassphrase) == Errc::kWrongPassphrase);
  CHECK(refusal(with(sealed(), nonce.hex(), bad_nonce.hex()), kPassphrase) ==
        Errc::kWrongPassphrase);
  const auto at = sealed().find("\"secret\":\"") + 10;
  for (const std::size_t offset : {0U, 20U, 62U}) {
    std::string bad = sealed();
    char& digit = bad[at + offset];
    digit = digit == 'A' ? 'B' : 'A';
    CHECK(refusal(bad, kPassphrase) == Errc::kWrongPassphrase);
  }
}

TEST_CASE("F4: a file may not ask for absurd cost, nor for a cheap one", "[key_file]") {
  for (const auto& [from, to] : {std::pair("\"passes\":3", "\"passes\":0"),
                                 {"\"passes\":3", "\"passes\":17"},
                                 {"\"memory_kib\":65536", "\"memory_kib\":4294967295"},
                                 {"\"memory_kib\":65536", "\"memory_kib\":1048577"},
                                 {"\"memory_kib\":65536", "\"memory_kib\":8191"}}) {
    CHECK(refusal(with(sealed(), from, to), kPassphrase) == Errc::kBadKey);
  }
}

TEST_CASE("F4: an insecure key says so and needs no passphrase", "[key_file]") {
  const std::string text = seal_key_insecurely(make_seed(), "tls");
  CHECK(text.find(kInsecureProtection) != std::string::npos);
  const auto opened = open_key(text, "");
  REQUIRE(opened.ok());
  CHECK(opened->insecure);
  CHECK(opened->role == "tls");
  CHECK(opened->key.public_key() == SigningKey(make_seed()).public_key());
}

TEST_CASE("F4: an insecure file whose public key is not its secret's is refused", "[key_file]") {
  const std::string text = seal_key_insecurely(make_seed(), "tls");
  const PublicKey other = SigningKey(Seeded(9).fixed<Seed>()).public_key();
  const PublicKey own = SigningKey(make_seed()).public_key();
  CHECK(refusal(with(text, own.hex(), other.hex()), "") == Errc::kBadKey);
  Seed seed = make_seed();
  const std::string before = to_base64(seed.bytes);
  seed.bytes[5] ^= 1;
  CHECK(refusal(with(text, before, to_base64(seed.bytes)), "") == Errc::kBadKey);
}

TEST_CASE("F4: an encrypted file cannot be passed off as an insecure one", "[key_file]") {
  CHECK(refusal(with(sealed(), "\"argon2id\"", "\"" + std::string(kInsecureProtection) + "\""),
                kPassphrase) == Errc::kBadKey);
  const std::string plain = seal_key_insecurely(make_seed(), "tls");
  CHECK(refusal(with(plain, kInsecureProtection, "argon2id"), kPassphrase) == Errc::kBadKey);
  CHECK(refusal(with(plain, kInsecureProtection, "none"), "") == Errc::kBadKey);
}

TEST_CASE("F4: what is no key file is refused", "[key_file]") {
  CHECK(refusal("", "") == Errc::kTruncated);
  CHECK(refusal("{}", "") == Errc::kMissingField);
  CHECK(refusal(std::string(kKeyFileMax + 1, ' '), "") == Errc::kTooLong);
  const std::string plain = seal_key_insecurely(make_seed(), "tls");
  CHECK(refusal(with(plain, "sanad-key-v1", "sanad-key-v2"), "") == Errc::kBadKey);
  CHECK(refusal(with(plain, to_base64(make_seed().bytes), "AAAA"), "") == Errc::kBadKey);
  CHECK(refusal(plain.substr(0, plain.size() / 2), "") == Errc::kTruncated);
}

TEST_CASE("F4: the label can be read without the passphrase", "[key_file]") {
  const auto label = read_key_label(sealed());
  REQUIRE(label.ok());
  CHECK(label->role == "consensus");
  CHECK(label->public_key == SigningKey(make_seed()).public_key());
  CHECK_FALSE(label->insecure);
}

}  // namespace sanad::crypto::tests
