#include "consensus/verify.h"

#include <algorithm>
#include <bit>

#include "consensus/mutant.h"

namespace sanad::consensus {
namespace {

std::uint8_t bit_of(VoteKind kind) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind));
}

// What a vote of its kind leaves empty is empty: one meaning, one encoding.
bool well_formed(const Subject& subject) {
  if (subject.view == 0) return false;
  switch (subject.kind) {
    case VoteKind::notarize:
      return subject.parent_view < subject.view;
    case VoteKind::nullify:
      return subject.parent_view == 0 && subject.block.is_zero();
    case VoteKind::finalize:
      return subject.parent_view == 0;
  }
  return false;
}

}  // namespace

// ------------------------------------------------------------------------------ Window

bool Window::takes_vote(View of) const {
  if (broken(Mutant::kFarViewsTaken)) return of >= 1;
  const View oldest = final_view > past_views_kept ? final_view - past_views_kept : 1;
  return of >= oldest && of >= 1 && of <= view + 1;
}

bool Window::needs(const Subject& subject) const {
  if (subject.view <= final_view) return false;
  const auto found = held.find(subject.view);
  return found == held.end() || (found->second & bit_of(subject.kind)) == 0;
}

// ---------------------------------------------------------------------- SignatureCache

SignatureCache::SignatureCache(std::size_t slots) : slots_(slots) { assert(slots > 0); }

bool SignatureCache::check(const PublicKey& key, const Hash& message, const Signature& signature) {
  Bytes all;
  all.reserve(PublicKey::kSize + Hash::kSize + Signature::kSize);
  crypto::append(all, key.view());
  crypto::append(all, message.view());
  crypto::append(all, signature.view());
  const Hash print = crypto::tagged_hash_bytes("checked-signature", all);
  Hash& slot = slots_[crypto::read_u64be(print.view()) % slots_.size()];
  if (slot == print) return true;
  ++computed_;
  if (!crypto::verify(key, message.view(), signature)) return false;
  slot = print;
  return true;
}

// ---------------------------------------------------------------------------- Verifier

Verifier::Verifier(const Committee& committee, const Hash& chain_id, SignatureCache& cache)
    : committee_(committee), chain_id_(chain_id), cache_(cache) {}

Result<Verified<Message>> Verifier::verify(ByteView bytes, MemberIndex from,
                                           const Window& window) const {
  if (bytes.size() > kMessageBytesMax) return Error(Errc::kTooLarge);
  SANAD_TRY(Message message, crypto::decode<Message>(bytes));
  return verify(std::move(message), from, window);
}

Result<Verified<Message>> Verifier::verify(Message message, MemberIndex from,
                                           const Window& window) const {
  if (!committee_.has(from)) return Error(Errc::kUnknownMember);
  Status status;
  if (const auto* vote = std::get_if<Vote>(&message)) {
    status = check_vote(*vote, from, window);
  } else if (const auto* certificate = std::get_if<Certificate>(&message)) {
    status = check_needed(*certificate, window);
  } else if (auto* proposal = std::get_if<Proposal>(&message)) {
    status = check_proposal(*proposal, from, window);
  } else if (auto* member_status = std::get_if<MemberStatus>(&message)) {
    status = check_status(*member_status, window);
  } else if (const auto* request = std::get_if<GetCertificate>(&message)) {
    if (request->epoch != committee_.epoch()) status = Error(Errc::kWrongEpoch);
  } else if (const auto* blocks = std::get_if<Blocks>(&message)) {
    status = check_blocks(*blocks, window);
  } else if (auto* report = std::get_if<ViewReport>(&message)) {
    status = check_report(*report, window);
  } else if (const auto* announce = std::get_if<Announce>(&message)) {
    for (const BatchRef& ref : announce->batches) {
      if (!committee_.has(ref.author)) status = Error(Errc::kUnknownMember);
    }
  }
  SANAD_TRY_STATUS(status);
  return Verified<Message>(std::move(message));
}

