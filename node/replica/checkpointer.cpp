#include "node/replica/checkpointer.h"

#include <algorithm>

#include "consensus/errors.h"

namespace sanad::node {

using consensus::MemberIndex;
using crypto::Error;
using crypto::Result;
using crypto::Status;

namespace {

BlockEnd end_of(const CheckpointVote& vote) { return {vote.height, vote.tree_size, vote.root}; }

std::string text_of(const CheckpointOptions& options, const BlockEnd& end) {
  return crypto::Checkpoint{options.origin, end.tree_size, end.root}.text();
}

}  // namespace

std::string describe(const BlockEnd& end) {
  return "block " + std::to_string(end.height) + ", size " + std::to_string(end.tree_size) +
         ", root " + end.root.hex();
}

Status check_cosignature(const CheckpointOptions& options, MemberIndex from,
                         const CheckpointVote& vote) {
  if (from >= options.cosigners.size()) return Error{consensus::Errc::kUnknownMember};
  if (!crypto::verify_cosignature(options.cosigners[from].key, text_of(options, end_of(vote)),
                                  {vote.time_s, vote.signature})) {
    return Error{crypto::Errc::kBadSignature};
  }
  return {};
}

Checkpointer::Checkpointer(CheckpointOptions options, const crypto::SigningKey& cosigner,
                           const crypto::SigningKey& log, std::optional<BlockEnd> announced)
    : options_(std::move(options)), cosigner_(cosigner), log_(log), announced_(announced) {}

Result<bool> Checkpointer::committed(const BlockEnd& end, bool has_view) {
  if (announced_ && end.height == announced_->height && end != *announced_) {
    return Error{ReplicaErrc::kDiverged, "the ledger now says " + describe(end) +
                                             ", but this member signed " + describe(*announced_)};
  }
  if (announced_ && end.height > announced_->height && end.tree_size <= announced_->tree_size) {
    return Error{ReplicaErrc::kDiverged,
                 "the ledger shrank: " + describe(end) + " after " + describe(*announced_)};
  }
  Height& height = heights_[end.height];
  if (!height.own) {
    height.own = end;
    height.has_view = has_view;
    for (const auto& [member, vote] : height.votes) compare(member, height);
  }
  changed_.insert(end.height);
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
    const crypto::Cosignature signed_end =
        crypto::cosign(cosigner_, text_of(options_, end), wall_ms / 1000);
    const CheckpointVote vote{end.height, end.tree_size, end.root, signed_end.time_s,
                              signed_end.signature};
    heights_[end.height].votes[options_.self] = vote;
    changed_.insert(end.height);
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
  Height& height = heights_[vote.height];
  if (!height.votes.emplace(from, vote).second) return false;
  compare(from, height);
  changed_.insert(vote.height);
  return true;
}

void Checkpointer::compare(MemberIndex member, const Height& height) {
  if (!height.own) return;
  const BlockEnd theirs = end_of(height.votes.at(member));
  if (theirs != *height.own) disagreements_.push_back({member, theirs, *height.own});
}

// A quorum signed what this member signed.
bool Checkpointer::is_complete(const Height& height) const {
  if (!height.own || !height.votes.contains(options_.self)) return false;
  const auto agreeing = std::ranges::count_if(
      height.votes, [&](const auto& entry) { return end_of(entry.second) == *height.own; });
  return static_cast<std::size_t>(agreeing) >= options_.quorum;
}

Status Checkpointer::check_contradictions(const Height& height) const {
  if (!height.own) return {};
  std::map<BlockEnd, std::size_t> counts;
  for (const auto& [member, vote] : height.votes) {
    const BlockEnd end = end_of(vote);
    if (end == *height.own || ++counts[end] < options_.quorum) continue;
    return Error{ReplicaErrc::kDiverged,
                 "a quorum signed " + describe(end) + ", this member has " + describe(*height.own) +
                     "; keep this folder, and compare its `sanad export` with another member's"};
  }
  return {};
}

Result<Checkpointer::Completed> Checkpointer::complete() {
  Completed completed;
  const Height* viewed = nullptr;
  for (const std::uint64_t number : std::exchange(changed_, {})) {
    const auto height = heights_.find(number);
    if (height == heights_.end()) continue;  // forgotten
    SANAD_TRY_STATUS(check_contradictions(height->second));
    if (number <= complete_height_ || !is_complete(height->second)) continue;
    complete_height_ = number;
    completed.newest = *height->second.own;
    if (height->second.has_view) viewed = &height->second;
  }
  if (viewed != nullptr) completed.note = compose(*viewed);
  return completed;
}

CheckpointNote Checkpointer::compose(const Height& height) const {
  crypto::SignedNote note{text_of(options_, *height.own), {}};
  for (const auto& [member, vote] : height.votes) {
    if (end_of(vote) != *height.own) continue;
    if (note.lines.size() == options_.quorum) break;
    const CheckpointOptions::Cosigner& cosigner = options_.cosigners[member];
    note.lines.push_back(
        crypto::cosignature_line(cosigner.key, cosigner.name, {vote.time_s, vote.signature}));
  }
  note.lines.push_back(crypto::sign_note_line(log_, options_.origin, note.text));
  return {*height.own, note.format()};
}

}  // namespace sanad::node
