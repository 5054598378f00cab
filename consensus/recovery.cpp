#include "consensus/recovery.h"

#include <algorithm>

#include "consensus/mutant.h"

namespace sanad::consensus {
namespace {

// Marks the final blocks among the recovered headers, from the floor down.
void restore_final_chain(const FinalFloor& floor, Chain& chain) {
  chain.restart_at(floor.height, floor.block);
  chain.set_committed(floor.committed);
  Hash at = floor.block;
  while (const Chain::Block* block = chain.find(at)) {
    chain.adopt_final(at);
    at = block->header.parent;
  }
}

}  // namespace

void restore(RecoveredState recovered, State& state) {
  for (const auto& [hash, header] : recovered.headers) {
    state.chain.add(hash, header, 0);
    state.chain.set_recorded(hash);
  }
  if (recovered.floor) restore_final_chain(*recovered.floor, state.chain);
  View view = 1;
  for (const Certificate& certificate : recovered.certificates) {
    state.certificates.add(certificate);
    view = std::max(view, certificate.subject.view + 1);
  }
  if (recovered.floor) view = std::max(view, recovered.floor->view + 1);
  if (broken(Mutant::kOwnVotesForgotten)) recovered.own_votes.clear();
  state.own.restore(std::move(recovered.own_votes));
  if (broken(Mutant::kQuarantineIgnored)) recovered.silence.reset();
  if (recovered.silence) {
    if (recovered.silence->through) {
      state.own.silence_through(*recovered.silence->through);
    } else {
      state.own.silence();
    }
  }
  state.own.forget_through(state.final_view());
  view = std::max(view, state.own.highest());
  state.pace.enter(broken(Mutant::kRestartsInViewOne) ? 1 : view, 0);
}

std::vector<JournalRecord> snapshot_of(const State& state) {
  std::vector<JournalRecord> records;
  const Chain& chain = state.chain;
  const View final_view = state.final_view();
  if (state.own.silent()) {
    records.push_back(Silence{});
  } else if (state.own.silent_through() > final_view) {
    records.push_back(Silence{state.own.silent_through()});
  }
  if (chain.final_height() > 0) {
    // Its view only bounds what is forgotten; the highest finalization follows as a record.
    View floor_view = 0;
    if (state.certificates.certified_block(final_view) == chain.final_block()) {
      floor_view = final_view;
    }
    records.push_back(
        FinalFloor{floor_view, chain.final_height(), chain.final_block(), chain.committed()});
  }
  for (const auto& [hash, block] : chain.all()) {
    const bool committed = block.header.height <= chain.committed();
    if (committed && hash != chain.final_block()) continue;
    if (broken(Mutant::kSnapshotWithoutBlocks)) continue;
    if (block.recorded) records.push_back(HeldBlock{block.header});
  }
  for (const auto& [view, held] : state.certificates.all()) {
    if (view < final_view || broken(Mutant::kSnapshotWithoutCertificates)) continue;
    for (const auto* certificate : {&held.notarization, &held.nullification, &held.finalization}) {
      if (*certificate) records.push_back(HeldCertificate{**certificate});
    }
  }
  for (const auto& [view, votes] : state.own.all()) {
    if (broken(Mutant::kSnapshotWithoutVotes)) continue;
    if (votes.notarize) records.push_back(OwnVote{*votes.notarize, {}});
    if (votes.nullify) records.push_back(OwnVote{nullify(state.committee.epoch(), view), {}});
    if (votes.finalize) records.push_back(OwnVote{*votes.finalize, {}});
  }
  return records;
}

}  // namespace sanad::consensus
