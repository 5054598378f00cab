#include "consensus/catch_up.h"

#include <algorithm>

#include "consensus/mutant.h"

namespace sanad::consensus {

CatchUp::CatchUp(const Committee& committee, MemberIndex self, const Limits& limits)
    : committee_(committee),
      self_(self),
      limits_(limits),
      served_(committee.n(), 0),
      linked_(committee.n(), true) {}

void CatchUp::need_certificate(View view, const std::vector<MemberIndex>& candidates) {
  if (broken(Mutant::kCertificatesNotFetched)) return;
  if (certificates_.contains(view) || certificates_.size() >= kNeedsMax) return;
  certificates_[view].candidates = candidates;
}

void CatchUp::need_blocks(const Hash& tip, const std::vector<MemberIndex>& candidates) {
  if (blocks_.contains(tip) || blocks_.size() >= kNeedsMax) return;
  Need& need = blocks_[tip];
  need.candidates = candidates;
  std::erase(need.candidates, self_);
  if (need.candidates.empty()) return;
  // Whoever answers a little at a time, and late, is not asked for the rest of it too.
  const auto first = static_cast<std::ptrdiff_t>(answers_ % need.candidates.size());
  std::rotate(need.candidates.begin(), need.candidates.begin() + first, need.candidates.end());
}

void CatchUp::have_blocks(const Hash& tip) {
  if (blocks_.erase(tip) > 0) ++answers_;
}

void CatchUp::retain_blocks(const std::set<Hash>& tips) {
  std::erase_if(blocks_, [&](const auto& entry) { return !tips.contains(entry.first); });
}

void CatchUp::forget_through(View view) {
  certificates_.erase(certificates_.begin(), certificates_.upper_bound(view));
}

bool CatchUp::asked_blocks(const Hash& tip, MemberIndex member) const {
  const auto found = blocks_.find(tip);
  return found != blocks_.end() && found->second.asked == member;
}

std::set<Hash> CatchUp::asked_blocks() const {
  std::set<Hash> tips;
  for (const auto& [tip, need] : blocks_) {
    if (need.asked) tips.insert(tip);
  }
  return tips;
}

void CatchUp::link(MemberIndex member, bool up) {
  linked_[member] = up;
  const auto reconsider = [&](Need& need) {
    const bool lost = !up && need.asked == member;
    if (!lost && (!up || need.asked)) return;
    need.asked.reset();
    need.expires_ms = 0;
    need.attempts = 0;  // those that nobody could be asked are no attempts
  };
  for (auto& [view, need] : certificates_) reconsider(need);
  for (auto& [tip, need] : blocks_) reconsider(need);
}

std::size_t CatchUp::load(MemberIndex member) const {
  const auto asks = [member](const auto& entry) { return entry.second.asked == member; };
  return static_cast<std::size_t>(std::count_if(certificates_.begin(), certificates_.end(), asks) +
                                  std::count_if(blocks_.begin(), blocks_.end(), asks));
}

std::optional<MemberIndex> CatchUp::next_member(Need& need, std::size_t load_max) const {
  const std::size_t n = committee_.n();
  const std::size_t known = need.candidates.size();
  for (std::size_t tries = 0; tries < known + n; ++tries) {
    const std::size_t turn = broken(Mutant::kAsksOneMember) ? known : need.attempts++;
    const MemberIndex member = turn < known
                                   ? need.candidates[turn]
                                   : static_cast<MemberIndex>((self_ + 1 + (turn - known)) % n);
    if (member != self_ && linked_[member] && load(member) < load_max) return member;
  }
  return std::nullopt;
}

std::optional<MemberIndex> CatchUp::ask(Need& need, std::size_t load_max, std::uint64_t now_ms,
                                        std::uint64_t timeout_ms) {
  if (need.expires_ms > now_ms) return std::nullopt;
  need.asked.reset();
  need.asked = next_member(need, load_max);
  // Longer with each round, or where the way there and back takes longer than the timeout every
  // answer would come after the next member was asked.
  const std::uint64_t round = std::min<std::uint64_t>(need.attempts / committee_.n(), kRoundsMax);
  const std::uint64_t wait_ms = std::max(timeout_ms, limits_.request_timeout_min_ms);
  need.expires_ms =
      now_ms + std::max(wait_ms, std::min(wait_ms * (1 + round), limits_.request_timeout_max_ms));
  return need.asked;
}

std::vector<CatchUp::Ask> CatchUp::due(std::uint64_t now_ms, std::uint64_t timeout_ms,
                                       Height above) {
  std::vector<Ask> asks;
  const std::size_t load_max = limits_.requests_per_peer_max;
  for (auto& [view, need] : certificates_) {
    const auto to = ask(need, load_max - 1, now_ms, timeout_ms);
    if (to) asks.push_back({*to, GetCertificate{committee_.epoch(), view}});
  }
  if (blocks_paused_) return asks;
  for (auto& [tip, need] : blocks_) {
    const auto to = ask(need, load_max, now_ms, timeout_ms);
    if (!to) continue;
    asks.push_back({*to, GetBlocks{tip, above}});
    remember(tip);
  }
  return asks;
}

void CatchUp::remember(const Hash& tip) {
  std::erase(asked_lately_, tip);
  if (asked_lately_.size() == kAskedLatelyMax) asked_lately_.erase(asked_lately_.begin());
  asked_lately_.push_back(tip);
}

std::uint64_t CatchUp::next_ms() const {
  std::uint64_t next = ~std::uint64_t{0};
  for (const auto& [view, need] : certificates_) next = std::min(next, need.expires_ms);
  if (blocks_paused_) return next;
  for (const auto& [tip, need] : blocks_) next = std::min(next, need.expires_ms);
  return next;
}

bool CatchUp::may_serve(MemberIndex member) {
  return ++served_[member] <= limits_.serves_per_peer_max;
}

void CatchUp::refill() { std::fill(served_.begin(), served_.end(), 0); }

}  // namespace sanad::consensus
