#include "crypto/tlog_proof.h"

#include <charconv>

namespace sanad::crypto {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";
// The extra line, 65 hashes of 45 characters and the other lines beside the note.
constexpr std::size_t kTextMax = kNoteMax + kTlogProofExtraMax / 3 * 4 + 4'096;

Error bad_proof(std::string what) { return {Errc::kBadText, "tlog-proof: " + std::move(what)}; }

Result<std::string_view> next_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) return bad_proof("ends too early");
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string TlogProof::format() const {
  std::string text = std::string(kFirstLine) + "\n";
  if (extra) text += std::string(kExtra) + to_base64(*extra) + "\n";
  text += std::string(kIndex) + std::to_string(index) + "\n";
  for (const Hash& hash : path) text += to_base64(hash.bytes) + "\n";
  return text + "\n" + checkpoint.format();
}

Result<TlogProof> TlogProof::parse(std::string_view text) {
  if (text.size() > kTextMax) return Error{Errc::kTooLong, "tlog-proof"};
  TlogProof proof;
  std::string_view rest = text;
  SANAD_TRY(std::string_view line, next_line(rest));
  if (line != kFirstLine) return bad_proof("another first line than " + std::string(kFirstLine));
  SANAD_TRY(line, next_line(rest));
  if (line.starts_with(kExtra)) {
    SANAD_TRY(proof.extra, from_base64(line.substr(kExtra.size())));
    if (proof.extra->size() > kTlogProofExtraMax) return Error{Errc::kTooLong, "tlog-proof: extra"};
    SANAD_TRY(line, next_line(rest));
  }
  if (!line.starts_with(kIndex)) return bad_proof("no index line");
  line.remove_prefix(kIndex.size());
  std::from_chars(line.data(), line.data() + line.size(), proof.index);
  if (std::to_string(proof.index) != line) return bad_proof("malformed index");
  while (true) {
    SANAD_TRY(line, next_line(rest));
    if (line.empty()) break;
    if (proof.path.size() == kLogProofMax) return Error{Errc::kTooLong, "tlog-proof: path"};
    SANAD_TRY(const Bytes bytes, from_base64(line));
    SANAD_TRY(const Hash hash, Hash::from(bytes));
    proof.path.push_back(hash);
  }
  SANAD_TRY(proof.checkpoint, SignedNote::parse(rest));
  return proof;
}

Result<VerifiedCheckpoint> verify_tlog_proof(const TlogProof& proof, const Hash& leaf,
                                             const CheckpointPolicy& policy) {
  SANAD_TRY(VerifiedCheckpoint verified, verify_checkpoint(proof.checkpoint, policy));
  SANAD_TRY_STATUS(verify_inclusion(leaf, proof.index, verified.checkpoint.size, proof.path,
                                    verified.checkpoint.root));
  return verified;
}

}  // namespace sanad::crypto
