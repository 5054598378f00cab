// Texts that clients and members exchange: notes, checkpoints, proofs, policies, verifier keys,
// paths of tiles, key files and JSON. Every input is tried as each of them; what is accepted has
// one form (JSON excepted), and what is signed here over an accepted text is found valid.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "chaincode/statement.h"
#include "crypto/codec_json.h"
#include "crypto/key_file.h"
#include "crypto/log_tile.h"
#include "crypto/tlog_policy.h"
#include "crypto/tlog_proof.h"

namespace {

using namespace sanad;
using namespace sanad::crypto;

constexpr std::string_view kName = "fuzz";
constexpr std::uint64_t kTime_s = 1'700'000'000;

// The key whose lines stand in the corpus (tests/fuzz/seeds.cpp).
const SigningKey& key() {
  static const SigningKey kKey = [] {
    Seed seed;
    seed.bytes.fill(7);
    return SigningKey(seed);
  }();
  return kKey;
}

CheckpointPolicy policy_for(std::string origin) {
  return {std::move(origin),
          {{std::string(kName), NoteKeyType::kCosignature, key().public_key()},
           {std::string(kName), NoteKeyType::kEd25519, key().public_key()}},
          1};
}

void read_checkpoint(std::string_view text) {
  const auto checkpoint = Checkpoint::parse(text);
  if (!checkpoint) return;
  assert(checkpoint->text() == text);
  const SignedNote note{std::string(text), {cosign_line(key(), kName, text, kTime_s)}};
  const auto parsed = SignedNote::parse(note.format());
  assert(parsed && *parsed == note);
  const auto verified = verify_checkpoint(*parsed, policy_for(checkpoint->origin));
  assert(verified && verified->checkpoint == *checkpoint && verified->time_s == kTime_s);
}

void read_tile(std::string_view text) {
  const auto tile = LogTile::parse(text);
  if (!tile) return;
  assert(tile->path() == text);
  assert(!tile->is_within(0));
  assert(tile->node_level() > 0 || tile->is_within(tile->first() + tile->width));
  assert(tile->first() + tile->width == 0 || !tile->is_within(tile->first() + tile->width - 1));
}

void read_note(std::string_view text) {
  const auto note = SignedNote::parse(text);
  if (!note) return;
  assert(note->format() == text);
  const auto body = Checkpoint::parse(note->text);
  CheckpointPolicy policy = policy_for(body ? body->origin : std::string("log"));
  const auto verified = verify_checkpoint(*note, policy);
  assert(!verified || (body && verified->checkpoint == *body && verified->cosigners == 1));
  policy.only_known_keys = true;
  const auto strictly = verify_checkpoint(*note, policy);
  assert(!strictly || verified);
}

void read_proof(std::string_view text) {
  const auto proof = TlogProof::parse(text);
  if (!proof) return;
  assert(proof->format() == text);
  const Hash leaf = leaf_hash(Bytes{5, 5, 5});
  const auto verified = verify_tlog_proof(*proof, leaf, policy_for("log"));
  assert(!verified || proof->index < verified->checkpoint.size);
}

void read_policy(std::string_view text) {
  const auto policy = TlogPolicy::parse(text);
  if (!policy) return;
  const std::string origin = policy->logs().empty() ? "log" : policy->logs().front().name;
  SignedNote note{Checkpoint{origin, 1, Hash()}.text(), {}};
  note.lines.push_back(sign_note_line(key(), origin, note.text));
  note.lines.push_back(cosign_line(key(), kName, note.text, kTime_s));
  const auto verified = policy->verify(note);
  assert(!verified || verified->witnesses.size() <= policy->witnesses());
}

void read_keys(std::string_view text) {
  const auto verifier = VerifierKey::parse(text);
  assert(!verifier || verifier->text() == text);
  const auto label = read_key_label(text);
  // Opening an encrypted one takes 0.2 s.
  if (!label || !label->insecure) return;
  const auto opened = open_key(text, "");
  if (!opened) return;
  assert(opened->insecure && opened->role == label->role);
  assert(opened->key.public_key() == label->public_key);
}

void read_json(std::string_view text) {
  const auto document = from_json<chaincode::SubmissionDocument>(text);
  if (!document) {
    assert(!document.error().message().empty());
    return;
  }
  const std::string written = to_json(*document);
  const auto again = from_json<chaincode::SubmissionDocument>(written);
  assert(again && to_json(*again) == written && encode(*again) == encode(*document));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_checkpoint(text);
  read_note(text);
  read_proof(text);
  read_policy(text);
  read_keys(text);
  read_tile(text);
  read_json(text);
  return 0;
}
