#include "node/replica/sync.h"

#include <algorithm>

namespace sanad::node {

using consensus::BatchRef;
using consensus::MemberIndex;
using crypto::Hash;

namespace {

std::size_t bytes_of(const consensus::BlockHeader& header) {
  std::size_t bytes = 0;
  for (const BatchRef& ref : header.batches) bytes += ref.bytes;
  return bytes;
}

}  // namespace

Sync::Sync(MemberIndex self, std::size_t members, std::uint64_t committed_height, SyncLimits limits)
    : self_(self), limits_(limits), peers_(members), handed_over_(committed_height) {}

void Sync::link(MemberIndex peer, bool up) {
  peers_[peer].up = up;
  if (up) return;
  // What was asked of it will not be answered: the next one is asked at once.
  for (auto& [digest, wanted] : wanted_) {
    if (wanted.asked != peer) continue;
    unask(wanted);
    wanted.due_ms = 0;
  }
}

void Sync::claims(MemberIndex peer, std::uint64_t ledger_height) {
  peers_[peer].heard = true;
  peers_[peer].ledger_height = ledger_height;
}

std::size_t Sync::heard() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(peers_, [](const Peer& peer) { return peer.heard; }));
}

std::uint64_t Sync::credible_claim(std::size_t faulty) const {
  std::vector<std::uint64_t> claims;
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    if (i != self_) claims.push_back(peers_[i].ledger_height);
  }
  std::ranges::sort(claims, std::greater{});
  return faulty < claims.size() ? claims[faulty] : 0;
}

void Sync::want(const BatchRef& ref, std::span<const MemberIndex> candidates,
                std::uint64_t now_ms) {
  // The core misses what is final, too: that is fetched in its turn, when the window comes to it.
  if (closed_.contains(ref.digest)) return;
  const auto known = wanted_.find(ref.digest);
  if (known != wanted_.end()) {
    Wanted& wanted = known->second;
    wanted.wanted_ms = now_ms;
    if (wanted.height == 0) wanted.candidates.assign(candidates.begin(), candidates.end());
    return;
  }
  if (wanted_.size() >= limits_.wanted_max) return;
  Wanted& wanted = wanted_[ref.digest];
  wanted.ref = ref;
  wanted.candidates.assign(candidates.begin(), candidates.end());
  wanted.due_ms = now_ms + limits_.first_wait_ms;
  wanted.wanted_ms = now_ms;
}

void Sync::finalized(const consensus::Finalized& block, const BatchPool& pool,
                     std::uint64_t now_ms) {
  if (block.header.height <= handed_over_) return;  // emitted again, executed already
  assert(block.header.height == handed_over_ + queue_.size() + 1);
  queue_.push_back(block);
  for (const BatchRef& ref : block.header.batches) closed_.insert(ref.digest);
  open_window(pool, now_ms);
}

std::vector<MemberIndex> Sync::all_candidates(std::uint64_t height, std::uint64_t spread) const {
  std::vector<MemberIndex> claiming;
  std::vector<MemberIndex> others;
  const std::size_t count = peers_.size() - 1;
  for (std::size_t i = 0; i < count; ++i) {
    const auto member =
        static_cast<MemberIndex>((self_ + 1 + (i + spread) % count) % peers_.size());
    (peers_[member].ledger_height >= height ? claiming : others).push_back(member);
  }
  claiming.insert(claiming.end(), others.begin(), others.end());
  return claiming;
}

void Sync::open_window(const BatchPool& pool, std::uint64_t now_ms) {
  while (opened_ < queue_.size() && opened_ < limits_.window_blocks_max &&
         opened_bytes_ <= limits_.window_bytes_max) {
    const consensus::BlockHeader& header = queue_[opened_].header;
    // A block from one member, the next from the next: who answers reads each block once.
    const std::uint64_t spread = spread_++;
    for (const BatchRef& ref : header.batches) {
      closed_.erase(ref.digest);
      if (pool.find(ref.digest) != nullptr) continue;
      auto [at, fresh] = wanted_.try_emplace(ref.digest);
      Wanted& wanted = at->second;
      if (fresh) {
        wanted.ref = ref;
        wanted.due_ms = now_ms;
      }
      wanted.height = header.height;
      final_batches_->add(ref.digest);
      wanted.candidates = all_candidates(header.height, spread);
      wanted.next = 0;
    }
    opened_bytes_ += bytes_of(header);
    ++opened_;
  }
}

bool Sync::is_final(const Hash& digest) const {
  const auto wanted = wanted_.find(digest);
  return wanted != wanted_.end() && wanted->second.height > 0;
}

void Sync::unask(Wanted& wanted) {
  if (!wanted.asked) return;
  peers_[*wanted.asked].asked_bytes -= wanted.ref.bytes;
  wanted.asked.reset();
}

void Sync::arrived(const Hash& digest) {
  const auto wanted = wanted_.find(digest);
  if (wanted != wanted_.end()) forget(wanted);
}

