#include "consensus/voting.h"

#include <algorithm>

#include "consensus/mutant.h"

namespace sanad::consensus {
namespace {

// N5: how far back a late proposal is still looked at.
constexpr View kLateViews = 8;

}  // namespace

// ------------------------------------------------------------------------------- work

bool Voting::heartbeat_due() const {
  return state_.now_ms >= state_.pace.finalised_ms() + state_.limits.heartbeat_ms;
}

void Voting::look_for_work() {
  const bool work = state_.batches.held() > 0 || heartbeat_due() ||
                    broken(Mutant::kWorkWithoutEnd) ||
                    state_.wanted_through > state_.chain.final_height();
  state_.pace.set_work(work, state_.now_ms);
  if (!work) state_.wake_at(state_.pace.finalised_ms() + state_.limits.heartbeat_ms);
}

// ---------------------------------------------------------------------------- leading

void Voting::lead() {
  const View view = state_.view();
  if (state_.leader() != state_.self || !state_.pace.has_work()) return;
  const bool may = state_.own.may_notarize(view) || broken(Mutant::kProposesTwice);
  if (!may) return;  // P1, and N2
  if (!state_.can_propose) return nullify_view();
  const std::optional<Parent> chosen = parent();
  if (!chosen) return;
  std::optional<BlockHeader> header = draft(*chosen);
  if (header) propose(*chosen, std::move(*header));
}

std::optional<Parent> Voting::parent() {
  const ParentChoice choice = choose_parent(state_.view(), state_.certificates, state_.chain);
  if (const auto* missing = std::get_if<MissingCertificate>(&choice)) {
    state_.catch_up.need_certificate(missing->view, {});
  }
  const auto* found = std::get_if<Parent>(&choice);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

std::vector<BatchRef> Voting::payload(const Chain::Path& path) const {
  const Height committed = state_.checkpoint ? state_.checkpoint->height : 0;
  if (state_.chain.final_height() > committed + state_.limits.checkpoint_lag_max) return {};
  std::set<Hash> in_ancestors;
  for (const Hash& block : path.blocks) {
    for (const BatchRef& ref : state_.chain.find(block)->header.batches) {
      in_ancestors.insert(ref.digest);
    }
  }
  return state_.batches.pick(in_ancestors, state_.now_ms);
}

// W1: time or a draw asks for a block, and none is on its way.
bool Voting::must_draft_empty(const Chain::Path& path, Height parent_height) const {
  if (state_.wanted_through > parent_height) return true;
  return path.blocks.empty() && heartbeat_due();
}

std::optional<BlockHeader> Voting::draft(const Parent& parent) {
  const Chain::Block* block = state_.chain.find(parent.block);
  const Chain::Path path = state_.chain.path_to(parent.block);
  const Height parent_height = block == nullptr ? 0 : block->header.height;
  std::vector<BatchRef> refs = payload(path);
  std::uint64_t at_ms = 0;
  if (refs.empty() && !must_draft_empty(path, parent_height)) {
    if (broken(Mutant::kNoEmptyBlock)) return std::nullopt;
    at_ms = state_.pace.empty_proposal_at_ms();
  } else if (block != nullptr && !state_.batches.is_full(refs)) {
    at_ms = block->received_ms + state_.limits.block_interval_min_ms;
  }
  if (at_ms > state_.now_ms) {
    state_.wake_at(at_ms);
    return std::nullopt;
  }
  const std::uint64_t parent_time_ms = block == nullptr ? 0 : block->header.time_ms;
  BlockHeader header;
  header.chain_id = state_.chain_id;
  header.epoch = state_.committee.epoch();
  header.origin_view = state_.view();
  header.height = parent_height + 1;
  header.parent = parent.block;
  header.proposer = state_.self;
  header.time_ms = std::max(state_.wall_ms, parent_time_ms + 1);
  header.batches = std::move(refs);
  header.evidence_digest = state_.evidence_digest;
  header.beacon_reveal = state_.beacon(state_.view());
  header.checkpoint = state_.checkpoint;
  return header;
}

void Voting::propose(const Parent& parent, BlockHeader header) {
  const View view = state_.view();
  const Hash hash = block_hash(header);
  state_.chain.add(hash, header, state_.now_ms);
  state_.batches.referenced(header.batches, view);
  state_.pace.proposal_arrived();
  const Subject subject = notarize(header.epoch, view, parent.view, hash);
  const Certificate* entry = state_.certificates.entry(view - 1);
  CastVote cast{subject, std::move(header), {}};
  if (entry != nullptr && !broken(Mutant::kNoEntryCertificate)) cast.entry = *entry;
  views_.cast(subject, cast);
}

// ----------------------------------------------------------------------------- voting

void Voting::receive(const Proposal& proposal) {
  const Subject& subject = proposal.vote.subject;
  if (proposal.entry) views_.record(*proposal.entry);
  if (!state_.takes_vote(subject.view)) return;
  // Of a view that is final, or below, only the vote counts: what was found invalid there is
  // forgotten, and its leader may send another variant after each finalization.
  const bool is_open = subject.view > state_.final_view();
  if (is_open && header_fault(proposal.header, subject.view, subject.parent_view, state_.committee,
                              state_.chain_id)) {
    if (state_.invalid.contains(subject.view)) return;
    views_.found(InvalidProposal{proposal.vote, proposal.header});
    return reject(proposal);
  }
  // The vote of an equivocating leader is evidence; its second header is of no use before a quorum
  // certified it, and then it is fetched.
  if (broken(Mutant::kNotarizesTwice)) {
    const auto first = state_.proposals.find(subject.view);
    if (first != state_.proposals.end() && first->second.vote.subject != subject) {
      state_.own.forget_through(subject.view);
      state_.proposals.erase(first);
    }
  }
  if (is_open && !state_.proposals.contains(subject.view)) {
    state_.proposals.emplace(subject.view, Proposal{proposal.vote, proposal.header, {}});
    state_.chain.add(subject.block, proposal.header, state_.now_ms);
    const bool nullified = state_.certificates.has(VoteKind::nullify, subject.view);
    state_.batches.referenced(proposal.header.batches, nullified ? 0 : subject.view);
    if (subject.view == state_.view()) state_.pace.proposal_arrived();
  }
  views_.count(proposal.vote);
}

void Voting::vote() {
  const View view = state_.view();
  const View oldest = view > kLateViews ? view - kLateViews : 1;
  std::vector<View> open;
  for (auto at = state_.proposals.lower_bound(oldest);
       at != state_.proposals.end() && at->first <= view; ++at) {
    const bool is_open = at->first > state_.final_view() && state_.own.may_notarize(at->first) &&
                         !state_.invalid.contains(at->first);
    if (is_open) open.push_back(at->first);
  }
  for (const View each : open) decide(state_.proposals.at(each));
}

void Voting::decide(const Proposal& proposal) {
  const Judgement judgement = judge(proposal, {state_.certificates, state_.chain, state_.batches},
                                    state_.wall_ms, state_.limits.clock_ahead_max_ms);
  if (std::holds_alternative<Invalid>(judgement)) return reject(proposal);
  if (const auto* undecided = std::get_if<Undecided>(&judgement)) {
    return broken(Mutant::kMissingIsInvalid) ? reject(proposal) : ask_for(*undecided, proposal);
  }
  const Subject subject = proposal.vote.subject;
  views_.cast(subject, CastVote{subject, {}, {}});
  if (broken(Mutant::kFinalizesUnnotarized) && state_.own.may_finalize(subject.view)) {
    const Subject early = finalize(subject.epoch, subject.view, subject.block);
    views_.cast(early, CastVote{early, {}, {}});
  }
}

void Voting::ask_for(const Undecided& undecided, const Proposal& proposal) {
  // Who proposed must hold all of it.
  const std::vector<MemberIndex> leader = {proposal.vote.voter};
  for (const View missing : undecided.certificates) {
    state_.catch_up.need_certificate(missing, leader);
  }
  for (const BatchRef& ref : undecided.batches) {
    if (broken(Mutant::kMissingBatchesNotFetched)) continue;
    state_.batches.want(ref, leader, proposal.vote.subject.view);
  }
  if (undecided.wait_ms > 0) state_.wake_at(state_.now_ms + undecided.wait_ms);
}

// N4: what can never become valid is not waited for.
void Voting::reject(const Proposal& proposal) {
  const View view = proposal.vote.subject.view;
  state_.invalid.insert(view);
  if (view == state_.view() && !broken(Mutant::kInvalidAwaited)) nullify_view();
}

// -------------------------------------------------------------------------- giving up

void Voting::give_up() {
  if (!state_.own.may_nullify(state_.view())) return;
  // A view that was entered with an invalid proposal at hand is not waited for either.
  const std::uint64_t at_ms =
      state_.invalid.contains(state_.view()) && !broken(Mutant::kInvalidAwaited)
          ? 0
          : state_.pace.nullify_at_ms();
  if (at_ms <= state_.now_ms) {
    nullify_view();
  } else if (at_ms != Pacemaker::kNever) {
    state_.wake_at(at_ms);
  }
}

void Voting::nullify_view() {
  const View view = broken(Mutant::kNullifiesAfterFinalize) ? std::max<View>(state_.view(), 2) - 1
                                                            : state_.view();
  if (!state_.own.may_nullify(view)) return;
  std::vector<BatchRef> unseen = state_.batches.unreferenced();
  if (!unseen.empty() && !broken(Mutant::kWorkNotAnnounced))
    state_.out.push_back(Broadcast{Announce{std::move(unseen)}});
  const Subject subject = nullify(state_.committee.epoch(), view);
  views_.cast(subject, CastVote{subject, {}, {}});
  state_.pace.failed(view);
  ++state_.nullified_views;
  state_.pace.resent(state_.now_ms);
}

}  // namespace sanad::consensus
