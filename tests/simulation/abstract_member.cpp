#include "simulation/abstract_member.h"

#include <algorithm>

#include "simulation/violation.h"

namespace sanad::simulation {

using namespace consensus;

namespace {

struct LeaderDraw {
  Hash root;
  MemberIndex member = 0;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(root), SANAD_FIELD(member));
  }
};

bool exclude_each_other(const Subject& a, const Subject& b) {
  if (a.epoch != b.epoch || a.view != b.view) return false;
  if (a.kind == b.kind) return a.kind != VoteKind::nullify && a != b;
  const auto is = [&](VoteKind one, VoteKind other) { return a.kind == one && b.kind == other; };
  return is(VoteKind::nullify, VoteKind::finalize) || is(VoteKind::finalize, VoteKind::nullify);
}

}  // namespace

AbstractCommittee::AbstractCommittee(std::size_t members, const Hash& chain)
    : n(members), chain_id(chain) {
  for (MemberIndex member = 0; member < n; ++member) order.push_back(member);
  const auto draw = [&chain](MemberIndex member) {
    return crypto::tagged_hash("leader-order", LeaderDraw{chain, member});
  };
  std::sort(order.begin(), order.end(),
            [&](MemberIndex a, MemberIndex b) { return draw(a) < draw(b); });
}

AbstractMember::AbstractMember(MemberIndex self, const AbstractCommittee& committee,
                               const Limits& limits, FinalChain finals)
    : self_(self), committee_(committee), limits_(limits), finals_(std::move(finals)) {}

void AbstractMember::refuse(const std::string& rule, const std::string& what) const {
  violate("refinement", rule + ", member " + std::to_string(self_) + " in view " +
                            std::to_string(view_) + ": " + what);
}

void AbstractMember::require(bool holds, const char* rule, const std::string& what) const {
  if (!holds) refuse(rule, what);
}

// ------------------------------------------------------------------------------ a restart

void AbstractMember::remember(std::span<const JournalRecord> durable) {
  for (const JournalRecord& record : durable) {
    if (const auto* own = std::get_if<OwnVote>(&record)) {
      remember(*own);
    } else if (const auto* held = std::get_if<HeldCertificate>(&record)) {
      remember(*held);
    } else if (const auto* block = std::get_if<HeldBlock>(&record)) {
      remember(block->header);
    } else if (const auto* floor = std::get_if<FinalFloor>(&record)) {
      final_height_ = floor->height;
      view_ = std::max(view_, floor->view + 1);
    } else if (const auto* silence = std::get_if<Silence>(&record)) {
      silent_ = true;
      silent_through_ = silence->through;
    }
  }
  floor_ = final_height_;
  const View voted = own_.empty() ? 0 : own_.rbegin()->first;
  if (voted > final_view_) view_ = std::max(view_, voted);
}

void AbstractMember::remember(const OwnVote& own) {
  const Subject& subject = own.subject;
  OwnVotes& votes = own_[subject.view];
  if (subject.kind == VoteKind::notarize) votes.notarize = subject;
  if (subject.kind == VoteKind::finalize) votes.finalize = subject;
  if (subject.kind == VoteKind::nullify) votes.nullify = true;
  if (own.header) remember(*own.header);
}

void AbstractMember::remember(const HeldCertificate& held) {
  const Subject& subject = held.certificate.subject;
  HeldView& view = held_[subject.view];
  if (subject.kind == VoteKind::notarize) view.notarized = subject.block;
  if (subject.kind == VoteKind::finalize) view.finalized = subject.block;
  if (subject.kind == VoteKind::nullify) view.nullified = true;
  if (view.finalized) final_view_ = std::max(final_view_, subject.view);
  shown_.insert(subject);
  view_ = std::max(view_, subject.view + 1);
}

void AbstractMember::remember(const BlockHeader& header) {
  const Hash hash = block_hash(header);
  if (headers_.emplace(hash, header).second) header_at_ms_.emplace(hash, now_ms_);
  recorded_.insert(hash);
}

// -------------------------------------------------------------------------- what goes in

void AbstractMember::starts(Height committed, const Hash& nonce) {
  next_height_ = committed + 1;
  nonce_ = nonce;
  delay_ms_ = limits_.delay_start_ms;
  heard_ms_.assign(committee_.n, now_ms_);
  leads_.assign(committee_.n, true);
  entered_ms_ = finalised_ms_ = repeated_ms_ = now_ms_;
}

