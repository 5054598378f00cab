#include "simulation/plan.h"

#include <algorithm>
#include <sstream>

namespace sanad::simulation {
namespace {

std::vector<MemberIndex> some_members(Random& random, std::size_t n) {
  std::vector<MemberIndex> members;
  for (MemberIndex i = 0; i < n; ++i) {
    if (random.chance(400)) members.push_back(i);
  }
  if (members.empty()) members.push_back(static_cast<MemberIndex>(random.below(n)));
  return members;
}

// Half of the traitors that equivocate do something else.
void draw_strategies(Random& random, Plan& plan) {
  for (Traitor& traitor : plan.traitors) {
    if (traitor != Traitor::kEquivocator || random.chance(250)) continue;
    traitor = random.chance(500) ? Traitor::kConflicter : Traitor::kForger;
  }
}

// A network whose delay is far above what timeouts start with (T2).
void draw_slowness(Random& random, Plan& plan) {
  if (!random.chance(120)) return;
  plan.network.delay_min = random.between(120, 350) * kMillisecond;
  plan.network.delay_max = plan.network.delay_min + random.between(0, 60 * kMillisecond);
}

// A traitor never crashes: what it does to the others is the point of its run.
std::vector<MemberIndex> crashing(const Plan& plan, std::vector<MemberIndex> members) {
  std::erase_if(members, [&plan](MemberIndex member) { return !plan.honest(member); });
  return members;
}

std::vector<MemberIndex> all_members(std::size_t n) {
  std::vector<MemberIndex> members;
  for (MemberIndex i = 0; i < n; ++i) members.push_back(i);
  return members;
}

void draw_traitors(Random& random, Plan& plan) {
  plan.traitors.assign(plan.n, Traitor::kNone);
  const std::uint64_t mood = random.below(4);  // none, silent, equivocating, mixed
  if (mood == 0) return;
  for (std::size_t i = 0; i < plan.f(); ++i) {
    const auto member = random.below(plan.n);
    const bool silent = mood == 1 || (mood == 3 && random.chance(500));
    plan.traitors[member] = silent ? Traitor::kSilent : Traitor::kEquivocator;
  }
}

void draw_crashes(Random& random, Plan& plan) {
  const std::uint64_t count = random.below(6);
  for (std::uint64_t i = 0; i < count; ++i) {
    Crash crash;
    crash.at = random.between(kSecond, plan.chaos_until - kSecond);
    crash.down_for = random.between(10 * kMillisecond, 5 * kSecond);
    crash.members =
        crashing(plan, random.chance(300) ? all_members(plan.n) : some_members(random, plan.n));
    if (crash.members.empty()) continue;
    plan.crashes.push_back(std::move(crash));
  }
}

void draw_partitions(Random& random, Plan& plan) {
  const std::uint64_t count = random.below(5);
  for (std::uint64_t i = 0; i < count; ++i) {
    Partition partition;
    partition.at = random.between(kSecond / 2, plan.chaos_until - kSecond);
    partition.until =
        std::min(plan.chaos_until, partition.at + random.between(kSecond / 5, 6 * kSecond));
    partition.asymmetric = random.chance(300);
    partition.side.assign(plan.n, false);
    for (const MemberIndex member : some_members(random, plan.n)) partition.side[member] = true;
    plan.partitions.push_back(std::move(partition));
  }
}

MemberIndex honest_member(Random& random, const Plan& plan) {
  while (true) {
    const auto member = static_cast<MemberIndex>(random.below(plan.n));
    if (plan.honest(member)) return member;
  }
}

void draw_late_batches(Random& random, Plan& plan) {
  const std::uint64_t count = random.between(1, 3);
  for (std::uint64_t i = 0; i < count; ++i) {
    LateBatch late;
    late.idle = random.between(0, 15 * kSecond);
    late.deaf = random.between(0, 2 * kSecond);
    late.author = honest_member(random, plan);
    late.companion = random.chance(500) ? honest_member(random, plan) : late.author;
    plan.late_batches.push_back(late);
  }
}

}  // namespace

Plan draw_plan(std::uint64_t seed) {
  Random random(seed * 0x2545F4914F6CDD1DULL + 1);
  Plan plan;
  plan.seed = seed;
  plan.n = random.chance(500) ? 4 : 7;
  draw_traitors(random, plan);
  plan.network.delay_min = random.between(100, 30 * kMillisecond);
  plan.network.delay_max = plan.network.delay_min + random.between(0, 60 * kMillisecond);
  if (random.chance(500)) plan.network.loss_per_mille = random.below(100);
  if (random.chance(500)) plan.network.duplicate_per_mille = random.below(100);
  plan.disk_sync_min = random.between(50, 500);
  plan.disk_sync_max = plan.disk_sync_min +
                       random.between(0, random.chance(300) ? 40 * kMillisecond : 4 * kMillisecond);
  if (random.chance(500)) plan.crash_in_sync_per_mille = random.between(1, 10);
  plan.clock_skew_max_ms = random.below(150);
  plan.batch_every = random.between(30 * kMillisecond, 400 * kMillisecond);
  plan.chaos_until = random.between(8 * kSecond, 20 * kSecond);
  draw_crashes(random, plan);
  draw_partitions(random, plan);
  plan.heartbeat = random.chance(300);
  // So little work that what is lost is not hidden by what comes next.
  if (random.chance(400)) plan.batch_every = random.between(kSecond / 2, 5 * kSecond);
  if (random.chance(500)) plan.batch_unsent_per_mille = random.below(400);
  draw_late_batches(random, plan);
  draw_strategies(random, plan);
  draw_slowness(random, plan);
  return plan;
}

std::string Plan::text() const {
  std::ostringstream out;
  out << "n=" << n << " traitors=";
  for (const Traitor traitor : traitors) {
    out << "-SECF"[static_cast<std::size_t>(traitor)];
  }
  out << " delay=" << network.delay_min << ".." << network.delay_max
      << "us loss=" << network.loss_per_mille << "/1000 duplicates=" << network.duplicate_per_mille
      << "/1000 sync=" << disk_sync_min << ".." << disk_sync_max
      << "us crash in sync=" << crash_in_sync_per_mille << "/1000 crashes=" << crashes.size()
      << " partitions=" << partitions.size() << " heartbeat=" << heartbeat
      << " batch every=" << batch_every / kMillisecond << "ms unsent=" << batch_unsent_per_mille
      << "/1000 late batches=" << late_batches.size() << " chaos=" << chaos_until / kSecond << "s";
  return out.str();
}

}  // namespace sanad::simulation
