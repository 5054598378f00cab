#include "crypto/note.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace sanad::crypto {
namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // em dash, space
constexpr std::size_t kCosignatureSize = 8 + Signature::kSize;
// The standard holds times to 63 bits.
constexpr std::uint64_t kTimeMax = std::numeric_limits<std::int64_t>::max();

// Unicode's White_Space that is_clean_text() leaves in.
constexpr std::array<std::string_view, 19> kSpaces = {" ",
                                                      "\xC2\xA0",
                                                      "\xE1\x9A\x80",
                                                      "\xE2\x80\x80",
                                                      "\xE2\x80\x81",
                                                      "\xE2\x80\x82",
                                                      "\xE2\x80\x83",
                                                      "\xE2\x80\x84",
                                                      "\xE2\x80\x85",
                                                      "\xE2\x80\x86",
                                                      "\xE2\x80\x87",
                                                      "\xE2\x80\x88",
                                                      "\xE2\x80\x89",
                                                      "\xE2\x80\x8A",
                                                      "\xE2\x80\xA8",
                                                      "\xE2\x80\xA9",
                                                      "\xE2\x80\xAF",
                                                      "\xE2\x81\x9F",
                                                      "\xE3\x80\x80"};

Error bad_text(std::string what) { return {Errc::kBadText, std::move(what)}; }

// Cuts the first line off `rest`, without its newline; nothing if there is no newline.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

Status check_lines_clean(std::string_view text) {
  while (!text.empty()) {
    const auto line = take_line(text);
    if (!line) return bad_text("a note ends with a newline");
    if (!is_clean_text(*line)) return Error{Errc::kBadUtf8, "in a note"};
  }
  return {};
}

Result<NoteLine> parse_line(std::string_view line) {
  if (!line.starts_with(kDash)) return bad_text("a signature line starts with an em dash");
  line.remove_prefix(kDash.size());
  const auto space = line.find(' ');
  if (space == std::string_view::npos) return bad_text("a signature line without a signature");
  const std::string_view name = line.substr(0, space);
  if (!is_key_name(name)) return bad_text("a signature line with a malformed key name");
  const std::string_view encoded = line.substr(space + 1);
  if (encoded.size() > (kNoteSignatureMax + 2) / 3 * 4) {
    return Error{Errc::kTooLong, "a signature line"};
  }
  SANAD_TRY(const Bytes bytes, from_base64(encoded));
  if (bytes.size() < 5) return bad_text("a signature line without a signature");
  return NoteLine{std::string(name), read_u32be(bytes), Bytes(bytes.begin() + 4, bytes.end())};
}

std::string cosigned_text(std::string_view text, std::uint64_t time_s) {
  return "cosignature/v1\ntime " + std::to_string(time_s) + "\n" + std::string(text);
}

std::optional<Cosignature> as_cosignature(const NoteLine& line) {
  if (line.signature.size() != kCosignatureSize) return std::nullopt;
  Cosignature cosignature;
  cosignature.time_s = read_u64be(line.signature);
  std::copy(line.signature.begin() + 8, line.signature.end(), cosignature.signature.bytes.begin());
  return cosignature;
}

// The time of the line if `key` made it, 0 for a 0x01 line.
std::optional<std::uint64_t> verify_line(const VerifierKey& key, const NoteLine& line,
                                         std::string_view text) {
  if (key.type == NoteKeyType::kCosignature) {
    const auto cosignature = as_cosignature(line);
    if (!cosignature || !verify_cosignature(key.key, text, *cosignature)) return std::nullopt;
    return cosignature->time_s;
  }
  const auto signature = Signature::from(line.signature);
  if (!signature || !verify(key.key, as_bytes(text), *signature)) return std::nullopt;
  return 0;
}

bool made_by(const NoteLine& line, const VerifierKey& key) {
  return key.name == line.name && key.id() == line.key_id;
}

Status check_known(const SignedNote& note, std::span<const VerifierKey> keys) {
  for (const NoteLine& line : note.lines) {
    const auto made_line = [&line](const VerifierKey& key) { return made_by(line, key); };
    if (std::none_of(keys.begin(), keys.end(), made_line)) {
      return Error{Errc::kBadKey, "a line of the unknown key " + line.name};
    }
  }
  return {};
}

}  // namespace

