// A member's own clock and disk against it (HOSTILE 117, 119, J): times in blocks rise whatever the
// wall clocks say, and timers never look at them.
#include "tests/node/replica/driver_world.h"

namespace sanad::tests {
namespace {

constexpr std::uint64_t kHourMs = 3'600'000;
constexpr std::uint64_t kDayMs = 24 * kHourMs;

simulation::nodes::WallClock::Face ahead(std::uint64_t ms) {
  return [ms](std::uint64_t true_ms) { return true_ms + ms; };
}
simulation::nodes::WallClock::Face behind(std::uint64_t ms) {
  return [ms](std::uint64_t true_ms) { return true_ms - ms; };
}

// What is submitted at each member that runs is executed by all of them.
bool goes_on(DriverWorld& world, std::uint64_t limit_ms = 60'000) {
  std::vector<Hash> ids;
  for (std::uint8_t i = 0; i < 4; ++i) {
    if (!world.is_running(i)) continue;
    const auto submission = world.submission(i);
    ids.push_back(submission->id());
    world.admit(i, submission);
  }
  return world.run_until(
      [&] {
        for (std::uint8_t i = 0; i < 4; ++i) {
          if (!world.is_running(i)) continue;
          for (const Hash& id : ids) {
            if (!world.outcome(i, id)) return false;
          }
        }
        return true;
      },
      limit_ms);
}

TEST_CASE("HOSTILE 117: a disk that takes 5 s keeps its own member waiting and nobody else") {
  DriverWorld world;
  world.start_all();
  REQUIRE(goes_on(world));
  const std::uint64_t before = world.height(0);
  world.stall(2, 5'000);
  const auto submission = world.submission(0);
  world.admit(0, submission);
  REQUIRE(world.run_until([&] { return world.outcome(0, submission->id()).has_value(); }, 2'000));
  CHECK(world.height(0) > before);
  CHECK(world.height(2) == before);
  world.run_ms(5'000);
  REQUIRE(goes_on(world));
  // Its vote counts again: without it the other two are no quorum.
  world.cut(3, true);
  world.admit(0, world.submission(0));
  const std::uint64_t height = world.height(0);
  CHECK(world.run_until([&] { return world.height(0) > height && world.height(2) > height; }));
  world.require_agreement();
}

TEST_CASE(
    "HOSTILE 119: a member that restarts with its clock a day back follows, and votes later") {
  DriverWorld world;
  world.start_all();
  REQUIRE(goes_on(world));
  world.crash(1, Unsynced::kDropped);
  world.set_clock(1, behind(kDayMs));
  world.start(1);
  REQUIRE(goes_on(world));
  world.set_clock(1, ahead(0));
  world.cut(3, true);
  world.admit(0, world.submission(0));
  const std::uint64_t height = world.height(0);
  CHECK(world.run_until([&] { return world.height(0) > height; }));
  world.require_agreement();
}

TEST_CASE("HOSTILE 121: a member an hour off is one of f; all of them half a second off go on") {
  for (const auto& clock : {ahead(kHourMs), behind(kHourMs)}) {
    DriverWorld world;
    world.start_all();
    REQUIRE(goes_on(world));
    world.set_clock(3, clock);
    for (int i = 0; i < 3; ++i) REQUIRE(goes_on(world));
    world.require_agreement();
  }
  DriverWorld world;
  for (std::uint8_t i = 0; i < 4; ++i) world.set_clock(i, i % 2 == 0 ? ahead(500) : behind(500));
  world.start_all();
  for (int i = 0; i < 3; ++i) REQUIRE(goes_on(world));
  world.require_agreement();
}

TEST_CASE("HOSTILE 122: a clock that jumps a day, there and back, costs its member's votes alone") {
  for (const auto& jump : {ahead(kDayMs), behind(kDayMs)}) {
    DriverWorld world;
    world.start_all();
    REQUIRE(goes_on(world));
    world.set_clock(2, jump);
    REQUIRE(goes_on(world));
    world.set_clock(2, ahead(0));
    world.cut(3, true);
    world.admit(0, world.submission(0));
    const std::uint64_t height = world.height(0);
    CHECK(world.run_until([&] { return world.height(0) > height; }));
    world.require_agreement();
  }
}

TEST_CASE(
    "HOSTILE 122: where all clocks were ahead together, blocks wait until time has come there") {
  constexpr std::uint64_t kAheadMs = 60'000;
  DriverWorld world;
  for (std::uint8_t i = 0; i < 4; ++i) world.set_clock(i, ahead(kAheadMs));
  world.start_all();
  REQUIRE(goes_on(world));
  for (std::uint8_t i = 0; i < 4; ++i) world.set_clock(i, ahead(0));
  CHECK_FALSE(goes_on(world, kAheadMs / 2));
  CHECK(goes_on(world, 2 * kAheadMs));
  world.require_agreement();
}

TEST_CASE(
    "HOSTILE 123: a leap second, repeated by some members and smeared by others, is no event") {
  DriverWorld world;
  const std::uint64_t leap_ms = world.true_wall_ms() + 3'000;
  for (std::uint8_t i = 0; i < 4; ++i) {
    if (i < 2) {
      world.set_clock(i, [=](std::uint64_t t) { return t < leap_ms ? t : t - 1'000; });
    } else {
      // Over 20 s here, over a day in life.
      world.set_clock(i, [=](std::uint64_t t) {
        const std::uint64_t begun = leap_ms - 10'000;
        return t < begun ? t : t - std::min<std::uint64_t>((t - begun) / 20, 1'000);
      });
    }
  }
  world.start_all();
  for (int i = 0; i < 20; ++i) {
    REQUIRE(goes_on(world, 5'000));
    world.run_ms(300);
  }
  world.require_agreement();
}

TEST_CASE("HOSTILE 124: a frozen clock stops no timer, and four of them no block") {
  for (const std::uint8_t frozen : {std::uint8_t{1}, std::uint8_t{4}}) {
    DriverWorld world;
    world.start_all();
    REQUIRE(goes_on(world));
    const std::uint64_t at = world.true_wall_ms();
    for (std::uint8_t i = 0; i < frozen; ++i) {
      world.set_clock(i, [at](std::uint64_t) { return at; });
    }
    for (int i = 0; i < 5; ++i) {
      REQUIRE(goes_on(world));
      world.run_ms(2'000);
    }
    // A leader that is away is passed over in time that goes by.
    world.crash(3, Unsynced::kDropped);
    if (frozen == 1) continue;  // two of four are no quorum
    CHECK(goes_on(world));
    world.require_agreement();
  }
}

}  // namespace
}  // namespace sanad::tests
