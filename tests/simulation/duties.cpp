#include "simulation/duties.h"

#include <algorithm>

namespace sanad::simulation {
namespace {

using namespace consensus;

bool passes_on(const std::vector<Action>& actions, View view) {
  return std::any_of(actions.begin(), actions.end(), [view](const Action& action) {
    const auto* all = std::get_if<Broadcast>(&action);
    const auto* sent = all == nullptr ? nullptr : std::get_if<Certificate>(&all->message);
    return sent != nullptr && sent->subject.view == view;
  });
}

}  // namespace

void Duties::on_held(MemberIndex member, const Hash& digest) {
  if (!proposed_.contains(digest)) members_[member].unproposed.insert(digest);
}

void Duties::on_proposed(const BlockHeader& header) {
  for (const BatchRef& ref : header.batches) {
    if (!proposed_.insert(ref.digest).second) continue;
    for (Owing& owing : members_) owing.unproposed.erase(ref.digest);
  }
}

void Duties::on_started(MemberIndex member, const std::vector<Action>& actions) {
  for (const Action& action : actions) {
    const auto* vote = std::get_if<CastVote>(&action);
    if (vote == nullptr) continue;
    const VoteKind kind = vote->subject.kind;
    if (kind == VoteKind::notarize) members_[member].notarized.insert(vote->subject.view);
    if (kind == VoteKind::nullify) members_[member].nullified.insert(vote->subject.view);
  }
}

void Duties::on_step(MemberIndex member, View before, const CoreStatus& after,
                     const std::vector<Action>& actions, std::uint64_t now_ms) {
  if (after.view > before && !passes_on(actions, after.view - 1)) {
    violate("E-enter", who(member, after.view) + " is entered, and nobody told by what");
  }
  std::set<Hash> announced;
  for (const Action& action : actions) {
    if (const auto* vote = std::get_if<CastVote>(&action)) {
      on_cast(member, *vote, announced);
    } else if (const auto* request = std::get_if<RequestBatch>(&action)) {
      members_[member].asked_ms[request->ref.digest] = now_ms;
    } else if (const auto* all = std::get_if<Broadcast>(&action)) {
      const auto* announce = std::get_if<Announce>(&all->message);
      if (announce == nullptr) continue;
      for (const BatchRef& ref : announce->batches) announced.insert(ref.digest);
    }
  }
}

void Duties::on_cast(MemberIndex member, const CastVote& vote, const std::set<Hash>& announced) {
  Owing& owing = members_[member];
  const View of = vote.subject.view;
  if (vote.subject.kind == VoteKind::notarize) {
    owing.notarized.insert(of);
    if (vote.header && of > 1 && !vote.entry) {
      violate("P2", who(member, of) + " is proposed in without its entry certificate");
    }
  }
  if (vote.subject.kind != VoteKind::nullify || !owing.nullified.insert(of).second) return;
  if (announced.size() >= kAnnouncedMax) return;
  for (const Hash& digest : owing.unproposed) {
    if (announced.contains(digest)) continue;
    violate("W3", who(member, of) + " is given up, and a batch not named");
  }
}

void Duties::on_vote_taken(MemberIndex member, MemberIndex from, const Vote& vote) {
  if (vote.voter == from) return;
  violate("C3", who(member, vote.subject.view) + " counts a vote of member " +
                    std::to_string(vote.voter) + " that member " + std::to_string(from) + " sent");
}

void Duties::on_given_up(MemberIndex member, View view) const {
  if (!gave_up(member, view)) violate("L3", who(member, view) + " is awaited, its leader not");
}

void Duties::on_batch_lacking(MemberIndex member, const BatchRef& ref, std::uint64_t now_ms) const {
  const auto asked = members_[member].asked_ms.find(ref.digest);
  const std::uint64_t interval_ms = Limits().batch_request_interval_ms;
  const bool recent =
      asked != members_[member].asked_ms.end() && now_ms <= asked->second + interval_ms;
  if (!recent) violate("B3", "member " + std::to_string(member) + " does not ask for a batch");
}

}  // namespace sanad::simulation
