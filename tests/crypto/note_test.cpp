#include "crypto/note.h"

#include <catch2/catch.hpp>

#include "tests/crypto/code_of.h"
#include "tests/crypto/seeded.h"

namespace sanad::crypto::tests {
namespace {

constexpr std::string_view kOrigin = "gcc-dev/0011";
constexpr std::uint64_t kTime_s = 1'700'000'000;

SigningKey make_key(std::uint64_t seed) { return SigningKey(Seeded(seed).fixed<Seed>()); }

Checkpoint make_checkpoint() { return {std::string(kOrigin), 42, Seeded(1).fixed<Hash>()}; }

// Members 0…3 cosign under names m0…m3 with keys 10…13; the log's 0x01 line is by key 20.
std::string member(std::size_t i) { return "m" + std::to_string(i); }
CheckpointPolicy make_policy() {
  CheckpointPolicy policy{std::string(kOrigin), {}, 3};
  for (std::size_t i = 0; i < 4; ++i) {
    policy.keys.push_back({member(i), NoteKeyType::kCosignature, make_key(10 + i).public_key()});
  }
  policy.keys.push_back({std::string(kOrigin), NoteKeyType::kEd25519, make_key(20).public_key()});
  return policy;
}
SignedNote make_note(std::size_t cosigners = 3) {
  SignedNote note{make_checkpoint().text(), {}};
  note.lines.push_back(sign_note_line(make_key(20), kOrigin, note.text));
  for (std::size_t i = 0; i < cosigners; ++i) {
    note.lines.push_back(cosign_line(make_key(10 + i), member(i), note.text, kTime_s + i));
  }
  return note;
}

Errc verdict(const SignedNote& note) { return code_of(verify_checkpoint(note, make_policy())); }

}  // namespace

TEST_CASE("F14: a verifier key published with the Go implementation has the id we compute",
          "[note]") {
  const std::string published =
      "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
  const auto key = VerifierKey::parse(published);
  REQUIRE(key.ok());
  CHECK(key->type == NoteKeyType::kEd25519);
  CHECK(key->text() == published);
}

TEST_CASE("F14: a checkpoint is three lines", "[note]") {
  const Checkpoint checkpoint = make_checkpoint();
  CHECK(checkpoint.text() == "gcc-dev/0011\n42\n" + to_base64(checkpoint.root.bytes) + "\n");
  CHECK(Checkpoint::parse(checkpoint.text()).value() == checkpoint);
  const std::string root = to_base64(checkpoint.root.bytes);
  CHECK(Checkpoint::parse("a\n0\n" + root + "\n").value().size == 0);
  CHECK(Checkpoint::parse("a\n18446744073709551615\n" + root + "\n").value().size ==
        ~std::uint64_t{0});
  for (const std::string& text :
       {std::string(), std::string("a\n1\n"), "a\n1\n" + root, "a\n01\n" + root + "\n",
        "a\n+1\n" + root + "\n", "a\n-1\n" + root + "\n", "a\n 1\n" + root + "\n",
        "a\n1 \n" + root + "\n", "a\n\n" + root + "\n", "a\n18446744073709551616\n" + root + "\n",
        "\n1\n" + root + "\n", "a b\n1\n" + root + "\n", "a\n1\n" + root + "\nextension\n",
        "a\n1\n" + root + "\n\n", "a\n1e3\n" + root + "\n", "a\n0x1\n" + root + "\n"}) {
    CAPTURE(text);
    CHECK(code_of(Checkpoint::parse(text)) == Errc::kBadText);
  }
  CHECK(code_of(Checkpoint::parse("a\n1\nAAAA\n")) == Errc::kWrongLength);
}

TEST_CASE("F14: key ids are the standard's, by name, type and key", "[note]") {
  const PublicKey key = make_key(1).public_key();
  const VerifierKey plain{"n", NoteKeyType::kEd25519, key};
  const VerifierKey cosigner{"n", NoteKeyType::kCosignature, key};
  Bytes preimage = {'n', '\n', 4};
  append(preimage, key.bytes);
  CHECK(cosigner.id() == read_u32be(sha256(preimage).bytes));
  preimage[2] = 1;
  CHECK(plain.id() == read_u32be(sha256(preimage).bytes));
  CHECK(VerifierKey::parse(cosigner.text()).value() == cosigner);
}

TEST_CASE("F14: malformed verifier keys are refused", "[note]") {
  const VerifierKey key{"n", NoteKeyType::kCosignature, make_key(1).public_key()};
  const std::string good = key.text();
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == 'Z' ? 'Y' : 'Z';
    CAPTURE(bad);
    CHECK_FALSE(VerifierKey::parse(bad).ok());
    CHECK_FALSE(VerifierKey::parse(good.substr(0, i)).ok());
  }
  CHECK_FALSE(VerifierKey::parse(good + "=").ok());
  // Type 2 with a matching id.
  Bytes encoded = {2};
  append(encoded, key.key.bytes);
  Bytes preimage = {'n', '\n'};
  append(preimage, encoded);
  const std::string other =
      "n+" + to_hex(ByteView(sha256(preimage).bytes).first(4)) + "+" + to_base64(encoded);
  CHECK(code_of(VerifierKey::parse(other)) == Errc::kBadKey);
}

