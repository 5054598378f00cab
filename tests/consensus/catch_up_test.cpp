// Catch-up: who is asked for what is missing (who answers what: rules_test.cpp).
#include "consensus/catch_up.h"

#include <catch2/catch.hpp>

#include "committee_keys.h"

namespace sanad::consensus {
namespace {

constexpr std::uint64_t kTimeoutMs = 250;

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

TEST_CASE("catch-up: certificates that nobody gives out leave room to ask everybody for a block") {
  Bench bench;
  CatchUp& catch_up = bench.catch_up;
  // As after a long standstill: more than the others together are asked for at once.
  for (View view = 1; view <= 64; ++view) catch_up.need_certificate(view, {});
  const Hash tip = crypto::sha256({});
  catch_up.need_blocks(tip, {1});

  std::set<MemberIndex> asked;
  std::map<MemberIndex, std::size_t> first;
  for (std::uint64_t now_ms = 0; now_ms < 10'000; now_ms = catch_up.next_ms()) {
    for (const CatchUp::Ask& ask : catch_up.due(now_ms, kTimeoutMs, 0)) {
      if (now_ms == 0) ++first[ask.to];
      if (!std::holds_alternative<GetBlocks>(ask.message)) continue;
      if (asked.empty()) CHECK((now_ms == 0 && ask.to == 1));
      asked.insert(ask.to);
    }
  }
  CHECK(asked == std::set<MemberIndex>{1, 2, 3});
  const std::size_t most = bench.limits.requests_per_peer_max;
  CHECK(first[1] == most);
  CHECK(first[2] == most - 1);
  CHECK(first[3] == most - 1);
}

}  // namespace
}  // namespace sanad::consensus
