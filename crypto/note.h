// Signed notes, checkpoints and cosignatures, as C2SP specifies them (c2sp.org/signed-note,
// tlog-checkpoint, tlog-cosignature; LEDGER F14). Clients that we did not write read them. Pure.
#pragma once

#include "crypto/codec.h"
#include "crypto/signature.h"

namespace sanad::crypto {

inline constexpr std::size_t kNoteMax = 65'536;   // bytes of a whole signed note
inline constexpr std::size_t kNoteLinesMax = 64;  // signature lines; the standard asks for ≥ 16
inline constexpr std::size_t kNoteSignatureMax = 8'192;  // bytes in one line, key id included
inline constexpr std::size_t kKeyNameMax = 256;          // bytes

// Non-empty clean UTF-8 of at most kKeyNameMax bytes without spaces and "+".
[[nodiscard]] bool is_key_name(std::string_view name);

// The body of a checkpoint: "<origin>\n<size>\n<base64 root>\n", no extension lines.
struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Hash root;

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
  [[nodiscard]] std::string text() const;
  // kBadText for anything that text() would not have written.
  static Result<Checkpoint> parse(std::string_view text);
};

enum class NoteKeyType : std::uint8_t {
  kEd25519 = 0x01,      // signs the note's text
  kCosignature = 0x04,  // signs "cosignature/v1\ntime <t>\n" and the note's text
};

// A public key under a name. Its text form is "<name>+<8 hex digits of the id>+<base64(type ‖
// key)>".
struct VerifierKey {
  std::string name;
  NoteKeyType type = NoteKeyType::kEd25519;
  PublicKey key;

  friend bool operator==(const VerifierKey&, const VerifierKey&) = default;
  // First four bytes, big-endian, of SHA-256(name ‖ "\n" ‖ type ‖ key).
  [[nodiscard]] std::uint32_t id() const;
  // REQUIRES: is_key_name(name).
  [[nodiscard]] std::string text() const;
  // kBadText for a malformed text or an id that is not the key's.
  static Result<VerifierKey> parse(std::string_view text);
};

// One signature line: "— <name> <base64(u32be key id ‖ signature)>\n".
struct NoteLine {
  std::string name;
  std::uint32_t key_id = 0;
  Bytes signature;

  friend bool operator==(const NoteLine&, const NoteLine&) = default;
  [[nodiscard]] std::string text() const;
};

struct SignedNote {
  std::string text;  // ends with a newline
  std::vector<NoteLine> lines;

  friend bool operator==(const SignedNote&, const SignedNote&) = default;
  // REQUIRES: text and lines that parse() accepts.
  [[nodiscard]] std::string format() const;
  // The form alone: kTooLong over the limits, kBadUtf8 for control characters or broken UTF-8,
  // kBadText otherwise. format() of the result is the input.
  static Result<SignedNote> parse(std::string_view note);
};

// A member's signature over a checkpoint at a time (tlog-cosignature v1).
struct Cosignature {
  std::uint64_t time_s = 0;
  Signature signature;

  friend bool operator==(const Cosignature&, const Cosignature&) = default;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(time_s), SANAD_FIELD(signature));
  }
};

// A 0x01 line over `text`.
NoteLine sign_note_line(const SigningKey& key, std::string_view name, std::string_view text);
// A cosignature over `text` at `time_s` (seconds since 1970).
Cosignature cosign(const SigningKey& key, std::string_view text, std::uint64_t time_s);
// A 0x04 line: cosign() under a name.
NoteLine cosign_line(const SigningKey& key, std::string_view name, std::string_view text,
                     std::uint64_t time_s);
// The 0x04 line of a cosignature made elsewhere.
NoteLine cosignature_line(const PublicKey& key, std::string_view name,
                          const Cosignature& cosignature);
bool verify_cosignature(const PublicKey& key, std::string_view text,
                        const Cosignature& cosignature);

// A known key's line that verified. `time_s` is 0 for a 0x01 line.
struct VerifiedLine {
  std::size_t key = 0;  // index into the keys given
  std::uint64_t time_s = 0;
};
// The keys whose lines verify, each once, in the order of the lines. Lines of unknown keys are
// ignored; a known key's line that does not verify refuses the note (kBadSignature).
Result<std::vector<VerifiedLine>> verify_lines(const SignedNote& note,
                                               std::span<const VerifierKey> keys);

// The different public keys among the 0x04 lines, and the median of their times.
struct Cosigners {
  std::size_t count = 0;
  std::uint64_t time_s = 0;  // 0 where there are none
};
// REQUIRES: every line's key is an index into `keys`.
Cosigners cosigners_of(std::span<const VerifiedLine> lines, std::span<const VerifierKey> keys);

// Whom to believe: `quorum` different public keys among the 0x04 keys, and this origin. 0x01 keys
// given are checked but not counted.
struct CheckpointPolicy {
  std::string origin;
  std::vector<VerifierKey> keys;
  std::size_t quorum = 0;  // at least 1
  // Refuses a note with a line of an unknown key, which the standard would have a verifier ignore:
  // then no byte of the note can change unnoticed.
  bool only_known_keys = false;
};
// The checkpoint that a quorum has cosigned, with the median of their times. kNotQuorum,
// kBadSignature, kBadText (not a checkpoint), kBadProof (another origin) or kBadKey
// (an unknown key, where only known ones are allowed).
struct VerifiedCheckpoint {
  Checkpoint checkpoint;
  std::uint64_t time_s = 0;
  std::size_t cosigners = 0;
};
Result<VerifiedCheckpoint> verify_checkpoint(const SignedNote& note,
                                             const CheckpointPolicy& policy);

}  // namespace sanad::crypto