bool is_key_name(std::string_view name) {
  const auto contains = [name](std::string_view part) {
    return name.find(part) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= kKeyNameMax && is_clean_text(name) && !contains("+") &&
         std::none_of(kSpaces.begin(), kSpaces.end(), contains);
}

// ------------------------------------------------------------------ checkpoint

std::string Checkpoint::text() const {
  return origin + "\n" + std::to_string(size) + "\n" + to_base64(root.bytes) + "\n";
}

Result<Checkpoint> Checkpoint::parse(std::string_view text) {
  std::string_view rest = text;
  const auto origin = take_line(rest);
  const auto size = take_line(rest);
  const auto root = take_line(rest);
  if (!origin || !size || !root || !rest.empty()) {
    return bad_text("a checkpoint has three lines: origin, size, root");
  }
  if (!is_key_name(*origin)) return bad_text("the checkpoint's origin");
  Checkpoint checkpoint;
  checkpoint.origin = *origin;
  std::from_chars(size->data(), size->data() + size->size(), checkpoint.size);
  if (std::to_string(checkpoint.size) != *size) return bad_text("the checkpoint's size");
  SANAD_TRY(const Bytes hash, from_base64(*root));
  SANAD_TRY(checkpoint.root, Hash::from(hash));
  return checkpoint;
}

// ------------------------------------------------------------------ keys

std::uint32_t VerifierKey::id() const {
  const std::array<std::uint8_t, 2> separator = {'\n', static_cast<std::uint8_t>(type)};
  const Hash hash = Sha256().update(name).update(separator).update(key.bytes).finish();
  return read_u32be(hash.bytes);
}

std::string VerifierKey::text() const {
  assert(is_key_name(name));
  Bytes id_bytes;
  append_u32be(id_bytes, id());
  Bytes encoded = {static_cast<std::uint8_t>(type)};
  append(encoded, key.bytes);
  return name + "+" + to_hex(id_bytes) + "+" + to_base64(encoded);
}

Result<VerifierKey> VerifierKey::parse(std::string_view text) {
  const auto first = text.find('+');
  const auto second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) return bad_text("a verifier key is name+id+key");
  VerifierKey parsed;
  parsed.name = text.substr(0, first);
  if (!is_key_name(parsed.name)) return bad_text("the verifier key's name");
  SANAD_TRY(const Bytes id, from_hex(text.substr(first + 1, second - first - 1)));
  SANAD_TRY(const Bytes encoded, from_base64(text.substr(second + 1)));
  if (id.size() != 4 || encoded.size() != 1 + PublicKey::kSize) {
    return bad_text("the verifier key's length");
  }
  parsed.type = static_cast<NoteKeyType>(encoded[0]);
  if (parsed.type != NoteKeyType::kEd25519 && parsed.type != NoteKeyType::kCosignature) {
    return Error{Errc::kBadKey, "verifier key of unknown type " + std::to_string(encoded[0])};
  }
  std::copy(encoded.begin() + 1, encoded.end(), parsed.key.bytes.begin());
  if (read_u32be(id) != parsed.id()) return bad_text("the verifier key's id is not the key's");
  return parsed;
}

// ------------------------------------------------------------------ notes

std::string NoteLine::text() const {
  Bytes bytes;
  append_u32be(bytes, key_id);
  append(bytes, signature);
  return std::string(kDash) + name + " " + to_base64(bytes) + "\n";
}

std::string SignedNote::format() const {
  std::string note = text + "\n";
  for (const NoteLine& line : lines) note += line.text();
  return note;
}

Result<SignedNote> SignedNote::parse(std::string_view note) {
  if (note.size() > kNoteMax) return Error{Errc::kTooLong, "note"};
  SANAD_TRY_STATUS(check_lines_clean(note));
  const auto blank = note.rfind("\n\n");
  if (blank == std::string_view::npos) return bad_text("a note without signatures");
  SignedNote parsed;
  parsed.text = note.substr(0, blank + 1);
  std::string_view rest = note.substr(blank + 2);
  while (const auto line = take_line(rest)) {
    if (parsed.lines.size() == kNoteLinesMax) return Error{Errc::kTooLong, "too many signatures"};
    SANAD_TRY(NoteLine signature_line, parse_line(*line));
    parsed.lines.push_back(std::move(signature_line));
  }
  if (parsed.lines.empty()) return bad_text("a note without signatures");
  return parsed;
}

