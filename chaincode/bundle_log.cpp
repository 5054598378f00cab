#include "chaincode/bundle_log.h"

#include <algorithm>

namespace sanad::chaincode {
namespace {

// A checkpoint and its last leaf as they stand in a bundle or handover.
struct StatedParts {
  const std::vector<std::string>& lines;
  const crypto::Bytes& commit_record;
  const std::vector<Hash>& commit_path;
};
// The same read and found consistent; nobody is believed yet.
struct StatedCheckpoint {
  crypto::SignedNote note;
  crypto::Checkpoint checkpoint;
  CommitRecord commit;
};

// F10, F14: three lines of this network, whose last leaf ends a block.
Result<StatedCheckpoint> read_checkpoint(const StatedParts& parts,
                                         const std::vector<std::string>& origins) {
  auto note = crypto::SignedNote::parse(note_text(parts.lines));
  if (!note) return refused_for(Unproved::kCheckpointMalformed, note.error());
  auto checkpoint = crypto::Checkpoint::parse(note->text);
  if (!checkpoint) return refused_for(Unproved::kCheckpointMalformed, checkpoint.error());
  if (std::find(origins.begin(), origins.end(), checkpoint->origin) == origins.end()) {
    return Error{Unproved::kOtherNetwork, checkpoint->origin};
  }
  if (checkpoint->size == 0) return Error{Unproved::kEmptyLog};
  const std::uint64_t last = checkpoint->size - 1;
  const Hash leaf = crypto::leaf_hash(parts.commit_record);
  if (!crypto::verify_inclusion(leaf, last, checkpoint->size, parts.commit_path,
                                checkpoint->root)) {
    return Error{Unproved::kCommitNotLast, "of " + std::to_string(checkpoint->size) + " records"};
  }
  const auto record = decode_record(parts.commit_record);
  if (!record) return refused_for(Unproved::kCommitMalformed, record.error());
  const auto* commit = std::get_if<CommitRecord>(&record->content);
  if (commit == nullptr) return Error{Unproved::kNoBlockEnd};
  return StatedCheckpoint{std::move(*note), std::move(*checkpoint), *commit};
}

struct Believed {
  std::uint64_t time_s = 0;
  std::vector<std::string> cosigned_by;
};

// F14: cosigned by a quorum of these signers; no line that is not one of theirs.
Result<Believed> believe(const StatedCheckpoint& stated, const Signers& signers,
                         const std::string& network) {
  std::vector<crypto::VerifierKey> keys;
  for (const TrustedValidator& one : signers.validators) {
    keys.push_back(
        {cosigner_name(network, one.id), crypto::NoteKeyType::kCosignature, one.cosigner});
  }
  for (const TrustedValidator& one : signers.validators) {
    keys.push_back({stated.checkpoint.origin, crypto::NoteKeyType::kEd25519, one.log});
  }
  const auto lines = crypto::verify_lines(stated.note, keys);
  if (!lines) return refused_for(Unproved::kBadCosignature, lines.error());
  if (lines->size() != stated.note.lines.size()) return Error{Unproved::kStrangerLine};
  const crypto::Cosigners cosigners = crypto::cosigners_of(*lines, keys);
  const std::size_t quorum = quorum_of(signers.validators.size());
  if (cosigners.count < quorum) {
    return Error{Unproved::kNotCosigned, std::to_string(cosigners.count) + " of " +
                                             std::to_string(signers.validators.size()) +
                                             " validators, " + std::to_string(quorum) +
                                             " are needed"};
  }
  Believed believed{cosigners.time_s, {}};
  for (const crypto::VerifiedLine& line : *lines) {
    if (line.key >= signers.validators.size()) continue;
    believed.cosigned_by.push_back(signers.validators[line.key].id);
  }
  return believed;
}

// A file that begins in another epoch than the verifier trusts may be good, but not for him.
Status check_epoch(std::uint64_t begins, std::uint64_t trusted) {
  const std::string epochs = "the trust file is of epoch " + std::to_string(trusted) +
                             ", the proof begins with epoch " + std::to_string(begins);
  if (trusted < begins) {
    return Error{Unproved::kTrustOlder,
                 epochs + "; get a newer trust file, or a proof with the handovers between them"};
  }
  if (trusted > begins) {
    return Error{Unproved::kTrustNewer,
                 epochs + "; ask for a new proof, made from the newer epoch on"};
  }
  return {};
}

// The committees from the trusted one to that of the bundle's checkpoint, hand to hand.
class HandoverChain {
 public:
  explicit HandoverChain(const Trust& trust) : trust_(trust), signers_(trust.signers()) {}

  Status follow(const Handover& handover) {
    SANAD_TRY(const StatedCheckpoint stated, read(parts_of(handover)));
    if (!signed_any_) SANAD_TRY_STATUS(check_epoch(stated.commit.epoch, signers_.epoch));
    SANAD_TRY_STATUS(accept(stated));
    const Signers& next = handover.committee;
    if (next.epoch != signers_.epoch + 1) {
      return Error{Unproved::kHandoverEpoch, "from epoch " + std::to_string(signers_.epoch) +
                                                 " to " + std::to_string(next.epoch)};
    }
    if (signers_hash(next) != stated.commit.committee_hash) {
      return Error{Unproved::kHandoverCommittee, "to epoch " + std::to_string(next.epoch)};
    }
    signers_ = next;
    return {};
  }