Status Verifier::check_signature(const Vote& vote) const {
  const Hash digest = signed_digest(chain_id_, vote.subject);
  if (broken(Mutant::kVoteUnchecked)) return {};
  if (!cache_.check(committee_.key(vote.voter), digest, vote.signature)) {
    return Error(Errc::kBadSignature);
  }
  return {};
}

Status Verifier::check_vote(const Vote& vote, MemberIndex from, const Window& window) const {
  if (vote.subject.epoch != committee_.epoch()) return Error(Errc::kWrongEpoch);
  if (!window.takes_vote(vote.subject.view)) return Error(Errc::kOutsideWindow);
  if (vote.voter != from && !broken(Mutant::kRelayedVoteTaken)) {
    return Error(Errc::kNotTheSender);
  }
  if (!well_formed(vote.subject)) return Error(Errc::kBadSubject);
  return check_signature(vote);
}

Status Verifier::check_shape(const Certificate& certificate) const {
  if (certificate.subject.epoch != committee_.epoch() && !broken(Mutant::kForeignEpoch)) {
    return Error(Errc::kWrongEpoch);
  }
  if (!well_formed(certificate.subject)) return Error(Errc::kBadSubject);
  const std::size_t n = committee_.n();
  if (certificate.signers.size() != (n + 7) / 8) return Error(Errc::kBadBitmap);
  const bool tail = n % 8 != 0 && (certificate.signers.back() >> (n % 8)) != 0;
  if (tail && !broken(Mutant::kBitmapTailIgnored)) return Error(Errc::kBadBitmap);
  std::size_t count = 0;
  for (const std::uint8_t byte : certificate.signers) {
    count += static_cast<std::size_t>(std::popcount(byte));
  }
  if (broken(Mutant::kSignerCountedTwice)) count = certificate.signatures.size();
  if (count < committee_.quorum() || count != certificate.signatures.size()) {
    return Error(Errc::kBadSignerCount);
  }
  return {};
}

Status Verifier::check(const Certificate& certificate) const {
  SANAD_TRY_STATUS(check_shape(certificate));
  if (broken(Mutant::kCertificateUnchecked)) return {};
  const Hash digest = signed_digest(chain_id_, certificate.subject);
  const std::vector<MemberIndex> members = signers_of(certificate);
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (broken(Mutant::kBitmapTailIgnored) && !committee_.has(members[i])) continue;
    if (broken(Mutant::kFirstSignatureOnly) && i > 0) continue;
    if (!cache_.check(committee_.key(members[i]), digest, certificate.signatures[i])) {
      return Error(Errc::kBadSignature, "of member " + std::to_string(members[i]));
    }
  }
  return {};
}

Status Verifier::check_needed(const Certificate& certificate, const Window& window) const {
  if (certificate.subject.epoch != committee_.epoch() && !broken(Mutant::kForeignEpoch)) {
    return Error(Errc::kWrongEpoch);
  }
  if (!window.needs(certificate.subject)) return Error(Errc::kNotNeeded);
  return check(certificate);
}

Status Verifier::check_proposal(Proposal& proposal, MemberIndex from, const Window& window) const {
  const Subject& subject = proposal.vote.subject;
  if (subject.epoch != committee_.epoch()) return Error(Errc::kWrongEpoch);
  if (subject.kind != VoteKind::notarize || subject.view == 0) return Error(Errc::kBadSubject);
  // A proposal ahead of the window is welcome with the certificate that moves the window there.
  const bool has_entry = proposal.entry && proposal.entry->subject.view == subject.view - 1;
  if (!window.takes_vote(subject.view) && !(has_entry && subject.view > window.view)) {
    return Error(Errc::kOutsideWindow);
  }
  if (proposal.vote.voter != from) return Error(Errc::kNotTheSender);
  const bool leads = committee_.leader(subject.view) == from || broken(Mutant::kAnyProposer);
  if (!leads) return Error(Errc::kNotTheLeader);
  if (subject.block != block_hash(proposal.header)) return Error(Errc::kHeaderMismatch);
  SANAD_TRY_STATUS(check_signature(proposal.vote));
  if (!proposal.entry) return {};
  if (!window.needs(proposal.entry->subject)) {
    proposal.entry.reset();
    return {};
  }
  if (broken(Mutant::kEntryUnchecked)) return {};
  return check(*proposal.entry);
}

