#include "consensus/dissemination.h"

#include <algorithm>
#include <utility>

#include "consensus/mutant.h"

namespace sanad::consensus {

void Dissemination::hold(const BatchRef& ref, View view, std::uint64_t wall_ms) {
  const auto wanted = wanted_.find(ref.digest);
  const bool is_old = is_ordered(ref.digest) || (wanted != wanted_.end() && wanted->second.ordered);
  if (wanted != wanted_.end()) forget(wanted);
  if (is_old || held_.contains(ref.digest)) return;
  const auto same_number = [&ref](const auto& entry) {
    return entry.second.ref.author == ref.author && entry.second.ref.seq == ref.seq;
  };
  const bool refused =
      broken(Mutant::kSameNumberRefused) && std::any_of(held_.begin(), held_.end(), same_number);
  if (refused) return;
  const std::uint64_t order = next_order_++;
  held_.emplace(ref.digest, Held{ref, order, view, false, 0, false, wall_ms});
  by_order_.emplace(order, ref.digest);
  by_author_[ref.author].emplace(order, ref.digest);
}

void Dissemination::erase_held(const Hash& digest) {
  const auto found = held_.find(digest);
  if (found == held_.end()) return;
  const Held& held = found->second;
  by_order_.erase(held.order);
  const auto author = by_author_.find(held.ref.author);
  author->second.erase(held.order);
  if (author->second.empty()) by_author_.erase(author);
  held_.erase(found);
}

const Dissemination::Held* Dissemination::find(const Hash& digest) const {
  const auto found = held_.find(digest);
  return found == held_.end() ? nullptr : &found->second;
}

std::vector<BatchRef> Dissemination::pick(const std::set<Hash>& excluded,
                                          std::uint64_t now_ms) const {
  struct Queue {
    std::map<std::uint64_t, Hash>::const_iterator next, end;
  };
  std::vector<Queue> queues;
  for (const auto& [author, batches] : by_author_) {
    const auto missing = missing_.find(author);
    const bool paused = missing != missing_.end() && missing->second.paused &&
                        missing->second.until_ms > now_ms && author != self_;
    if (!paused) queues.push_back({batches.begin(), batches.end()});
  }
  // The author who waits longest begins.
  std::sort(queues.begin(), queues.end(),
            [](const Queue& a, const Queue& b) { return a.next->first < b.next->first; });
  std::vector<BatchRef> picked;
  std::uint64_t bytes = 0;
  const std::size_t refs_max = std::min(limits_.block_refs_max, kBlockRefsMax);
  const std::uint64_t bytes_max = std::min(limits_.block_batch_bytes_max, kBlockBytesMax);
  for (bool more = true; more;) {
    more = false;
    for (Queue& queue : queues) {
      while (queue.next != queue.end && excluded.contains(queue.next->second)) ++queue.next;
      if (queue.next == queue.end) continue;
      const BatchRef& ref = held_.at(queue.next->second).ref;
      const bool fits = picked.empty() || bytes + ref.bytes <= bytes_max;
      if (picked.size() == refs_max || !fits) return picked;
      picked.push_back(ref);
      bytes += ref.bytes;
      ++queue.next;
      more = true;
    }
  }
  return picked;
}

bool Dissemination::is_full(const std::vector<BatchRef>& refs) const {
  std::uint64_t bytes = 0;
  for (const BatchRef& ref : refs) bytes += ref.bytes;
  return refs.size() >= std::min(limits_.block_refs_max, kBlockRefsMax) ||
         bytes >= limits_.block_batch_bytes_max / 2;
}

void Dissemination::missing_at(MemberIndex member, const Hash& digest, std::size_t members_needed,
                               std::uint64_t now_ms) {
  const Held* held = find(digest);
  if (held == nullptr) return;
  Missing& missing = missing_[held->ref.author];
  if (missing.until_ms <= now_ms) missing = {{}, now_ms + limits_.author_pause_ms, false};
  if (missing.paused) return;
  missing.members.insert(member);
  if (missing.members.size() >= members_needed) {
    missing = {{}, now_ms + limits_.author_pause_ms, true};
  }
}

void Dissemination::referenced(const std::vector<BatchRef>& refs, View view) {
  for (const BatchRef& ref : refs) {
    const auto found = held_.find(ref.digest);
    if (found == held_.end()) continue;
    found->second.referenced = true;
    found->second.referenced_in = std::max(found->second.referenced_in, view);
  }
}

void Dissemination::nullified(View view) {
  for (auto& [digest, held] : held_) {
    if (held.referenced_in == view) held.referenced_in = 0;
  }
}

void Dissemination::ordered(const std::vector<BatchRef>& refs,
                            const std::vector<MemberIndex>& holders) {
  for (const BatchRef& ref : refs) {
    if (held_.contains(ref.digest)) {
      erase_held(ref.digest);
    } else if (!is_ordered(ref.digest)) {
      want(ref, holders, 0);
      const auto wanted = wanted_.find(ref.digest);
      if (wanted != wanted_.end()) wanted->second.ordered = true;
    }
    remember_ordered(ref.digest);
  }
}

void Dissemination::remember_ordered(const Hash& digest) {
  if (!ordered_.insert(digest).second) return;
  ordered_fifo_.push_back(digest);
  while (ordered_fifo_.size() > limits_.ordered_remembered_max) {
    ordered_.erase(ordered_fifo_.front());
    ordered_fifo_.pop_front();
  }
}

std::vector<BatchRef> Dissemination::unreferenced() const {
  std::vector<BatchRef> refs;
  for (const auto& [order, digest] : by_order_) {
    const Held& held = held_.at(digest);
    if (held.referenced_in != 0) continue;
    refs.push_back(held.ref);
    if (refs.size() == kAnnouncedMax) break;
  }
  return refs;
}

std::vector<BatchRef> Dissemination::unfinalised() const {
  std::vector<BatchRef> refs = unreferenced();
  for (const auto& [order, digest] : by_order_) {
    if (refs.size() == kAnnouncedMax) break;
    const Held& held = held_.at(digest);
    if (held.referenced_in != 0) refs.push_back(held.ref);
  }
  return refs;
}

std::vector<BatchRef> Dissemination::suspects(View since, std::uint64_t since_ms) {
  std::vector<BatchRef> refs;
  for (const auto& [order, digest] : by_order_) {
    Held& held = held_.at(digest);
    if (held.since_view >= since) break;
    if (held.since_ms >= since_ms) continue;  // unlike views, a wall clock may go back
    if (held.referenced || std::exchange(held.suspected, true)) continue;
    refs.push_back(held.ref);
  }
  return refs;
}

void Dissemination::want(const BatchRef& ref, const std::vector<MemberIndex>& candidates,
                         View until_view) {
  const auto found = wanted_.find(ref.digest);
  const bool is_new = found == wanted_.end();
  // What a final block orders is wanted without bound: until_view is 0 there, and catch-up paces
  // it.
  if (is_new && until_view != 0 && wanted_.size() >= limits_.wanted_batches_max) return;
  const WantedAt at = is_new ? wanted_.try_emplace(ref.digest).first : found;
  Wanted& wanted = at->second;
  if (is_new) wanted.ref = ref;
  forget_announcer(wanted);
  wanted.until_view = std::max(wanted.until_view, until_view);
  for (const MemberIndex member : candidates) add_candidate(at, member);
}

void Dissemination::add_candidate(WantedAt at, MemberIndex member) {
  auto& known = at->second.candidates;
  if (member == self_ || std::find(known.begin(), known.end(), member) != known.end()) return;
  if (known.empty()) asks_.emplace(at->second.next_ask_ms, at->first);
  known.push_back(member);
}

void Dissemination::forget_announcer(Wanted& wanted) {
  if (!wanted.announcer) return;
  --announced_[*wanted.announcer];
  wanted.announcer.reset();
}

Dissemination::WantedAt Dissemination::forget(WantedAt at) {
  asks_.erase({at->second.next_ask_ms, at->first});
  forget_announcer(at->second);
  return wanted_.erase(at);
}

void Dissemination::want_announced(const BatchRef& ref, MemberIndex announcer, View until_view) {
  if (held_.contains(ref.digest) || is_ordered(ref.digest)) return;
  const auto known = wanted_.find(ref.digest);
  // Who was known before may be dead, or never have had it. The wish lasts no longer for that: a
  // traitor's would never be forgotten.
  if (known != wanted_.end()) return add_candidate(known, announcer);
  if (announced_[announcer] >= 2 * kAnnouncedMax) return;
  want(ref, {announcer}, until_view);
  const auto wanted = wanted_.find(ref.digest);
  if (wanted == wanted_.end()) return;
  wanted->second.announcer = announcer;
  ++announced_[announcer];
}

void Dissemination::forget_wanted(View final_view) {
  for (auto at = wanted_.begin(); at != wanted_.end();) {
    const bool over = !at->second.ordered && at->second.until_view <= final_view;
    at = over ? forget(at) : std::next(at);
  }
}

std::vector<Dissemination::Wanted> Dissemination::due(std::uint64_t now_ms) {
  std::vector<Wanted> asks;
  while (next_ask_ms() <= now_ms) {
    const auto at = wanted_.find(asks_.begin()->second);
    asks_.erase(asks_.begin());
    at->second.next_ask_ms = now_ms + limits_.batch_request_interval_ms;
    asks_.emplace(at->second.next_ask_ms, at->first);
    asks.push_back(at->second);
  }
  return asks;
}

std::uint64_t Dissemination::next_ask_ms() const {
  return asks_.empty() ? ~std::uint64_t{0} : asks_.begin()->first;
}

}  // namespace sanad::consensus