  Result<LogFindings> finish(const Bundle& bundle) {
    SANAD_TRY(StatedCheckpoint stated,
              read({bundle.checkpoint, bundle.commit_record, bundle.commit_path}));
    if (!signed_any_) SANAD_TRY_STATUS(check_epoch(stated.commit.epoch, signers_.epoch));
    SANAD_TRY(Believed believed, accept(stated));
    if (bundle.handovers.empty() ? !bundle.actors.empty()
                                 : actors_hash(bundle.actors) != signers_.actors) {
      return Error{Unproved::kActors};
    }
    LogFindings found{std::move(stated.checkpoint),
                      stated.commit,
                      believed.time_s,
                      std::move(believed.cosigned_by),
                      {}};
    tell(found, bundle.handovers.size());
    return found;
  }

 private:
  static StatedParts parts_of(const Handover& handover) {
    return {handover.checkpoint, handover.commit_record, handover.commit_path};
  }
  [[nodiscard]] Result<StatedCheckpoint> read(const StatedParts& parts) const {
    return read_checkpoint(parts, {trust_.origin()});
  }

  Result<Believed> accept(const StatedCheckpoint& stated) {
    if (stated.commit.epoch != signers_.epoch) {
      return Error{Unproved::kHandoverMissing,
                   "a checkpoint of epoch " + std::to_string(stated.commit.epoch) +
                       " where one of epoch " + std::to_string(signers_.epoch) + " belongs"};
    }
    if (signed_any_ &&
        (stated.checkpoint.size <= last_size_ || stated.commit.height <= last_height_)) {
      return Error{Unproved::kHandoverOrder, "block " + std::to_string(stated.commit.height)};
    }
    SANAD_TRY(Believed believed, believe(stated, signers_, trust_.network));
    signed_any_ = true;
    last_size_ = stated.checkpoint.size;
    last_height_ = stated.commit.height;
    return believed;
  }

  void tell(LogFindings& found, std::size_t handovers) const {
    if (handovers > 0) {
      found.proved.push_back("the committee of epoch " + std::to_string(signers_.epoch) +
                             " follows from the trusted one of epoch " +
                             std::to_string(trust_.epoch) + " by " + std::to_string(handovers) +
                             " handovers, each cosigned by a quorum of the committee before");
    }
    const std::size_t n = signers_.validators.size();
    found.proved.push_back("the checkpoint of " + std::to_string(found.checkpoint.size) +
                           " records is cosigned by " + std::to_string(found.cosigned_by.size()) +
                           " of " + std::to_string(n) + " validators; " +
                           std::to_string(quorum_of(n)) + " are needed");
    found.proved.push_back("the log's last record ends block " +
                           std::to_string(found.commit.height));
  }

  const Trust& trust_;
  Signers signers_;
  bool signed_any_ = false;
  std::uint64_t last_size_ = 0;
  std::uint64_t last_height_ = 0;
};

}  // namespace

Result<LogFindings> check_log(const Bundle& bundle, const Trust& trust) {
  HandoverChain chain(trust);
  for (const Handover& handover : bundle.handovers) {
    SANAD_TRY_STATUS(chain.follow(handover));
  }
  return chain.finish(bundle);
}

Result<LogFindings> check_log(const Bundle& bundle, const crypto::TlogPolicy& policy) {
  if (!bundle.handovers.empty()) return Error{Unproved::kPolicyHandovers};
  if (!bundle.actors.empty()) return Error{Unproved::kActors};
  std::vector<std::string> origins;
  for (const crypto::VerifierKey& log : policy.logs()) origins.push_back(log.name);
  SANAD_TRY(
      StatedCheckpoint stated,
      read_checkpoint({bundle.checkpoint, bundle.commit_record, bundle.commit_path}, origins));
  SANAD_TRY(crypto::TlogPolicy::Verified verified, believe(stated.note, policy));
  LogFindings found{std::move(stated.checkpoint),
                    stated.commit,
                    verified.time_s,
                    std::move(verified.witnesses),
                    {}};
  found.proved.push_back(
      "the checkpoint of " + std::to_string(found.checkpoint.size) +
      " records satisfies the policy: " + std::to_string(found.cosigned_by.size()) + " of its " +
      std::to_string(policy.witnesses()) + " witnesses cosigned it");
  found.proved.push_back("the log's last record ends block " + std::to_string(found.commit.height));
  return found;
}

Result<Hash> network_of(const std::string& origin) {
  const std::size_t slash = origin.rfind('/');
  auto id = Hash::from_hex(slash == std::string::npos ? origin : origin.substr(slash + 1));
  if (!id) return Error{Unproved::kOtherNetwork, origin + " names no network of this kind"};
  return id;
}

Result<crypto::TlogPolicy::Verified> believe(const crypto::SignedNote& note,
                                             const crypto::TlogPolicy& policy) {
  auto verified = policy.verify(note);
  if (verified) return verified;
  const Error& error = verified.error();
  Unproved reason = Unproved::kCheckpointMalformed;
  if (error == make_error_code(crypto::Errc::kBadSignature)) reason = Unproved::kBadCosignature;
  if (error == make_error_code(crypto::Errc::kBadKey)) reason = Unproved::kStrangerLine;
  if (error == make_error_code(crypto::Errc::kNotQuorum)) reason = Unproved::kNotCosigned;
  return refused_for(reason, error);
}

}  // namespace sanad::chaincode
