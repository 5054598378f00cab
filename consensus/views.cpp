#include "consensus/views.h"

#include "consensus/mutant.h"

namespace sanad::consensus {

Window window_of(const State& state) {
  Window window{.final_view = state.final_view(),
                .view = state.view(),
                .past_views_kept = state.limits.past_views_kept,
                .held = {},
                .asked_blocks = state.catch_up.asked_blocks(),
                .asked_lately = state.catch_up.asked_lately(),
                .awaits_reports = state.own.silent() && state.leaves_quarantine};
  for (const auto& [view, held] : state.certificates.all()) {
    const unsigned bits = (held.notarization ? 1U : 0U) | (held.nullification ? 2U : 0U) |
                          (held.finalization ? 4U : 0U);
    window.held.emplace_hint(window.held.end(), view, static_cast<std::uint8_t>(bits));
  }
  return window;
}

void Views::count(const Vote& vote) {
  const View view = vote.subject.view;
  const auto tally = state_.tallies.try_emplace(view, ViewTally(state_.committee.n())).first;
  const ViewTally::Outcome outcome = tally->second.add(vote, state_.committee);
  if (outcome.evidence) found(*outcome.evidence);
  // L3: a leader that gives its view up need not be waited for.
  if (vote.subject.kind == VoteKind::nullify && view == state_.view() &&
      vote.voter == state_.leader() && !broken(Mutant::kLeadersNullifyAwaited)) {
    state_.pace.expire();
  }
  if (outcome.certificate) record(*outcome.certificate);
}

void Views::found(const Evidence& evidence) {
  state_.evidence_digest = crypto::tagged_hash("evidence", evidence);
  state_.out.push_back(EvidenceFound{evidence});
}

void Views::record(const Certificate& certificate) {
  const Subject& subject = certificate.subject;
  // Useless below the final view; and each is recorded once.
  if (subject.view <= state_.final_view() || !state_.certificates.add(certificate)) return;
  if (!broken(Mutant::kCertificateNotJournalled)) {
    state_.out.push_back(Persist{HeldCertificate{certificate}});
  }
  const bool moves = subject.view >= state_.view();
  const bool pass_on = moves || subject.kind == VoteKind::finalize;
  if (pass_on && !broken(Mutant::kCertificateNotPassedOn))
    state_.out.push_back(Broadcast{certificate});
  state_.catch_up.have_certificate(subject.view);
  if (subject.kind == VoteKind::nullify) {
    state_.pace.failed(subject.view);
    state_.batches.nullified(subject.view);
  } else {
    finality_.certified(certificate);
  }
  const bool by_less =
      subject.kind == VoteKind::notarize && broken(Mutant::kNotarizationResetsGrowth);
  if (subject.kind == VoteKind::finalize || by_less) state_.pace.finalised(state_.now_ms);
  if (!moves) return;
  // F2: with the notarization of this very block held, on leaving its view.
  if (subject.kind == VoteKind::notarize && state_.own.may_finalize(subject.view)) {
    const Subject vote = finalize(subject.epoch, subject.view, subject.block);
    cast(vote, CastVote{vote, {}, {}});
  }
  enter(subject.view + 1);
}

void Views::enter(View view) {
  state_.pace.enter(view, state_.now_ms);
  if (state_.proposals.contains(view)) state_.pace.proposal_arrived();
  const auto tally = state_.tallies.find(view);
  const bool given_up =
      tally != state_.tallies.end() && tally->second.has(state_.leader(), VoteKind::nullify);
  if (given_up && !broken(Mutant::kLeadersNullifyAwaited)) {
    state_.pace.expire();
  }
}

void Views::cast(const Subject& subject, const CastVote& cast) {
  state_.own.cast(subject);
  std::optional<BlockHeader> unrecorded;
  if (subject.kind == VoteKind::notarize && state_.chain.set_recorded(subject.block)) {
    unrecorded = state_.chain.find(subject.block)->header;
  }
  if (broken(Mutant::kVoteWithoutHeader)) unrecorded.reset();
  if (broken(Mutant::kVoteSentFirst)) state_.out.push_back(cast);
  if (!broken(Mutant::kVoteNotJournalled)) {
    state_.out.push_back(Persist{OwnVote{subject, std::move(unrecorded)}});
  }
  if (!broken(Mutant::kVoteSentFirst)) state_.out.push_back(cast);
  const bool leaves = subject.kind == VoteKind::nullify && subject.view == state_.view();
  if (leaves && broken(Mutant::kLeavesWithoutCertificate)) enter(subject.view + 1);
}

}  // namespace sanad::consensus
