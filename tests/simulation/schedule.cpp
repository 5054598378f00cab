// What a world does to its members: faults, work, and when a run is over.
#include <algorithm>

#include "simulation/world.h"

namespace sanad::simulation {
namespace {

using namespace consensus;

constexpr Micros kSettleBound = 90 * kSecond;  // I17, after the chaos
constexpr Micros kLateBound = 30 * kSecond;    // I17, for a late batch

}  // namespace

void World::schedule_plan() {
  for (const Crash& crash : plan_.crashes) {
    after(crash.at, [this, &crash] {
      for (const MemberIndex member : crash.members) {
        this->crash(member);
        after(crash.down_for + random_.below(kSecond), [this, member] { start(member); });
      }
    });
  }
  for (std::size_t i = 0; i < plan_.partitions.size(); ++i) {
    after(plan_.partitions[i].at, [this, i] { partition_.push_back(i); });
    after(plan_.partitions[i].until, [this, i] { std::erase(partition_, i); });
  }
}

void World::make_batch() {
  const auto author = static_cast<MemberIndex>(random_.below(plan_.n));
  if (!running(author) || !plan_.honest(author)) return;
  pack(author, !random_.chance(plan_.batch_unsent_per_mille));
}

void World::pack(MemberIndex author, bool send) {
  Member& member = members_[author];
  const BatchRef ref{author, member.next_seq++, random_hash(random_),
                     static_cast<std::uint32_t>(random_.between(200, 1 << 20)), 10};
  ++tally_.batches;
  const Micros sync = random_.between(plan_.disk_sync_min, plan_.disk_sync_max);
  after_in(author, sync, [this, author, ref, send] {
    members_[author].batches.emplace(ref.digest, ref);
    work_.insert(ref.digest);
    step(author, BatchHeld{ref});
    if (!running(author) || !send) return;
    for (MemberIndex to = 0; to < plan_.n; ++to) {
      if (to == author) continue;
      ship(author, to, {nullptr, &ref, nullptr}, [this, to, ref] { give_batch(to, ref); });
    }
  });
}

void World::schedule_batches() {
  if (now_ >= plan_.chaos_until) return;
  make_batch();
  after(random_.between(1, 2 * plan_.batch_every), [this] { schedule_batches(); });
}

bool World::begin_late_batch() {
  if (late_done_ == plan_.late_batches.size()) return false;
  const LateBatch& late = plan_.late_batches[late_done_++];
  settled_by_ = now_ + late.idle + late.deaf + kLateBound;
  // Done is not yet what was only begun.
  late_open_ = true;
  after(late.idle, [this, &late] {
    say("member " + std::to_string(late.author) + " alone has work");
    deaf_ = late.author;
    deaf_until_ = now_ + plan_.disk_sync_max + late.deaf;
    pack(late.author, false);
    if (late.companion != late.author) pack(late.companion, true);
    after(plan_.disk_sync_max, [this] { late_open_ = false; });
  });
  return true;
}

bool World::holds(const Member& member, const BlockHeader& header) const {
  return std::all_of(header.batches.begin(), header.batches.end(), [&member](const BatchRef& ref) {
    return member.batches.contains(ref.digest);
  });
}

std::size_t World::honest_holders(const BlockHeader& header) const {
  std::size_t count = 0;
  for (MemberIndex i = 0; i < plan_.n; ++i) {
    if (plan_.honest(i) && holds(members_[i], header)) ++count;
  }
  return count;
}

bool World::done() const {
  const bool all_ordered = std::includes(invariants_.ordered().begin(), invariants_.ordered().end(),
                                         work_.begin(), work_.end());
  if (!all_ordered) return false;
  for (MemberIndex i = 0; i < plan_.n; ++i) {
    if (!plan_.honest(i)) continue;
    if (!running(i) || members_[i].ledger.size() < invariants_.height()) return false;
  }
  return true;
}

void World::require_attack() const {
  const bool hostile = std::any_of(plan_.traitors.begin(), plan_.traitors.end(),
                                   [](Traitor t) { return t != Traitor::kNone; });
  if (hostile && tally_.attacks == 0) throw Violation("run: the attack never happened");
  if (!plan_.crashes.empty() && tally_.crashes == 0) {
    throw Violation("run: no planned crash happened");
  }
  if (invariants_.height() == 0 || tally_.batches == 0) {
    throw Violation("run: nothing was ordered");
  }
}

Tally World::run() {
  for (MemberIndex i = 0; i < plan_.n; ++i) start(i);
  schedule_plan();
  schedule_batches();
  settled_by_ = plan_.chaos_until + kSettleBound;
  bool finished = false;
  while (!events_.empty() && !finished) {
    Scheduled event = events_.top();
    events_.pop();
    now_ = event.at;
    if (now_ > settled_by_) break;
    event.work();
    const bool settled = now_ > plan_.chaos_until + 7 * kSecond && !late_open_ && done();
    finished = settled && !begin_late_batch();
  }
  if (!finished) {
    std::string heights;
    for (MemberIndex i = 0; i < plan_.n; ++i) {
      heights += " " + (running(i) ? std::to_string(members_[i].ledger.size()) + "@v" +
                                         std::to_string(members_[i].core->status().view)
                                   : std::string("down"));
    }
    std::size_t open = 0;
    for (const Hash& digest : work_) open += invariants_.ordered().contains(digest) ? 0 : 1;
    throw Violation("I17: " + std::to_string(open) + " batches open " +
                    std::to_string((now_ - plan_.chaos_until) / kSecond) +
                    " s after the faults, late batches begun: " + std::to_string(late_done_) +
                    "; heights" + heights);
  }
  tally_.heights = invariants_.height();
  tally_.sent_max = watch_.sent_max();
  tally_.blocks_max = watch_.blocks_max();
  tally_.views_max = watch_.views_max();
  require_attack();
  return tally_;
}

}  // namespace sanad::simulation
