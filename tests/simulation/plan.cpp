#include "simulation/plan.h"

#include <algorithm>
#include <numeric>
#include <sstream>

namespace sanad::simulation {
namespace {

// A delay far above what timeouts start with (T2).
constexpr Micros kSlowNetwork = 120 * kMillisecond;

std::vector<MemberIndex> all_members(std::size_t n) {
  std::vector<MemberIndex> members(n);
  std::iota(members.begin(), members.end(), MemberIndex{0});
  return members;
}

std::vector<MemberIndex> some_members(Random& random, std::size_t n) {
  std::vector<MemberIndex> members;
  for (MemberIndex i = 0; i < n; ++i) {
    if (random.chance(400)) members.push_back(i);
  }
  if (members.empty()) members.push_back(static_cast<MemberIndex>(random.below(n)));
  return members;
}

MemberIndex honest_member(Random& random, const Plan& plan) {
  while (true) {
    const auto member = static_cast<MemberIndex>(random.below(plan.n));
    if (plan.honest(member)) return member;
  }
}

void draw_network(Random& random, Plan& plan) {
  NetworkPlan& network = plan.network;
  network.delay_min = random.between(100, 25 * kMillisecond);
  network.delay_max = network.delay_min + random.between(0, 40 * kMillisecond);
  if (random.chance(500)) network.loss_per_mille = random.between(1, 100);
  if (random.chance(500)) network.duplicate_per_mille = random.between(1, 100);
  if (!random.chance(90)) return;
  network.delay_min = random.between(kSlowNetwork, 350 * kMillisecond);
  network.delay_max = network.delay_min + random.between(0, 60 * kMillisecond);
}

// T2: no fault but a delay that was guessed too low, the same everywhere, and always work. There
// and back takes longer than the first timeout, so everybody gives a view up in the same moment,
// just before its notarization comes; for ever, if that made timeouts short again.
Plan lockstep(Random& random, Plan plan) {
  plan.traitors.assign(plan.n, Traitor::kNone);
  plan.network.delay_min = plan.network.delay_max = random.between(152, 185) * kMillisecond;
  plan.disk_sync_min = 100;
  plan.disk_sync_max = random.between(200, 1'000);
  plan.batch_every = random.between(10, 30) * kMillisecond;
  plan.chaos_until = 60 * kSecond;
  return plan;
}

void draw_disks(Random& random, Plan& plan) {
  plan.disk_sync_min = random.between(50, 500);
  const Micros range = random.chance(200) ? 40 * kMillisecond : 4 * kMillisecond;
  plan.disk_sync_max = plan.disk_sync_min + random.between(0, range);
  if (random.chance(400)) plan.crash_in_sync_per_mille = random.between(1, 10);
  if (random.chance(500)) plan.rotate_per_mille = random.between(1, 100);
}

void draw_work(Random& random, Plan& plan) {
  plan.batch_every = random.between(10 * kMillisecond, 150 * kMillisecond);
  // So little work that what is lost is not hidden by what comes next.
  if (random.chance(300)) plan.batch_every = random.between(kSecond / 2, 5 * kSecond);
  if (random.chance(500)) plan.batch_unsent_per_mille = random.between(1, 400);
  plan.heartbeat = random.chance(300);
}

Traitor draw_strategy(Random& random) {
  return static_cast<Traitor>(random.between(1, kTraitors - 1));
}

// Any f of them at once, or f of one kind; fewer where a member is to lose its journal.
void draw_traitors(Random& random, Plan& plan, std::size_t count) {
  plan.traitors.assign(plan.n, Traitor::kNone);
  const bool alike = random.chance(300);
  const Traitor common = draw_strategy(random);
  while (count > 0) {
    const auto member = static_cast<MemberIndex>(random.below(plan.n));
    if (!plan.honest(member)) continue;
    plan.traitors[member] = alike ? common : draw_strategy(random);
    --count;
  }
}

// A traitor never crashes: what it does to the others is the point of its run.
void draw_crashes(Random& random, Plan& plan) {
  const std::uint64_t count = random.between(1, 5);
  for (std::uint64_t i = 0; i < count; ++i) {
    Crash crash;
    crash.at = random.between(kSecond, plan.chaos_until - kSecond);
    crash.down_for = random.between(10 * kMillisecond, 5 * kSecond);
    crash.members = random.chance(300) ? all_members(plan.n) : some_members(random, plan.n);
    std::erase_if(crash.members, [&plan](MemberIndex each) { return !plan.honest(each); });
    if (!crash.members.empty()) plan.crashes.push_back(std::move(crash));
  }
}

void draw_partitions(Random& random, Plan& plan) {
  const std::uint64_t count = random.between(1, 4);
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

// R3 where it counts: a quorum that needs the member stands still in the view in which it voted
// last, until it is back and has heard others.
void corner(Random& random, Plan& plan, Forgetting& forgetting) {
  const MemberIndex self = forgetting.member;
  forgetting.at = random.between(4 * kSecond, plan.chaos_until - 4 * kSecond);
  Partition after{forgetting.at, 0, std::vector<bool>(plan.n, false), false, {}};
  after.until = std::min(
      plan.chaos_until, forgetting.at + forgetting.down_for + random.between(kSecond, 3 * kSecond));
  if (random.chance(500)) {
    // Two halves; it alone hears both.
    after.bridge = self;
    for (MemberIndex i = 0; i < plan.n; ++i) after.side[i] = i % 2 == 0;
  } else {
    // It meets those first who were away and know old views only, as its disk does.
    forgetting.copy_age = random.between(kSecond, 3 * kSecond);
    for (std::size_t away = 0; away < plan.f();) {
      const auto member = static_cast<MemberIndex>(random.below(plan.n));
      if (member == self || after.side[member]) continue;
      after.side[member] = true;
      ++away;
    }
    plan.partitions.push_back(
        {forgetting.at - forgetting.copy_age, forgetting.at, after.side, false, {}});
    after.side[self] = true;
  }
  plan.partitions.push_back(std::move(after));
}

void draw_forgettings(Random& random, Plan& plan, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    Forgetting forgetting;
    forgetting.member = honest_member(random, plan);
    forgetting.at = random.between(kSecond, plan.chaos_until - kSecond);
    // While views pass quickly, or in one that lasts because all are down.
    forgetting.down_for = random.between(0, (random.chance(500) ? 2'000 : 20) * kMillisecond);
    if (random.chance(400)) {
      corner(random, plan, forgetting);
      plan.forgettings.push_back(forgetting);
      continue;
    }
    const bool with_others = !plan.crashes.empty() && random.chance(500);
    if (with_others) forgetting.at = plan.crashes[random.below(plan.crashes.size())].at + 1;
    plan.forgettings.push_back(forgetting);
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

struct Word {
  std::string name;
  std::size_t number = 0;
};

Word parse(const std::string& word) {
  const std::size_t dot = word.find('.');
  if (dot == std::string::npos) return {word, 0};
  return {word.substr(0, dot), std::strtoull(word.c_str() + dot + 1, nullptr, 10)};
}

template <class T>
void erase_at(std::vector<T>& all, std::size_t number) {
  all.erase(all.begin() + static_cast<std::ptrdiff_t>(number));
}

void leave_out(const Word& word, Plan& plan) {
  if (word.name == "loss") plan.network.loss_per_mille = 0;
  if (word.name == "duplicates") plan.network.duplicate_per_mille = 0;
  if (word.name == "jitter") plan.network.delay_max = plan.network.delay_min;
  if (word.name == "slow-disk") plan.disk_sync_max = plan.disk_sync_min;
  if (word.name == "death-in-sync") plan.crash_in_sync_per_mille = 0;
  if (word.name == "segments") plan.rotate_per_mille = 0;
  if (word.name == "skew") plan.clock_skew_max_ms = 0;
  if (word.name == "unsent") plan.batch_unsent_per_mille = 0;
  if (word.name == "heartbeat") plan.heartbeat = false;
  if (word.name == "crash") erase_at(plan.crashes, word.number);
  if (word.name == "partition") erase_at(plan.partitions, word.number);
  if (word.name == "forgetting") erase_at(plan.forgettings, word.number);
  if (word.name == "late") erase_at(plan.late_batches, word.number);
  if (word.name == "traitor") plan.traitors[word.number] = Traitor::kNone;
}

}  // namespace

Plan draw_plan(std::uint64_t seed) {
  Random random(seed * 0x2545F4914F6CDD1DULL + 1);
  Plan plan;
  plan.seed = seed;
  plan.fast_signatures = seed % 10 != 0;
  // Large committees cost most and show least that is new.
  static constexpr std::array<std::size_t, 8> kSizes = {4, 4, 4, 4, 7, 7, 10, 13};
  plan.n = kSizes[random.below(kSizes.size())];
  plan.chaos_until = random.between(8 * kSecond, 20 * kSecond);
  if (random.chance(30)) return lockstep(random, std::move(plan));
  // Swarm: each kind of fault is on in some seeds only, so that none hides another for good.
  const std::size_t hostile = random.chance(700) ? random.between(1, plan.f()) : 0;
  const std::size_t forgetful = random.chance(400) ? random.between(0, plan.f() - hostile) : 0;
  draw_traitors(random, plan, hostile);
  draw_network(random, plan);
  draw_disks(random, plan);
  if (random.chance(700)) plan.clock_skew_max_ms = random.between(1, 150);
  draw_work(random, plan);
  if (random.chance(600)) draw_crashes(random, plan);
  if (random.chance(600)) draw_partitions(random, plan);
  draw_forgettings(random, plan, forgetful);
  if (random.chance(700)) draw_late_batches(random, plan);
  return plan;
}

std::string Plan::text() const {
  std::ostringstream out;
  out << "n=" << n << (fast_signatures ? ", fast signatures" : ", Ed25519");
  for (std::size_t i = 0; i < traitors.size(); ++i) {
    if (traitors[i] == Traitor::kNone) continue;
    out << ", member " << i << " " << kTraitorNames[static_cast<std::size_t>(traitors[i])];
  }
  out << ", delay " << network.delay_min << ".." << network.delay_max << " us, loss "
      << network.loss_per_mille << "/1000, duplicates " << network.duplicate_per_mille
      << "/1000, sync " << disk_sync_min << ".." << disk_sync_max << " us, death in sync "
      << crash_in_sync_per_mille << "/1000, new segment " << rotate_per_mille << "/1000, skew "
      << clock_skew_max_ms << " ms, " << crashes.size() << " crashes, " << partitions.size()
      << " partitions, " << forgettings.size() << " journals lost, heartbeat "
      << (heartbeat ? "on" : "off") << ", a batch every " << batch_every / kMillisecond
      << " ms, unsent " << batch_unsent_per_mille << "/1000, " << late_batches.size()
      << " late batches, chaos until " << static_cast<double>(chaos_until) / kSecond << " s";
  return out.str();
}

std::vector<std::string> faults_of(const Plan& plan) {
  std::vector<std::string> words;
  const auto add = [&words](bool there, const std::string& word) {
    if (there) words.push_back(word);
  };
  const auto add_all = [&add](std::size_t count, const std::string& name) {
    for (std::size_t i = 0; i < count; ++i) add(true, name + "." + std::to_string(i));
  };
  add_all(plan.crashes.size(), "crash");
  add_all(plan.partitions.size(), "partition");
  add_all(plan.forgettings.size(), "forgetting");
  add_all(plan.late_batches.size(), "late");
  for (MemberIndex i = 0; i < plan.n; ++i) add(!plan.honest(i), "traitor." + std::to_string(i));
  add(plan.crash_in_sync_per_mille > 0, "death-in-sync");
  add(plan.network.loss_per_mille > 0, "loss");
  add(plan.network.duplicate_per_mille > 0, "duplicates");
  add(plan.batch_unsent_per_mille > 0, "unsent");
  add(plan.rotate_per_mille > 0, "segments");
  add(plan.clock_skew_max_ms > 0, "skew");
  add(plan.disk_sync_max > plan.disk_sync_min, "slow-disk");
  add(plan.network.delay_max > plan.network.delay_min, "jitter");
  add(plan.heartbeat, "heartbeat");
  return words;
}

bool leave_out(std::vector<std::string> faults, Plan& plan) {
  const std::vector<std::string> known = faults_of(plan);
  std::vector<Word> words;
  for (const std::string& fault : faults) {
    if (std::find(known.begin(), known.end(), fault) == known.end()) return false;
    words.push_back(parse(fault));
  }
  // From the last number down: what is erased moves those after it.
  std::sort(words.begin(), words.end(),
            [](const Word& a, const Word& b) { return a.number > b.number; });
  for (const Word& word : words) leave_out(word, plan);
  return true;
}

}  // namespace sanad::simulation
