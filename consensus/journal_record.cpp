#include "consensus/journal_record.h"

#include <algorithm>

namespace sanad::consensus {
namespace {

class Fold {
 public:
  explicit Fold(RecoveredState& state) : state_(state) {}

  void operator()(const OwnVote& own) const {
    ViewVotes& votes = state_.own_votes[own.subject.view];
    switch (own.subject.kind) {
      case VoteKind::notarize:
        votes.notarize = own.subject;
        break;
      case VoteKind::nullify:
        votes.nullify = true;
        break;
      case VoteKind::finalize:
        votes.finalize = own.subject;
        break;
    }
    if (own.header) state_.headers.emplace(block_hash(*own.header), *own.header);
  }
  void operator()(const HeldCertificate& held) const {
    state_.certificates.push_back(held.certificate);
  }
  void operator()(const HeldBlock& held) const {
    state_.headers.emplace(block_hash(held.header), held.header);
  }
  void operator()(const FinalFloor& floor) const {
    state_.floor = floor;
    state_.own_votes.erase(state_.own_votes.begin(), state_.own_votes.upper_bound(floor.view));
    std::erase_if(state_.certificates,
                  [&](const Certificate& held) { return held.subject.view < floor.view; });
    std::erase_if(state_.headers, [&](const auto& entry) {
      return entry.second.height <= floor.committed && entry.first != floor.block;
    });
  }
  void operator()(const Silence& silence) const { state_.silence = silence; }

 private:
  RecoveredState& state_;
};

}  // namespace

std::vector<JournalRecord> quarantined_at(const BlockHeader& tip, const Certificate& finalization) {
  // A floor's view only says what may be forgotten; the finalization itself follows.
  return {Silence{}, FinalFloor{0, tip.height, block_hash(tip), tip.height}, HeldBlock{tip},
          HeldCertificate{finalization}};
}

RecoveredState replay(std::span<const JournalRecord> records) {
  RecoveredState state;
  for (const JournalRecord& record : records) std::visit(Fold(state), record);
  return state;
}

}  // namespace sanad::consensus
