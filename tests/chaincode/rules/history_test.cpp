// RULES C2 and C6: the maintained indexes against a recount of everything that happened.
#include <map>

#include "rules_sample.h"

namespace sanad::tests {
namespace {

constexpr std::int64_t kDay = 20'000;

rules::Facts by(const std::string& importer, const std::string& origin = "CN") {
  rules::Facts facts;
  facts.set(FieldId::kImporter, importer);
  facts.set(FieldId::kOrigin, origin);
  facts.set(FieldId::kFlow, std::string("import"));
  return facts;
}

// A ledger of which only the history is kept; each commit ends a block.
class Ledger {
 public:
  explicit Ledger(std::span<const RuleSet> sets) : indexes(sets), state(held) {}
  void commit() { held.apply(state.take_writes()); }
  [[nodiscard]] Verdict judge(const RuleSet& set, const rules::Facts& facts,
                              std::int64_t day) const {
    return evaluate(set, facts, Context{day, held});
  }
  HistoryIndexes indexes;
  MemoryState held;
  State state;
};

RuleSet counting(const std::string& test, const std::string& filter = "") {
  return one_rule("count of declarations with same importer " + filter + "in the last 30 days " +
                  test);
}

bool fires(const Ledger& ledger, const RuleSet& set, const rules::Facts& facts,
           std::int64_t day = kDay) {
  return !ledger.judge(set, facts, day).fired.empty();
}

TEST_CASE("C2: a block's own declarations are not seen before its end") {
  const RuleSet set = counting("= 1");
  Ledger ledger(std::span(&set, 1));
  ledger.indexes.record_declaration(ledger.state, by("a"), kDay);
  CHECK_FALSE(fires(ledger, set, by("a")));
  ledger.commit();
  CHECK(fires(ledger, set, by("a")));
}

TEST_CASE("C6: the window is the last N days, today among them") {
  const RuleSet set = counting("= 1");
  Ledger ledger(std::span(&set, 1));
  ledger.indexes.record_declaration(ledger.state, by("a"), kDay);
  ledger.commit();
  CHECK(fires(ledger, set, by("a"), kDay));
  CHECK(fires(ledger, set, by("a"), kDay + 29));
  CHECK_FALSE(fires(ledger, set, by("a"), kDay + 30));
  CHECK_FALSE(fires(ledger, set, by("b"), kDay));
}

TEST_CASE("C6: an amendment takes the old facts back and adds the new ones on the same day") {
  const RuleSet set = counting("= 1");
  Ledger ledger(std::span(&set, 1));
  ledger.indexes.record_declaration(ledger.state, by("a"), kDay);
  ledger.indexes.retract_declaration(ledger.state, by("a"), kDay);
  ledger.indexes.record_declaration(ledger.state, by("b"), kDay);
  ledger.commit();
  CHECK_FALSE(fires(ledger, set, by("a")));
  CHECK(fires(ledger, set, by("b")));
  // The key of "a" is gone, not left behind empty; taking back once more changes nothing.
  State again(ledger.held);
  ledger.indexes.retract_declaration(again, by("a"), kDay);
  CHECK(again.writes().empty());
}

TEST_CASE("C6: only what passes the filter is counted; an unknown filter or key is not") {
  const RuleSet set = counting("= 1", "where origin is CN ");
  Ledger ledger(std::span(&set, 1));
  ledger.indexes.record_declaration(ledger.state, by("a", "JP"), kDay);
  rules::Facts unknown = by("a");
  unknown.clear(FieldId::kOrigin);
  ledger.indexes.record_declaration(ledger.state, unknown, kDay);
  unknown = by("a");
  unknown.clear(FieldId::kImporter);
  ledger.indexes.record_declaration(ledger.state, unknown, kDay);
  CHECK(ledger.state.writes().empty());
  ledger.indexes.record_declaration(ledger.state, by("a", "CN"), kDay);
  ledger.commit();
  // The one who asks need not pass the filter himself.
  CHECK(fires(ledger, set, by("a", "JP")));
}

TEST_CASE("C6: hit rates are exact at their thresholds") {
  // 1 of 3 is more than 33.3333 % and less than 33.3334 %: no rounding hides that.
  const std::string rate = "hit rate of declarations with same importer in the last 30 days ";
  const std::vector<std::pair<std::string, bool>> cases = {
      {">= 33.3333 %", true}, {"> 33.3333 %", true},   {"<= 33.3333 %", false},
      {"< 33.3334 %", true},  {">= 33.3334 %", false}, {"= 33.3333 %", false}};
  for (const auto& [test, expected] : cases) {
    INFO(test);
    const RuleSet set = one_rule(rate + test);
    Ledger ledger(std::span(&set, 1));
    for (int i = 0; i < 3; ++i) {
      ledger.indexes.record_inspection(ledger.state, by("a"), kDay, i == 0);
    }
    ledger.commit();
    CHECK(fires(ledger, set, by("a")) == expected);
  }
}

TEST_CASE("C6: too short a history is unknown, and says how short is too short") {
  const RuleSet set =
      one_rule("hit rate of declarations with same importer in the last 30 days at least 3 >= 1 %");
  Ledger ledger(std::span(&set, 1));
  ledger.indexes.record_inspection(ledger.state, by("a"), kDay, true);
  ledger.indexes.record_inspection(ledger.state, by("a"), kDay, true);
  ledger.commit();
  const Verdict verdict = ledger.judge(set, by("a"), kDay);
  REQUIRE(verdict.not_evaluated.size() == 1);
  CHECK(verdict.not_evaluated[0].reason ==
        "fewer than 3 inspections: hit rate of declarations with same importer in the last 30 "
        "days");
  const RuleSet bare =
      one_rule("hit rate of declarations with same importer in the last 30 days >= 0 %");
  CHECK(outcome(bare, by("nobody")).starts_with("fewer than 1 inspections"));
}

TEST_CASE("C6: an equal history is one index, whoever writes it down and in whatever order") {
  const RuleSet first = one_rule(
      "count of declarations with same importer and origin in the last 30 days > 1 "
      "and count of declarations with same origin and importer in the last 7 days > 1");
  const RuleSet second = one_rule(
      "count of declarations with same origin, importer in the last 90 days at least 2 > 3");
  CHECK(first.measures().size() == 2);
  const std::vector<RuleSet> sets = {first, second};
  const HistoryIndexes indexes{std::span(sets)};
  CHECK(indexes.size() == 1);
  MemoryState held;
  State state(held);
  // Kept for the widest window of any set, and counted once.
  indexes.record_declaration(state, by("a"), kDay);
  indexes.record_declaration(state, by("a"), kDay + 89);
  CHECK(state.writes().size() == 1);
  CHECK(state.writes().begin()->second->size() == 8);  // 2 days of [day, count]
  indexes.record_declaration(state, by("a"), kDay + 90);
  CHECK(state.writes().begin()->second->size() == 7);  // the first day is pruned
}

TEST_CASE("C6: indexes agree with a recount of every event, day by day") {
  const RuleSet set = compiled(
      kHeading +
      "define past as count of declarations with same importer where origin is CN in the last 9 "
      "days\n"
      "define rate as hit rate of declarations with same importer and origin in the last 20 days "
      "at least 2\n" +
      rule_text("A", "past >= 0", "lane at least blue", "past, rate"));
  Ledger ledger(std::span(&set, 1));
  struct Event {
    std::int64_t day;
    std::string importer, origin;
    int kind;  // 0 declared, 1 inspected, 2 inspected with an offence
  };
  std::vector<Event> events;
  std::uint64_t seed = 20'260'101;
  const auto below = [&seed](std::uint64_t bound) {
    seed = seed * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    return (seed >> 33U) % bound;
  };
  const std::vector<std::string> importers = {"a", "ab", "b"};
  const std::vector<std::string> origins = {"CN", "JP"};
  std::size_t compared = 0;
  std::size_t retracted = 0;
  for (std::int64_t day = kDay; day < kDay + 60; ++day) {
    for (const std::string& importer : importers) {
      for (const std::string& origin : origins) {
        std::int64_t past = 0, inspections = 0, hits = 0;
        for (const Event& each : events) {
          if (each.importer != importer) continue;
          if (each.kind == 0 && each.origin == "CN" && each.day > day - 9) ++past;
          if (each.kind > 0 && each.origin == origin && each.day > day - 20) {
            ++inspections;
            hits += each.kind == 2;
          }
        }
        const Verdict verdict = ledger.judge(set, by(importer, origin), day);
        REQUIRE(verdict.fired.size() == 1);
        CHECK(verdict.fired[0].values[0].value == std::to_string(past));
        const std::string& rate = verdict.fired[0].values[1].value;
        const std::string counts =
            "(" + std::to_string(hits) + " of " + std::to_string(inspections) + ")";
        CHECK((inspections < 2 ? rate == "unknown: fewer than 2 inspections: rate"
                               : rate.ends_with(counts)));
        ++compared;
      }
    }
    for (std::uint64_t i = below(6); i > 0; --i) {
      const Event event{day, importers[below(3)], origins[below(2)], static_cast<int>(below(3))};
      const rules::Facts facts = by(event.importer, event.origin);
      if (event.kind == 0) {
        ledger.indexes.record_declaration(ledger.state, facts, day);
      } else {
        ledger.indexes.record_inspection(ledger.state, facts, day, event.kind == 2);
      }
      events.push_back(event);
    }
    if (!events.empty() && below(3) == 0) {  // something of the past is taken back
      const std::size_t at = below(events.size());
      const Event event = events[at];
      events.erase(events.begin() + static_cast<std::ptrdiff_t>(at));
      const rules::Facts facts = by(event.importer, event.origin);
      if (event.kind == 0) {
        ledger.indexes.retract_declaration(ledger.state, facts, event.day);
      } else {
        ledger.indexes.retract_inspection(ledger.state, facts, event.day, event.kind == 2);
      }
      ++retracted;
    }
    ledger.commit();
  }
  CHECK(compared == 360);
  CHECK(retracted > 5);
}

TEST_CASE("C6: key values cannot be confused with each other") {
  const RuleSet set =
      one_rule("count of declarations with same importer and exporter in the last 30 days = 1");
  Ledger ledger(std::span(&set, 1));
  rules::Facts facts;
  facts.set(FieldId::kImporter, std::string("ab"));
  facts.set(FieldId::kExporter, std::string("c"));
  ledger.indexes.record_declaration(ledger.state, facts, kDay);
  ledger.commit();
  rules::Facts other;
  other.set(FieldId::kImporter, std::string("a"));
  other.set(FieldId::kExporter, std::string("bc"));
  CHECK(fires(ledger, set, facts));
  CHECK_FALSE(fires(ledger, set, other));
}

}  // namespace
}  // namespace sanad::tests