void AbstractMember::hears(MemberIndex from, const Message& message) {
  heard_ms_[from] = now_ms_;
  if (const auto* vote = std::get_if<Vote>(&message)) {
    votes_[vote->subject].insert(from);
  } else if (const auto* certificate = std::get_if<Certificate>(&message)) {
    show(*certificate);
  } else if (const auto* proposal = std::get_if<Proposal>(&message)) {
    hear(*proposal);
  } else if (const auto* status = std::get_if<MemberStatus>(&message)) {
    leads_[from] = status->leads;
    show(status->finalization);
  } else if (const auto* blocks = std::get_if<Blocks>(&message)) {
    show(blocks->finalization);
  } else if (const auto* report = std::get_if<ViewReport>(&message)) {
    hear(*report, from);
  }
}

void AbstractMember::show(const std::optional<Certificate>& certificate) {
  if (!certificate) return;
  shown_.insert(certificate->subject);
  shown_now_.push_back(certificate->subject);
}

void AbstractMember::hear(const Proposal& proposal) {
  show(proposal.entry);
  const Subject& subject = proposal.vote.subject;
  votes_[subject].insert(proposal.vote.voter);
  const Proposed proposed{subject, proposal.header};
  if (is_faulty(subject, proposal.header)) {
    faulty_.insert(subject.view);
    return;
  }
  proposals_[subject.view].push_back(proposed);
  if (subject.view <= final_view_ || !first_.emplace(subject.view, proposed).second) return;
  const bool fresh = headers_.emplace(subject.block, proposal.header).second;
  if (fresh) header_at_ms_.emplace(subject.block, now_ms_);
}

void AbstractMember::hear(const ViewReport& report, MemberIndex from) {
  if (!in_quarantine() || report.nonce != nonce_) return;
  show(report.entry);
  show(report.finalization);
  if (report.in_quarantine) return;
  View& known = reports_[from];
  known = std::max(known, report.entry ? report.entry->subject.view + 1 : 1);
}

void AbstractMember::signs(const Vote& own) { votes_[own.subject].insert(self_); }

void AbstractMember::holds(const BatchRef& batch) {
  batches_.emplace(batch.digest, batch);
  if (!ordered_.contains(batch.digest)) open_.emplace(batch.digest, batch);
}

void AbstractMember::holds(const CheckpointRef& checkpoint) {
  if (!checkpoint_ || checkpoint_->height < checkpoint.height) checkpoint_ = checkpoint;
}

// T is twice the delay, within bounds.
void AbstractMember::measures(std::uint64_t one_way_ms) {
  const std::uint64_t twice = 2 * std::min(one_way_ms, limits_.delay_max_ms);
  delay_ms_ = std::max(limits_.delay_min_ms, std::min(twice, limits_.delay_max_ms));
}

// ------------------------------------------------------------------------ what comes out

void AbstractMember::begin(std::uint64_t now_ms, std::uint64_t wall_ms) {
  now_ms_ = now_ms;
  wall_ms_ = wall_ms;
  shown_now_.clear();
  decided_now_.clear();
  cast_now_.clear();
  announced_now_.clear();
  passed_on_now_.clear();
  owes_passing_on_.clear();
  owes_finalize_.clear();
  left_by_.reset();
}

void AbstractMember::writes(const JournalRecord& record) {
  if (const auto* own = std::get_if<OwnVote>(&record)) {
    decide(own->subject, own->header);
  } else if (const auto* held = std::get_if<HeldCertificate>(&record)) {
    accept(held->certificate);
  } else if (const auto* block = std::get_if<HeldBlock>(&record)) {
    remember(block->header);
  } else if (const auto* floor = std::get_if<FinalFloor>(&record)) {
    require(floor->height > final_height_, "F4", "the final floor falls");
    require(recorded_.contains(floor->block), "R1", "a final block without its header on disk");
    final_height_ = floor->height;
  } else {
    leave_quarantine(std::get<Silence>(record));
  }
}

// C1: different members, enough of them, a signature each.
void AbstractMember::check_shape(const Certificate& certificate) const {
  require(certificate.signers.size() == (committee_.n + 7) / 8, "C1", "the length of a bitmap");
  std::size_t signers = 0;
  for (std::size_t i = 0; i < certificate.signers.size() * 8; ++i) {
    if ((certificate.signers[i / 8] >> (i % 8) & 1) == 0) continue;
    require(i < committee_.n, "C1", "a signer that does not exist");
    ++signers;
  }
  require(signers == certificate.signatures.size(), "C1", "a signature for each signer");
  require(signers >= committee_.quorum(), "C1", "a certificate of less than a quorum");
}

