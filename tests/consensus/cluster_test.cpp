#include "cluster.h"

#include <catch2/catch.hpp>

namespace sanad::consensus {
namespace {

// The members that are not f + 1 … n − 1: a bare quorum.
std::vector<MemberIndex> all_but_last_f(const Cluster& cluster) {
  std::vector<MemberIndex> members;
  for (std::size_t i = 0; i < cluster.committee.quorum(); ++i) {
    members.push_back(static_cast<MemberIndex>(i));
  }
  return members;
}

}  // namespace

TEST_CASE("a batch becomes final at every member within three delays of its proposal") {
  const std::size_t n = GENERATE(1U, 4U, 7U);
  Cluster cluster(n, 20);
  cluster.start_all();
  cluster.run_for(3'000);
  REQUIRE(cluster.nodes[0].ledger.empty());  // W1: idle is silent
  const BatchRef ref = batch_ref(0, 1);
  cluster.submit(ref);
  cluster.run_for(61);
  REQUIRE(cluster.everywhere(ref));
  for (const auto& node : cluster.nodes) REQUIRE(node.core->status().view == 2);
}

TEST_CASE("under steady load every view carries a block and none is nullified") {
  const std::size_t n = GENERATE(4U, 7U);
  Cluster cluster(n, 10);
  cluster.start_all();
  std::vector<BatchRef> refs;
  for (std::uint64_t i = 0; i < 200; ++i) {
    refs.push_back(batch_ref(static_cast<MemberIndex>(i % n), i / n));
    cluster.submit(refs.back());
    cluster.run_for(10);
  }
  cluster.run_for(500);
  for (const BatchRef& ref : refs) REQUIRE(cluster.everywhere(ref));
  for (const auto& node : cluster.nodes) {
    REQUIRE(node.core->status().nullified_views == 0);
    REQUIRE(node.core->status().held_batches == 0);
    // A clean view is never skipped: heights follow views.
    REQUIRE(node.ledger.back().header.origin_view == node.ledger.back().header.height);
    REQUIRE(node.core->status().unfinalised_blocks <= 2);
  }
}

TEST_CASE("W1: after the heartbeat one empty block is made, and then there is silence again") {
  Cluster cluster(4, 10);
  cluster.start_all();
  cluster.run_for(9'900);
  REQUIRE(cluster.nodes[0].ledger.empty());
  cluster.run_for(2'000);
  for (const auto& node : cluster.nodes) {
    REQUIRE(node.ledger.size() == 1);
    REQUIRE(node.ledger[0].header.batches.empty());
  }
  cluster.run_for(9'000);
  REQUIRE(cluster.nodes[0].ledger.size() <= 2);
}

TEST_CASE("W1: a draw that waits for its beacon is work until its height is final") {
  Cluster cluster(4, 10);
  cluster.start_all();
  cluster.run_for(100);
  for (MemberIndex member = 0; member < 4; ++member) cluster.input(member, BlocksWanted{3});
  cluster.run_for(1'000);
  for (const auto& node : cluster.nodes) REQUIRE(node.ledger.size() == 3);
}

TEST_CASE("silent members: f of them never stop a batch, wherever they lead") {
  const std::size_t n = GENERATE(4U, 7U);
  Cluster cluster(n, 10);
  const std::vector<MemberIndex> up = all_but_last_f(cluster);
  for (const MemberIndex member : up) cluster.start(member);
  for (std::uint64_t i = 0; i < 3 * n; ++i) {
    const BatchRef ref = batch_ref(up[i % up.size()], i);
    cluster.submit(ref, up);
    cluster.run_for(1'000);
    REQUIRE(cluster.everywhere(ref));
  }
}

TEST_CASE("L2: a leader that fell silent is skipped without waiting for its timeout") {
  Cluster cluster(4, 10);
  cluster.start_all();
  cluster.run_for(100);
  cluster.crash(2);
  cluster.run_for(4'000);
  std::uint64_t slowest_ms = 0;
  for (std::uint64_t i = 0; i < 12; ++i) {
    const BatchRef ref = batch_ref(0, i);
    const std::uint64_t begun_ms = cluster.now_ms;
    cluster.submit(ref, {0, 1, 3});
    while (!cluster.everywhere(ref)) cluster.run_for(1);
    slowest_ms = std::max(slowest_ms, cluster.now_ms - begun_ms);
  }
  REQUIRE(slowest_ms <= 60);  // one delay for the nullification, one for a late proposal, 3 + 1
}

TEST_CASE("fewer than a quorum never finalise, and go on when the quorum is back") {
  const std::size_t n = GENERATE(4U, 7U);
  Cluster cluster(n, 10);
  const std::size_t few = cluster.committee.quorum() - 1;
  for (MemberIndex member = 0; member < few; ++member) cluster.start(member);
  const BatchRef ref = batch_ref(0, 1);
  cluster.submit(ref);
  cluster.run_for(30'000);
  for (const auto& node : cluster.nodes) REQUIRE(node.ledger.empty());
  cluster.start(static_cast<MemberIndex>(few));
  cluster.run_for(10'000);
  REQUIRE(cluster.everywhere(ref));
}

TEST_CASE("a partition: the majority goes on, the rest catches up by itself") {
  const std::size_t n = GENERATE(4U, 7U);
  Cluster cluster(n, 10);
  cluster.start_all();
  const auto alone = static_cast<MemberIndex>(n - 1);
  cluster.lost = [alone](MemberIndex from, MemberIndex to, const Message&) {
    return from == alone || to == alone;
  };
  std::vector<BatchRef> refs;
  for (std::uint64_t i = 0; i < 150; ++i) {
    refs.push_back(batch_ref(0, i));
    for (MemberIndex member = 0; member < alone; ++member) cluster.submit(refs.back(), {member});
    cluster.run_for(100);
  }
  REQUIRE(cluster.nodes[alone].ledger.empty());
  REQUIRE(cluster.nodes[0].ledger.size() > 100);  // more than one reply holds
  cluster.lost = nullptr;
  cluster.run_for(5'000);
  for (const BatchRef& ref : refs) REQUIRE(cluster.executed(0, ref));
  REQUIRE(cluster.nodes[alone].ledger.size() == cluster.nodes[0].ledger.size());
  // The executor of the late one fetches what it ordered.
  for (const BatchRef& ref : refs) REQUIRE(cluster.nodes[alone].batches.contains(ref.digest));
}

TEST_CASE("F4: a member catches up over more blocks than an answer holds without a finalization") {
  Cluster cluster(4, 10);
  for (MemberIndex member = 0; member < 3; ++member) cluster.start(member);
  auto grow = [&cluster, next = std::uint64_t{0}](std::uint64_t blocks) mutable {
    for (const std::uint64_t end = next + blocks; next < end; ++next) {
      cluster.submit(batch_ref(0, next));
      cluster.run_for(3'000);
    }
  };
  grow(5);
  // Blocks are notarized, and their finalizations do not come about.
  cluster.lost = [](MemberIndex, MemberIndex, const Message& message) {
    const auto* vote = std::get_if<Vote>(&message);
    const auto* certificate = std::get_if<Certificate>(&message);
    return (vote != nullptr && vote->subject.kind == VoteKind::finalize) ||
           (certificate != nullptr && certificate->subject.kind == VoteKind::finalize);
  };
  const std::size_t before = cluster.nodes[0].ledger.size();
  grow(150);
  REQUIRE(cluster.nodes[0].ledger.size() == before);
  cluster.lost = nullptr;
  grow(kBlocksPerReplyMax + 10);  // the run is only in the ledger now
  const std::vector<Finalized>& ledger = cluster.nodes[0].ledger;
  std::size_t run = 0;
  while (ledger[before + run].finalization.subject.block != ledger[before + run].hash) ++run;
  REQUIRE(run > 2 * kBlocksPerReplyMax);

  cluster.start(3);
  bool crashed = false;
  for (int step = 0; step < 600; ++step) {
    cluster.run_for(10);
    // Once in the middle of the run.
    if (!crashed && cluster.nodes[3].core->status().unfinalised_blocks > kBlocksPerReplyMax) {
      cluster.crash(3);
      cluster.start(3);
      crashed = true;
    }
  }
  REQUIRE(crashed);
  REQUIRE(cluster.nodes[3].ledger.size() == ledger.size());
}

TEST_CASE("split halves heal and agree") {
  Cluster cluster(4, 10);
  cluster.start_all();
  const BatchRef before = batch_ref(0, 0);
  cluster.submit(before);
  cluster.run_for(500);
  cluster.lost = [](MemberIndex from, MemberIndex to, const Message&) {
    return (from < 2) != (to < 2);
  };
  const BatchRef left = batch_ref(0, 1);
  const BatchRef right = batch_ref(3, 1);
  cluster.submit(left, {0, 1});
  cluster.submit(right, {2, 3});
  cluster.run_for(60'000);
  REQUIRE_FALSE(cluster.executed(0, left));
  REQUIRE_FALSE(cluster.executed(3, right));
  cluster.lost = nullptr;
  cluster.run_for(30'000);
  REQUIRE(cluster.everywhere(left));
  REQUIRE(cluster.everywhere(right));
}

TEST_CASE("W3: a batch that reached one member only is announced, fetched and ordered") {
  Cluster cluster(4, 10);
  cluster.start_all();
  cluster.run_for(100);
  const BatchRef ref = batch_ref(1, 1);
  cluster.submit(ref, {1});
  cluster.run_for(5'000);
  REQUIRE(cluster.everywhere(ref));
}

TEST_CASE("B3: a voter that misses a batch fetches it from the leader and votes in the same view") {
  Cluster cluster(4, 10);
  cluster.start_all();
  cluster.run_for(100);
  const MemberIndex leader = cluster.committee.leader(1);
  const BatchRef ref = batch_ref(leader, 1);
  cluster.submit(ref, {leader, static_cast<MemberIndex>((leader + 1) % 4)});
  cluster.run_for(150);
  REQUIRE(cluster.everywhere(ref));
  REQUIRE(cluster.nodes[0].core->status().view == 2);
}

TEST_CASE("C31: an equivocating leader splits nobody, and its two votes are evidence") {
  const std::size_t n = GENERATE(4U, 7U);
  Cluster cluster(n, 10);
  const MemberIndex traitor = cluster.committee.leader(1);
  for (MemberIndex member = 0; member < n; ++member) {
    if (member != traitor) cluster.start(member);
  }
  cluster.run_for(100);
  const BatchRef ref = batch_ref(traitor, 1);
  cluster.submit(ref);
  std::vector<Message> proposals;
  for (const std::uint64_t time_ms : {5U, 6U}) {
    BlockHeader header;
    header.chain_id = cluster.keys.chain_id;
    header.epoch = kFirstEpoch;
    header.origin_view = 1;
    header.height = 1;
    header.parent = cluster.keys.chain_id;
    header.proposer = traitor;
    header.time_ms = time_ms;
    header.batches = {ref};
    const Subject subject = notarize(kFirstEpoch, 1, 0, block_hash(header));
    proposals.emplace_back(Proposal{cluster.keys.vote(subject, traitor), header, {}});
  }
  // Halves: each sees one first, and later the other one's too.
  for (MemberIndex to = 0; to < n; ++to) {
    if (to != traitor) cluster.inject(traitor, to, proposals[to % 2]);
  }
  cluster.run_for(30);
  for (MemberIndex to = 0; to < n; ++to) {
    if (to != traitor) cluster.inject(traitor, to, proposals[(to + 1) % 2]);
  }
  cluster.run_for(5'000);
  REQUIRE(cluster.everywhere(ref));
  std::size_t accusers = 0;
  for (MemberIndex member = 0; member < n; ++member) {
    for (const Evidence& evidence : cluster.nodes[member].evidence) {
      REQUIRE(accused(evidence) == traitor);
      ++accusers;
    }
  }
  REQUIRE(accusers == n - 1);
}

TEST_CASE("C32: a proposal shown to a bare quorum still becomes final at all") {
  Cluster cluster(4, 10);
  cluster.start_all();
  cluster.run_for(100);
  const MemberIndex leader = cluster.committee.leader(1);
  const auto left_out = static_cast<MemberIndex>((leader + 1) % 4);
  cluster.lost = [=](MemberIndex from, MemberIndex to, const Message& message) {
    return from == leader && to == left_out && std::holds_alternative<Proposal>(message);
  };
  const BatchRef ref = batch_ref(leader, 1);
  cluster.submit(ref);
  cluster.run_for(400);
  REQUIRE(cluster.everywhere(ref));
}

TEST_CASE("C35: a certificate shown to one member only, whose maker then dies, does no harm") {
  Cluster cluster(4, 10);
  cluster.start_all();
  cluster.run_for(100);
  const MemberIndex leader = cluster.committee.leader(1);
  const auto knows = static_cast<MemberIndex>((leader + 1) % 4);
  // Notarize votes of view 1 reach one member only, and its certificate reaches nobody at first.
  cluster.lost = [=](MemberIndex from, MemberIndex to, const Message& message) {
    if (const auto* vote = std::get_if<Vote>(&message)) {
      return vote->subject.kind == VoteKind::notarize && vote->subject.view == 1 && to != knows;
    }
    if (std::holds_alternative<Proposal>(message)) return false;
    return from == knows;
  };
  const BatchRef ref = batch_ref(leader, 1);
  cluster.submit(ref);
  cluster.run_for(300);
  cluster.crash(leader);
  cluster.lost = nullptr;
  cluster.run_for(10'000);
  REQUIRE(cluster.everywhere(ref));
}

TEST_CASE("C43: messages twice, out of order and a minute late change nothing") {
  Cluster cluster(4, 10);
  cluster.start_all();
  std::vector<std::tuple<MemberIndex, MemberIndex, Message>> seen;
  cluster.lost = [&](MemberIndex from, MemberIndex to, const Message& message) {
    if (seen.size() < 2'000) seen.emplace_back(from, to, message);
    return false;
  };
  for (std::uint64_t i = 0; i < 20; ++i) {
    cluster.submit(batch_ref(0, i));
    cluster.run_for(30);
  }
  cluster.lost = nullptr;
  const auto replay_all = [&] {
    for (auto at = seen.rbegin(); at != seen.rend(); ++at) {
      cluster.inject(std::get<0>(*at), std::get<1>(*at), std::get<2>(*at));
    }
  };
  replay_all();
  cluster.run_for(60'000);
  const std::size_t height = cluster.nodes[0].ledger.size();
  replay_all();
  cluster.run_for(500);
  REQUIRE(cluster.nodes[0].ledger.size() <= height + 1);  // a heartbeat at most
  for (const auto& node : cluster.nodes) REQUIRE(node.evidence.empty());
  const BatchRef after = batch_ref(0, 100);
  cluster.submit(after);
  cluster.run_for(200);
  REQUIRE(cluster.everywhere(after));
}

TEST_CASE("C38: a member that only nullifies costs nothing but its own turns") {
  Cluster cluster(4, 10);
  const MemberIndex traitor = cluster.committee.leader(2);
  for (MemberIndex member = 0; member < 4; ++member) {
    if (member != traitor) cluster.start(member);
  }
  cluster.run_for(10);
  for (View view = 1; view <= 60; ++view) {
    const Vote vote = cluster.keys.vote(nullify(kFirstEpoch, view), traitor);
    for (MemberIndex to = 0; to < 4; ++to) {
      if (to != traitor) cluster.inject(traitor, to, vote);
    }
    const BatchRef ref = batch_ref(0, view);
    cluster.submit(ref);
    cluster.run_for(300);
    if (view % 8 == 0) REQUIRE(cluster.everywhere(ref));
  }
}

TEST_CASE("catch-up: who is behind gets its blocks though answers outlast a request's first wait") {
  Limits limits;
  limits.heartbeat_ms = 1'000'000'000;
  Cluster cluster(4, 280, limits);
  for (MemberIndex member = 0; member < 3; ++member) cluster.start(member);
  const BatchRef ref = batch_ref(0, 1);
  cluster.submit(ref);
  cluster.run_for(30'000);
  REQUIRE(cluster.executed(0, ref));
  cluster.start(3);
  cluster.run_for(30'000);
  CHECK(cluster.executed(3, ref));
}

}  // namespace sanad::consensus
