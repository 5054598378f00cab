#include "simulation/invariants.h"

#include <algorithm>

namespace sanad::simulation {
namespace {

using consensus::Subject;
using consensus::Vote;
using consensus::VoteKind;

std::string describe(const Subject& subject) {
  return std::string(consensus::enum_names(subject.kind)[static_cast<std::size_t>(subject.kind)]) +
         " of view " + std::to_string(subject.view) + " block " + subject.block.hex().substr(0, 8);
}

// Empty final blocks in a row, where there is no heartbeat, that no fault can explain.
constexpr std::uint64_t kEmptyBlocksMax = 60;

bool same_kind_other_subject(const Subject& a, const Subject& b) {
  return a.kind == b.kind && a != b && a.kind != VoteKind::nullify;
}

}  // namespace

void violate(const std::string& invariant, const std::string& what) {
  throw Violation(invariant + ": " + what);
}

bool Invariants::reached(const Subject& subject) const {
  const auto found = signers_.find(subject);
  return found != signers_.end() && found->second.size() >= plan_.quorum();
}

void Invariants::on_vote(const Vote& vote) {
  const MemberIndex voter = vote.voter;
  const Subject& subject = vote.subject;
  if (plan_.honest(voter)) {
    MemberView& cast = votes_[{voter, subject.view}];
    for (const Subject& other : cast.subjects) {
      const bool both = same_kind_other_subject(subject, other);
      const bool exclusive =
          (subject.kind == VoteKind::nullify && other.kind == VoteKind::finalize) ||
          (subject.kind == VoteKind::finalize && other.kind == VoteKind::nullify);
      if (both || exclusive) {
        violate("I4", "member " + std::to_string(voter) + " signed " + describe(subject) +
                          " after " + describe(other));
      }
    }
    if (cast.subjects.insert(subject).second && subject.kind == VoteKind::notarize &&
        cast.subjects.contains(consensus::nullify(subject.epoch, subject.view))) {
      violate("N2", "member " + std::to_string(voter) + " signed " + describe(subject) +
                        " after its nullify");
    }
    const auto forgotten = forgotten_.find(voter);
    if (forgotten != forgotten_.end() && subject.view <= forgotten->second) {
      violate("R3", "member " + std::to_string(voter) + " signed " + describe(subject) +
                        " and has forgotten votes up to view " + std::to_string(forgotten->second));
    }
    voted_[voter] = std::max(voted_[voter], subject.view);
  }
  auto& signers = signers_[subject];
  signers.emplace(voter, vote.signature);
  if (signers.size() < plan_.quorum()) return;
  auto& reached = reached_[subject.view];
  reached.insert(subject);
  for (const Subject& other : reached) {
    if (same_kind_other_subject(subject, other)) {
      violate("I3", "two certificates: " + describe(subject) + " and " + describe(other));
    }
    const bool nullified = subject.kind == VoteKind::nullify || other.kind == VoteKind::nullify;
    const bool finalized = subject.kind == VoteKind::finalize || other.kind == VoteKind::finalize;
    if (nullified && finalized) {
      violate("I2", "view " + std::to_string(subject.view) + " is nullified and finalized");
    }
  }
}

void Invariants::on_parent(const Subject& subject, const consensus::Hash& parent) const {
  for (consensus::View gap = subject.parent_view + 1; gap < subject.view; ++gap) {
    if (reached(consensus::nullify(subject.epoch, gap))) continue;
    violate("I7", describe(subject) + " skips view " + std::to_string(gap));
  }
  if (subject.parent_view == 0) return;
  const auto certified = reached_.find(subject.parent_view);
  const bool found = certified != reached_.end() &&
                     std::any_of(certified->second.begin(), certified->second.end(),
                                 [&](const Subject& each) { return each.block == parent; });
  if (!found) violate("N3", describe(subject) + " stands on a block that no quorum notarized");
}

void Invariants::on_finalize(const Subject& subject) const {
  const auto certified = reached_.find(subject.view);
  const bool notarized =
      certified != reached_.end() &&
      std::any_of(certified->second.begin(), certified->second.end(), [&](const Subject& each) {
        return each.kind == VoteKind::notarize && each.block == subject.block;
      });
  if (!notarized) violate("F2", describe(subject) + " that no quorum notarized");
}

void Invariants::on_certificate(MemberIndex member,
                                const consensus::Certificate& certificate) const {
  const std::string what = "member " + std::to_string(member) + " holds a certificate, " +
                           describe(certificate.subject) + ", ";
  if (certificate.subject.epoch != consensus::kFirstEpoch) violate("I14", what + "of an epoch");
  const auto signers = signers_.find(certificate.subject);
  if (signers == signers_.end()) violate("I13", what + "that nobody signed");
  std::size_t count = 0;
  for (std::size_t i = 0; i < certificate.signers.size() * 8; ++i) {
    if ((certificate.signers[i / 8] >> (i % 8) & 1) == 0) continue;
    const auto signed_by = signers->second.find(static_cast<MemberIndex>(i));
    if (signed_by == signers->second.end() || count >= certificate.signatures.size() ||
        certificate.signatures[count] != signed_by->second) {
      violate("I13", what + "that member " + std::to_string(i) + " did not sign");
    }
    ++count;
  }
  if (count < plan_.quorum()) violate("I13", what + "of less than a quorum");
}

void Invariants::on_cast(MemberIndex voter, const Subject& subject, bool durable,
                         bool batches_durable) {
  if (!durable) {
    violate("I9", "member " + std::to_string(voter) + " sends " + describe(subject) +
                      " that its disk does not hold");
  }
  if (!batches_durable) {
    violate("B2", "member " + std::to_string(voter) + " sends " + describe(subject) +
                      " without holding its batches");
  }
}

void Invariants::check_new_height(const consensus::Finalized& block, std::size_t honest_holders) {
  const consensus::View view = block.header.origin_view;
  const auto parent = chain_.find(block.header.height - 1);
  const consensus::View parent_view = parent == chain_.end() ? 0 : parent->second.view;
  if (parent == chain_.end() && block.header.height != 1) {
    violate("I1",
            "height " + std::to_string(block.header.height) + " became final before its parent");
  }
  if (parent != chain_.end() && parent->second.hash != block.header.parent) {
    violate("I1", "height " + std::to_string(block.header.height) + " does not extend its parent");
  }
  if (parent != chain_.end() &&
      (view <= parent_view || block.header.time_ms <= parent->second.time_ms)) {
    violate("I8", "view or time does not rise at height " + std::to_string(block.header.height));
  }
  for (consensus::View gap = parent_view + 1; gap < view; ++gap) {
    if (!reached(consensus::nullify(consensus::kFirstEpoch, gap))) {
      violate("I7", "view " + std::to_string(gap) + " was skipped without a nullification");
    }
  }
  if (!reached(consensus::notarize(consensus::kFirstEpoch, view, parent_view, block.hash))) {
    violate("I6", "height " + std::to_string(block.header.height) + " has no notarization");
  }
  if (honest_holders < plan_.f() + 1) {
    violate("I5", "height " + std::to_string(block.header.height) + ": its batches are held by " +
                      std::to_string(honest_holders) + " honest members");
  }
  for (const consensus::BatchRef& ref : block.header.batches) {
    if (!ordered_.insert(ref.digest).second) {
      violate("I10", "a batch is ordered twice, at height " + std::to_string(block.header.height));
    }
  }
  empty_blocks_ = block.header.batches.empty() ? empty_blocks_ + 1 : 0;
  if (empty_blocks_ > kEmptyBlocksMax && !plan_.heartbeat) {
    violate("W1", std::to_string(empty_blocks_) + " empty blocks in a row");
  }
  chain_[block.header.height] = {block.hash, view, block.header.time_ms};
  height_ = block.header.height;
}

void Invariants::on_finalized(MemberIndex member, const consensus::Finalized& block,
                              std::size_t honest_holders) {
  const consensus::Height height = block.header.height;
  const auto known = chain_.find(height);
  if (known == chain_.end()) {
    check_new_height(block, honest_holders);
  } else if (known->second.hash != block.hash) {
    violate("I1", "two final blocks at height " + std::to_string(height));
  }
  if (block.hash != consensus::block_hash(block.header)) {
    violate("F4", "the hash is not the header's at height " + std::to_string(height));
  }
  consensus::Height& newest = heights_[member];
  newest = std::max(newest, height);
}

void Invariants::on_view(MemberIndex member, consensus::View view) {
  consensus::View& seen = views_[member];
  if (view < seen) {
    violate("I8", "member " + std::to_string(member) + " fell from view " + std::to_string(seen) +
                      " to " + std::to_string(view));
  }
  if (view > std::max<consensus::View>(seen, 1) && !reached_.contains(view - 1)) {
    violate("T5", "member " + std::to_string(member) + " is in view " + std::to_string(view) +
                      ", to which no certificate leads");
  }
  seen = view;
  const auto voted = voted_.find(member);
  if (voted != voted_.end() && view < voted->second) {
    violate("I8", "member " + std::to_string(member) + " is in view " + std::to_string(view) +
                      ", below its own vote in " + std::to_string(voted->second));
  }
}

void Invariants::on_restart(MemberIndex member) { views_.erase(member); }

void Invariants::on_journal_lost(MemberIndex member) {
  const auto voted = voted_.find(member);
  if (voted == voted_.end()) return;
  forgotten_[member] = std::max(forgotten_[member], voted->second);
  voted_.erase(voted);
}

void Invariants::on_evidence(MemberIndex accused) {
  ++evidence_count_;
  if (plan_.honest(accused)) {
    violate("I15", "evidence against honest member " + std::to_string(accused));
  }
}

consensus::Height Invariants::height_of(MemberIndex member) const {
  const auto found = heights_.find(member);
  return found == heights_.end() ? 0 : found->second;
}

}  // namespace sanad::simulation