// E-enter, F4: a certificate becomes known, and moves the member if it is of its view or later.
void AbstractMember::accept(const Certificate& certificate) {
  const Subject& subject = certificate.subject;
  const std::string name = "a certificate of view " + std::to_string(subject.view);
  require(subject.epoch == kFirstEpoch, "C1", name + " of another epoch");
  check_shape(certificate);
  require(provable(subject), "C6", name + " that nobody sent and no quorum voted");
  require(subject.view > final_view_, "C2", name + ", below the final one");
  HeldView& held = held_[subject.view];
  switch (subject.kind) {
    case VoteKind::notarize:
      require(!held.notarized, "C2", name + " held already");
      held.notarized = subject.block;
      break;
    case VoteKind::nullify:
      require(!held.nullified, "C2", name + " held already");
      held.nullified = true;
      failed_.insert(subject.view);
      break;
    case VoteKind::finalize:
      held.finalized = subject.block;
      final_view_ = subject.view;
      finalised_ms_ = now_ms_;
      failed_.clear();
      break;
  }
  const bool moves = subject.view >= view_;
  if (moves || subject.kind == VoteKind::finalize) owes_passing_on_.insert(subject);
  if (!moves) return;
  left_by_.reset();
  if (subject.kind == VoteKind::notarize) {
    left_by_ = subject;
    const OwnVotes& own = own_[subject.view];
    const bool may = !own.nullify && !own.finalize && !is_silent_in(subject.view);
    if (may) owes_finalize_.insert(subject.view);
  }
  view_ = subject.view + 1;
  entered_ms_ = now_ms_;
}

// R3: 2f + 1 others say where they stand, none in quarantine; above the highest of them plus 2.
void AbstractMember::leave_quarantine(const Silence& silence) {
  require(in_quarantine() && silence.through.has_value(), "R3", "a silence out of nowhere");
  require(reports_.size() >= 2 * committee_.f() + 1, "R3", "too few reports");
  View highest = view_;
  for (const auto& [member, view] : reports_) highest = std::max(highest, view);
  require(*silence.through >= highest + 2, "R3", "votes again too early");
  silent_through_ = silence.through;
}

void AbstractMember::casts(const Subject& subject, const std::optional<BlockHeader>& header,
                           const std::optional<Certificate>& entry) {
  const auto own = own_.find(subject.view);
  const bool recorded =
      own != own_.end() && ((subject.kind == VoteKind::nullify && own->second.nullify) ||
                            own->second.notarize == subject || own->second.finalize == subject);
  require(recorded, "R1", "a vote that is not in the journal before it leaves");
  cast_now_.insert(subject);
  if (decided_now_.contains(subject)) {
    const bool leads = committee_.leader(subject.view) == self_;
    const bool proposes = subject.kind == VoteKind::notarize && leads;
    require(proposes == header.has_value(), "P1", "a header where the leader notarizes");
  }
  if (header) {
    require(block_hash(*header) == subject.block, "P1", "a header of another block");
    check_entry(subject.view, entry);
  }
}

void AbstractMember::sends(const Message& message) {
  if (const auto* certificate = std::get_if<Certificate>(&message)) {
    const Subject& subject = certificate->subject;
    const auto held = held_.find(subject.view);
    const bool holds =
        held != held_.end() && ((subject.kind == VoteKind::notarize && held->second.notarized) ||
                                (subject.kind == VoteKind::nullify && held->second.nullified) ||
                                (subject.kind == VoteKind::finalize && held->second.finalized));
    require(holds, "R1", "a certificate is passed on that was not written down");
    passed_on_now_.insert(subject);
  } else if (const auto* status = std::get_if<MemberStatus>(&message)) {
    require(status->view == view_, "R2", "says that it is in view " + std::to_string(status->view));
    require(status->final_height == final_height_, "F4",
            "says that height " + std::to_string(status->final_height) + " is final");
    require(status->leads == (can_propose_ && !in_quarantine()), "L3",
            "says of itself as a leader what is not so");
  } else if (const auto* announce = std::get_if<Announce>(&message)) {
    for (const BatchRef& ref : announce->batches) {
      require(open_.contains(ref.digest), "W3", "announces what is no work of its own");
      announced_now_.insert(ref.digest);
    }
  } else if (const auto* report = std::get_if<ViewReport>(&message)) {
    const bool may_have_forgotten = is_silent_in(view_);
    require(report->in_quarantine == may_have_forgotten, "R3", "hides its quarantine");
    require(view_ == (report->entry ? report->entry->subject.view + 1 : 1), "R3",
            "reports another view than its own");
  } else if (std::holds_alternative<GetView>(message)) {
    require(in_quarantine(), "R3", "asks as one in quarantine");
  } else {
    const bool vote =
        std::holds_alternative<Vote>(message) || std::holds_alternative<Proposal>(message);
    require(!vote, "R1", "a vote beside the journal");
  }
}

