#include "chaincode/genesis.h"

#include "chaincode/registry.h"
#include "sample.h"

namespace sanad::tests {
namespace {

// The genesis with one thing wrong is refused, with a text that says what.
void refused(const std::function<void(Genesis&)>& spoil, const std::string& because) {
  Genesis genesis = sample_genesis();
  REQUIRE(chaincode::check(genesis).ok());
  spoil(genesis);
  const Status status = chaincode::check(genesis);
  INFO(because);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error() == Errc::kBadGenesis);
  CHECK_THAT(status.error().detail, Catch::Contains(because));
}

TEST_CASE("genesis: names, times and members are checked") {
  refused([](Genesis& g) { g.network = "Test Net"; }, "network:");
  refused([](Genesis& g) { g.network = ""; }, "network:");
  refused([](Genesis& g) { g.time_ms = 1'760'000'000; }, "milliseconds");
  refused([](Genesis& g) { g.members.clear(); }, "members:");
  refused([](Genesis& g) { g.members.resize(kMembersMax + 1); }, "members:");
  refused([](Genesis& g) { g.members[1].id = "kw"; }, "member \"kw\"");
  refused([](Genesis& g) { g.members[1].id = "AE-DU"; }, "there twice");
  refused([](Genesis& g) { g.members[0].name = ""; }, "a name has");
  refused([](Genesis& g) { g.members[2].beacon_anchor = {}; }, "beacon_anchor");
  refused([](Genesis& g) { g.members[2].beacon_length = 0; }, "beacon_length");
  refused([](Genesis& g) { g.members[2].beacon_length = kBeaconLengthMax + 1; }, "beacon_length");
}

TEST_CASE("genesis: no key serves two purposes") {
  refused([](Genesis& g) { g.members[0].log_key = g.members[0].consensus_key; }, "log_key");
  refused([](Genesis& g) { g.members[1].tls_key = g.members[0].tls_key; }, "tls_key");
  refused([](Genesis& g) { g.members[1].cosigner_key = {}; }, "all zeros");
  refused([](Genesis& g) { g.actors[3].key = g.actors[2].key; }, "strictly ascending");
  refused(
      [](Genesis& g) {
        g.governance[0] = g.actors[0].key;
        std::sort(g.governance.begin(), g.governance.end());
      },
      "governance key");
}

TEST_CASE("genesis: actors belong to members, have roles, and stand in order") {
  refused([](Genesis& g) { std::swap(g.actors[0], g.actors[1]); }, "strictly ascending");
  refused([](Genesis& g) { g.actors[0].authority = "XX"; }, "no member");
  refused([](Genesis& g) { g.actors[0].roles.clear(); }, "no role");
  refused([](Genesis& g) { g.actors[0].roles = {Role::kOfficer, Role::kSubmitter}; }, "roles");
  refused([](Genesis& g) { g.actors[0].roles = {Role::kOfficer, Role::kOfficer}; }, "roles");
}

TEST_CASE("136: parameters that would stop the network are out of bounds") {
  refused([](Genesis& g) { g.governance.clear(); }, "governance");
  refused([](Genesis& g) { g.params.submission_window_ms = 0; }, "submission_window_ms");
  refused([](Genesis& g) { g.params.submission_window_ms = 86'400'001; }, "submission_window_ms");
  refused([](Genesis& g) { g.params.rule_cost_max = 0; }, "rule_cost_max");
  refused([](Genesis& g) { g.rule_sets.push_back(g.rule_sets[0]); }, "ids must be");
  refused([](Genesis& g) { g.rule_sets[0].text.clear(); }, "of text");
}

TEST_CASE("genesis: its bytes are canonical and name the network") {
  const Genesis genesis = sample_genesis();
  const auto again = crypto::decode<Genesis>(crypto::encode(genesis));
  REQUIRE(again.ok());
  CHECK(*again == genesis);
  CHECK(network_id(*again) == network_id(genesis));
  Genesis other = genesis;
  other.params.rule_cost_max += 1;
  CHECK(network_id(other) != network_id(genesis));
}

TEST_CASE("registry: a key acts for its authority in its roles, a stranger for nobody") {
  const Registry registry(sample_genesis());
  const auto* submitter = registry.find(key_of(kSubmitterKey, 2).public_key());
  REQUIRE(submitter != nullptr);
  CHECK(registry.authority_id(submitter->authority) == "QA");
  CHECK(submitter->submitter);
  CHECK_FALSE(submitter->officer);
  const auto* officer = registry.find(key_of(kSecondOfficerKey, 0).public_key());
  REQUIRE(officer != nullptr);
  CHECK(officer->officer);
  CHECK_FALSE(officer->submitter);
  CHECK(registry.find(key_of(kAuditorKey, 1).public_key())->auditor);
  CHECK(registry.find(key_of(kLogKey, 0).public_key()) == nullptr);
  const Registry::Entry* validator = registry.find(key_of(kConsensusKey, 1).public_key());
  REQUIRE(validator != nullptr);
  CHECK(validator->authority == 1);
  CHECK(validator->validator);
  CHECK_FALSE((validator->submitter || validator->officer || validator->auditor));
  CHECK(registry.find(key_of(kStrangerKey, 0).public_key()) == nullptr);
  CHECK(registry.authority_of("SA") == MemberIndex{3});
  CHECK_FALSE(registry.authority_of("sa").has_value());
}

}  // namespace
}  // namespace sanad::tests
