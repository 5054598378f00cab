#include "chaincode/record_proof.h"

#include <algorithm>

#include "chaincode/bundle_log.h"
#include "crypto/base45.h"

namespace sanad::chaincode {
namespace {

constexpr std::size_t kSignatureBytes = crypto::Signature::kSize;

// What is the same whoever vouches for the checkpoint.
Result<RecordFindings> under(const crypto::Checkpoint& checkpoint, const crypto::TlogProof& proof,
                             ByteView record) {
  const Status included = crypto::verify_inclusion(crypto::leaf_hash(record), proof.index,
                                                   checkpoint.size, proof.path, checkpoint.root);
  if (!included) return refused_for(Unproved::kNotIncluded, included.error());
  auto decoded = decode_record(record);
  if (!decoded) return refused_for(Unproved::kRecordMalformed, decoded.error());
  RecordFindings found;
  found.record = std::move(*decoded);
  found.index = proof.index;
  found.tree_size = checkpoint.size;
  found.tree_root = checkpoint.root;
  return found;
}

void tell(RecordFindings& found, const std::string& believed) {
  found.proved.push_back(believed);
  found.proved.push_back("the record is number " + std::to_string(found.index) + " of the " +
                         std::to_string(found.tree_size) + " records in its log");
  found.not_proved = {"what else was recorded, before or after: a bundle proves a whole history",
                      "who signed the statement behind it: a bundle has the signatures",
                      "that what was declared is true: only that this record was made"};
}

crypto::CheckpointPolicy policy_of(const Trust& trust) {
  crypto::CheckpointPolicy policy{trust.origin(), {}, trust.quorum(), true};
  for (const TrustedValidator& one : trust.validators) {
    policy.keys.push_back(
        {cosigner_name(trust.network, one.id), crypto::NoteKeyType::kCosignature, one.cosigner});
  }
  for (const TrustedValidator& one : trust.validators) {
    policy.keys.push_back({policy.origin, crypto::NoteKeyType::kEd25519, one.log});
  }
  return policy;
}

Unproved reason_of(const Error& error) {
  if (error == make_error_code(crypto::Errc::kBadProof)) return Unproved::kOtherNetwork;
  if (error == make_error_code(crypto::Errc::kBadSignature)) return Unproved::kBadCosignature;
  if (error == make_error_code(crypto::Errc::kBadKey)) return Unproved::kStrangerLine;
  if (error == make_error_code(crypto::Errc::kNotQuorum)) return Unproved::kNotCosigned;
  return Unproved::kCheckpointMalformed;
}

// The cosignature of this validator on the note, if it has one.
const crypto::NoteLine* line_of(const crypto::SignedNote& note, const Trust& trust,
                                std::size_t validator) {
  const TrustedValidator& one = trust.validators[validator];
  const crypto::VerifierKey key{cosigner_name(trust.network, one.id),
                                crypto::NoteKeyType::kCosignature, one.cosigner};
  for (const crypto::NoteLine& line : note.lines) {
    if (line.name == key.name && line.key_id == key.id()) return &line;
  }
  return nullptr;
}

NetworkHint hint_of(const Hash& network_id) {
  return *NetworkHint::from(network_id.view().first(NetworkHint::kSize));
}

Result<std::vector<Hash>> split_path(const crypto::Bytes& path) {
  if (path.size() % Hash::kSize != 0) return Error{Unproved::kUnreadable, "the path's length"};
  std::vector<Hash> hashes;
  for (std::size_t at = 0; at < path.size(); at += Hash::kSize) {
    hashes.push_back(*Hash::from(ByteView(path).subspan(at, Hash::kSize)));
  }
  return hashes;
}

// The note's lines as they were cosigned.
Result<std::vector<crypto::NoteLine>> lines_of(const QrProof& proof, const Trust& trust) {
  std::vector<crypto::NoteLine> lines;
  for (std::size_t i = 0; i < 64; ++i) {
    if ((proof.signers >> i & 1U) == 0) continue;
    if (i >= trust.validators.size()) return Error{Unproved::kStrangerLine};
    const std::size_t at = lines.size();
    if (at >= proof.later_s.size() || proof.signatures.size() < (at + 1) * kSignatureBytes) {
      return Error{Unproved::kUnreadable, "fewer signatures than signers"};
    }
    const TrustedValidator& one = trust.validators[i];
    crypto::Cosignature cosignature;
    cosignature.time_s = proof.time_s + proof.later_s[at];
    cosignature.signature = *crypto::Signature::from(
        ByteView(proof.signatures).subspan(at * kSignatureBytes, kSignatureBytes));
    lines.push_back(
        crypto::cosignature_line(one.cosigner, cosigner_name(trust.network, one.id), cosignature));
  }
  if (lines.size() != proof.later_s.size() ||
      lines.size() * kSignatureBytes != proof.signatures.size()) {
    return Error{Unproved::kUnreadable, "more signatures than signers"};
  }
  return lines;
}

}  // namespace

Result<RecordFindings> verify_record(const crypto::TlogProof& proof, ByteView record,
                                     const Trust& trust) {
  const crypto::CheckpointPolicy policy = policy_of(trust);
  const auto verified = crypto::verify_checkpoint(proof.checkpoint, policy);
  if (!verified) return refused_for(reason_of(verified.error()), verified.error());
  SANAD_TRY(RecordFindings found, under(verified->checkpoint, proof, record));
  found.cosigned_at_s = verified->time_s;
  for (std::size_t i = 0; i < trust.validators.size(); ++i) {
    if (line_of(proof.checkpoint, trust, i) != nullptr) {
      found.cosigned_by.push_back(trust.validators[i].id);
    }
  }
  tell(found, "the checkpoint of " + std::to_string(found.tree_size) + " records is cosigned by " +
                  std::to_string(verified->cosigners) + " of " +
                  std::to_string(trust.validators.size()) + " validators; " +
                  std::to_string(policy.quorum) + " are needed");
  return found;
}

Result<RecordFindings> verify_record(const crypto::TlogProof& proof, ByteView record,
                                     const crypto::TlogPolicy& policy) {
  SANAD_TRY(crypto::TlogPolicy::Verified verified, believe(proof.checkpoint, policy));
  SANAD_TRY(RecordFindings found, under(verified.checkpoint, proof, record));
  found.cosigned_at_s = verified.time_s;
  found.cosigned_by = std::move(verified.witnesses);
  tell(found, "the checkpoint of " + std::to_string(found.tree_size) +
                  " records satisfies the policy: " + std::to_string(found.cosigned_by.size()) +
                  " of its " + std::to_string(policy.witnesses()) + " witnesses cosigned it");
  return found;
}

QrProof make_qr_proof(const crypto::TlogProof& proof, ByteView record, const Trust& trust) {
  QrProof made;
  made.network = hint_of(trust.network_id);
  made.record.assign(record.begin(), record.end());
  made.index = proof.index;
  made.size = crypto::Checkpoint::parse(proof.checkpoint.text).value().size;
  for (const Hash& hash : proof.path) crypto::append(made.path, hash.view());
  std::vector<std::uint64_t> times_s;
  for (std::size_t i = 0; i < trust.validators.size() && times_s.size() < trust.quorum(); ++i) {
    const crypto::NoteLine* line = line_of(proof.checkpoint, trust, i);
    if (line == nullptr) continue;
    made.signers |= std::uint64_t{1} << i;
    times_s.push_back(crypto::read_u64be(line->signature));
    crypto::append(made.signatures, ByteView(line->signature).subspan(8));
  }
  made.time_s = *std::min_element(times_s.begin(), times_s.end());
  for (const std::uint64_t time_s : times_s) {
    made.later_s.push_back(static_cast<std::uint32_t>(time_s - made.time_s));
  }
  return made;
}

std::string format_qr(const QrProof& proof) {
  return std::string(kQrPrefix) + crypto::to_base45(crypto::encode(proof));
}

Result<QrProof> parse_qr(std::string_view text) {
  if (text.size() > kQrTextMax || !text.starts_with(kQrPrefix)) {
    return Error{Unproved::kUnreadable, "the text of a QR code begins with SANAD1:"};
  }
  const auto bytes = crypto::from_base45(text.substr(kQrPrefix.size()));
  if (!bytes) return refused_for(Unproved::kUnreadable, bytes.error());
  auto proof = crypto::decode<QrProof>(*bytes);
  if (!proof) return refused_for(Unproved::kUnreadable, proof.error());
  if (proof->version != kQrVersion) {
    return Error{Unproved::kUnknownVersion, std::to_string(proof->version)};
  }
  return proof;
}

Result<RecordFindings> verify_qr(const QrProof& proof, const Trust& trust) {
  if (proof.network != hint_of(trust.network_id)) return Error{Unproved::kOtherNetwork};
  crypto::TlogProof whole;
  whole.index = proof.index;
  SANAD_TRY(whole.path, split_path(proof.path));
  const auto root =
      crypto::inclusion_root(crypto::leaf_hash(proof.record), proof.index, proof.size, whole.path);
  if (!root) return refused_for(Unproved::kNotIncluded, root.error());
  whole.checkpoint.text = crypto::Checkpoint{trust.origin(), proof.size, *root}.text();
  SANAD_TRY(whole.checkpoint.lines, lines_of(proof, trust));
  return verify_record(whole, proof.record, trust);
}

}  // namespace sanad::chaincode
