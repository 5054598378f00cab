#include "chaincode/execute.h"

#include "chaincode/explain.h"
#include "sample.h"

namespace sanad::tests {
namespace {

Facts plain(std::uint64_t number) {
  Facts facts;
  facts.id = "D-" + std::to_string(number);
  facts.ucr = "UCR-" + std::to_string(number);
  facts.salt = number;
  return facts;
}

TEST_CASE("67, 74: a submission that comes again is answered with its first outcome") {
  Chain chain;
  const auto submission = chain.sign(key_of(kSubmitterKey, 0), {declare(plain(1))});
  const Effects first = chain.run({submission, submission});
  REQUIRE(first.outcomes.size() == 2);
  CHECK(first.outcomes[0].result == SubmissionResult::kExecuted);
  CHECK(first.outcomes[1].result == SubmissionResult::kDuplicate);
  CHECK(first.outcomes[1].statements == first.outcomes[0].statements);
  CHECK(first.outcomes[1].height == 1);
  const Effects second = chain.run({submission});
  CHECK(second.outcomes[0].result == SubmissionResult::kDuplicate);
  CHECK(second.outcomes[0].statements == first.outcomes[0].statements);
  CHECK(second.outcomes[0].height == 1);
  CHECK(second.records.empty());
  const auto kept = read_outcome(chain.state(), submission->id());
  REQUIRE(kept.has_value());
  CHECK(*kept == first.outcomes[0]);
}

TEST_CASE("69: a nonce may be any value, and a used one with other content is another submission") {
  Chain chain;
  for (const std::uint64_t nonce : {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{0}}) {
    const std::vector<StatementWithBody> statements = {declare(plain(chain.records().size() + 1))};
    const auto submission = chain.check(crypto::encode(
        build_submission(key_of(kSubmitterKey, 0),
                         {chain.contracts().network(), chain.now_ms() + 1000, nonce}, statements)));
    CHECK(chain.run({submission}).outcomes[0].result == SubmissionResult::kExecuted);
  }
}

TEST_CASE("F8, 70: a submission executes only within its window") {
  Chain chain;
  const std::uint64_t window = chain.contracts().genesis().params.submission_window_ms;
  std::uint64_t number = 1;
  const auto result_at = [&](std::uint64_t valid_until_ms) {
    const std::vector<StatementWithBody> statements = {declare(plain(number++))};
    const auto submission = chain.check(crypto::encode(
        build_submission(key_of(kSubmitterKey, 0),
                         {chain.contracts().network(), valid_until_ms, number}, statements)));
    const Effects effects = chain.run({submission});
    const auto kept = read_outcome(chain.state(), submission->id());
    CHECK(kept.has_value() == (effects.outcomes[0].result == SubmissionResult::kExecuted));
    CHECK(effects.records.empty() != kept.has_value());
    return effects.outcomes[0].result;
  };
  const auto block_ms = [&] { return chain.now_ms() + 100; };
  CHECK(result_at(block_ms()) == SubmissionResult::kExecuted);
  CHECK(result_at(block_ms() - 1) == SubmissionResult::kOutsideWindow);
  CHECK(result_at(block_ms() + window) == SubmissionResult::kExecuted);
  CHECK(result_at(block_ms() + window + 1) == SubmissionResult::kOutsideWindow);
  CHECK(result_at(0) == SubmissionResult::kOutsideWindow);
  CHECK(result_at(~std::uint64_t{0}) == SubmissionResult::kOutsideWindow);
}

TEST_CASE("F8: one that came too early executes later, once") {
  Chain chain;
  const std::uint64_t window = chain.contracts().genesis().params.submission_window_ms;
  const std::vector<StatementWithBody> statements = {declare(plain(1))};
  const auto submission = chain.check(crypto::encode(build_submission(
      key_of(kSubmitterKey, 0), {chain.contracts().network(), chain.now_ms() + window + 200, 1},
      statements)));
  CHECK(chain.run({submission}).outcomes[0].result == SubmissionResult::kOutsideWindow);
  CHECK(chain.run({submission}).outcomes[0].result == SubmissionResult::kExecuted);
  CHECK(chain.run({submission}).outcomes[0].result == SubmissionResult::kDuplicate);
}

TEST_CASE("75: a key of nobody leaves an outcome and no record") {
  Chain chain;
  const auto submission = chain.sign(key_of(kStrangerKey, 0), {declare(plain(1))});
  const Effects effects = chain.run({submission});
  CHECK(effects.records.empty());
  CHECK(effects.outcomes[0].result == SubmissionResult::kUnknownKey);
  CHECK(effects.outcomes[0].statements.empty());
  CHECK(read_outcome(chain.state(), submission->id())->result == SubmissionResult::kUnknownKey);
  CHECK(chain.run({submission}).outcomes[0].result == SubmissionResult::kDuplicate);
}

TEST_CASE("87: a refused statement leaves nothing but its refusal; its neighbours land") {
  Chain chain;
  Facts broken = plain(2);
  auto refused = declare(broken);
  std::get<Declare>(refused.statement).consignment = {};
  const Effects effects = chain.run(
      {chain.sign(key_of(kSubmitterKey, 0), {declare(plain(1)), refused, declare(plain(3))})});
  const auto& outcomes = effects.outcomes[0].statements;
  CHECK(outcomes[0].code == Code::kAccepted);
  CHECK(outcomes[1].code == Code::kHandleMismatch);
  CHECK(outcomes[2].code == Code::kAccepted);
  // declared verdict released | refused | declared verdict released
  REQUIRE(effects.records.size() == 7);
  CHECK(outcomes[0].record_index == 0);
  CHECK(outcomes[1].record_index == 3);
  CHECK(outcomes[2].record_index == 4);
  CHECK_FALSE(chain.declaration(name_of(refused)).has_value());
  CHECK(effects.details.size() == 2);
}

TEST_CASE("F9: every record names the cause, the block and its number in the consignment") {
  Chain chain;
  chain.run(chain.next_block({}));
  const auto submission =
      chain.sign(key_of(kSubmitterKey, 0), {declare(plain(1)), declare(plain(2))});
  const OrderedBlock block = chain.next_block({submission});
  const std::uint64_t first = chain.records().size();
  const Effects effects = chain.run(block);
  REQUIRE(effects.records.size() == 6);
  for (std::size_t i = 0; i < effects.records.size(); ++i) {
    const Record& record = effects.records[i];
    CHECK(record.height == block.height);
    CHECK(record.time_ms == block.time_ms);
    CHECK(record.authority == "AE-DU");
    CHECK(record.n == i % 3 + 1);
    if (i % 3 == 0) {
      CHECK(*record.origin ==
            Origin(StatementOrigin{submission->id(), static_cast<std::uint32_t>(i / 3)}));
    } else {
      CHECK(*record.origin == Origin(first + i - 1));
    }
  }
  CHECK(read_history_length(chain.state(), effects.records[0].consignments.at(0)) == 3);
}

TEST_CASE("F11: a verdict's detail is bound to its record, salted by its origin") {
  Chain chain;
  Facts facts = plain(1);
  facts.origin = "KP";
  const Effects effects = chain.run({chain.sign(key_of(kSubmitterKey, 0), {declare(facts)})});
  REQUIRE(effects.details.size() == 1);
  const auto& verdict = std::get<VerdictGiven>(effects.records[1].content);
  CHECK(verdict.detail == effects.details[0].digest);
  CHECK(detail_digest(effects.details[0].bytes) == effects.details[0].digest);
  CHECK(verdict.rule_set == chain.contracts().rule_sets()[0].id());
  const auto stored = crypto::decode<StoredDetail>(effects.details[0].bytes);
  REQUIRE(stored.ok());
  CHECK(stored->salt ==
        crypto::detail_salt(sample_secret(), crypto::encode(Origin(std::uint64_t{0}))));
  const auto detail = crypto::decode<rules::Verdict>(stored->detail);
  REQUIRE(detail.ok());
  CHECK(detail->lane == Lane::kRed);
  REQUIRE(detail->fired.size() == 1);
  CHECK(detail->fired[0].rule == "RED_ORIGIN");
}

// ------------------------------------------------------------------ determinism, F21

OrderedBlock busy_block(Chain& chain) {
  std::vector<StatementWithBody> statements;
  for (std::uint64_t i = 1; i <= 40; ++i) {
    Facts facts = plain(i);
    facts.origin = i % 4 == 0 ? "KP" : i % 4 == 1 ? "YE" : i % 4 == 2 ? "BR" : "DE";
    statements.push_back(declare(facts));
  }
  std::vector<StatementWithBody> officer;
  for (std::size_t i = 0; i < 40; i += 3) {
    officer.push_back({Hold{name_of(statements[i]), reason()}, std::nullopt});
  }
  return chain.next_block({chain.sign(key_of(kSubmitterKey, 0), statements),
                           chain.sign(key_of(kOfficerKey, 0), officer),
                           chain.sign(key_of(kStrangerKey, 0), {declare(plain(99))})});
}

TEST_CASE("86: the same block on the same state gives the same effects") {
  Chain one;
  Chain two;
  const OrderedBlock block = busy_block(one);
  const Effects first = one.run(block);
  const Effects second = two.run(block);
  CHECK(first.records == second.records);
  CHECK(first.writes == second.writes);
  CHECK(first.outcomes == second.outcomes);
  CHECK(first.details == second.details);
  CHECK(first.beacon == second.beacon);
  CHECK(state_digest(Hash{}, first.writes) == state_digest(Hash{}, second.writes));
}

TEST_CASE("F21: the state digest covers every key, value, removal and the past") {
  const Writes writes = {{Bytes{1}, Bytes{2, 3}}, {Bytes{4}, std::nullopt}};
  // H("state", [previous, H("writes", [[h'01', h'0203'], [h'04', null]])])
  const Bytes cbor = {0x82, 0x82, 0x41, 1, 0x42, 2, 3, 0x82, 0x41, 4, 0xF6};
  const Hash inner = crypto::tagged_hash_bytes("writes", cbor);
  Bytes outer = {0x82, 0x58, 32};
  outer.insert(outer.end(), 32, 0);
  outer.insert(outer.end(), {0x58, 32});
  crypto::append(outer, inner.view());
  CHECK(state_digest(Hash{}, writes) == crypto::tagged_hash_bytes("state", outer));
  CHECK(state_digest(reason(), writes) != state_digest(Hash{}, writes));
  CHECK(state_digest(Hash{}, {}) != Hash{});
}

// ------------------------------------------------------------------ explain

TEST_CASE("C13: a verdict is recomputed bit for bit, and differs where a fact is changed") {
  Chain chain;
  Facts facts = plain(1);
  facts.origin = "KP";
  Facts twin = plain(2);
  twin.ucr = facts.ucr;
  const auto submission = chain.sign(key_of(kSubmitterKey, 0), {declare(facts), declare(twin)});
  const OrderedBlock block = chain.next_block({submission});
  const MemoryState previous = chain.state();
  const Effects effects = chain.run(block);
  for (std::uint32_t i = 0; i < 2; ++i) {
    ExplainRequest request{block, previous, 0, {submission->id(), i}, std::nullopt};
    const auto same = explain(chain.contracts(), request);
    REQUIRE(same.ok());
    CHECK(same->detail == effects.details[i]);
    const auto* content = std::get_if<VerdictGiven>(&effects.records[same->verdict_record].content);
    REQUIRE(content != nullptr);
    CHECK(content->detail == same->detail.digest);
  }
  ExplainRequest request{block, previous, 0, {submission->id(), 0}, std::nullopt};
  request.change = ChangedField{FieldId::kOrigin, std::string("DE")};
  const auto greener = explain(chain.contracts(), request);
  REQUIRE(greener.ok());
  CHECK(greener->verdict.lane == Lane::kGreen);
  CHECK(greener->detail.digest != effects.details[0].digest);
  // The second one is red for its UCR, within the block.
  request.statement.index = 1;
  request.change = ChangedField{FieldId::kUcr, std::string("UCR-77")};
  CHECK(explain(chain.contracts(), request)->verdict.lane == Lane::kGreen);
  request.change = ChangedField{FieldId::kUcr, std::nullopt};
  CHECK(explain(chain.contracts(), request)->verdict.lane == Lane::kGreen);
}

TEST_CASE("C13: what cannot be explained is said") {
  Chain chain;
  Facts transit = plain(1);
  transit.flow = "transit";
  const auto submission =
      chain.sign(key_of(kSubmitterKey, 0), {declare(transit), declare(plain(2))});
  const OrderedBlock block = chain.next_block({submission});
  const auto error_of = [&](std::uint32_t index, std::optional<ChangedField> change) {
    const MemoryState previous;
    ExplainRequest request{block, previous, 0, {submission->id(), index}, std::move(change)};
    const auto result = explain(chain.contracts(), request);
    return result ? std::error_code() : result.error().code;
  };
  CHECK(error_of(0, std::nullopt) == Errc::kUnknownStatement);
  CHECK(error_of(7, std::nullopt) == Errc::kUnknownStatement);
  CHECK(!error_of(1, std::nullopt));
  CHECK(error_of(1, ChangedField{FieldId::kFlow, std::string("transit")}) ==
        Errc::kUnknownStatement);
  CHECK(error_of(1, ChangedField{FieldId::kValue, std::string("much")}) == Errc::kFieldKind);
  CHECK(error_of(1, ChangedField{FieldId::kValue, std::int64_t{-1}}) == Errc::kFieldValue);
  CHECK(error_of(1, ChangedField{FieldId::kFlow, std::nullopt}) == Errc::kFieldMissing);
  // A value that could not be encoded must not reach the verdict's detail.
  CHECK(error_of(1, ChangedField{FieldId::kOffice, std::string("A\tB")}) == crypto::Errc::kBadUtf8);
}

// ------------------------------------------------------------------ contracts

TEST_CASE("contracts: a genesis whose rules cannot be used is refused with the reason") {
  const auto refused = [](const Genesis& genesis, const std::string& because) {
    const auto contracts = Contracts::create(genesis, sample_secret(), sample_judge);
    REQUIRE_FALSE(contracts.ok());
    CHECK(contracts.error() == Errc::kBadRuleSet);
    CHECK_THAT(contracts.error().detail, Catch::Contains(because));
  };
  refused(sample_genesis("rule set \"test\" version 1 for import\nnonsense\n"), "line 2");
  Genesis renamed = sample_genesis();
  renamed.rule_sets[0].id = "other";
  refused(renamed, "its text is of \"test\"");
  Genesis costly = sample_genesis();
  costly.params.rule_cost_max = 1;
  refused(costly, "costs");
  Genesis twice = sample_genesis();
  std::string other(kTestRules);
  other.replace(other.find("\"test\""), 6, "\"tesu\"");
  twice.rule_sets.push_back({"tesu", {other.begin(), other.end()}});
  refused(twice, "another set already judges import");
  Genesis broken = sample_genesis();
  broken.members.clear();
  CHECK(Contracts::create(broken, sample_secret(), sample_judge).error() == Errc::kBadGenesis);
}

TEST_CASE("contracts: they judge the flows of their rule sets, and know what history reads") {
  const Chain chain;
  CHECK(chain.contracts().rule_set(Flow::kImport) != nullptr);
  CHECK(chain.contracts().rule_set(Flow::kExport) != nullptr);
  CHECK(chain.contracts().rule_set(Flow::kTransit) == nullptr);
  const auto fields = chain.contracts().history_fields();
  CHECK(std::vector<FieldId>(fields.begin(), fields.end()) ==
        std::vector<FieldId>{FieldId::kExporter});
  const Chain bare("");
  CHECK(bare.contracts().rule_set(Flow::kImport) == nullptr);
}

}  // namespace
}  // namespace sanad::tests
