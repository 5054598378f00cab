#include "cluster.h"

#include <catch2/catch.hpp>

namespace sanad::consensus {

TEST_CASE("a batch becomes final at every member within three delays of its proposal") {
  const std::size_t n = GENERATE(1, 4, 7);
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

}  // namespace sanad::consensus
