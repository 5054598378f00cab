#include "consensus/finality.h"

#include <algorithm>

#include "consensus/mutant.h"

namespace sanad::consensus {

void Finality::certified(const Certificate& certificate) {
  const Hash& block = certificate.subject.block;
  const std::vector<MemberIndex> holders = signers_of(certificate);
  if (const Chain::Block* held = state_.chain.find(block)) {
    journal_block(block);
    // B3: its signers hold its batches.
    for (const BatchRef& ref : held->header.batches) {
      if (state_.batches.is_wanted(ref.digest)) {
        state_.batches.want(ref, holders, certificate.subject.view);
      }
    }
  }
  if (!state_.chain.path_to(block).complete()) {
    incomplete_.insert_or_assign(block, Target{certificate.subject.view, holders});
  }
}

void Finality::resume() {
  for (const auto& [view, held] : state_.certificates.all()) {
    if (view < state_.final_view()) continue;
    if (held.notarization) certified(*held.notarization);
    if (held.finalization) certified(*held.finalization);
  }
}

void Finality::journal_block(const Hash& block) {
  if (state_.chain.set_recorded(block) && !broken(Mutant::kBlockNotJournalled)) {
    state_.out.push_back(Persist{HeldBlock{state_.chain.find(block)->header}});
  }
}

void Finality::request_missing() {
  state_.catch_up.pause_blocks(state_.chain.final_height() >
                               state_.chain.committed() + state_.limits.catch_up_ahead_max);
  std::map<Hash, std::vector<MemberIndex>> missing;
  std::set<Hash> tips;
  std::erase_if(incomplete_, [&](const auto& entry) {
    const Chain::Path path = state_.chain.path_to(entry.first);
    if (!path.missing || entry.second.view < state_.final_view()) return true;
    if (broken(Mutant::kOnlyParentFetched) && path.blocks.size() > 1) return false;
    missing.emplace(*path.missing, entry.second.holders);
    tips.insert(*path.missing);
    return false;
  });
  if (part_) {
    const Certificate& end = part_->finalization;
    const Chain::Path path = state_.chain.path_to(end.subject.block);
    missing.clear();
    tips.clear();
    if (path.missing) {
      missing.emplace(*path.missing, signers_of(end));
      tips.insert(*path.missing);
    }
  }
  state_.catch_up.retain_blocks(tips);
  for (const auto& [tip, holders] : missing) state_.catch_up.need_blocks(tip, holders);
}

// A part of the way starts where this member's final chain ends, or ends lower than the one before:
// a reply never leads to more of the same.
bool Finality::is_progress(const Blocks& blocks) const {
  if (!blocks.finalization) return true;  // ends in the block that is missing
  const Height height = blocks.headers.back().height;
  return blocks.headers.front().parent == state_.chain.final_block() ||
         (height > state_.chain.final_height() && (!part_ || height < part_->height));
}

void Finality::receive(const Blocks& blocks, MemberIndex from) {
  const bool asked = state_.catch_up.asked_blocks(blocks.tip, from);
  if (!asked && !broken(Mutant::kBlocksUnasked)) return;
  // Without progress the next member is asked when the request expires.
  if (!is_progress(blocks)) return;
  for (const BlockHeader& header : blocks.headers) {
    const Hash hash = block_hash(header);
    if (header.height <= state_.chain.final_height()) continue;
    state_.chain.add(hash, header, state_.now_ms);
    journal_block(hash);
  }
  state_.catch_up.have_blocks(blocks.tip);
  if (!blocks.finalization) return;
  if (state_.chain.path_to(blocks.finalization->subject.block).complete()) {
    make_final(*blocks.finalization);
  } else {
    part_ = Part{*blocks.finalization, blocks.headers.back().height};
  }
}

void Finality::advance() {
  if (part_ && state_.chain.path_to(part_->finalization.subject.block).complete()) {
    make_final(Part(*part_).finalization);
  }
  const Certificate* finalization =
      state_.certificates.find(VoteKind::finalize, state_.final_view());
  if (finalization == nullptr) return;
  if (state_.chain.path_to(finalization->subject.block).complete()) make_final(*finalization);
}

void Finality::make_final(const Certificate& finalization) {
  const Hash tip = finalization.subject.block;
  const Chain::Path path = state_.chain.path_to(tip);
  if (path.blocks.empty()) return;
  for (const Hash& block : path.blocks) journal_block(block);
  const Height height = state_.chain.find(tip)->header.height;
  if (!broken(Mutant::kFloorNotJournalled)) {
    state_.out.push_back(
        Persist{FinalFloor{finalization.subject.view, height, tip, state_.chain.committed()}});
  }
  std::vector<Hash> blocks = state_.chain.finalise(tip, finalization.subject.view);
  if (broken(Mutant::kAncestorsOutOfOrder)) std::reverse(blocks.begin(), blocks.end());
  if (broken(Mutant::kAncestorsNotEmitted)) blocks = {tip};
  for (const Hash& block : blocks) emit(block, finalization);
  if (part_ && part_->height <= height) part_.reset();
  forget();
}

void Finality::emit(const Hash& block, const Certificate& finalization) {
  const BlockHeader& header = state_.chain.find(block)->header;
  state_.batches.ordered(header.batches, signers_of(finalization));
  state_.out.push_back(Finalized{header, block, finalization});
  if (!header.batches.empty()) suspect_censorship(header);
}

void Finality::emit_above(Height committed) {
  const Certificate* finalization =
      state_.certificates.find(VoteKind::finalize, state_.final_view());
  if (finalization == nullptr) return;
  const Certificate copy = *finalization;
  for (const Hash& block : state_.chain.final_above(committed)) emit(block, copy);
}

// B6: the batch was there before 2n views, and blocks with other batches went by since. They were
// made since: who was away hears at once of many that nobody could have put its batch into.
void Finality::suspect_censorship(const BlockHeader& header) {
  const View window = 2 * state_.committee.n();
  recent_.push_back({header.origin_view, header.proposer, header.time_ms});
  while (recent_.front().view + window < header.origin_view) recent_.pop_front();
  if (header.origin_view <= window) return;
  const std::uint64_t ahead = state_.limits.clock_ahead_max_ms;
  const std::uint64_t made = recent_.front().time_ms;
  for (const BatchRef& ref :
       state_.batches.suspects(header.origin_view - window, made - std::min(made, ahead))) {
    std::vector<MemberIndex> leaders;
    for (const Recent& one : recent_) leaders.push_back(one.proposer);
    std::sort(leaders.begin(), leaders.end());
    leaders.erase(std::unique(leaders.begin(), leaders.end()), leaders.end());
    state_.out.push_back(CensorshipSuspected{ref, std::move(leaders)});
  }
}

void Finality::forget() {
  const View final_view = state_.final_view();
  const View kept = state_.limits.past_views_kept;
  const View oldest = final_view > kept ? final_view - kept : 0;
  state_.certificates.forget_below(oldest);
  state_.tallies.erase(state_.tallies.begin(), state_.tallies.lower_bound(oldest));
  state_.proposals.erase(state_.proposals.begin(), state_.proposals.upper_bound(final_view));
  state_.invalid.erase(state_.invalid.begin(), state_.invalid.upper_bound(final_view));
  state_.own.forget_through(final_view);
  state_.batches.forget_wanted(final_view);
  state_.catch_up.forget_through(final_view);
}

}  // namespace sanad::consensus
