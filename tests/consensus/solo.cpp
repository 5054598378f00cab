#include "solo.h"

namespace sanad::consensus {

Solo::Solo(std::size_t n, MemberIndex index, Limits bounds)
    : keys(n), committee(keys.committee()), self(index), limits(bounds), cache(1024) {
  make_core();
}

void Solo::make_core() {
  const BeaconSource beacon = [](View view) { return crypto::tagged_hash("test-beacon", view); };
  core = std::make_unique<Core>(
      CoreOptions{committee, keys.chain_id, self, limits, beacon, leaves_quarantine},
      replay(journal));
}

void Solo::restart(std::optional<std::size_t> records, Height committed) {
  if (records) journal.resize(*records);
  clear();
  make_core();
  start(committed);
}

void Solo::input(Event event) {
  std::vector<Vote> own;
  for (Action& action : core->step({now_ms, wall_ms, std::move(event)})) {
    if (const auto* persist = std::get_if<Persist>(&action)) journal.push_back(persist->record);
    if (const auto* vote = std::get_if<CastVote>(&action)) {
      own.push_back(keys.vote(vote->subject, self));
    }
    actions.push_back(std::move(action));
  }
  if (!return_votes) return;
  for (const Vote& vote : own) input(OwnVoteSigned{vote});
}

void Solo::advance(std::uint64_t ms) {
  now_ms += ms;
  wall_ms += ms;
  input(TimerFired{});
}

Status Solo::deliver(const Message& message, MemberIndex from) {
  const Verifier verifier(committee, keys.chain_id, cache);
  SANAD_TRY(auto verified, verifier.verify(crypto::encode(message), from, core->window()));
  input(PeerMessage{from, std::move(verified)});
  return {};
}

View Solo::view_led_by(MemberIndex leader, View from) const {
  View view = from;
  while (committee.leader(view) != leader) ++view;
  return view;
}

BlockHeader Solo::block(View view, const Hash& parent, Height height,
                        std::vector<BatchRef> refs) const {
  BlockHeader header;
  header.chain_id = keys.chain_id;
  header.epoch = kFirstEpoch;
  header.origin_view = view;
  header.height = height;
  header.parent = parent;
  header.proposer = committee.leader(view);
  header.time_ms = wall_ms - 1000 + height;
  header.batches = std::move(refs);
  return header;
}

Proposal Solo::proposal(const BlockHeader& header, View parent_view) const {
  const Subject subject =
      consensus::notarize(kFirstEpoch, header.origin_view, parent_view, block_hash(header));
  return {keys.vote(subject, committee.leader(header.origin_view)), header, {}};
}

void Solo::nullify_below(View view) { nullify(1, view - 1); }

void Solo::nullify(View first, View last) {
  for (View each = first; each <= last; ++each) {
    const Status status =
        deliver(keys.certificate(consensus::nullify(kFirstEpoch, each)), self == 0 ? 1 : 0);
    assert(status.ok());
  }
}

const CastVote* Solo::cast(VoteKind kind, View view) const {
  for (const Action& action : actions) {
    const auto* cast = std::get_if<CastVote>(&action);
    if (cast != nullptr && cast->subject.kind == kind && cast->subject.view == view) return cast;
  }
  return nullptr;
}

bool Solo::has_cast(VoteKind kind, View view) const { return cast(kind, view) != nullptr; }

std::size_t Solo::casts(VoteKind kind) const {
  std::size_t count = 0;
  for (const CastVote& cast : all<CastVote>()) count += cast.subject.kind == kind ? 1 : 0;
  return count;
}

}  // namespace sanad::consensus
