// Catch-up: who is asked for what is missing (who answers what: rules_test.cpp).
#include "consensus/catch_up.h"

#include <catch2/catch.hpp>

#include "tests/consensus/committee_keys.h"

namespace sanad::consensus {
namespace {

constexpr std::uint64_t kTimeoutMs = 1'000;

struct Bench {
  CommitteeKeys keys{4};
  Committee committee = keys.committee();
  Limits limits;
  CatchUp catch_up{committee, 0, limits};

  std::vector<MemberIndex> asked(std::uint64_t now_ms) {
    std::vector<MemberIndex> members;
    for (const CatchUp::Ask& ask : catch_up.due(now_ms, kTimeoutMs, 0)) members.push_back(ask.to);
    return members;
  }
};

TEST_CASE("catch-up: members without a link are not asked, and who comes is asked at once") {
  Bench bench;
  for (MemberIndex member = 1; member < 4; ++member) bench.catch_up.link(member, false);
  bench.catch_up.need_blocks(crypto::sha256({}), {1, 2});
  CHECK(bench.asked(1'000).empty());
  bench.catch_up.link(2, true);
  CHECK(bench.catch_up.next_ms() <= 1'000);
  CHECK(bench.asked(1'000) == std::vector<MemberIndex>{2});
  CHECK(bench.asked(1'001).empty());
}

TEST_CASE("catch-up: what was asked of a member whose link went down is asked of another at once") {
  Bench bench;
  bench.catch_up.need_certificate(7, {3});
  bench.catch_up.need_blocks(crypto::sha256({}), {3});
  CHECK(bench.asked(1'000) == std::vector<MemberIndex>{3, 3});
  bench.catch_up.link(2, false);  // nothing waits for it
  CHECK(bench.asked(1'001).empty());
  bench.catch_up.link(3, false);
  CHECK(bench.asked(1'002) == std::vector<MemberIndex>{1, 1});
}

}  // namespace
}  // namespace sanad::consensus