// What was asked for may still be answered, by one member or several.
Sync::WantedAt Sync::forget(WantedAt at) {
  unask(at->second);
  final_batches_->remove(at->first);
  if (at->second.was_asked && late_.insert(at->first).second) {
    late_order_.push_back(at->first);
    if (late_order_.size() > limits_.late_max) {
      late_.erase(late_order_.front());
      late_order_.pop_front();
    }
  }
  return wanted_.erase(at);
}

void Sync::missing_at(MemberIndex peer, std::span<const Hash> digests, std::uint64_t now_ms) {
  for (const Hash& digest : digests) {
    const auto at = wanted_.find(digest);
    if (at == wanted_.end() || at->second.asked != peer) continue;
    unask(at->second);
    at->second.due_ms = now_ms;
  }
}

// The next candidate that is connected and has room; nothing if there is none now. Those without
// room keep their turn.
std::optional<MemberIndex> Sync::pick(Wanted& wanted, std::uint64_t now_ms) {
  wanted.next = std::min(wanted.next, wanted.candidates.size());  // the core may name fewer now
  const auto next = wanted.candidates.begin() + static_cast<std::ptrdiff_t>(wanted.next);
  bool full = false;
  for (auto at = next; at != wanted.candidates.end(); ++at) {
    const MemberIndex member = *at;
    const Peer& peer = peers_[member];
    if (!peer.up || member == self_) continue;
    if (peer.asked_bytes > 0 && peer.asked_bytes + wanted.ref.bytes > limits_.peer_bytes_max) {
      full = true;
      continue;
    }
    std::rotate(next, at, at + 1);
    ++wanted.next;
    return member;
  }
  // Once everybody was asked: again from the beginning, after a pause.
  if (!full) wanted.next = 0;
  wanted.due_ms = now_ms + (full ? limits_.room_wait_ms : limits_.retry_wait_ms);
  return std::nullopt;
}

// What is to be asked now, in this order: what the core votes on (height 0), then the lowest block,
// which is the one that the executor waits for. Forgets what the core does not ask for any more.
std::vector<Sync::WantedAt> Sync::take_late(std::uint64_t now_ms) {
  std::vector<WantedAt> late;
  for (auto at = wanted_.begin(); at != wanted_.end();) {
    Wanted& wanted = at->second;
    if (wanted.height == 0 && now_ms > wanted.wanted_ms + limits_.forget_after_ms) {
      at = forget(at);
      continue;
    }
    if (wanted.due_ms <= now_ms) late.push_back(at);
    ++at;
  }
  std::stable_sort(late.begin(), late.end(), [](const WantedAt& a, const WantedAt& b) {
    return a->second.height < b->second.height;
  });
  return late;
}

std::vector<Sync::Request> Sync::due(std::uint64_t now_ms) {
  std::vector<Request> requests;
  std::map<std::pair<MemberIndex, std::uint64_t>, std::size_t> open;  // per peer and block
  for (const auto& at : take_late(now_ms)) {
    auto& [digest, wanted] = *at;
    unask(wanted);
    const std::optional<MemberIndex> member = pick(wanted, now_ms);
    if (!member) continue;
    wanted.asked = member;
    wanted.was_asked = true;
    wanted.due_ms = now_ms + limits_.answer_timeout_ms;
    peers_[*member].asked_bytes += wanted.ref.bytes;
    const auto [place, fresh] = open.try_emplace({*member, wanted.height}, requests.size());
    if (fresh || requests[place->second].ask.digests.size() == kBatchesAskedMax) {
      place->second = requests.size();
      requests.push_back({*member, {wanted.height, {}}});
    }
    requests[place->second].ask.digests.push_back(digest);
  }
  return requests;
}

std::optional<std::uint64_t> Sync::next_due_ms() const {
  std::optional<std::uint64_t> next;
  for (const auto& [digest, wanted] : wanted_) {
    if (!next || wanted.due_ms < *next) next = wanted.due_ms;
  }
  return next;
}

std::optional<FinalizedBlock> Sync::next_ready(const BatchPool& pool, std::uint64_t now_ms) {
  open_window(pool, now_ms);
  if (queue_.empty() || executing_.size() >= limits_.executing_blocks_max ||
      (executing_bytes_ > 0 && executing_bytes_ >= limits_.executing_bytes_max)) {
    return std::nullopt;
  }
  consensus::Finalized& first = queue_.front();
  FinalizedBlock block;
  for (const BatchRef& ref : first.header.batches) {
    BatchPtr batch = pool.find(ref.digest);
    if (batch == nullptr) return std::nullopt;
    block.batches.push_back(std::move(batch));
  }
  block.header = std::move(first.header);
  block.hash = first.hash;
  block.finalization = std::move(first.finalization);
  queue_.pop_front();
  const std::size_t bytes = bytes_of(block.header);
  if (opened_ > 0) {
    --opened_;
    opened_bytes_ -= bytes;
  }
  handed_over_ = block.header.height;
  executing_.push_back({handed_over_, bytes});
  executing_bytes_ += bytes;
  return block;
}

void Sync::committed(std::uint64_t height) {
  while (!executing_.empty() && executing_.front().height <= height) {
    executing_bytes_ -= executing_.front().bytes;
    executing_.pop_front();
  }
}

std::uint64_t Sync::final_height() const { return handed_over_ + queue_.size(); }

}  // namespace sanad::node
