#include "node/replica/checkpointer.h"

#include <algorithm>

namespace sanad::node {

using consensus::MemberIndex;
using crypto::Error;
using crypto::Result;
using crypto::Status;

namespace {

BlockEnd end_of(const CheckpointVote& vote) { return {vote.height, vote.tree_size, vote.root}; }

std::string describe(const BlockEnd& end) {
  return "block " + std::to_string(end.height) + ", size " + std::to_string(end.tree_size) +
         ", root " + end.root.hex();
}

}  // namespace

Checkpointer::Checkpointer(CheckpointOptions options, const crypto::SigningKey& cosigner,
                           const crypto::SigningKey& log, std::optional<BlockEnd> announced)
    : options_(std::move(options)), cosigner_(cosigner), log_(log), announced_(announced) {}

std::string Checkpointer::text_of(const BlockEnd& end) const {
  return crypto::Checkpoint{options_.origin, end.tree_size, end.root}.text();
}

Result<bool> Checkpointer::committed(const BlockEnd& end) {
  if (announced_ && end.height == announced_->height && end != *announced_) {
    return Error{ReplicaErrc::kDiverged, "the ledger now says " + describe(end) +
                                             ", but this member signed " + describe(*announced_)};
  }
  if (announced_ && end.height > announced_->height && end.tree_size <= announced_->tree_size) {
    return Error{ReplicaErrc::kDiverged,
                 "the ledger shrank: " + describe(end) + " after " + describe(*announced_)};
  }
  heights_[end.height].own = end;
  const bool news = !announced_ || end.height > announced_->height;
  // The newest pair may be signed again; older ones are left as they are.
  if (news || end == *announced_) unsigned_.push_back(end);
  if (news) announced_ = end;
  if (end.height > kHeightsKept) forget_below(end.height - kHeightsKept);
  return news;
}

void Checkpointer::forget_below(std::uint64_t height) {
  heights_.erase(heights_.begin(), heights_.lower_bound(height));
}

std::vector<CheckpointVote> Checkpointer::sign_durable(std::uint64_t wall_ms) {
  std::vector<CheckpointVote> votes;
  for (const BlockEnd& end : unsigned_) {
    const crypto::Cosignature signed_end = crypto::cosign(cosigner_, text_of(end), wall_ms / 1000);
    const CheckpointVote vote{end.height, end.tree_size, end.root, signed_end.time_s,
                              signed_end.signature};
    heights_[end.height].votes[options_.self] = {vote, true};
    newest_own_ = vote;
    votes.push_back(vote);
  }
  unsigned_.clear();
  return votes;
}

bool Checkpointer::take(MemberIndex from, const CheckpointVote& vote) {
  assert(from != options_.self && from < options_.cosigners.size());
  const std::uint64_t newest = announced_ ? announced_->height : 0;
  if (vote.height <= complete_height_ && complete_height_ > 0) {
    // Not needed for a note any more, but it may show a divergence.
    const auto known = heights_.find(vote.height);
    if (known == heights_.end() || !known->second.own || *known->second.own == end_of(vote)) {
      return false;
    }
  }
  if (vote.height > newest + kHeightsKept || vote.height + kHeightsKept < newest) return false;
  auto& votes = heights_[vote.height].votes;
  const auto held = votes.find(from);
  if (held != votes.end() &&
      (held->second.verified || held->second.vote.signature == vote.signature)) {
    return false;
  }
  votes[from] = {vote, false};
  return true;
}

bool Checkpointer::verify(MemberIndex from, Received& received, const BlockEnd& end) {
  if (received.verified) return true;
  const CheckpointVote& vote = received.vote;
  received.verified = crypto::verify_cosignature(options_.cosigners[from].key, text_of(end),
                                                 {vote.time_s, vote.signature});
  if (!received.verified) ++invalid_votes_;
  return received.verified;
}

// Valid votes for this member's own block end; checks signatures only if they could suffice.
std::size_t Checkpointer::count_agreeing(Height& height) {
  const auto agrees = [&](const auto& entry) { return end_of(entry.second.vote) == *height.own; };
  if (static_cast<std::size_t>(std::ranges::count_if(height.votes, agrees)) < options_.quorum) {
    return 0;
  }
  std::size_t count = 0;
  for (auto at = height.votes.begin(); at != height.votes.end();) {
    if (agrees(*at) && !verify(at->first, at->second, *height.own)) {
      at = height.votes.erase(at);
      continue;
    }
    count += agrees(*at) ? 1 : 0;
    ++at;
  }
  return count;
}

Status Checkpointer::check_contradictions(Height& height) {
  std::map<BlockEnd, std::size_t> counts;
  for (auto at = height.votes.begin(); at != height.votes.end();) {
    const BlockEnd end = end_of(at->second.vote);
    if (end == *height.own) {
      ++at;
    } else if (const bool seen = at->second.verified; verify(at->first, at->second, end)) {
      if (!seen) ++contradictions_;
      if (++counts[end] >= options_.quorum) {
        return Error{
            ReplicaErrc::kDiverged,
            "a quorum signed " + describe(end) + ", this member has " + describe(*height.own) +
                "; keep this folder, and compare its `sanad export` with another member's"};
      }
      ++at;
    } else {
      at = height.votes.erase(at);
    }
  }
  return {};
}

Result<std::optional<CheckpointNote>> Checkpointer::complete() {
  for (auto& [number, height] : heights_) {
    if (height.own) SANAD_TRY_STATUS(check_contradictions(height));
  }
  for (auto at = heights_.rbegin(); at != heights_.rend() && at->first > complete_height_; ++at) {
    Height& height = at->second;
    if (!height.own || !height.votes.contains(options_.self)) continue;
    if (count_agreeing(height) < options_.quorum) continue;
    complete_height_ = at->first;
    return std::optional<CheckpointNote>{compose(height)};
  }
  return std::optional<CheckpointNote>{};
}

CheckpointNote Checkpointer::compose(const Height& height) const {
  crypto::SignedNote note{text_of(*height.own), {}};
  for (const auto& [member, received] : height.votes) {
    if (end_of(received.vote) != *height.own) continue;
    if (note.lines.size() == options_.quorum) break;
    const CheckpointOptions::Cosigner& cosigner = options_.cosigners[member];
    note.lines.push_back(crypto::cosignature_line(cosigner.key, cosigner.name,
                                                  {received.vote.time_s, received.vote.signature}));
  }
  note.lines.push_back(crypto::sign_note_line(log_, options_.origin, note.text));
  return {*height.own, note.format()};
}

}  // namespace sanad::node
