#include "consensus/answers.h"

#include "consensus/mutant.h"

namespace sanad::consensus {

// A claim is a hint: it is followed once per interval and member, by asking for the proof of it.
void Answers::receive(const MemberStatus& status, MemberIndex from) {
  state_.pace.leads(from, status.leads);
  if (status.finalization) views_.record(*status.finalization);
  if (status.view > state_.view() && hinted_.insert(from).second) {
    state_.out.push_back(Send{from, GetCertificate{state_.committee.epoch(), status.view - 1}});
  }
}

void Answers::receive(const GetCertificate& request, MemberIndex from) {
  if (broken(Mutant::kReplyAsksAgain)) state_.out.push_back(Send{from, request});
  if (!state_.catch_up.may_serve(from)) return;
  bool found = false;
  for (const VoteKind kind : {VoteKind::finalize, VoteKind::notarize, VoteKind::nullify}) {
    const Certificate* held = state_.certificates.find(kind, request.view);
    if (held == nullptr) continue;
    state_.out.push_back(Send{from, *held});
    found = true;
  }
  // Who asks below the final view needs the finalization instead.
  const Certificate* highest = state_.certificates.find(VoteKind::finalize, state_.final_view());
  if (!found && highest != nullptr && request.view < state_.final_view()) {
    state_.out.push_back(Send{from, *highest});
  }
}

void Answers::receive(const GetBlocks& request, MemberIndex from) {
  if (!state_.catch_up.may_serve(from)) return;
  std::vector<BlockHeader> headers = state_.chain.ancestry(request.tip, request.above);
  const bool complete = !headers.empty() && headers.front().height == request.above + 1;
  const bool fits = headers.size() <= kBlocksPerReplyMax;
  if (complete && fits) {
    state_.out.push_back(Send{from, Blocks{request.tip, std::move(headers), {}}});
  } else if (request.above < state_.chain.final_height() &&
             (headers.empty() || state_.chain.is_final(request.tip) || !complete)) {
    // Older than what is kept in memory: the ledger knows.
    state_.out.push_back(ServeBlocks{from, request});
  } else if (!headers.empty()) {
    // A long unfinalised chain is walked from its tip down.
    if (!fits) headers.erase(headers.begin(), headers.end() - kBlocksPerReplyMax);
    state_.out.push_back(Send{from, Blocks{request.tip, std::move(headers), {}}});
  }
}

void Answers::receive(const Announce& announce, MemberIndex from) {
  if (broken(Mutant::kAnnouncesIgnored)) return;
  const View until_view = state_.view() + 2 * state_.committee.n();
  for (const BatchRef& ref : announce.batches) {
    state_.batches.want_announced(ref, from, until_view);
  }
}

void Answers::tell_when_due() {
  const bool due = state_.now_ms >= status_at_ms_;
  if (due) {
    status_at_ms_ = state_.now_ms + state_.limits.status_interval_ms;
    state_.catch_up.refill();
    hinted_.clear();
  }
  if (due || leads() != told_leads_) {
    told_leads_ = leads();
    MemberStatus status{state_.committee.epoch(),
                        state_.view(),
                        state_.chain.final_height(),
                        state_.chain.final_block(),
                        {},
                        told_leads_};
    const Certificate* highest = state_.certificates.find(VoteKind::finalize, state_.final_view());
    if (highest != nullptr) status.finalization = *highest;
    state_.out.push_back(Broadcast{std::move(status)});
  }
  state_.wake_at(status_at_ms_);
}

void Answers::ask_when_due() {
  const std::uint64_t timeout_ms = 2 * state_.pace.timeout_ms();
  for (CatchUp::Ask& ask :
       state_.catch_up.due(state_.now_ms, timeout_ms, state_.chain.final_height())) {
    state_.out.push_back(Send{ask.to, std::move(ask.message)});
  }
  for (Dissemination::Wanted& wanted : state_.batches.due(state_.now_ms)) {
    state_.out.push_back(RequestBatch{wanted.ref, std::move(wanted.candidates)});
  }
  state_.wake_at(state_.catch_up.next_ms());
  state_.wake_at(state_.batches.next_ask_ms());
}

}  // namespace sanad::consensus
