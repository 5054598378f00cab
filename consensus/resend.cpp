#include "consensus/resend.h"

#include <algorithm>
#include <set>

#include "consensus/mutant.h"

namespace sanad::consensus {
namespace {

// About what an action puts on the wire to each member.
std::size_t wire_bytes(const Action& action) {
  if (const auto* cast = std::get_if<CastVote>(&action)) {
    std::size_t bytes = 160;
    if (cast->header) bytes += crypto::encode(*cast->header).size();
    if (cast->entry) bytes += crypto::encode(*cast->entry).size();
    return bytes;
  }
  return crypto::encode(std::get<Broadcast>(action).message).size();
}

}  // namespace

void Resend::own_votes() {
  for (const auto& [view, votes] : state_.own.all()) {
    if (view > state_.final_view()) collect_own(view, state_.out);
  }
}

void Resend::collect_own(View view, std::vector<Action>& actions) const {
  const ViewVotes* votes = state_.own.find(view);
  if (votes == nullptr || broken(Mutant::kOwnVotesNotRepeated)) return;
  if (votes->notarize) {
    CastVote cast{*votes->notarize, {}, {}};
    const Chain::Block* block = state_.chain.find(votes->notarize->block);
    if (state_.committee.leader(view) == state_.self && block != nullptr) {
      cast.header = block->header;
      const Certificate* entry = state_.certificates.entry(view - 1);
      if (entry != nullptr) cast.entry = *entry;
    }
    actions.push_back(std::move(cast));
  }
  if (votes->nullify) {
    actions.push_back(CastVote{nullify(state_.committee.epoch(), view), {}, {}});
  }
  if (votes->finalize) actions.push_back(CastVote{*votes->finalize, {}, {}});
}

void Resend::collect_certificates(View view, std::vector<Action>& actions) const {
  for (const VoteKind kind : {VoteKind::notarize, VoteKind::nullify, VoteKind::finalize}) {
    const Certificate* held = state_.certificates.find(kind, view);
    if (held != nullptr) actions.push_back(Broadcast{*held});
  }
}

bool Resend::send(std::vector<Action> actions, std::size_t& budget) {
  for (Action& action : actions) {
    const std::size_t bytes = wire_bytes(action);
    if (bytes > budget) return false;
    budget -= bytes;
    state_.out.push_back(std::move(action));
  }
  return true;
}

bool Resend::nullified_view() const {
  const ViewVotes* votes = state_.own.find(state_.view());
  return votes != nullptr && votes->nullify;
}

void Resend::when_due() {
  const std::uint64_t at_ms = state_.pace.resend_at_ms(nullified_view());
  if (at_ms > state_.now_ms) {
    if (at_ms != Pacemaker::kNever) state_.wake_at(at_ms);
    return;
  }
  state_.pace.resent(state_.now_ms);
  state_.wake_at(state_.pace.resend_at_ms(nullified_view()));
  const View view = state_.view();
  const View final_view = state_.final_view();
  std::size_t budget = state_.limits.resend_bytes_max;
  std::vector<Action> first;
  // W3: who does not know the work would never help to leave the view.
  std::vector<BatchRef> work = state_.batches.unfinalised();
  if (!work.empty() && !broken(Mutant::kWorkNotRepeated))
    first.push_back(Broadcast{Announce{std::move(work)}});
  collect_own(view, first);
  const Certificate* entry = state_.certificates.entry(view - 1);
  if (entry != nullptr) first.push_back(Broadcast{*entry});
  if (final_view > 0 && final_view + 1 != view) collect_certificates(final_view, first);
  if (!send(std::move(first), budget)) return;
  if (broken(Mutant::kOnlyNewestRepeated)) return;
  // The rest, in turns: from the cursor up, then from the floor up to it.
  if (cursor_ <= final_view || cursor_ >= view) cursor_ = final_view + 1;
  const View begin = cursor_;
  for (View turn = 0; turn < view - final_view - 1; ++turn) {
    std::vector<Action> each;
    collect_own(cursor_, each);
    if (cursor_ + 1 != view) collect_certificates(cursor_, each);
    if (!send(std::move(each), budget)) return;
    if (++cursor_ >= view) cursor_ = final_view + 1;
    if (cursor_ == begin) return;
  }
}

}  // namespace sanad::consensus
