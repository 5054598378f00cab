#include "simulation/nodes/plan.h"

#include <algorithm>

namespace sanad::simulation::nodes {

namespace {

constexpr std::array<const char*, kFaults> kFaultNames = {
    "link-break",       "partition",   "one-way",     "clog",       "power-cut",  "power-cut-write",
    "common-power-cut", "kill",        "kill-write",  "disk-error", "disk-full",  "slow-disk",
    "journal-flip",     "ledger-flip", "old-journal", "clock-skew", "clock-jump", "clock-freeze"};
constexpr std::array<const char*, kAttacks> kAttackNames = {
    "none", "silent", "equivocator", "withholder", "result-liar", "sync-liar", "twin", "replayer"};

std::size_t draw_size(Random& random) {
  const std::uint64_t drawn = random.below(10);
  if (drawn < 6) return 4;
  if (drawn < 8) return 7;
  return drawn == 8 ? 10 : 13;
}

void draw_traitors(Random& random, Plan& plan) {
  plan.traitors.assign(plan.n, Attack::kNone);
  const std::size_t count = random.chance(400) ? 0 : random.between(1, plan.f());
  while (plan.traitor_count() < count) {
    plan.traitors[random.below(plan.n)] = static_cast<Attack>(random.between(1, kAttacks - 1));
  }
}

void draw_network(Random& random, Plan& plan) {
  plan.in_order = random.chance(700);
  plan.delay_min = random.between(1, 30) * kMillisecond;
  plan.delay_max = plan.delay_min + random.between(0, 30) * kMillisecond;
  if (plan.in_order) return;
  plan.loss_per_mille = random.chance(500) ? random.between(1, 50) : 0;
  plan.duplicate_per_mille = random.chance(500) ? random.between(1, 50) : 0;
}

}  // namespace

const char* name_of(Fault fault) { return kFaultNames[static_cast<std::size_t>(fault)]; }
const char* name_of(Attack attack) { return kAttackNames[static_cast<std::size_t>(attack)]; }

std::size_t Plan::traitor_count() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(traitors, [](Attack attack) { return attack != Attack::kNone; }));
}

std::string Plan::text() const {
  std::string text = "n=" + std::to_string(n) + (in_order ? " in-order" : " datagrams") +
                     " delay=" + std::to_string(delay_min / kMillisecond) + "-" +
                     std::to_string(delay_max / kMillisecond) +
                     "ms loss=" + std::to_string(loss_per_mille) +
                     "/1000 twice=" + std::to_string(duplicate_per_mille) +
                     "/1000 sync=" + std::to_string(sync_max / kMillisecond) +
                     "ms group=" + std::to_string(group_max);
  text += " faults:";
  for (std::size_t i = 0; i < kFaults; ++i) {
    if (faults[i]) text += std::string(" ") + kFaultNames[i];
  }
  text += " traitors:";
  for (std::size_t i = 0; i < n; ++i) {
    if (traitors[i] != Attack::kNone) {
      text += " " + std::to_string(i) + "=" + name_of(traitors[i]);
    }
  }
  return text;
}

Plan calm_plan(std::uint64_t seed) {
  Plan plan;
  plan.seed = seed;
  plan.traitors.assign(plan.n, Attack::kNone);
  return plan;
}

Plan draw_plan(std::uint64_t seed) {
  Random random(seed * 0x9E3779B97F4A7C15ULL + 1);
  Plan plan;
  plan.seed = seed;
  plan.n = draw_size(random);
  draw_traitors(random, plan);
  draw_network(random, plan);
  for (bool& fault : plan.faults) fault = random.chance(350);
  if (std::ranges::none_of(plan.faults, [](bool on) { return on; })) {
    plan.faults[random.below(kFaults)] = true;
  }
  plan.sync_min = random.between(1, 20) * 100;
  plan.sync_max = plan.sync_min + random.between(0, 40) * 250;
  plan.skew_max_ms = random.below(200);
  plan.work_every = random.between(15, 80) * kMillisecond * (plan.n > 7 ? 2 : 1);
  plan.fault_every = random.between(700, 3'500) * kMillisecond;
  plan.chaos_until = (plan.n > 7 ? 12 : 20) * kSecond;
  plan.group_max = random.chance(200) ? 1 : random.between(2, node::kGroupBlocksMax);
  return plan;
}

}  // namespace sanad::simulation::nodes
