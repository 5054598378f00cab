#include "simulation/play.h"

#include <algorithm>

namespace sanad::simulation {

using namespace consensus;

namespace {

const std::map<std::string, Traitor>& traitor_names() {
  static const std::map<std::string, Traitor> kNames = {{"silent", Traitor::kSilent},
                                                        {"equivocator", Traitor::kEquivocator}};
  return kNames;
}

template <class Value>
std::vector<std::string> keys_of(const std::map<std::string, Value>& names) {
  std::vector<std::string> keys;
  for (const auto& [name, value] : names) keys.push_back(name);
  return keys;
}

}  // namespace

VoteKind vote_kind(Words& words) {
  const std::string name = words.one_of("a kind of vote", {"notarize", "nullify", "finalize"});
  if (name == "nullify") return VoteKind::nullify;
  return name == "notarize" ? VoteKind::notarize : VoteKind::finalize;
}

Play::Play(const Script& script, std::function<void(const std::string&)> trace)
    : script_(script), stage_(std::move(trace)) {}

const std::vector<Play::Command>& Play::commands() {
  static const std::vector<Command> kCommands = {{"members", true, &Play::members},
                                                 {"delay", true, &Play::delay},
                                                 {"sync", true, &Play::sync},
                                                 {"traitor", true, &Play::traitor},
                                                 {"heartbeat", true, &Play::heartbeat},
                                                 {"run", false, &Play::run_for},
                                                 {"batch", false, &Play::batch},
                                                 {"load", false, &Play::load},
                                                 {"want", false, &Play::want},
                                                 {"measured", false, &Play::measured},
                                                 {"partition", false, &Play::partition},
                                                 {"heal", false, &Play::heal},
                                                 {"crash", false, &Play::crash},
                                                 {"restart", false, &Play::restart},
                                                 {"forget", false, &Play::forget},
                                                 {"power-cut", false, &Play::power_cut},
                                                 {"deliver", false, &Play::deliver},
                                                 {"hold", false, &Play::hold},
                                                 {"release", false, &Play::release},
                                                 {"lead", false, &Play::lead},
                                                 {"forge", false, &Play::forge},
                                                 {"checkpoints", false, &Play::checkpoints},
                                                 {"expect", false, &Play::expect}};
  return kCommands;
}

const Play::Command& Play::command_named(const Script& script, const Line& line) {
  std::vector<std::string> names;
  for (const Command& command : commands()) {
    if (command.name == line.words[0]) return command;
    names.push_back(command.name);
  }
  fail_at(script, line.number,
          "expected a command, not \"" + line.words[0] + "\"; nearest is \"" +
              nearest(line.words[0], names) + "\"");
}

Play::Figures Play::run() {
  for (const Line& line : script_.lines) command_named(script_, line);  // before anything runs
  for (const Line& line : script_.lines) {
    try {
      play(line);
    } catch (const Violation& violation) {
      fail_at(script_, line.number, std::string("broken invariant: ") + violation.what());
    }
  }
  require_hits();
  for (MemberIndex member = 0; member < stage_.plan().n; ++member) {
    figures_.height = std::max<Height>(figures_.height, stage_.ledger(member).size());
  }
  figures_.time = stage_.now();
  return figures_;
}

void Play::play(const Line& line) {
  const Command& command = command_named(script_, line);
  if (command.before_begin && stage_.begun()) {
    fail_at(script_, line.number, "expected \"" + command.name + "\" above all that runs");
  }
  if (!command.before_begin && !stage_.begun()) stage_.begin();
  Words words(script_, line, stage_.plan().n);
  (this->*command.play)(words);
  words.finish();
  ++figures_.commands;
  if (stage_.begun()) stage_.check();
}

// No fault that did nothing, no script that expects nothing.
void Play::require_hits() {
  const std::size_t last = script_.lines.back().number;
  if (figures_.expectations == 0) fail_at(script_, last, "expected at least one \"expect\"");
  stage_.end();
  if (!stage_.idle_faults().empty()) {
    fail_at(script_, stage_.idle_faults().front(), "this fault never hit anything");
  }
  for (MemberIndex member = 0; member < stage_.plan().n; ++member) {
    if (stage_.plan().honest(member) || stage_.attacked(member)) continue;
    fail_at(script_, last, "traitor " + std::to_string(member) + " never attacked");
  }
}

// ---------------------------------------------------------------------------- the world

void Play::members(Words& words) {
  const std::uint64_t n = words.number("how many members");
  if (n < 4 || n > 7) words.fail("expected 4 to 7 members");
  stage_.plan().n = n;
  stage_.plan().traitors.assign(n, Traitor::kNone);
}

void Play::delay(Words& words) {
  NetworkPlan& network = stage_.plan().network;
  network.delay_min = network.delay_max = words.number("milliseconds one way") * kMillisecond;
}

void Play::sync(Words& words) {
  Plan& plan = stage_.plan();
  plan.disk_sync_min = plan.disk_sync_max = words.number("milliseconds of a sync") * kMillisecond;
  if (plan.disk_sync_max == 0) words.fail("expected a sync to take 1 ms at least");
}

void Play::traitor(Words& words) {
  const MemberIndex member = words.member();
  const std::string name = words.one_of("a traitor", keys_of(traitor_names()));
  std::vector<Traitor>& traitors = stage_.plan().traitors;
  traitors[member] = traitor_names().at(name);
  const auto honest = std::count(traitors.begin(), traitors.end(), Traitor::kNone);
  if (traitors.size() - static_cast<std::size_t>(honest) > stage_.plan().f()) {
    words.fail("expected at most " + std::to_string(stage_.plan().f()) + " traitors");
  }
}

void Play::heartbeat(Words& words) {
  stage_.plan().heartbeat = words.one_of("on or off", {"on", "off"}) == "on";
}

// ---------------------------------------------------------------------------- time and work

void Play::run_for(Words& words) { stage_.run(words.number("milliseconds") * kMillisecond); }

void Play::name_batch(Words& words, const std::string& name, const BatchRef& ref) {
  if (!batches_.emplace(name, ref).second) words.fail("expected a new name, not \"" + name + "\"");
}

BatchRef Play::named_batch(Words& words) const {
  if (batches_.empty()) words.fail("expected a batch above this line");
  return batches_.at(words.one_of("a batch", keys_of(batches_)));
}

void Play::batch(Words& words) {
  const MemberIndex author = words.member();
  if (!stage_.running(author)) words.fail("expected a member that runs");
  std::string name = "b" + std::to_string(batches_.size() + 1);
  if (words.take("as")) name = words.word("a name");
  std::vector<MemberIndex> to;
  if (!words.take("only")) {
    for (MemberIndex member = 0; member < stage_.plan().n; ++member) to.push_back(member);
  } else if (!words.done()) {
    if (!words.take("to")) words.fail("expected \"to\" and members, or nothing, after \"only\"");
    to = words.members();
  }
  name_batch(words, name, stage_.pack(author, to));
}

// Authors pack in turn, as time goes by.
void Play::load(Words& words) {
  const std::vector<MemberIndex> authors = words.members();
  if (!words.take("every")) words.fail("expected \"every\" and milliseconds after the authors");
  const std::uint64_t interval_ms = words.number("milliseconds between batches");
  if (!words.take("for")) words.fail("expected \"for\" and milliseconds");
  const std::uint64_t span_ms = words.number("milliseconds in all");
  if (interval_ms == 0 || span_ms < interval_ms) words.fail("expected one batch at least");
  std::vector<MemberIndex> all;
  for (MemberIndex member = 0; member < stage_.plan().n; ++member) all.push_back(member);
  for (std::uint64_t i = 0; i < span_ms / interval_ms; ++i) {
    const MemberIndex author = authors[i % authors.size()];
    if (!stage_.running(author)) words.fail("expected authors that run");
    name_batch(words, "b" + std::to_string(batches_.size() + 1), stage_.pack(author, all));
    stage_.run(interval_ms * kMillisecond);
  }
}

void Play::want(Words& words) { stage_.want_blocks(words.number("a height")); }

void Play::measured(Words& words) { stage_.measured(words.number("milliseconds one way")); }

// ---------------------------------------------------------------------------- faults

void Play::partition(Words& words) {
  Sides sides{words.line(), std::vector<std::size_t>(stage_.plan().n, stage_.plan().n), false, 0};
  for (std::size_t side = 0;; ++side) {
    for (const MemberIndex member : words.members()) {
      if (sides.side[member] != stage_.plan().n) words.fail("expected each member once");
      sides.side[member] = side;
    }
    if (words.done()) break;
    const bool one_way = words.take(">");
    if (!one_way && !words.take("|")) words.fail("expected | between sides, or > for one way");
    if (one_way && side > 0) words.fail("expected two sides with >");
    sides.one_way = sides.one_way || one_way;
  }
  if (std::count(sides.side.begin(), sides.side.end(), stage_.plan().n) > 0) {
    words.fail("expected every member on one of the sides");
  }
  stage_.part(std::move(sides));
}

void Play::heal(Words& words) {
  if (!stage_.heal()) words.fail("expected a partition above this line");
}

void Play::crash(Words& words) {
  for (const MemberIndex member : words.members()) {
    if (!stage_.running(member)) words.fail("expected a member that runs, not a dead one");
    stage_.crash(member);
  }
}

void Play::restart(Words& words) {
  for (const MemberIndex member : words.members()) {
    if (stage_.running(member)) words.fail("expected a member that is down");
    stage_.restart(member);
  }
}

void Play::forget(Words& words) {
  for (const MemberIndex member : words.members()) {
    if (stage_.running(member)) words.fail("expected a member that is down");
    stage_.forget(member);
  }
}

void Play::power_cut(Words&) { stage_.power_cut(); }

WireRule Play::wire_rule(Words& words, WireRule::Fate fate) const {
  WireRule rule;
  rule.line = words.line();
  rule.fate = fate;
  rule.from = words.members_option("from");
  rule.to = words.members_option("to");
  rule.view = words.number_option("view");
  return rule;
}

namespace {

// Kinds between commas; "all" is any.
std::vector<std::string> parse_kinds(Words& words, const std::string& list) {
  if (list == "all") return {};
  std::vector<std::string> kinds = split_at_commas(list);
  for (const std::string& kind : kinds) {
    const auto& known = parcel_kinds();
    if (std::find(known.begin(), known.end(), kind) != known.end()) continue;
    words.fail("expected what travels, not \"" + kind + "\"; nearest is \"" + nearest(kind, known) +
               "\"");
  }
  if (kinds.empty()) words.fail("expected what travels");
  return kinds;
}

}  // namespace

void Play::deliver(Words& words) {
  if (words.take("everything")) {
    if (!stage_.clear()) words.fail("expected drop= or late= above this line");
    return;
  }
  const auto dropped = words.option("drop");
  const auto late = words.option("late");
  if (dropped.has_value() == late.has_value()) {
    words.fail("expected everything, drop=KINDS, or late=KINDS by=MS");
  }
  WireRule rule = wire_rule(words, dropped ? WireRule::Fate::kDrop : WireRule::Fate::kDelay);
  rule.kinds = parse_kinds(words, dropped ? *dropped : *late);
  if (late) {
    const auto by = words.number_option("by");
    if (!by) words.fail("expected by=MS beside late=");
    rule.delay = *by * kMillisecond + stage_.plan().network.delay_max;
  }
  stage_.add(std::move(rule));
}

void Play::hold(Words& words) {
  const std::string kinds = words.word("what travels");
  WireRule rule = wire_rule(words, WireRule::Fate::kHold);
  rule.kinds = parse_kinds(words, kinds);
  stage_.add(std::move(rule));
}

void Play::release(Words& words) {
  if (!stage_.release()) words.fail("expected hold above this line");
}

void Play::lead(Words& words) {
  const MemberIndex member = words.member();
  if (!stage_.running(member)) words.fail("expected a member that runs");
  stage_.can_lead(member, words.one_of("on or off", {"on", "off"}) == "on");
}

void Play::checkpoints(Words& words) {
  stage_.cosign(words.one_of("on or off", {"on", "off"}) == "on");
}

// ---------------------------------------------------------------------------- forgeries

void Play::forge(Words& words) {
  const std::string what = words.one_of(
      "what is forged", {"proposal", "vote", "certificate", "relay", "announce", "twins"});
  Stage::Forgery forgery;
  const auto by = words.members_option("by");
  if (by.size() != 1) words.fail("expected by=MEMBER");
  forgery.by = by.front();
  if (stage_.plan().traitors[forgery.by] != Traitor::kSilent) {
    words.fail("expected a member that is a silent traitor");
  }
  forgery.to = words.members_option("to");
  if (what == "proposal") return forge_proposal(words, forgery);
  if (what == "vote") return forge_vote(words, forgery);
  if (what == "certificate") return forge_certificate(words, forgery);
  if (what == "relay") return forge_relay(words, forgery);
  if (what == "announce") return stage_.forge_announce(forgery, words.number("how many batches"));
  forge_twins(words, forgery.by);
}

void Play::forge_proposal(Words& words, Stage::Forgery& forgery) {
  forgery.view = words.number("a view");
  const auto parent = words.number_option("parent");
  if (!parent || *parent >= forgery.view) words.fail("expected parent=VIEW, a lower view");
  const std::string fault = words.option("fault").value_or("");
  const auto& known = Stage::proposal_faults();
  if (!fault.empty() && std::find(known.begin(), known.end(), fault) == known.end()) {
    words.fail("expected a fault, not \"" + fault + "\"; nearest is \"" + nearest(fault, known) +
               "\"");
  }
  stage_.forge_proposal(forgery, *parent, fault);
}

void Play::forge_vote(Words& words, Stage::Forgery& forgery) {
  forgery.kind = vote_kind(words);
  forgery.view = words.number("a view");
  const auto signature = words.option("signature");
  if (signature && *signature != "bad") words.fail("expected signature=bad");
  stage_.forge_vote(forgery, signature.has_value());
}

void Play::forge_certificate(Words& words, Stage::Forgery& forgery) {
  forgery.kind = vote_kind(words);
  forgery.view = words.number("a view");
  const auto claims = words.members_option("claims");
  if (claims.empty()) words.fail("expected claims=MEMBERS");
  stage_.forge_certificate(forgery, claims);
}

void Play::forge_relay(Words& words, Stage::Forgery& forgery) {
  forgery.kind = vote_kind(words);
  forgery.view = words.number("a view");
  const auto of = words.members_option("of");
  if (of.size() != 1) words.fail("expected of=MEMBER, whose vote it is");
  if (!stage_.relay_vote(forgery, of.front())) words.fail("expected a vote that was sent");
}

void Play::forge_twins(Words& words, MemberIndex by) {
  if (!words.take("as")) words.fail("expected \"as\" and two names");
  const std::string first = words.word("a name");
  const std::string second = words.word("a second name");
  const auto [one, other] = stage_.forge_twins(by);
  name_batch(words, first, one);
  name_batch(words, second, other);
}

}  // namespace sanad::simulation
