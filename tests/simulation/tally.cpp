#include "simulation/tally.h"

#include <algorithm>
#include <iomanip>
#include <ostream>

namespace sanad::simulation {

Tally& operator+=(Tally& sum, const Tally& tally) {
  for (const auto counter :
       {&Tally::steps,        &Tally::messages, &Tally::refused,        &Tally::batches,
        &Tally::heights,      &Tally::evidence, &Tally::crashes,        &Tally::deaths_in_sync,
        &Tally::records_lost, &Tally::segments, &Tally::journals_lost,  &Tally::old_disks,
        &Tally::partitions,   &Tally::lost,     &Tally::cut_off,        &Tally::duplicated,
        &Tally::unsent,       &Tally::busy,     &Tally::busy_connected, &Tally::busy_heights}) {
    sum.*counter += tally.*counter;
  }
  for (const auto most : {&Tally::sent_max, &Tally::blocks_max, &Tally::views_max}) {
    sum.*most = std::max(sum.*most, tally.*most);
  }
  for (std::size_t i = 0; i < kTraitors; ++i) sum.attacks[i] += tally.attacks[i];
  return sum;
}

std::vector<std::string> missing_in(const Tally& tally) {
  std::vector<std::string> missing;
  const auto require = [&missing](std::uint64_t count, std::string_view what) {
    if (count == 0) missing.emplace_back(what);
  };
  require(tally.crashes, "crashes");
  require(tally.deaths_in_sync, "deaths in sync");
  require(tally.records_lost, "journal records lost");
  require(tally.segments, "segments");
  require(tally.journals_lost, "journals lost");
  require(tally.old_disks, "old disks");
  require(tally.partitions, "partitions");
  require(tally.lost, "messages lost");
  require(tally.cut_off, "messages cut off");
  require(tally.duplicated, "messages duplicated");
  require(tally.unsent, "batches unsent");
  for (std::size_t i = 1; i < kTraitors; ++i) require(tally.attacks[i], kTraitorNames[i]);
  return missing;
}

std::ostream& operator<<(std::ostream& out, const Tally& tally) {
  const auto hours = [](Micros time) { return static_cast<double>(time) / kSecond / 3600; };
  const double seconds = static_cast<double>(tally.busy_connected) / kSecond;
  out << "done: " << tally.heights << " heights, " << tally.batches << " batches, " << tally.steps
      << " steps, " << tally.messages << " messages (" << tally.refused << " refused), "
      << tally.evidence << " pieces of evidence\n"
      << "busy: " << std::fixed << std::setprecision(2) << hours(tally.busy) << " cluster-hours, "
      << hours(tally.busy_connected) << " of them with a quorum connected: " << tally.busy_heights
      << " heights, " << static_cast<double>(tally.busy_heights) / std::max(seconds, 1.0)
      << " a second\n"
      << "faults: " << tally.crashes << " crashes, " << tally.deaths_in_sync << " deaths in sync ("
      << tally.records_lost << " journal records lost by both), " << tally.journals_lost
      << " journals lost (" << tally.old_disks << " with an old disk), " << tally.segments
      << " segments begun, " << tally.partitions << " partitions; messages: " << tally.lost
      << " lost, " << tally.cut_off << " cut off, " << tally.duplicated << " duplicated; "
      << tally.unsent << " batches unsent\n"
      << "attacks:";
  for (std::size_t i = 1; i < kTraitors; ++i) {
    out << (i == 1 ? " " : ", ") << kTraitorNames[i] << " " << tally.attacks[i];
  }
  return out << "\nmost: " << tally.sent_max << " messages of a member in a second, "
             << tally.blocks_max << " blocks above the final tip, " << tally.views_max
             << " views above the final one\n";
}

}  // namespace sanad::simulation