TEST_CASE("F14: a cosignature is u64be time and a signature over header, time and note", "[note]") {
  const SigningKey key = make_key(1);
  const std::string text = make_checkpoint().text();
  const Cosignature cosignature = cosign(key, text, 1'679'315'147);
  CHECK(verify(key.public_key(), as_bytes("cosignature/v1\ntime 1679315147\n" + text),
               cosignature.signature));
  const NoteLine line = cosign_line(key, "w", text, 1'679'315'147);
  REQUIRE(line.signature.size() == 72);
  CHECK(read_u64be(line.signature) == 1'679'315'147);
  CHECK(line == cosignature_line(key.public_key(), "w", cosignature));
  CHECK(decode<Cosignature>(encode(cosignature)).value() == cosignature);
  CHECK(verify_cosignature(key.public_key(), text, cosignature));
  CHECK_FALSE(verify_cosignature(key.public_key(), text + "x\n", cosignature));
  CHECK_FALSE(verify_cosignature(make_key(2).public_key(), text, cosignature));
  Cosignature later = cosignature;
  ++later.time_s;
  CHECK_FALSE(verify_cosignature(key.public_key(), text, later));
}

TEST_CASE("F14: times beyond 63 bits are refused", "[note]") {
  const SigningKey key = make_key(1);
  const std::string text = make_checkpoint().text();
  constexpr std::uint64_t kLast = std::numeric_limits<std::int64_t>::max();
  CHECK(verify_cosignature(key.public_key(), text, cosign(key, text, kLast)));
  CHECK_FALSE(verify_cosignature(key.public_key(), text, cosign(key, text, kLast + 1)));
}

TEST_CASE("F14: a quorum of cosignatures makes a checkpoint", "[note]") {
  const auto verified = verify_checkpoint(make_note(), make_policy());
  REQUIRE(verified.ok());
  CHECK(verified->checkpoint == make_checkpoint());
  CHECK(verified->cosigners == 3);
  CHECK(verified->time_s == kTime_s + 1);
  CHECK(verdict(make_note(4)) == Errc::kNone);
  CHECK(verdict(make_note(2)) == Errc::kNotQuorum);
}

TEST_CASE("F14: the log's own line counts for nothing", "[note]") {
  SignedNote note = make_note(2);
  note.lines.push_back(note.lines[0]);
  CHECK(verdict(note) == Errc::kNotQuorum);
}

TEST_CASE("F14: one member counts once, however often and under whatever name", "[note]") {
  SignedNote note = make_note(2);
  note.lines.push_back(cosign_line(make_key(10), member(0), note.text, kTime_s + 9));
  note.lines.push_back(note.lines[1]);
  CHECK(verdict(note) == Errc::kNotQuorum);
  note.lines.push_back(cosign_line(make_key(10), "alias", note.text, kTime_s));
  CheckpointPolicy policy = make_policy();
  policy.keys.push_back({"alias", NoteKeyType::kCosignature, make_key(10).public_key()});
  CHECK(code_of(verify_checkpoint(note, policy)) == Errc::kNotQuorum);
}

TEST_CASE("F14: unknown signers are ignored, known ones must be right", "[note]") {
  SignedNote note = make_note();
  note.lines.push_back(cosign_line(make_key(50), "stranger", note.text, kTime_s));
  note.lines.push_back(cosign_line(make_key(51), member(3), note.text, kTime_s));  // another id
  CHECK(verdict(note) == Errc::kNone);
  note.lines.push_back({member(3), make_policy().keys[3].id(), Bytes(72)});
  CHECK(verdict(note) == Errc::kBadSignature);
  note = make_note();
  note.lines[2].signature.back() ^= 1;
  CHECK(verdict(note) == Errc::kBadSignature);
  note = make_note();
  note.lines[2].signature.pop_back();
  CHECK(verdict(note) == Errc::kBadSignature);
  note = make_note();
  note.lines[0].signature[0] ^= 1;
  CHECK(verdict(note) == Errc::kBadSignature);
}

TEST_CASE("F14: a cosigner's key does not pass as a log key, nor the other way", "[note]") {
  SignedNote note = make_note(2);
  NoteLine line = sign_note_line(make_key(12), member(2), note.text);
  line.key_id = make_policy().keys[2].id();
  note.lines.push_back(line);
  CHECK(verdict(note) == Errc::kBadSignature);
}

TEST_CASE("Hostile 65: a checkpoint of another log is refused", "[note]") {
  SignedNote note{Checkpoint{"gcc-dev/0012", 42, Hash()}.text(), {}};
  for (std::size_t i = 0; i < 3; ++i) {
    note.lines.push_back(cosign_line(make_key(10 + i), member(i), note.text, kTime_s));
  }
  CHECK(verdict(note) == Errc::kBadProof);
}

TEST_CASE("F14, F17: no byte of a checkpoint changes unnoticed where only known keys are allowed",
          "[note]") {
  const std::string good = make_note(4).format();
  REQUIRE(SignedNote::parse(good).value() == make_note(4));
  CheckpointPolicy policy = make_policy();
  policy.only_known_keys = true;
  CHECK(verify_checkpoint(make_note(4), policy).ok());
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    const auto note = SignedNote::parse(bad);
    CAPTURE(i);
    CHECK((!note || !verify_checkpoint(*note, policy).ok()));
  }
  SignedNote note = make_note();
  note.lines.push_back(cosign_line(make_key(50), "stranger", note.text, kTime_s));
  CHECK(code_of(verify_checkpoint(note, policy)) == Errc::kBadKey);
}

TEST_CASE("Notes: malformed notes are refused", "[note]") {
  const std::string line = make_note().lines[0].text();
  const std::string dash = "\xE2\x80\x94 ";
  REQUIRE(SignedNote::parse("t\n\n" + line).ok());
  for (const std::string& text : {std::string(),
                                  std::string("\n"),
                                  std::string("\n\n"),
                                  std::string("t\n\n"),
                                  "t\n" + line,
                                  "t\n\n" + line.substr(0, line.size() - 1),
                                  "t\n\n" + line + "\n",
                                  "t\n\n" + line + "x\n",
                                  "t\n\n" + line.substr(4),
                                  "t\n\n- " + line.substr(4),
                                  "t\n\n" + dash + "name\n",
                                  "t\n\n" + dash + " AAAAAAA=\n",
                                  "t\n\n" + dash + "name AAAAAAA\n",
                                  "t\n\n" + dash + "name AAAAAA==\n",
                                  "t\n\n" + dash + "name AAAAAAB=\n",
                                  "t\n\n" + dash + "na+me AAAAAAA=\n",
                                  "t\n\n" + dash + "name  AAAAAAA=\n",
                                  "t\n\n" + dash + "name AAAAAAA= \n",
                                  "t\n\n" + dash + "na\xC2\xA0me AAAAAAA=\n",
                                  "t\n\n" + dash + "na\xE3\x80\x80me AAAAAAA=\n"}) {
    CAPTURE(text);
    CHECK(code_of(SignedNote::parse(text)) == Errc::kBadText);
  }
  CHECK(SignedNote::parse("t\n\n" + dash + "name AAAAAAA=\n").ok());
}

TEST_CASE("Notes: control characters and broken UTF-8 are refused anywhere", "[note]") {
  const std::string good = make_note().format();
  for (const std::string& bad :
       {std::string("\r"), std::string("\t"), std::string(1, '\0'), std::string("\xFF"),
        std::string("\x7F"), std::string("\xC2\x85")}) {
    for (const std::size_t at : {std::size_t{0}, std::size_t{5}, good.size() - 1}) {
      std::string text = good;
      text.insert(at, bad);
      CHECK(code_of(SignedNote::parse(text)) == Errc::kBadUtf8);
    }
  }
}

TEST_CASE("Notes: the text ends at the last empty line", "[note]") {
  const std::string line = make_note().lines[0].text();
  const auto note = SignedNote::parse("a\n\nb\n\n" + line);
  REQUIRE(note.ok());
  CHECK(note->text == "a\n\nb\n");
  CHECK(note->format() == "a\n\nb\n\n" + line);
}

TEST_CASE("Notes: 64 signatures are accepted, 65 and overlong lines are not", "[note]") {
  SignedNote note = make_note();
  while (note.lines.size() < kNoteLinesMax) note.lines.push_back({"other", 7, Bytes(64)});
  CHECK(SignedNote::parse(note.format()).ok());
  CHECK(verdict(note) == Errc::kNone);
  note.lines.push_back({"other", 7, Bytes(64)});
  CHECK(code_of(SignedNote::parse(note.format())) == Errc::kTooLong);
  note = make_note();
  note.lines.push_back({"post-quantum", 7, Bytes(5'000)});
  CHECK(SignedNote::parse(note.format()).ok());
  note.lines.back().signature.resize(kNoteSignatureMax + 1);
  CHECK(code_of(SignedNote::parse(note.format())) == Errc::kTooLong);
  CHECK(code_of(SignedNote::parse(std::string(kNoteMax + 1, 'a'))) == Errc::kTooLong);
}

TEST_CASE("Notes: whatever parses formats to the same text", "[note]") {
  Seeded seeded(4);
  const std::string good = make_note().format();
  const Bytes bytes(good.begin(), good.end());
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    const Bytes mutated = seeded.mutated(bytes);
    const auto note = SignedNote::parse(as_text(mutated));
    if (!note) continue;
    ++accepted;
    if (note->format() != as_text(mutated)) FAIL(as_text(mutated));
  }
  CHECK(accepted > 100);
}

}  // namespace sanad::crypto::tests
