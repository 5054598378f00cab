// Which votes and proposals the abstract protocol allows, which it owes, and when.
#include <algorithm>

#include "simulation/abstract_member.h"

namespace sanad::simulation {

using namespace consensus;

namespace {

// N5.
constexpr View kLateViews = 8;
// W2: with less than this on board a block is not full.
constexpr std::uint64_t kHalfABlock = kBlockBytesMax / 2;

}  // namespace

// --------------------------------------------------------------------------------- votes

// A vote is decided on by the record that goes before it (R1).
void AbstractMember::decide(const Subject& subject, const std::optional<BlockHeader>& header) {
  const View view = subject.view;
  require(subject.epoch == kFirstEpoch && view > 0, "C1", "a vote of no view of this epoch");
  require(!is_silent_in(view), "R3", "votes where it may have forgotten");
  switch (subject.kind) {
    case VoteKind::notarize:
      may_notarize(subject, header);
      own_[view].notarize = subject;
      break;
    case VoteKind::nullify:
      may_nullify(view);
      own_[view].nullify = true;
      failed_.insert(view);
      repeated_ms_ = now_ms_;
      break;
    case VoteKind::finalize:
      may_finalize(subject);
      own_[view].finalize = subject;
      break;
  }
  decided_now_.insert(subject);
}

void AbstractMember::may_notarize(const Subject& subject,
                                  const std::optional<BlockHeader>& header) {
  const View view = subject.view;
  require(!own_[view].notarize, "N1", "notarizes twice");
  require(!own_[view].nullify, "N2", "notarizes what it nullified");
  require(view <= view_, "N1", "notarizes in view " + std::to_string(view) + " before it is there");
  require(view > final_view_ && view + kLateViews >= view_, "N5", "notarizes too late");
  if (header) {
    require(block_hash(*header) == subject.block, "R1", "a vote beside another block's header");
    remember(*header);
  }
  require(recorded_.contains(subject.block), "R1", "a notarize without its header on disk");
  const BlockHeader& block = headers_.at(subject.block);
  stands_on_parent(subject, block);
  if (committee_.leader(view) == self_) return may_propose(subject, block);
  const auto& proposals = proposals_[view];
  const bool proposed = std::any_of(proposals.begin(), proposals.end(),
                                    [&](const Proposed& each) { return each.subject == subject; });
  require(proposed, "N1", "notarizes what its leader did not propose");
  require(block.time_ms <= wall_ms_ + limits_.clock_ahead_max_ms, "N4", "time ahead of the clock");
  for (const BatchRef& ref : block.batches) {
    const auto held = batches_.find(ref.digest);
    require(held != batches_.end() && held->second == ref, "B2", "notarizes a batch it lacks");
  }
  require(!repeats_ancestor(block), "B4", "notarizes a batch that an ancestor orders");
}

bool AbstractMember::repeats_ancestor(const BlockHeader& header) const {
  std::set<Hash> before;
  for (const BlockHeader* at = find_header(header.parent);
       at != nullptr && at->height > final_height_; at = find_header(at->parent)) {
    for (const BatchRef& ref : at->batches) before.insert(ref.digest);
  }
  return std::any_of(header.batches.begin(), header.batches.end(), [&](const BatchRef& ref) {
    return ordered_.contains(ref.digest) || before.contains(ref.digest);
  });
}

// N3, N4: certificates in hand, and what follows from the parent.
void AbstractMember::stands_on_parent(const Subject& subject, const BlockHeader& header) const {
  require(!is_faulty(subject, header), "N4", "notarizes a block that is wrong by itself");
  require(subject.parent_view >= final_view_, "N3", "notarizes below the final view");
  require(certified(subject.parent_view, header.parent), "N3", "the parent has no certificate");
  for (View gap = subject.parent_view + 1; gap < subject.view; ++gap) {
    require(nullified(gap), "N3", "view " + std::to_string(gap) + " is skipped");
  }
  if (subject.parent_view == 0) {
    require(header.height == 1, "N4", "the height of a first block");
    return;
  }
  const BlockHeader* parent = find_header(header.parent);
  if (parent == nullptr) refuse("N4", "the parent is not held");
  require(header.height == parent->height + 1, "N4", "the height does not follow the parent's");
  require(header.time_ms > parent->time_ms, "N4", "the time is not above the parent's");
}

void AbstractMember::may_propose(const Subject& subject, const BlockHeader& header) {
  look_at_work();
  require(subject.view == view_, "P1", "proposes in a view that it left");
  require(can_propose_, "L3", "leads though it must not");
  require(timers_from_ms_.has_value(), "W1", "proposes without work");
  may_choose_parent(subject, header);
  may_fill(header);
  led_.insert(subject.view);
}

// P1: the highest certified view whose block is there with all ancestors.
void AbstractMember::may_choose_parent(const Subject& subject, const BlockHeader& header) const {
  require(complete(header.parent), "P1", "builds on what it lacks");
  for (View above = subject.parent_view + 1; above < subject.view; ++above) {
    const auto found = held_.find(above);
    if (found == held_.end()) continue;
    for (const auto& block : {found->second.notarized, found->second.finalized}) {
      require(!block || !complete(*block), "P1", "a higher view could be built on");
    }
  }
}

void AbstractMember::may_fill(const BlockHeader& header) const {
  require(header.checkpoint == checkpoint_, "P1", "names another checkpoint than the newest");
  const Height cosigned = checkpoint_ ? checkpoint_->height : 0;
  const bool behind = final_height_ > cosigned + limits_.checkpoint_lag_max;
  require(header.batches.empty() || !behind, "back-pressure", "batches beyond the checkpoint");
  require(!repeats_ancestor(header), "B4", "proposes a batch that an ancestor orders");
  std::uint64_t bytes = 0;
  for (const BatchRef& ref : header.batches) {
    require(open_.contains(ref.digest), "B3", "proposes a batch that it lacks or that is final");
    bytes += ref.bytes;
  }
  if (header.batches.empty()) {
    const bool asked = heartbeat_due() || wanted_ + 1 > header.height;
    require(asked || now_ms_ >= *timers_from_ms_ + timeout().least_ms, "W2",
            "an empty block too early");
    return;
  }
  const auto arrived = header_at_ms_.find(header.parent);
  const bool full = header.batches.size() >= limits_.block_refs_max || bytes >= kHalfABlock;
  require(full || arrived == header_at_ms_.end() ||
              now_ms_ >= arrived->second + limits_.block_interval_min_ms,
          "W2", "a block too soon after its parent");
}

// P2.
void AbstractMember::check_entry(View view, const std::optional<Certificate>& entry) const {
  const auto found = held_.find(view - 1);
  const HeldView held = found == held_.end() ? HeldView{} : found->second;
  if (!entry) {
    const bool none = !held.notarized && !held.finalized && !held.nullified;
    return require(none, "P2", "a proposal without the certificate that led there");
  }
  const Subject& shown = entry->subject;
  require(shown.view + 1 == view, "P2", "a certificate of another view");
  if (held.finalized) {
    require(shown.kind == VoteKind::finalize, "P2", "not the finalization that it holds");
  } else if (held.notarized) {
    require(shown.kind == VoteKind::notarize, "P2", "not the notarization that it holds");
  } else {
    require(held.nullified && shown.kind == VoteKind::nullify, "P2", "not what it holds");
  }
}

void AbstractMember::may_finalize(const Subject& subject) const {
  const auto found = own_.find(subject.view);
  const OwnVotes own = found == own_.end() ? OwnVotes{} : found->second;
  require(!own.nullify, "F1", "finalizes what it nullified");
  require(!own.finalize, "F1", "finalizes twice");
  require(left_by_ && left_by_->view == subject.view && left_by_->block == subject.block, "F2",
          "finalizes without leaving by its notarization");
}

void AbstractMember::may_nullify(View view) {
  require(view == view_, "T2", "nullifies another view than its own");
  require(!own_[view].nullify, "F1", "nullifies twice");
  require(!own_[view].finalize, "T1", "nullifies what it finalized");
  look_at_work();
  const bool draining = committee_.leader(view) == self_ && !can_propose_;
  const std::optional<Span> due = deadline();
  const bool late = due && due->least_ms <= now_ms_;
  require(draining || leader_gave_up() || invalid_proposal_in(view) || late, "T2",
          "gives its view up without a reason");
  require_announced();
}

// W3: held batches that stand in no proposal of a view that may still count.
void AbstractMember::require_announced() const {
  if (announced_now_.size() >= kAnnouncedMax) return;
  std::set<Hash> proposed;
  for (const auto& [view, first] : first_) {
    if (nullified(view)) continue;
    for (const BatchRef& ref : first.header.batches) proposed.insert(ref.digest);
  }
  for (const View view : led_) {
    if (nullified(view)) continue;
    for (const BatchRef& ref : headers_.at(own_.at(view).notarize->block).batches) {
      proposed.insert(ref.digest);
    }
  }
  for (const auto& [digest, ref] : open_) {
    require(proposed.contains(digest) || announced_now_.contains(digest), "W3",
            "nullifies and keeps its work to itself");
  }
}

// ----------------------------------------------------------------------------- proposals

bool AbstractMember::is_faulty(const Subject& subject, const BlockHeader& header) const {
  std::set<Hash> digests;
  std::uint64_t bytes = 0;
  bool strangers = false;
  for (const BatchRef& ref : header.batches) {
    digests.insert(ref.digest);
    bytes += ref.bytes;
    strangers = strangers || ref.author >= committee_.n;
  }
  return header.chain_id != committee_.chain_id || header.epoch != kFirstEpoch ||
         header.origin_view != subject.view || subject.parent_view >= subject.view ||
         header.proposer != committee_.leader(subject.view) || header.height == 0 ||
         header.epoch_end || header.batches.size() > kBlockRefsMax || bytes > kBlockBytesMax ||
         strangers || digests.size() != header.batches.size();
}

bool AbstractMember::contradicts(const Subject& subject, const BlockHeader& header) const {
  if (subject.parent_view < final_view_) return true;
  const auto held = held_.find(subject.parent_view);
  const bool known = subject.parent_view == 0 ||
                     (held != held_.end() && (held->second.notarized || held->second.finalized));
  if (known && !certified(subject.parent_view, header.parent)) return true;
  const BlockHeader* parent = find_header(header.parent);
  const bool first = header.parent == committee_.chain_id;
  if (first && header.height != 1) return true;
  if (parent != nullptr && (header.height != parent->height + 1 ||  //
                            header.time_ms <= parent->time_ms)) {
    return true;
  }
  if (repeats_ancestor(header)) return true;
  return std::any_of(header.batches.begin(), header.batches.end(), [this](const BatchRef& ref) {
    const auto batch = batches_.find(ref.digest);
    return batch != batches_.end() && batch->second != ref;
  });
}

bool AbstractMember::invalid_proposal_in(View view) const {
  if (faulty_.contains(view)) return true;
  const auto found = proposals_.find(view);
  return found != proposals_.end() &&
         std::any_of(found->second.begin(), found->second.end(), [this](const Proposed& each) {
           return contradicts(each.subject, each.header);
         });
}

// ---------------------------------------------------------------------------------- time

bool AbstractMember::heartbeat_due() const {
  return now_ms_ >= finalised_ms_ + limits_.heartbeat_ms;
}

// W1: timers start with the view or with the work, whichever comes later.
void AbstractMember::look_at_work() {
  const bool work = !open_.empty() || heartbeat_due() || wanted_ > final_height_;
  if (!work) return timers_from_ms_.reset();
  if (timers_from_ms_ && timers_view_ == view_) return;
  timers_from_ms_ = now_ms_;
  timers_view_ = view_;
  skips_ = leader_is_away();
}

// L2, L3: at the moment at which the timers start.
bool AbstractMember::leader_is_away() const {
  const MemberIndex leader = committee_.leader(view_);
  const auto silent = [this](MemberIndex member) {
    return now_ms_ - heard_ms_[member] >= limits_.skip_timeout_ms;
  };
  if (leader == self_) return false;
  if (!leads_.at(leader)) return true;
  if (!silent(leader)) return false;
  std::size_t heard = 0;
  for (MemberIndex member = 0; member < committee_.n; ++member) {
    heard += member != self_ && !silent(member) ? 1 : 0;
  }
  return heard >= committee_.quorum() - 1;
}

bool AbstractMember::leader_gave_up() const {
  const auto found = votes_.find(nullify(kFirstEpoch, view_));
  return found != votes_.end() && found->second.contains(committee_.leader(view_));
}

// T′ = T·1.5^max(0, k − f).
AbstractMember::Span AbstractMember::timeout() const {
  Span span{delay_ms_, delay_ms_};
  for (std::size_t k = committee_.f(); k < failed_.size(); ++k) {
    if (span.most_ms >= limits_.timeout_max_ms) break;
    span.least_ms = span.least_ms * 3 / 2;
    span.most_ms = (span.most_ms * 3 + 1) / 2;
  }
  span.least_ms = std::min(span.least_ms, limits_.timeout_max_ms);
  span.most_ms = std::min(span.most_ms, limits_.timeout_max_ms);
  return span;
}

std::optional<AbstractMember::Span> AbstractMember::deadline() const {
  if (!timers_from_ms_) return std::nullopt;
  const std::uint64_t from_ms = *timers_from_ms_;
  const bool proposed = first_.contains(view_) || led_.contains(view_);
  if (skips_ && !proposed) return Span{from_ms, from_ms};
  const std::uint64_t factor = proposed ? 3 : 2;
  const Span waits = timeout();
  return Span{from_ms + factor * waits.least_ms, from_ms + factor * waits.most_ms};
}

// -------------------------------------------------------------------------- what is owed

void AbstractMember::end() {
  look_at_work();
  for (const Subject& subject : shown_now_) {
    require(view_ > subject.view, "E-enter",
            "stays in spite of a certificate of view " + std::to_string(subject.view));
  }
  for (const Subject& subject : owes_passing_on_) {
    require(passed_on_now_.contains(subject), "E-enter",
            "does not pass on the certificate of view " + std::to_string(subject.view));
  }
  for (const View view : owes_finalize_) {
    require(own_[view].finalize.has_value(), "F2",
            "does not finalize view " + std::to_string(view) + " on leaving it");
  }
  for (const Subject& subject : decided_now_) {
    require(cast_now_.contains(subject), "R1", "writes a vote down and does not cast it");
  }
  if (is_silent_in(view_)) return;
  own_[view_].nullify ? check_repeated() : check_view_is_given_up();
}

void AbstractMember::check_view_is_given_up() {
  require(!faulty_.contains(view_), "N4", "waits in spite of an invalid proposal");
  require(!leader_gave_up(), "L3", "waits for a leader that gave its view up");
  const std::optional<Span> due = deadline();
  require(!due || due->most_ms > now_ms_, skips_ ? "L2" : "T2", "waits beyond the deadline");
}

// T3, after a nullify.
void AbstractMember::check_repeated() {
  const std::uint64_t waits_ms = std::max(2 * timeout().most_ms, limits_.resend_interval_min_ms);
  const bool due = now_ms_ >= std::max(entered_ms_, repeated_ms_) + waits_ms;
  const bool repeated = cast_now_.contains(nullify(kFirstEpoch, view_));
  require(repeated || !due, "T3", "does not repeat its nullify");
  if (repeated) repeated_ms_ = now_ms_;
}

}  // namespace sanad::simulation
