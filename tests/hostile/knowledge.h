// What a member gone bad has learned from the honest ones' words: enough to lead, vote and lie
// about what is going on right now. Not thread-safe.
#pragma once

#include <deque>
#include <map>
#include <optional>

#include "consensus/messages.h"
#include "consensus/votes.h"
#include "node/replica/wire.h"

namespace sanad::hostile {

using consensus::Certificate;
using consensus::MemberIndex;
using consensus::View;
using consensus::VoteKind;
using crypto::Hash;

class Knowledge {
 public:
  // `committee` outlives it.
  explicit Knowledge(const consensus::Committee& committee) : committee_(committee) {}

  // Takes an honest member's message; false: not one.
  bool take(MemberIndex from, crypto::ByteView frame);

  // Of the certificates heard, or made of votes as honest members do: one above the highest.
  [[nodiscard]] View view() const { return view_; }
  [[nodiscard]] View final_view() const { return final_view_; }
  [[nodiscard]] const Certificate* certificate(View view, VoteKind kind) const;
  [[nodiscard]] const Certificate* finalization() const {
    return certificate(final_view_, VoteKind::finalize);
  }
  [[nodiscard]] const consensus::BlockHeader* header(const Hash& block) const;
  [[nodiscard]] const consensus::Proposal* proposal(View view) const;
  // The newest of each member.
  [[nodiscard]] const std::map<MemberIndex, consensus::Vote>& votes() const { return votes_; }
  [[nodiscard]] const std::deque<node::Batch>& batches() const { return batches_; }
  [[nodiscard]] const std::optional<node::CheckpointVote>& checkpoint() const {
    return checkpoint_;
  }

  // Where a leader of `view` may stand: the newest block below it that is certified, with every
  // view between nullified, and its header known.
  struct Place {
    View parent_view = 0;
    Hash parent;
    consensus::BlockHeader header;  // the parent's
  };
  [[nodiscard]] std::optional<Place> place(View view) const;

 private:
  void take_message(MemberIndex from, const consensus::Message& message);
  void take_vote(MemberIndex from, const consensus::Vote& vote);
  void take_certificate(const Certificate& certificate);

  const consensus::Committee& committee_;
  std::map<View, consensus::ViewTally> tallies_;
  std::map<std::pair<View, VoteKind>, Certificate> certificates_;
  std::map<Hash, consensus::BlockHeader> headers_;
  std::map<View, consensus::Proposal> proposals_;
  std::map<MemberIndex, consensus::Vote> votes_;
  std::deque<node::Batch> batches_;
  std::optional<node::CheckpointVote> checkpoint_;
  View view_ = 1;
  View final_view_ = 0;
};

}  // namespace sanad::hostile
