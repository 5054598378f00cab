// What a script may expect of the members: figures, facts, stillness.
#include <algorithm>

#include "simulation/play.h"

namespace sanad::simulation {

using namespace consensus;

namespace {

const std::vector<std::string> kFigures = {"final", "view", "timeout", "missing"};
const std::vector<std::string> kFacts = {"nullified", "notarized", "finalized", "ordered",
                                         "block",     "vote",      "sent",      "refused",
                                         "evidence",  "alarm"};
const std::vector<std::string> kStill = {"stalled", "quiet"};

const std::map<std::string, Errc>& refusals() {
  static const std::map<std::string, Errc> kNames = {
      {"outside-window", Errc::kOutsideWindow},   {"not-needed", Errc::kNotNeeded},
      {"not-the-sender", Errc::kNotTheSender},    {"bad-signer-count", Errc::kBadSignerCount},
      {"bad-signature", Errc::kBadSignature},     {"not-the-leader", Errc::kNotTheLeader},
      {"header-mismatch", Errc::kHeaderMismatch}, {"not-asked-for", Errc::kNotAskedFor}};
  return kNames;
}

std::uint64_t figure_of(const std::string& name, const Stage& stage, MemberIndex member) {
  if (name == "final") return stage.ledger(member).size();
  const CoreStatus status = stage.status(member);
  if (name == "view") return status.view;
  return name == "timeout" ? status.timeout_ms : status.missing_batches;
}

bool carries(const Finalized& block, const std::vector<BatchRef>& refs) {
  return block.header.batches == refs;
}

bool orders(const std::vector<Finalized>& ledger, const BatchRef& ref) {
  return std::any_of(ledger.begin(), ledger.end(), [&ref](const Finalized& block) {
    const auto& refs = block.header.batches;
    return std::find(refs.begin(), refs.end(), ref) != refs.end();
  });
}

template <class Predicate>
bool holds_at(const std::vector<MemberIndex>& members, bool any, Predicate holds) {
  return any ? std::any_of(members.begin(), members.end(), holds)
             : std::all_of(members.begin(), members.end(), holds);
}

}  // namespace

std::vector<MemberIndex> Play::live_honest() const {
  std::vector<MemberIndex> members;
  for (MemberIndex member = 0; member < stage_.plan().n; ++member) {
    if (stage_.running(member) && stage_.plan().honest(member)) members.push_back(member);
  }
  return members;
}

// "on 0 1", or all that run.
std::vector<MemberIndex> Play::on_members(Words& words) const {
  const std::vector<MemberIndex> live = live_honest();
  if (!words.take("on")) {
    if (live.empty()) words.fail("expected a member that runs");
    return live;
  }
  std::vector<MemberIndex> members = words.members();
  for (const MemberIndex member : members) {
    if (std::find(live.begin(), live.end(), member) == live.end()) {
      words.fail("expected honest members that run");
    }
  }
  return members;
}

std::string Play::situation() const {
  std::string text;
  for (const MemberIndex member : live_honest()) {
    text += "; member " + std::to_string(member) + ":";
    for (const std::string& name : kFigures) {
      text += " " + name + " " + std::to_string(figure_of(name, stage_, member));
    }
    if (stage_.ledger(member).empty()) continue;
    const BlockHeader& newest = stage_.ledger(member).back().header;
    text += ", newest block of view " + std::to_string(newest.origin_view) + " with";
    for (const auto& [name, ref] : batches_) {
      const bool in =
          std::find(newest.batches.begin(), newest.batches.end(), ref) != newest.batches.end();
      if (in) text += " " + name;
    }
  }
  return text;
}

void Play::expect(Words& words) {
  const bool negated = words.take("not");
  std::vector<std::string> known = kFacts;
  if (!negated) known.insert(known.end(), kFigures.begin(), kFigures.end());
  if (!negated) known.insert(known.end(), kStill.begin(), kStill.end());
  const std::string name = words.one_of("what is expected", known);
  ++figures_.expectations;
  if (name == "stalled" || name == "quiet") return expect_still(words, name == "quiet");
  const bool is_figure = std::find(kFigures.begin(), kFigures.end(), name) != kFigures.end();
  const Question question = is_figure ? figure(words, name) : fact(words, name, negated);
  Micros within = 0;
  if (words.take("within")) {
    if (negated) words.fail("expected the end of the line: \"not\" and \"within\" exclude another");
    within = words.number("milliseconds") * kMillisecond;
  }
  words.finish();
  const bool holds = stage_.run_until(within, question);
  if (holds == negated) words.fail("not so" + situation());
}

// For a while nothing becomes final, or (`votes`) no vote is even sent.
void Play::expect_still(Words& words, bool votes) {
  const Micros span = words.number("milliseconds") * kMillisecond;
  const auto count = [this, votes] {
    if (votes) return stage_.votes();
    std::uint64_t heights = 0;
    for (const MemberIndex member : live_honest()) heights += stage_.ledger(member).size();
    return heights;
  };
  const std::uint64_t before = count();
  stage_.run(span);
  if (count() != before) words.fail("not so" + situation());
}

// NAME [at-least|at-most|exactly] N [on MEMBERS]
Play::Question Play::figure(Words& words, const std::string& name) {
  const bool at_most = words.take("at-most");
  const bool exactly = !at_most && words.take("exactly");
  if (!at_most && !exactly) words.take("at-least");
  const std::uint64_t bound = words.number("how much");
  const std::vector<MemberIndex> members = on_members(words);
  return [=, this] {
    return std::all_of(members.begin(), members.end(), [&](MemberIndex member) {
      const std::uint64_t value = figure_of(name, stage_, member);
      if (exactly) return value == bound;
      return at_most ? value <= bound : value >= bound;
    });
  };
}

// Of several members all must, or (after "not") none may.
Play::Question Play::fact(Words& words, const std::string& name, bool negated) {
  if (name == "block") return block_fact(words);
  if (name == "vote") return vote_fact(words, negated);
  if (name == "sent") return sent_fact(words);
  if (name == "alarm") return alarm_fact(words);
  if (name == "ordered") {
    words.take("batch");
    const BatchRef ref = named_batch(words);
    const std::vector<MemberIndex> members = on_members(words);
    return [=, this] {
      return std::all_of(members.begin(), members.end(),
                         [&](MemberIndex member) { return orders(stage_.ledger(member), ref); });
    };
  }
  if (name == "refused") {
    std::vector<std::string> names;
    for (const auto& [each, code] : refusals()) names.push_back(each);
    const Errc code = refusals().at(words.one_of("why it is refused", names));
    return [=, this] { return stage_.refused(code) > 0; };
  }
  if (name == "evidence") {
    if (!words.take("against")) words.fail("expected \"against\" and a member");
    const MemberIndex member = words.member();
    return [=, this] { return stage_.accused(member); };
  }
  const View view = words.number("a view");
  VoteKind kind = VoteKind::notarize;
  if (name == "nullified") kind = VoteKind::nullify;
  if (name == "finalized") kind = VoteKind::finalize;
  return [=, this] { return stage_.reached(kind, view); };
}

// block H (empty | carries BATCH… | view V), in the longest ledger
Play::Question Play::block_fact(Words& words) {
  const Height height = words.number("a height");
  const std::string what = words.one_of("empty, carries or view", {"empty", "carries", "view"});
  std::vector<BatchRef> refs;
  const View view = what == "view" ? words.number("a view") : 0;
  while (what == "carries" && (refs.empty() || !(words.done() || words.next_is("within"))))
    refs.push_back(named_batch(words));
  return [=, this] {
    for (const MemberIndex member : live_honest()) {
      if (stage_.ledger(member).size() < height || height == 0) continue;
      const Finalized& block = stage_.ledger(member)[height - 1];
      return what == "view" ? block.header.origin_view == view : carries(block, refs);
    }
    return false;
  };
}

// vote KIND V by MEMBERS
Play::Question Play::vote_fact(Words& words, bool negated) {
  const VoteKind kind = vote_kind(words);
  const View view = words.number("a view");
  if (!words.take("by")) words.fail("expected \"by\" and members");
  const std::vector<MemberIndex> members = words.members();
  return [=, this] {
    return holds_at(members, negated,
                    [&](MemberIndex member) { return stage_.voted(member, kind, view); });
  };
}

// sent KIND by MEMBER: at least once since the start
Play::Question Play::sent_fact(Words& words) {
  const std::string kind = words.one_of("what travels", parcel_kinds());
  if (!words.take("by")) words.fail("expected \"by\" and a member");
  const MemberIndex member = words.member();
  return [=, this] { return stage_.sent(kind, member) > 0; };
}

// alarm [naming MEMBERS]
Play::Question Play::alarm_fact(Words& words) {
  std::vector<MemberIndex> named;
  if (words.take("naming")) named = words.members();
  return [=, this] {
    return std::any_of(stage_.alarms().begin(), stage_.alarms().end(),
                       [&](const auto& alarm) { return named.empty() || alarm.leaders == named; });
  };
}

}  // namespace sanad::simulation
