#include "tools/audit/statistics.h"

#include <algorithm>

namespace sanad::tools {

using namespace chaincode;

namespace {

constexpr std::uint64_t kMsPerDay = 86'400'000;

// A declaration is named by its authority and commitment: another authority may file the same.
Hash life_key(const Record& record, const Hash& declaration) {
  Hash key = declaration;
  for (std::size_t i = 0; i < record.authority.size(); ++i) {
    key.bytes[16 + i % 16] ^= static_cast<std::uint8_t>(record.authority[i]);
  }
  return key;
}

}  // namespace

void Statistics::add(const Record& record, bool counted) {
  if (counted) {
    const std::uint64_t day = record.time_ms / kMsPerDay;
    if (counts_.days.empty() || counts_.days.back().day != day) counts_.days.push_back({day});
    ++counts_.days.back().kinds[static_cast<std::size_t>(record.kind())];
  }
  follow(record, counted);
}

void Statistics::follow(const Record& record, bool counted) {
  if (counted) {
    if (const auto* verdict = std::get_if<VerdictGiven>(&record.content)) {
      ++counts_.lanes[static_cast<std::size_t>(verdict->lane)];
    } else if (const auto* refused = std::get_if<Refused>(&record.content)) {
      ++counts_.refusals[static_cast<std::size_t>(refused->code)];
    }
  }
  if (std::holds_alternative<Refused>(record.content)) return;
  const Hash* declaration = declaration_of(record);
  if (declaration == nullptr) return;
  Life& life = lives_[life_key(record, *declaration)];
  if (std::holds_alternative<Declared>(record.content)) {
    life.declared_ms = record.time_ms;
    life.counted = counted;
    if (counted) ++counts_.unreleased;
  } else if (std::holds_alternative<HeldBack>(record.content)) {
    life.held = true;
  } else if (const auto* inspected = std::get_if<Inspected>(&record.content)) {
    life.offence = inspected->result != InspectionResult::kConform;
  } else if (const auto* released = std::get_if<Released>(&record.content)) {
    release(life, record, *released, counted);
  }
}

void Statistics::release(Life& life, const Record& record, const Released& released, bool counted) {
  if (!life.released && life.counted) --counts_.unreleased;
  if (counted) {
    ++counts_.releases[static_cast<std::size_t>(released.basis)];
    if (life.held || life.offence) ++counts_.overrides;
    std::size_t bucket = 0;
    while (record.time_ms - life.declared_ms > kWaits[bucket].first) ++bucket;
    if (!life.released) ++counts_.waits[bucket];
  }
  life.released = true;
  life.held = false;
}

namespace {

// Calls `each` with every count but the days', in the order of the snapshot.
template <class Counts, class Each>
void each_count(Counts& counts, const Each& each) {
  for (auto& one : counts.lanes) each(one);
  for (auto& one : counts.releases) each(one);
  for (auto& one : counts.refusals) each(one);
  for (auto& one : counts.waits) each(one);
  each(counts.overrides);
  each(counts.unreleased);
}

}  // namespace

void Statistics::save(AuditSnapshot& snapshot) const {
  for (const auto& [key, life] : lives_) {
    snapshot.lives.push_back(
        {key, life.declared_ms, life.counted, life.held, life.offence, life.released});
  }
  for (const DayCounts& day : counts_.days) {
    snapshot.counts.days.push_back(day.day);
    snapshot.counts.days.insert(snapshot.counts.days.end(), day.kinds.begin(), day.kinds.end());
  }
  each_count(counts_, [&snapshot](std::uint64_t one) { snapshot.counts.others.push_back(one); });
}

bool Statistics::load(const AuditSnapshot& snapshot) {
  for (const LifeEntry& one : snapshot.lives) {
    lives_[one.key] = {one.declared_ms, one.counted, one.held, one.offence, one.released};
  }
  constexpr std::size_t kPerDay = 1 + kRecordKindNames.size();
  const auto& days = snapshot.counts.days;
  if (days.size() % kPerDay != 0) return false;
  for (std::size_t i = 0; i < days.size(); i += kPerDay) {
    counts_.days.push_back({days[i]});
    std::copy_n(days.begin() + static_cast<std::ptrdiff_t>(i + 1), kPerDay - 1,
                counts_.days.back().kinds.begin());
  }
  std::size_t taken = 0;
  const auto& others = snapshot.counts.others;
  each_count(counts_, [&](std::uint64_t& one) {
    if (taken < others.size()) one = others[taken];
    ++taken;
  });
  return taken == others.size();
}

}  // namespace sanad::tools
