// The thin line of the whole product: submissions at four real replicas become one history.
#include "tests/node/replica/cluster.h"

#include "crypto/note.h"
#include "tests/node/replica/sample_evidence.h"

namespace sanad::tests {
namespace {

using chaincode::SubmissionState;

void require_accepted(const chaincode::SubmissionStatus& status, std::size_t statements) {
  REQUIRE(status.state == SubmissionState::kFinal);
  REQUIRE(status.outcomes.size() == statements);
  for (const auto& outcome : status.outcomes) {
    CHECK(outcome.code == "accepted");
    CHECK(outcome.record.has_value());
    CHECK(outcome.lane == "green");
  }
}

crypto::CheckpointPolicy policy_of(const Cluster& cluster) {
  const chaincode::Genesis& genesis = cluster.contracts().genesis();
  crypto::CheckpointPolicy policy{
      genesis.network + "/" + cluster.contracts().network().hex(), {}, 3};
  for (const chaincode::Member& member : genesis.members) {
    policy.keys.push_back({member.id + "." + genesis.network, crypto::NoteKeyType::kCosignature,
                           member.cosigner_key});
  }
  return policy;
}

TEST_CASE("four replicas make one history of what is submitted at each") {
  Cluster cluster;
  cluster.start_all();
  std::vector<Cluster::Future> futures;
  for (std::uint8_t i = 0; i < cluster.size(); ++i) {
    futures.push_back(cluster.submit(i, cluster.submission(i, 3)));
  }
  std::uint64_t height = 0;
  for (Cluster::Future& future : futures) {
    const auto status = await(cluster, future);
    require_accepted(status, 3);
    height = std::max(height, status.height);
  }
  REQUIRE(height > 0);
  cluster.require_agreement(height);

  // F14: a quorum cosigns, and the note holds for whoever has only the public keys.
  for (std::size_t i = 0; i < cluster.size(); ++i) {
    INFO(cluster.describe());
    REQUIRE(eventually([&] { return cluster[i].replica->checkpoint_for(height).has_value(); }));
    const auto note = crypto::SignedNote::parse(*cluster[i].replica->latest_checkpoint());
    REQUIRE(note.ok());
    CHECK(note->lines.size() == 4);  // three cosignatures and this member's own line
    const auto verified = crypto::verify_checkpoint(*note, policy_of(cluster));
    REQUIRE(verified.ok());
    const auto end = cluster[i].ledger->view().height_of_size(verified->checkpoint.size);
    REQUIRE(end.ok());
    CHECK(cluster[i].ledger->view().committed(*end)->root == verified->checkpoint.root);
  }
}

TEST_CASE("a submission sent again, here or there, is answered with the first outcome") {
  Cluster cluster;
  cluster.start_all();
  const crypto::Bytes bytes = cluster.submission(1, 2);
  auto first = cluster.submit(1, bytes);
  auto joined = cluster.submit(1, bytes);  // very likely still pending
  const auto outcome = await(cluster, first);
  require_accepted(outcome, 2);
  CHECK(await(cluster, joined).outcomes[0].record == outcome.outcomes[0].record);

  auto again = cluster.submit(1, bytes);
  const auto repeated = await(cluster, again);
  CHECK(repeated.height == outcome.height);
  CHECK(repeated.outcomes[1].record == outcome.outcomes[1].record);

  cluster.require_agreement(outcome.height);
  auto elsewhere = cluster.submit(2, bytes);
  CHECK(await(cluster, elsewhere).outcomes[0].record == outcome.outcomes[0].record);
  CHECK(cluster[3].replica->outcome(outcome.id)->height == outcome.height);
  CHECK_FALSE(cluster[3].replica->outcome(crypto::Hash{}).has_value());
}

TEST_CASE("what is not a submission is refused with its reason") {
  Cluster cluster;
  cluster.start_all();
  auto nonsense = cluster.submit(0, {1, 2, 3});
  CHECK_THROWS(nonsense.get());
  auto bytes = cluster.submission(0, 1);
  bytes.back() ^= 1;
  auto broken = cluster.submit(0, bytes);
  CHECK_THROWS(broken.get());
  CHECK(cluster[0].replica->counters().submissions_refused == 2);
}

TEST_CASE("with one member down the others go on; it returns and catches up") {
  Cluster cluster;
  cluster.start_all();
  auto before = cluster.submit(3, cluster.submission(3, 1));
  require_accepted(await(cluster, before), 1);

  cluster.stop(3);
  std::uint64_t height = 0;
  for (int round = 0; round < 20; ++round) {
    const auto at = static_cast<std::uint8_t>(round % 3);
    auto future = cluster.submit(at, cluster.submission(at, 5));
    const auto status = await(cluster, future);
    require_accepted(status, 5);
    height = status.height;
  }
  cluster.require_agreement(height);

  cluster.start(3);
  cluster.require_agreement(height);
  REQUIRE(eventually([&] { return cluster[3].replica->status().caught_up; }));
  auto after = cluster.submit(3, cluster.submission(3, 1));
  const auto status = await(cluster, after);
  require_accepted(status, 1);
  cluster.require_agreement(status.height);
}

TEST_CASE("all members stop and start: the history goes on") {
  Cluster cluster;
  cluster.start_all();
  auto first = cluster.submit(0, cluster.submission(0, 4));
  const auto before = await(cluster, first);
  require_accepted(before, 4);
  for (std::size_t i = 0; i < cluster.size(); ++i) cluster.stop(i);
  cluster.start_all();
  auto second = cluster.submit(2, cluster.submission(2, 4));
  const auto after = await(cluster, second);
  require_accepted(after, 4);
  CHECK(after.height > before.height);
  cluster.require_agreement(before.height);
  cluster.require_agreement(after.height);
  CHECK(cluster[1].replica->outcome(before.id)->height == before.height);
}

TEST_CASE("an accusation is executed by all, and counted") {
  Cluster cluster;
  cluster.start_all();
  const chaincode::Submission wire = chaincode::build_submission(
      key_of(kConsensusKey, 1), {cluster.contracts().network(), wall_ms() + 120'000, 1},
      {{chaincode::Accuse{crypto::encode(two_votes(2))}, std::nullopt}});
  auto future = cluster.submit(1, crypto::encode(wire));
  const auto status = await(cluster, future);
  REQUIRE(status.outcomes.size() == 1);
  CHECK(status.outcomes[0].code == "accepted");
  cluster.require_agreement(status.height);
  for (std::size_t i = 0; i < cluster.size(); ++i) {
    CHECK(eventually([&] { return cluster[i].replica->counters().accusations_recorded == 1; }));
  }
}

TEST_CASE("draining refuses what is new and finishes what was admitted") {
  Cluster cluster;
  cluster.start_all();
  auto admitted = cluster.submit(0, cluster.submission(0, 2));
  CHECK(cluster[0].replica->drain(30'000));
  require_accepted(await(cluster, admitted), 2);
  auto refused = cluster.submit(0, cluster.submission(0, 1));
  CHECK_THROWS(refused.get());
  CHECK_FALSE(cluster[0].replica->status().serving);
  CHECK(cluster[0].replica->status().trouble.empty());
}

}  // namespace
}  // namespace sanad::tests
