// W3 on whole networks without a heartbeat: work that only some members know must reach the others
// by itself, or the network stands still.
#include "consensus/dissemination.h"

#include <catch2/catch.hpp>

#include "cluster.h"

namespace sanad::consensus {
namespace {

// No empty blocks: nothing but announcements can wake the others.
Limits without_heartbeat() {
  Limits limits;
  limits.heartbeat_ms = 100'000'000;
  return limits;
}

struct Idle : Cluster {
  explicit Idle(std::size_t members = 4) : Cluster(members, 10, without_heartbeat()) {
    start_all();
    run_for(3'000);
  }
  [[nodiscard]] MemberIndex leader(View view) const { return committee.leader(view); }
  [[nodiscard]] bool all_are_in(View view) const {
    for (const Node& node : nodes) {
      if (node.core != nullptr && node.core->status().view != view) return false;
    }
    return true;
  }
};

Cluster::Filter proposals_of(MemberIndex leader) {
  return [leader](MemberIndex from, MemberIndex, const Message& message) {
    return from == leader && std::holds_alternative<Proposal>(message);
  };
}

}  // namespace

TEST_CASE("W3: a batch and its author's proposal that reached nobody are told of again") {
  Idle cluster(GENERATE(4U, 7U));
  const MemberIndex author = cluster.leader(1);
  const BatchRef ref = batch_ref(author, 1);
  // The proposal never arrives, however often it is sent.
  cluster.lost = proposals_of(author);
  cluster.submit(ref, {author});
  cluster.run_for(3'000);
  REQUIRE(cluster.everywhere(ref));
}

TEST_CASE("W3: what only a nullified proposal referenced is work that must be announced") {
  Idle cluster(GENERATE(4U, 7U));
  const MemberIndex author = cluster.leader(1);
  const BatchRef ref = batch_ref(author, 1);
  const BatchRef other = batch_ref(cluster.leader(2), 1);
  cluster.lost = [author](MemberIndex from, MemberIndex, const Message& message) {
    return from == author &&
           (std::holds_alternative<Proposal>(message) || std::holds_alternative<Announce>(message));
  };
  cluster.submit(ref, {author});
  cluster.run_for(1);
  // The others know of other work, give the view up, and order that.
  for (MemberIndex member = 0; member < cluster.n(); ++member) {
    if (member != author) cluster.submit(other, {member});
  }
  cluster.run_for(1'500);
  REQUIRE(cluster.executed(author, other));
  REQUIRE_FALSE(cluster.executed(author, ref));
  cluster.lost = nullptr;
  cluster.run_for(3'000);
  REQUIRE(cluster.everywhere(ref));
}

TEST_CASE("W3: a member that passed its lost proposal's view by a finalization announces") {
  Idle cluster(4);
  const MemberIndex author = cluster.leader(1);
  const BatchRef ref = batch_ref(author, 1);
  const BatchRef other = batch_ref(cluster.leader(2), 1);
  // The author is cut off while the others nullify its view and finalise a later one.
  cluster.lost = [author](MemberIndex from, MemberIndex to, const Message&) {
    return from == author || to == author;
  };
  cluster.submit(ref, {author});
  cluster.run_for(1);
  for (MemberIndex member = 0; member < 4; ++member) {
    if (member != author) cluster.submit(other, {member});
  }
  cluster.run_for(2'500);
  // It hears of the finalization alone, and never gets the nullification of its view.
  cluster.lost = [](MemberIndex, MemberIndex, const Message& message) {
    const auto* certificate = std::get_if<Certificate>(&message);
    return certificate != nullptr && certificate->subject.kind == VoteKind::nullify &&
           certificate->subject.view == 1;
  };
  cluster.run_for(8'000);
  REQUIRE(cluster.everywhere(other));
  REQUIRE(cluster.everywhere(ref));
}

TEST_CASE("W3: a proposal that one member alone saw before its leader died is not enough") {
  Idle cluster(4);
  const MemberIndex author = cluster.leader(1);
  const MemberIndex knows = cluster.leader(3);
  const BatchRef ref = batch_ref(author, 1);
  cluster.lost = [=](MemberIndex from, MemberIndex to, const Message& message) {
    return from == author && to != knows && std::holds_alternative<Proposal>(message);
  };
  cluster.submit(ref, {author, knows});
  cluster.run_for(15);
  cluster.crash(author);
  cluster.lost = nullptr;
  cluster.run_for(5'000);
  REQUIRE(cluster.everywhere(ref));
}

TEST_CASE("W3: f + 1 members that hold a notarized block's batch wake those that do not") {
  Idle cluster(7);
  const std::set<MemberIndex> dead = {cluster.leader(1), cluster.leader(2)};
  const std::set<MemberIndex> lacking = {cluster.leader(3), cluster.leader(4)};
  const BatchRef ref = batch_ref(cluster.leader(1), 1);
  // Two members see no proposal; all see the notarization, and no finalize vote arrives.
  cluster.lost = [=](MemberIndex, MemberIndex to, const Message& message) {
    const auto* vote = std::get_if<Vote>(&message);
    if (vote != nullptr && vote->subject.kind == VoteKind::finalize) return true;
    return lacking.contains(to) && std::holds_alternative<Proposal>(message);
  };
  for (MemberIndex member = 0; member < 7; ++member) {
    if (!lacking.contains(member)) cluster.submit(ref, {member});
  }
  cluster.run_for(35);
  REQUIRE(cluster.all_are_in(2));
  for (const MemberIndex member : dead) cluster.crash(member);
  cluster.lost = nullptr;
  cluster.run_for(8'000);
  REQUIRE(cluster.everywhere(ref));
}

TEST_CASE("W3: who announces a batch and does not give it away keeps nobody from the next") {
  Idle cluster(4);
  const MemberIndex liar = cluster.leader(2);
  const MemberIndex holder = cluster.leader(3);
  const BatchRef ref = batch_ref(holder, 1);
  for (MemberIndex to = 0; to < 4; ++to) {
    if (to != liar) cluster.inject(liar, to, Announce{{ref}});
  }
  cluster.nodes[liar].mute = true;
  cluster.run_for(20);
  cluster.submit(ref, {holder});
  cluster.run_for(5'000);
  REQUIRE(cluster.everywhere(ref));
}

TEST_CASE("W3: the only work after a long silence is final soon, whoever has it") {
  const auto author = static_cast<MemberIndex>(GENERATE(0, 1, 2, 3));
  const std::uint64_t deaf_ms = GENERATE(15U, 150U, 700U);
  Idle cluster(4);
  cluster.run_for(30'000);
  const BatchRef ref = batch_ref(author, 1);
  cluster.lost = [author](MemberIndex from, MemberIndex, const Message&) { return from == author; };
  cluster.submit(ref, {author});
  cluster.run_for(deaf_ms);
  cluster.lost = nullptr;
  cluster.run_for(5'000);
  REQUIRE(cluster.everywhere(ref));
}

TEST_CASE("B6: a clock that was set back hides no batch behind one that seems newer") {
  const Limits limits;
  Dissemination batches(limits, 0);
  const BatchRef by_wrong_clock = batch_ref(1, 1);
  const BatchRef passed_over = batch_ref(1, 2);
  const BatchRef too_new = batch_ref(1, 3);
  batches.hold(by_wrong_clock, 1, 9'000'000);
  batches.hold(passed_over, 2, 1'000);
  batches.hold(too_new, 10, 1'500);
  REQUIRE(batches.suspects(10, 2'000) == std::vector{passed_over});
  REQUIRE(batches.suspects(10, 2'000).empty());  // each once
  REQUIRE(batches.suspects(11, 9'000'001) == std::vector{by_wrong_clock, too_new});
}

TEST_CASE("W3: a resend announces what no proposal referenced, then the rest, never too much") {
  const Limits limits;
  Dissemination batches(limits, 0);
  std::vector<BatchRef> refs;
  for (std::uint64_t i = 0; i < kAnnouncedMax; ++i) {
    refs.push_back(batch_ref(1, i));
    batches.hold(refs.back(), 1, 0);
  }
  const std::vector<BatchRef> proposed(refs.begin(), refs.begin() + 3);
  batches.referenced(proposed, 7);
  std::vector<BatchRef> expected(refs.begin() + 3, refs.end());
  REQUIRE(batches.unreferenced() == expected);
  expected.insert(expected.end(), proposed.begin(), proposed.end());
  REQUIRE(batches.unfinalised() == expected);

  batches.hold(batch_ref(2, 1), 1, 0);
  batches.hold(batch_ref(2, 2), 1, 0);
  expected.resize(kAnnouncedMax - 3);
  expected.insert(expected.end(), {batch_ref(2, 1), batch_ref(2, 2), proposed[0]});
  REQUIRE(batches.unfinalised() == expected);
  // A final block's batches are work no longer.
  batches.ordered(refs, {});
  REQUIRE(batches.unfinalised() == std::vector{batch_ref(2, 1), batch_ref(2, 2)});
}

}  // namespace sanad::consensus
