#include <catch2/catch.hpp>

#include "cluster.h"
#include "solo.h"

namespace sanad::consensus {
namespace {

constexpr MemberIndex kForgetful = 3;
const Hash kNonce = crypto::sha256(crypto::as_bytes("this run"));

// A core of four that lost its journal in the first views.
Solo quarantined(bool leaves) {
  Solo solo;
  solo.leaves_quarantine = leaves;
  solo.nonce = kNonce;
  solo.journal = {Silence{}};
  solo.restart();
  return solo;
}

ViewReport report(const Solo& solo, View view, bool in_quarantine = false) {
  ViewReport made{kNonce, in_quarantine, {}, {}};
  if (view > 1) made.entry = solo.keys.certificate(nullify(kFirstEpoch, view - 1));
  return made;
}

std::vector<Silence> silences(const Solo& solo) {
  std::vector<Silence> found;
  for (const Persist& each : solo.all<Persist>()) {
    if (const auto* silence = std::get_if<Silence>(&each.record)) found.push_back(*silence);
  }
  return found;
}

void pass_time(Solo& solo) {
  for (int i = 0; i < 100; ++i) solo.advance(100);
}

}  // namespace

TEST_CASE("R3: a member in quarantine casts no vote of any kind and leads nothing") {
  Solo solo = quarantined(false);
  solo.hold(batch_ref(1, 1));
  solo.nullify(1, 7);  // it leads two of these
  const BlockHeader header = solo.block(8, solo.keys.chain_id, 1, {batch_ref(1, 1)});
  if (solo.leader(8) != solo.self) {
    CHECK(solo.deliver(solo.proposal(header, 0), solo.leader(8)).ok());
  }
  CHECK(
      solo.deliver(solo.keys.certificate(notarize(kFirstEpoch, 8, 0, block_hash(header))), 1).ok());
  pass_time(solo);
  CHECK(solo.core->status().view == 9);
  CHECK(solo.core->status().in_quarantine);
  CHECK(solo.all<CastVote>().empty());
  CHECK(solo.sent<GetView>().empty());  // nobody told it that it may end
}

TEST_CASE("R3: quarantine ends with 2f + 1 fresh reports, two views above the highest") {
  Solo solo = quarantined(true);
  solo.hold(batch_ref(1, 1));
  pass_time(solo);
  REQUIRE_FALSE(solo.sent<GetView>().empty());
  CHECK(solo.sent<GetView>().front().nonce == kNonce);
  CHECK(solo.deliver(report(solo, 5), 1).ok());
  CHECK(solo.deliver(report(solo, 9), 1).ok());  // the same member twice counts once
  CHECK(solo.deliver(report(solo, 4), 2).ok());
  CHECK(silences(solo).empty());
  CHECK(solo.deliver(report(solo, 1), 3).ok());
  REQUIRE(silences(solo) == std::vector{Silence{11}});
  CHECK_FALSE(solo.core->status().in_quarantine);
  pass_time(solo);
  CHECK(solo.core->status().view == 9);
  CHECK(solo.all<CastVote>().empty());
  // Others must not count on it yet: it may have voted above where it stands.
  CHECK(solo.deliver(GetView{kNonce}, 1).ok());
  CHECK(solo.sent<ViewReport>().back().in_quarantine);
  solo.nullify(9, 11);
  CHECK(solo.deliver(GetView{kNonce}, 1).ok());
  CHECK_FALSE(solo.sent<ViewReport>().back().in_quarantine);
  pass_time(solo);
  CHECK(solo.has_cast(VoteKind::nullify, 12));
  for (const CastVote& cast : solo.all<CastVote>()) CHECK(cast.subject.view == 12);
}

TEST_CASE("R3: what is old, unproved, or from another member in quarantine is no report") {
  Solo solo = quarantined(true);
  ViewReport old = report(solo, 2);
  old.nonce = crypto::sha256(crypto::as_bytes("an earlier run"));
  ViewReport forged = report(solo, 900);
  forged.entry->signatures.back().bytes[0] ^= 1;
  for (MemberIndex from = 1; from <= 3; ++from) {
    CHECK(solo.deliver(old, from).ok());
    CHECK(solo.deliver(forged, from).error() == Errc::kBadSignature);
    CHECK(solo.deliver(report(solo, 3, true), from).ok());
  }
  CHECK(silences(solo).empty());
  CHECK(solo.core->status().in_quarantine);
}

TEST_CASE("R3: quarantine, and the views it forbids, survive restarts and new journals") {
  Solo solo = quarantined(true);
  solo.hold(batch_ref(1, 1));
  solo.restart();
  CHECK(solo.core->status().in_quarantine);
  for (MemberIndex from = 1; from <= 3; ++from) CHECK(solo.deliver(report(solo, 6), from).ok());
  REQUIRE_FALSE(solo.core->status().in_quarantine);
  if (GENERATE(false, true)) solo.journal = solo.core->snapshot();
  solo.restart();
  solo.hold(batch_ref(1, 1));
  CHECK_FALSE(solo.core->status().in_quarantine);
  pass_time(solo);
  CHECK(solo.all<CastVote>().empty());
  CHECK(solo.core->status().view == 6);
}

TEST_CASE("R3: a report is refused where none was asked for, and answered where one is") {
  Solo solo;
  solo.start();
  CHECK(solo.deliver(report(solo, 4), 1).error() == Errc::kNotNeeded);
  solo.nullify(1, 4);
  solo.clear();
  CHECK(solo.deliver(GetView{kNonce}, 2).ok());
  REQUIRE(solo.sent<ViewReport>().size() == 1);
  const ViewReport answer = solo.sent<ViewReport>().front();
  CHECK(answer.nonce == kNonce);
  CHECK_FALSE(answer.in_quarantine);
  REQUIRE(answer.entry);
  CHECK(answer.entry->subject.view == 4);
  CHECK_FALSE(answer.finalization);
  for (int i = 0; i < 200; ++i) CHECK(solo.deliver(GetView{kNonce}, 2).ok());
  CHECK(solo.sent<ViewReport>().size() <= solo.limits.serves_per_peer_max);
}

// The cluster checks of every vote of a member's whole life that it contradicts none before it.
TEST_CASE("R3: a member that lost its journal under load comes back and contradicts nothing") {
  const std::size_t n = GENERATE(4U, 7U);
  Cluster cluster(n, 10);
  cluster.start_all();
  std::uint64_t seq = 0;
  const auto load = [&](int batches) {
    for (int i = 0; i < batches; ++i) {
      cluster.submit(batch_ref(0, ++seq));
      cluster.run_for(20);
    }
  };
  load(20);
  cluster.crash(kForgetful);
  cluster.lose_journal(kForgetful);
  cluster.start(kForgetful);
  load(10);
  cluster.run_for(3'000);
  const auto& node = cluster.nodes[kForgetful];
  CHECK_FALSE(node.core->status().in_quarantine);
  const std::size_t votes = node.life.size();
  load(20);
  cluster.run_for(3'000);
  CHECK(node.life.size() > votes);
  CHECK(cluster.everywhere(batch_ref(0, seq)));
}

TEST_CASE("R3: two of four that forgot stay silent: more than f may have been forgotten") {
  Cluster cluster(4, 10);
  cluster.start_all();
  cluster.submit(batch_ref(0, 1));
  cluster.run_for(500);
  for (MemberIndex member = 2; member <= 3; ++member) {
    cluster.crash(member);
    cluster.lose_journal(member);
    cluster.start(member);
  }
  cluster.submit(batch_ref(0, 2));
  cluster.run_for(20'000);
  CHECK_FALSE(cluster.executed(0, batch_ref(0, 2)));
  CHECK(cluster.nodes[2].core->status().in_quarantine);
  CHECK(cluster.nodes[3].core->status().in_quarantine);
}

}  // namespace sanad::consensus