// F4: each block once, lowest first, by a finalization of itself or of what stands on it.
void AbstractMember::emits(const BlockHeader& header, const Hash& hash,
                           const Certificate& finalization) {
  const Height height = header.height;
  const std::string name = "height " + std::to_string(height);
  require(height == next_height_, "F4", name + " is emitted out of order");
  require(hash == block_hash(header), "F4", name + " has another hash");
  const Hash parent = height == 1 ? committee_.chain_id : finals_[height - 1];
  require(parent.is_zero() || parent == header.parent, "F4", name + " on another parent");
  const auto known = finals_.emplace(height, hash).first;
  require(known->second == hash, "F4", name + " was another block before");
  require(recorded_.contains(hash), "R1", name + " without its header on disk");
  require(height <= final_height_, "R1", name + " is emitted before the floor is written down");
  const Subject& subject = finalization.subject;
  require(subject.kind == VoteKind::finalize && provable(subject), "F4", name + " without a proof");
  // What was final at the start is emitted again beside a finalization that may be far above.
  Hash at = height > floor_ ? subject.block : hash;
  while (at != hash) {
    const BlockHeader* above = find_header(at);
    if (above == nullptr || above->height <= height) refuse("F4", name + " is not proved");
    at = above->parent;
  }
  ++next_height_;
  for (const BatchRef& ref : header.batches) {
    ordered_.insert(ref.digest);
    open_.erase(ref.digest);
  }
}

void AbstractMember::accuses(const Evidence& evidence) const {
  if (const auto* votes = std::get_if<ConflictingVotes>(&evidence)) {
    const auto seen = [this](const Vote& vote) {
      const auto found = votes_.find(vote.subject);
      return found != votes_.end() && found->second.contains(vote.voter);
    };
    require(votes->first.voter == votes->second.voter, "evidence", "two members' votes");
    require(seen(votes->first) && seen(votes->second), "evidence", "a vote that never came");
    require(exclude_each_other(votes->first.subject, votes->second.subject), "evidence",
            "two votes that an honest member may give");
  } else if (const auto* proposal = std::get_if<InvalidProposal>(&evidence)) {
    const Subject& subject = proposal->vote.subject;
    require(committee_.leader(subject.view) == proposal->vote.voter, "evidence",
            "a proposal of who does not lead");
    require(is_faulty(subject, proposal->header), "evidence", "a proposal without a fault");
  }
}

// ----------------------------------------------------------------------------- knowledge

bool AbstractMember::certified(View view, const Hash& block) const {
  if (view == 0) return block == committee_.chain_id;
  const auto found = held_.find(view);
  return found != held_.end() &&
         (found->second.notarized == block || found->second.finalized == block);
}

bool AbstractMember::nullified(View view) const {
  const auto found = held_.find(view);
  return found != held_.end() && found->second.nullified;
}

bool AbstractMember::provable(const Subject& subject) const {
  if (shown_.contains(subject)) return true;
  const auto found = votes_.find(subject);
  return found != votes_.end() && found->second.size() >= committee_.quorum();
}

const BlockHeader* AbstractMember::find_header(const Hash& block) const {
  const auto found = headers_.find(block);
  return found == headers_.end() ? nullptr : &found->second;
}

bool AbstractMember::complete(Hash block) const {
  while (block != committee_.chain_id) {
    const BlockHeader* header = find_header(block);
    if (header == nullptr) return false;
    if (header->height <= final_height_) {
      const auto found = finals_.find(header->height);
      return found != finals_.end() && found->second == block;
    }
    block = header->parent;
  }
  return true;
}

bool AbstractMember::is_silent_in(View view) const {
  return silent_ && (!silent_through_ || view <= *silent_through_);
}

}  // namespace sanad::simulation