Status Verifier::check_blocks(const Blocks& blocks, const Window& window) const {
  const bool waiting = window.asked_blocks.contains(blocks.tip) || broken(Mutant::kBlocksUnasked);
  const auto& lately = window.asked_lately;
  const bool late = !waiting && std::ranges::find(lately, blocks.tip) != lately.end();
  if (!waiting && !late) return Error(Errc::kNotAskedFor);
  if (blocks.headers.empty()) return Error(Errc::kBrokenAncestry);
  const BlockHeader* parent = nullptr;
  Hash last;
  for (const BlockHeader& header : blocks.headers) {
    if (header.epoch != committee_.epoch()) return Error(Errc::kWrongEpoch);
    if (header.chain_id != chain_id_) return Error(Errc::kHeaderMismatch);
    if (parent != nullptr && (header.parent != last || header.height != parent->height + 1)) {
      return Error(Errc::kBrokenAncestry);
    }
    parent = &header;
    last = block_hash(header);
  }
  const auto& finalization = blocks.finalization;
  if (finalization && finalization->subject.kind != VoteKind::finalize) {
    return Error(Errc::kBadSubject);
  }
  if (last != (finalization ? finalization->subject.block : blocks.tip)) {
    return Error(Errc::kBrokenAncestry);
  }
  if (late) return Error(Errc::kNotNeeded);
  if (!finalization || broken(Mutant::kBlocksUnchecked)) return {};
  return check(*finalization);
}

// Whether the entry certificate is needed does not matter: it proves where its sender stands.
Status Verifier::check_report(ViewReport& report, const Window& window) const {
  if (!window.awaits_reports) return Error(Errc::kNotNeeded);
  if (report.entry) SANAD_TRY_STATUS(check(*report.entry));
  return check_highest(report.finalization, window);
}

Status Verifier::check_status(MemberStatus& status, const Window& window) const {
  if (status.epoch != committee_.epoch()) return Error(Errc::kWrongEpoch);
  return check_highest(status.finalization, window);
}

Status Verifier::check_highest(std::optional<Certificate>& finalization,
                               const Window& window) const {
  if (!finalization) return {};
  if (finalization->subject.kind != VoteKind::finalize) return Error(Errc::kBadSubject);
  if (!window.needs(finalization->subject)) {
    finalization.reset();
    return {};
  }
  if (broken(Mutant::kStatusUnchecked)) return {};
  return check(*finalization);
}

// ------------------------------------------------------------------------ header rules

std::optional<std::string_view> header_fault(const BlockHeader& header, View view, View parent_view,
                                             const Committee& committee, const Hash& chain_id) {
  if (header.chain_id != chain_id) return "another chain";
  if (header.epoch != committee.epoch()) return "another epoch";
  if (header.origin_view != view) return "origin view is not the proposal's";
  if (parent_view >= view) return "parent view is not below the view";
  const bool leads = header.proposer == committee.leader(view) || broken(Mutant::kAnyProposer);
  if (!leads) return "proposer does not lead the view";
  if (header.height == 0) return "height of the genesis block";
  if (header.epoch_end) return "epoch_end without a change that permits it";
  if (header.batches.size() > kBlockRefsMax) return "too many batches";
  std::vector<Hash> digests;
  std::uint64_t bytes = 0;
  for (const BatchRef& ref : header.batches) {
    if (!committee.has(ref.author)) return "batch of an unknown author";
    bytes += ref.bytes;
    digests.push_back(ref.digest);
  }
  if (bytes > kBlockBytesMax) return "batches of too many bytes";
  std::sort(digests.begin(), digests.end());
  const bool repeats = std::adjacent_find(digests.begin(), digests.end()) != digests.end();
  if (repeats && !broken(Mutant::kRepeatedReferences)) {
    return "the same batch twice";
  }
  return std::nullopt;
}

}  // namespace sanad::consensus
