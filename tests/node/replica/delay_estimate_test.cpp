// T2: what a member takes for the delay of the network.
#include <catch2/catch.hpp>

#include "node/replica/delay_estimate.h"

#include "tests/node/replica/replica_sample.h"

namespace sanad::tests {
namespace {

using node::DelayEstimate;

TEST_CASE("T2: f members that answer late do not slow the others down") {
  Signer signer(4);  // f = 1: two others make a quorum with this one
  DelayEstimate delay(signer.committee());
  CHECK_FALSE(delay.one_way_us().has_value());
  delay.add(3, 4'000'000);  // there is nobody else yet
  CHECK(delay.one_way_us() == 2'000'000);
  delay.add(1, 20'000);
  delay.add(2, 60'000);
  CHECK(delay.one_way_us() == 30'000);
  delay.forget(1);
  CHECK(delay.one_way_us() == 2'000'000);  // the slow one is needed
}

TEST_CASE("T2: of each member its slow answers count, and only the newest ones") {
  Signer signer(4);
  DelayEstimate delay(signer.committee());
  for (int i = 0; i < 60; ++i) {
    delay.add(1, 20'000);
    delay.add(2, i == 0 ? 100'000 : 20'000);
    delay.add(3, 20'000);
  }
  delay.add(3, 100'000);
  CHECK(delay.one_way_us() == 50'000);
  for (int i = 0; i < 60; ++i) delay.add(2, 20'000);
  CHECK(delay.one_way_us() == 10'000);
}

}  // namespace
}  // namespace sanad::tests
