// What a world does to its members: faults, work, and when a run is over.
#include <algorithm>

#include "simulation/world.h"

namespace sanad::simulation {
namespace {

using namespace consensus;

// I17: after the chaos; for a late batch, and since the last open one was ordered; but not for
// ever.
constexpr Micros kSettleBound = 90 * kSecond;
constexpr Micros kLateBound = 30 * kSecond;
constexpr Micros kLongest = 300 * kSecond;
constexpr std::size_t kOccasionsMax = 40;

}  // namespace

void World::schedule_plan() {
  for (const Crash& crash : plan_.crashes) {
    after(crash.at, [this, &crash] {
      for (const MemberIndex member : crash.members) {
        tally_.crashes += running(member) ? 1 : 0;
        this->crash(member);
        after(crash.down_for + random_.below(kSecond), [this, member] { start(member); });
      }
    });
  }
  for (const Forgetting& forgetting : plan_.forgettings) {
    const auto copy = std::make_shared<DiskCopy>();
    after(forgetting.at - forgetting.copy_age, [this, &forgetting, copy] {
      *copy = {members_[forgetting.member].batches, members_[forgetting.member].ledger.size()};
    });
    after(forgetting.at, [this, &forgetting, copy] {
      this->crash(forgetting.member);
      if (forgetting.copy_age > 0) put_back(forgetting.member, *copy);
      lose_journal(forgetting.member);
      after(forgetting.down_for, [this, &forgetting] { start(forgetting.member); });
    });
  }
  for (std::size_t i = 0; i < plan_.partitions.size(); ++i) {
    after(plan_.partitions[i].at, [this, i] {
      ++tally_.partitions;
      partition_.push_back(i);
    });
    after(plan_.partitions[i].until, [this, i] { std::erase(partition_, i); });
  }
}

void World::put_back(MemberIndex index, const DiskCopy& copy) {
  say("member " + std::to_string(index) + " has an old disk");
  Member& member = members_[index];
  ++tally_.old_disks;
  member.batches = copy.batches;
  member.ledger.resize(std::min(member.ledger.size(), copy.height));
  // What nobody else holds is lost for good.
  std::erase_if(open_, [this](const Hash& digest) {
    for (MemberIndex i = 0; i < plan_.n; ++i) {
      if (plan_.honest(i) && members_[i].batches.contains(digest)) return false;
    }
    return true;
  });
}

// R3: who may have forgotten what it packed packs nothing.
void World::make_batch() {
  const auto author = static_cast<MemberIndex>(random_.below(plan_.n));
  if (!running(author) || !plan_.honest(author)) return;
  if (members_[author].core->status().in_quarantine) return;
  const bool sent = !random_.chance(plan_.batch_unsent_per_mille);
  tally_.unsent += sent ? 0 : 1;
  pack(author, sent);
}

void World::pack(MemberIndex author, bool send) {
  Member& member = members_[author];
  const BatchRef ref{author, member.next_seq++, random_hash(random_),
                     static_cast<std::uint32_t>(random_.between(200, 1 << 20)), 10};
  ++tally_.batches;
  const Micros sync = random_.between(plan_.disk_sync_min, plan_.disk_sync_max);
  after_in(author, sync, [this, author, ref, send] {
    members_[author].batches.emplace(ref.digest, ref);
    open_.insert(ref.digest);
    step(author, BatchHeld{ref});
    if (!running(author) || !send) return;
    for (MemberIndex to = 0; to < plan_.n; ++to) ship_batch(author, to, ref);
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

bool World::begin_occasion() {
  std::optional<MemberIndex> author;
  bool waits = false;
  for (MemberIndex i = 0; i < plan_.n; ++i) {
    if (plan_.honest(i)) author = i;
    waits = waits || (!plan_.honest(i) && !attacked_[i]);
  }
  if (!waits || !author || occasions_ == kOccasionsMax) return false;
  ++occasions_;
  settled_by_ = now_ + kLateBound;
  late_open_ = true;
  pack(*author, true);
  after(plan_.disk_sync_max, [this] { late_open_ = false; });
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

// ------------------------------------------------------------------------------- accounts

bool World::fault_active() const {
  if (now_ < plan_.chaos_until && plan_.has_ambient_fault()) return true;
  if (!partition_.empty() || (deaf_ && now_ < deaf_until_)) return true;
  for (MemberIndex i = 0; i < plan_.n; ++i) {
    if (!plan_.honest(i) || !running(i) || members_[i].mute) return true;
  }
  return false;
}

// Honest members that run and vote, by the sides of all partitions that they are on.
bool World::quorum_connected() const {
  std::map<std::vector<bool>, std::size_t> groups;
  for (MemberIndex i = 0; i < plan_.n; ++i) {
    const bool mute = !plan_.honest(i) || !running(i) || (deaf_ == i && now_ < deaf_until_);
    if (mute || members_[i].mute) continue;
    std::vector<bool> sides;
    for (const std::size_t active : partition_) sides.push_back(plan_.partitions[active].side[i]);
    if (++groups[sides] == plan_.quorum()) return true;
  }
  return false;
}

bool World::done() const {
  if (!open_.empty()) return false;
  for (MemberIndex i = 0; i < plan_.n; ++i) {
    if (!plan_.honest(i)) continue;
    if (!running(i) || members_[i].ledger.size() < invariants_.height()) return false;
    if (members_[i].core->status().in_quarantine) return false;
  }
  return true;
}

void World::require_attack() const {
  for (MemberIndex i = 0; i < plan_.n; ++i) {
    if (plan_.honest(i) || attacked_[i]) continue;
    violate("run", "the attack of member " + std::to_string(i) + " never happened");
  }
  // With batches seconds apart there may be none; a campaign as a whole has its floor of heights.
  const bool idle = invariants_.height() == 0 && tally_.batches > 0;
  if (idle) violate("run", "nothing was ordered");
}

void World::give_up_waiting() const {
  std::string heights;
  for (MemberIndex i = 0; i < plan_.n; ++i) {
    heights += " " + (running(i) ? std::to_string(members_[i].ledger.size()) + "@v" +
                                       std::to_string(members_[i].core->status().view)
                                 : std::string("down"));
  }
  violate("I17", std::to_string(open_.size()) + " batches open " +
                     std::to_string((now_ - plan_.chaos_until) / kSecond) +
                     " s after the faults, late batches begun: " + std::to_string(late_done_) +
                     "; heights" + heights);
}

Tally World::run() {
  for (MemberIndex i = 0; i < members_.size(); ++i) start(i);
  schedule_plan();
  schedule_batches();
  settled_by_ = plan_.chaos_until + kSettleBound;
  bool finished = false;
  while (!events_.empty() && !finished) {
    Scheduled event = events_.top();
    events_.pop();
    const Micros longer = std::min(ordered_at_ + kLateBound, settled_by_ + kLongest);
    if (event.at > std::max(settled_by_, longer)) break;
    const bool busy = !open_.empty() && fault_active();
    const bool connected = busy && quorum_connected();
    tally_.busy += busy ? event.at - now_ : 0;
    tally_.busy_connected += connected ? event.at - now_ : 0;
    const Height height = invariants_.height();
    now_ = event.at;
    event.work();
    tally_.busy_heights += connected ? invariants_.height() - height : 0;
    const bool settled = now_ > plan_.chaos_until + 7 * kSecond && !late_open_ && done();
    finished = settled && !begin_late_batch() && !begin_occasion();
  }
  if (!finished) give_up_waiting();
  tally_.heights = invariants_.height();
  tally_.sent_max = watch_.sent_max();
  tally_.blocks_max = watch_.blocks_max();
  tally_.views_max = watch_.views_max();
  require_attack();
  return tally_;
}

}  // namespace sanad::simulation