// ------------------------------------------------------------------ signing and verifying

NoteLine sign_note_line(const SigningKey& key, std::string_view name, std::string_view text) {
  const VerifierKey verifier{std::string(name), NoteKeyType::kEd25519, key.public_key()};
  const Signature signature = key.sign(as_bytes(text));
  return {verifier.name, verifier.id(), Bytes(signature.bytes.begin(), signature.bytes.end())};
}

Cosignature cosign(const SigningKey& key, std::string_view text, std::uint64_t time_s) {
  return {time_s, key.sign(as_bytes(cosigned_text(text, time_s)))};
}

NoteLine cosignature_line(const PublicKey& key, std::string_view name,
                          const Cosignature& cosignature) {
  const VerifierKey verifier{std::string(name), NoteKeyType::kCosignature, key};
  Bytes signature;
  append_u64be(signature, cosignature.time_s);
  append(signature, cosignature.signature.bytes);
  return {verifier.name, verifier.id(), std::move(signature)};
}

NoteLine cosign_line(const SigningKey& key, std::string_view name, std::string_view text,
                     std::uint64_t time_s) {
  return cosignature_line(key.public_key(), name, cosign(key, text, time_s));
}

bool verify_cosignature(const PublicKey& key, std::string_view text,
                        const Cosignature& cosignature) {
  return cosignature.time_s <= kTimeMax &&
         verify(key, as_bytes(cosigned_text(text, cosignature.time_s)), cosignature.signature);
}

Result<std::vector<VerifiedLine>> verify_lines(const SignedNote& note,
                                               std::span<const VerifierKey> keys) {
  std::vector<VerifiedLine> verified;
  for (const NoteLine& line : note.lines) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!made_by(line, keys[i])) continue;
      const auto time_s = verify_line(keys[i], line, note.text);
      if (!time_s) return Error{Errc::kBadSignature, "line of " + line.name};
      const auto same_key = [i](const VerifiedLine& known) { return known.key == i; };
      if (std::none_of(verified.begin(), verified.end(), same_key))
        verified.push_back({i, *time_s});
    }
  }
  return verified;
}

Cosigners cosigners_of(std::span<const VerifiedLine> lines, std::span<const VerifierKey> keys) {
  // One member under two names is one member.
  std::vector<PublicKey> cosigners;
  std::vector<std::uint64_t> times_s;
  for (const VerifiedLine& line : lines) {
    const VerifierKey& key = keys[line.key];
    if (key.type != NoteKeyType::kCosignature) continue;
    if (std::find(cosigners.begin(), cosigners.end(), key.key) != cosigners.end()) continue;
    cosigners.push_back(key.key);
    times_s.push_back(line.time_s);
  }
  std::sort(times_s.begin(), times_s.end());
  return {times_s.size(), times_s.empty() ? 0 : times_s[(times_s.size() - 1) / 2]};
}

Result<VerifiedCheckpoint> verify_checkpoint(const SignedNote& note,
                                             const CheckpointPolicy& policy) {
  assert(policy.quorum > 0);
  VerifiedCheckpoint result;
  SANAD_TRY(result.checkpoint, Checkpoint::parse(note.text));
  if (result.checkpoint.origin != policy.origin) {
    return Error{Errc::kBadProof,
                 "checkpoint of " + result.checkpoint.origin + ", not of " + policy.origin};
  }
  if (policy.only_known_keys) SANAD_TRY_STATUS(check_known(note, policy.keys));
  SANAD_TRY(const auto lines, verify_lines(note, policy.keys));
  const Cosigners cosigners = cosigners_of(lines, policy.keys);
  result.cosigners = cosigners.count;
  result.time_s = cosigners.time_s;
  if (result.cosigners < policy.quorum) {
    return Error{Errc::kNotQuorum,
                 std::to_string(result.cosigners) + " of " + std::to_string(policy.quorum)};
  }
  return result;
}

}  // namespace sanad::crypto
