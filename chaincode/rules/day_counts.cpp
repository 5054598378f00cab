#include "chaincode/rules/day_counts.h"

#include <algorithm>

#include "crypto/codec.h"

namespace sanad::chaincode::rules {
namespace {

// Three numbers for each day of the widest window, and room for the days before pruning.
constexpr std::size_t kNumbersMax = 3 * (kWindowDaysMax + 2);
constexpr std::uint64_t kNumberMax = std::uint64_t{1} << 48;

// Calls visit(day, tally) for each day, oldest first. Our own bytes: damage is a broken invariant.
template <class Visit>
void for_each_day(crypto::ByteView bytes, Family family, Visit visit) {
  crypto::CborReader reader(bytes);
  const std::size_t width = family == Family::kCount ? 2 : 3;
  const std::size_t numbers = reader.begin_array(kNumbersMax);
  assert(numbers % width == 0);
  const auto next = [&reader] {
    return static_cast<std::int64_t>(reader.read_unsigned(kNumberMax));
  };
  std::int64_t day = 0;
  for (std::size_t i = 0; i < numbers; i += width) {
    day += next();
    Tally tally;
    tally.total = next();
    if (family == Family::kHitRate) tally.hits = next();
    visit(day, tally);
  }
  reader.end_array();
  const auto status = reader.finish();
  assert(status.ok());
}

}  // namespace

Tally tally(crypto::ByteView bytes, Family family, std::int64_t first_day, std::int64_t last_day) {
  Tally sum;
  for_each_day(bytes, family, [&](std::int64_t day, Tally of_day) {
    if (day < first_day || day > last_day) return;
    sum.total += of_day.total;
    sum.hits += of_day.hits;
  });
  return sum;
}

DayCounts::DayCounts(Family family, crypto::ByteView bytes) : family_(family) {
  for_each_day(bytes, family, [this](std::int64_t day, Tally of_day) {
    days_.push_back({day, of_day});
  });
}

void DayCounts::add(std::int64_t day, Tally by) {
  assert(day >= 0);
  auto at = std::lower_bound(days_.begin(), days_.end(), day,
                             [](const Day& each, std::int64_t key) { return each.day < key; });
  if (at == days_.end() || at->day != day) {
    if (by.total <= 0) return;
    at = days_.insert(at, {day, {}});
  }
  at->tally.total = std::max<std::int64_t>(0, at->tally.total + by.total);
  at->tally.hits = std::clamp<std::int64_t>(at->tally.hits + by.hits, 0, at->tally.total);
  if (at->tally.total == 0) days_.erase(at);
}

void DayCounts::prune(std::int64_t window_days) {
  if (days_.empty()) return;
  const std::int64_t oldest = days_.back().day - window_days + 1;
  std::erase_if(days_, [oldest](const Day& each) { return each.day < oldest; });
}

crypto::Bytes DayCounts::encode() const {
  crypto::CborWriter writer;
  writer.begin_array(days_.size() * (family_ == Family::kCount ? 2U : 3U));
  std::int64_t before = 0;
  for (const Day& each : days_) {
    writer.write_unsigned(static_cast<std::uint64_t>(each.day - before));
    writer.write_unsigned(static_cast<std::uint64_t>(each.tally.total));
    if (family_ == Family::kHitRate) {
      writer.write_unsigned(static_cast<std::uint64_t>(each.tally.hits));
    }
    before = each.day;
  }
  writer.end_array();
  return writer.take();
}

}  // namespace sanad::chaincode::rules
