#include "chaincode/clearance.h"

#include "sample.h"

namespace sanad::tests {
namespace {

using enum RecordKind;
using Kinds = std::vector<RecordKind>;

Facts from(const std::string& origin) {
  Facts facts;
  facts.origin = origin;
  return facts;
}
Facts green() { return from("DE"); }
Facts blue() { return from("BR"); }
Facts yellow() { return from("YE"); }
Facts red() { return from("KP"); }

StatementWithBody hold(const Hash& name) { return {Hold{name, reason()}, std::nullopt}; }
StatementWithBody cancel(const Hash& name) { return {Cancel{name, reason()}, std::nullopt}; }
StatementWithBody release(const Hash& name) { return {Release{name, std::nullopt}, std::nullopt}; }
StatementWithBody override_release(const Hash& name) {
  return {Release{name, reason()}, std::nullopt};
}
StatementWithBody inspect(const Hash& name, InspectionResult result = InspectionResult::kConform) {
  return {Inspect{name, result, reason()}, std::nullopt};
}
StatementWithBody move(const Hash& name, MoveEvent event = MoveEvent::kGateOut) {
  return {Move{name, event, std::nullopt}, std::nullopt};
}

// A chain with one declaration of AE-DU.
struct OneDeclaration {
  explicit OneDeclaration(const Facts& facts) {
    StatementWithBody statement = declare(facts);
    name = name_of(statement);
    handle = std::get<Declare>(statement.statement).consignment;
    const Outcome outcome = chain.run(kSubmitterKey, std::move(statement));
    REQUIRE(outcome.code == Code::kAccepted);
  }
  Kinds history() const { return chain.history(handle); }
  const Record& last() const { return chain.records()[chain.records().size() - 2]; }
  Phase phase() const { return chain.declaration(name)->phase; }

  Chain chain;
  Hash name;
  Handle handle;
};

// The refusal is in the history of the declaration it is about, and nothing else changed.
void refuses(OneDeclaration& one, KeyKind kind, const StatementWithBody& statement, Code code) {
  INFO(name_of(code));
  const auto before = one.chain.declaration(one.name);
  const std::size_t records = one.chain.records().size();
  CHECK(one.chain.apply(kind, statement) == code);
  CHECK(one.chain.declaration(one.name) == before);
  REQUIRE(one.chain.records().size() == records + 2);  // refused, commit
  const Record& record = one.last();
  REQUIRE(record.kind() == kRefused);
  const auto& content = std::get<Refused>(record.content);
  CHECK(content.code == code);
  CHECK(content.statement == kind_of(statement.statement));
  CHECK(content.subject == subject_of(statement.statement));
  CHECK(record.authority == "AE-DU");
}

TEST_CASE("R3: green is released in the block of its verdict, caused by it") {
  OneDeclaration one(green());
  CHECK(one.history() == Kinds{kDeclared, kVerdict, kReleased});
  const auto& records = one.chain.records();
  CHECK(std::holds_alternative<StatementOrigin>(*records[0].origin));
  CHECK(std::get<std::uint64_t>(*records[1].origin) == 0);
  CHECK(std::get<std::uint64_t>(*records[2].origin) == 1);
  CHECK(std::get<VerdictGiven>(records[1].content).lane == Lane::kGreen);
  CHECK(std::get<Released>(records[2].content).basis == ReleaseBasis::kGreen);
  CHECK(one.phase() == Phase::kReleased);
}

TEST_CASE("R3: blue is released too, marked for audit after clearance") {
  OneDeclaration one(blue());
  CHECK(one.history() == Kinds{kDeclared, kVerdict, kReleased});
  CHECK(std::get<Released>(one.last().content).basis == ReleaseBasis::kBlue);
}

TEST_CASE("R4: yellow waits for one officer") {
  OneDeclaration one(yellow());
  CHECK(one.history() == Kinds{kDeclared, kVerdict});
  CHECK(one.phase() == Phase::kLodged);
  CHECK(one.chain.apply(kOfficerKey, release(one.name)) == Code::kAccepted);
  CHECK(one.history() == Kinds{kDeclared, kVerdict, kReleased});
  CHECK(std::get<Released>(one.last().content).basis == ReleaseBasis::kOfficer);
}

TEST_CASE("R4: red takes an inspection and two different officers") {
  OneDeclaration one(red());
  refuses(one, kOfficerKey, release(one.name), Code::kNotInspected);
  CHECK(one.chain.apply(kOfficerKey, inspect(one.name)) == Code::kAccepted);
  CHECK(one.chain.apply(kOfficerKey, release(one.name)) == Code::kApproved);
  CHECK(one.phase() == Phase::kLodged);
  refuses(one, kOfficerKey, release(one.name), Code::kSameOfficer);
  CHECK(one.chain.apply(kSecondOfficerKey, release(one.name)) == Code::kAccepted);
  CHECK(one.phase() == Phase::kReleased);
  CHECK(std::get<Released>(one.last().content).basis == ReleaseBasis::kTwoOfficers);
  CHECK(one.history() ==
        Kinds{kDeclared, kVerdict, kRefused, kInspected, kApproved, kRefused, kReleased});
}

TEST_CASE("R4: an officer of another authority has no say") {
  OneDeclaration one(red());
  const Outcome outcome = one.chain.run(kOfficerKey, inspect(one.name), 1);
  CHECK(outcome.code == Code::kUnknownDeclaration);
  const Record& record = one.last();
  CHECK(record.consignments.empty());
  CHECK(record.n == 0);
  CHECK(record.authority == "KW");
  CHECK(one.history() == Kinds{kDeclared, kVerdict});
}

TEST_CASE("75: a statement takes its role") {
  OneDeclaration one(yellow());
  refuses(one, kSubmitterKey, release(one.name), Code::kRoleMissing);
  refuses(one, kSubmitterKey, inspect(one.name), Code::kRoleMissing);
  refuses(one, kSubmitterKey, hold(one.name), Code::kRoleMissing);
  refuses(one, kAuditorKey, cancel(one.name), Code::kRoleMissing);
  refuses(one, kAuditorKey, move(one.name), Code::kRoleMissing);
  refuses(one, kOfficerKey, amend(one.name, green()), Code::kRoleMissing);
  Facts other = green();
  other.salt = 5;
  CHECK(one.chain.apply(kOfficerKey, declare(other)) == Code::kRoleMissing);
}

TEST_CASE("R1: a declaration that no rule set judges is lodged and cannot be released") {
  Facts transit = green();
  transit.flow = "transit";
  OneDeclaration one(transit);
  CHECK(one.history() == Kinds{kDeclared});
  CHECK_FALSE(one.chain.declaration(one.name)->lane.has_value());
  refuses(one, kOfficerKey, release(one.name), Code::kNoVerdict);
  refuses(one, kOfficerKey, override_release(one.name), Code::kNoVerdict);
  refuses(one, kOfficerKey, move(one.name), Code::kNotReleased);
  CHECK(one.chain.apply(kSubmitterKey, cancel(one.name)) == Code::kAccepted);
}

TEST_CASE("declare: the same commitment twice is refused, with other salts it is another") {
  OneDeclaration one(yellow());
  refuses(one, kSubmitterKey, declare(yellow()), Code::kAlreadyDeclared);
  Facts salted = yellow();
  salted.salt = 1;
  CHECK(one.chain.apply(kSubmitterKey, declare(salted)) == Code::kAccepted);
  // Another authority's copy of the statement takes nothing away from the first.
  CHECK(one.chain.apply(kSubmitterKey, declare(yellow(), "KW"), 1) == Code::kAccepted);
  CHECK(one.chain.declaration(one.name, 0).has_value());
  CHECK(one.chain.declaration(one.name, 1).has_value());
}

TEST_CASE("F6: a handle that is not the UCR's is refused and enters no history") {
  Chain chain;
  auto statement = declare(green());
  const Handle right = std::get<Declare>(statement.statement).consignment;
  Facts other = green();
  other.ucr = "UCR-2";
  const Handle wrong = std::get<Declare>(declare(other).statement).consignment;
  std::get<Declare>(statement.statement).consignment = wrong;
  CHECK(chain.apply(kSubmitterKey, statement) == Code::kHandleMismatch);
  CHECK(chain.history(wrong).empty());
  CHECK(chain.history(right).empty());
  CHECK(chain.records()[0].kind() == kRefused);
}

TEST_CASE("R5: an amendment gets a new verdict, and the old one stays in the history") {
  OneDeclaration one(yellow());
  Facts corrected = yellow();
  corrected.salt = 1;
  CHECK(one.chain.run(kSubmitterKey, amend(one.name, corrected)).lane == Lane::kYellow);
  CHECK(one.history() == Kinds{kDeclared, kVerdict, kAmended, kVerdict});
  CHECK(std::get<Amended>(one.chain.records()[3].content).declaration == one.name);
}

TEST_CASE("F16: a declaration and an amendment name the containers whose numbers they open") {
  const auto handle = [](std::string_view number) {
    return crypto::make_handle("container",
                               crypto::handle_salt(sample_secret(), "container", number), number);
  };
  Facts facts = green();
  facts.containers = {"msku 123456-7", "MSKU1234567", " - ", "CSQU3054383", "é"};
  OneDeclaration one(facts);
  std::vector<Handle> expected = {handle("MSKU1234567"), handle("CSQU3054383"), handle("é")};
  std::sort(expected.begin(), expected.end());
  CHECK(std::get<Declared>(one.chain.records()[0].content).containers == expected);
  for (const Record& record : one.chain.records()) {
    CHECK(decode_record(encode_record(record)).ok());
  }

  facts.salt = 1;
  facts.containers = {"csqu3054383"};
  const std::size_t at = one.chain.records().size();
  REQUIRE(one.chain.apply(kSubmitterKey, amend(one.name, facts)) == Code::kAccepted);
  CHECK(std::ranges::equal(containers_of(one.chain.records()[at]),
                           std::vector{handle("CSQU3054383")}));

  facts.salt = 2;
  facts.containers = {};
  REQUIRE(one.chain.apply(kSubmitterKey, amend(one.name, facts)) == Code::kAccepted);
  CHECK(containers_of(one.last()).empty());
}

TEST_CASE("F16: a sealed field of containers enters no container's history") {
  Facts facts = green();
  facts.containers = {"CSQU3054383"};
  Body sealed = body_of(facts);
  const auto field = std::find_if(sealed.opened.begin(), sealed.opened.end(), [](const auto& one) {
    return one.id == static_cast<std::uint8_t>(FieldId::kContainers);
  });
  REQUIRE(field != sealed.opened.end());
  sealed.sealed.push_back({field->id, crypto::field_digest(field->salt, field->id, field->value)});
  sealed.opened.erase(field);
  const Handle consignment = consignment_handle(sample_secret(), sealed, "AE-DU");
  Chain chain;
  REQUIRE(chain.apply(kSubmitterKey, checked(make_declare(consignment, sealed))) ==
          Code::kAccepted);
  CHECK(containers_of(chain.records()[0]).empty());
}

TEST_CASE("R2: an amendment never leads out of yellow or red") {
  OneDeclaration one(red());
  Facts harmless = green();
  harmless.salt = 1;
  const Outcome outcome = one.chain.run(kSubmitterKey, amend(one.name, harmless));
  CHECK(outcome.code == Code::kAccepted);
  CHECK(outcome.lane == Lane::kGreen);
  CHECK(one.phase() == Phase::kLodged);
  refuses(one, kOfficerKey, release(one.name), Code::kNotInspected);
}

TEST_CASE("R5: an amendment ends the inspection and the first approval") {
  OneDeclaration one(red());
  REQUIRE(one.chain.apply(kOfficerKey, inspect(one.name)) == Code::kAccepted);
  REQUIRE(one.chain.apply(kOfficerKey, release(one.name)) == Code::kApproved);
  Facts other = red();
  other.salt = 1;
  REQUIRE(one.chain.apply(kSubmitterKey, amend(one.name, other)) == Code::kAccepted);
  refuses(one, kSecondOfficerKey, release(one.name), Code::kNotInspected);
  REQUIRE(one.chain.apply(kOfficerKey, inspect(one.name)) == Code::kAccepted);
  CHECK(one.chain.apply(kSecondOfficerKey, release(one.name)) == Code::kApproved);
  // A hold ends it as well.
  REQUIRE(one.chain.apply(kOfficerKey, hold(one.name)) == Code::kAccepted);
  CHECK(one.chain.apply(kOfficerKey, override_release(one.name)) == Code::kApproved);
}

TEST_CASE("R5: an amendment to red takes a release back") {
  OneDeclaration one(green());
  REQUIRE(one.phase() == Phase::kReleased);
  Facts worse = red();
  worse.salt = 1;
  CHECK(one.chain.run(kSubmitterKey, amend(one.name, worse)).lane == Lane::kRed);
  CHECK(one.phase() == Phase::kLodged);
  refuses(one, kOfficerKey, move(one.name), Code::kNotReleased);
  // One that stays green releases nothing a second time.
  OneDeclaration still(green());
  Facts same = green();
  same.salt = 1;
  REQUIRE(still.chain.apply(kSubmitterKey, amend(still.name, same)) == Code::kAccepted);
  CHECK(still.history() == Kinds{kDeclared, kVerdict, kReleased, kAmended, kVerdict});
}

TEST_CASE("amend: it keeps consignment and flow") {
  OneDeclaration one(yellow());
  Facts other_ucr = yellow();
  other_ucr.ucr = "UCR-2";
  refuses(one, kSubmitterKey, amend(one.name, other_ucr), Code::kConsignmentChanged);
  Facts other_flow = yellow();
  other_flow.flow = "export";
  refuses(one, kSubmitterKey, amend(one.name, other_flow), Code::kConsignmentChanged);
  // The old handle over a body with another UCR.
  auto smuggled = amend(one.name, other_ucr);
  std::get<Amend>(smuggled.statement).consignment = one.handle;
  refuses(one, kSubmitterKey, smuggled, Code::kHandleMismatch);
}

TEST_CASE("R6: lifting a hold is an override and carries a reason") {
  OneDeclaration one(green());
  REQUIRE(one.chain.apply(kOfficerKey, hold(one.name)) == Code::kAccepted);
  refuses(one, kOfficerKey, hold(one.name), Code::kAlreadyHeld);
  refuses(one, kSubmitterKey, move(one.name), Code::kHeld);
  refuses(one, kOfficerKey, release(one.name), Code::kReasonMissing);
  CHECK(one.chain.apply(kOfficerKey, override_release(one.name)) == Code::kAccepted);
  CHECK(std::get<Released>(one.last().content).reason == reason());
  CHECK(one.chain.apply(kSubmitterKey, move(one.name)) == Code::kAccepted);
}

TEST_CASE("R6: releasing after an offence is an override") {
  OneDeclaration one(red());
  REQUIRE(one.chain.apply(kOfficerKey, inspect(one.name, InspectionResult::kOffence)) ==
          Code::kAccepted);
  refuses(one, kOfficerKey, release(one.name), Code::kReasonMissing);
  CHECK(one.chain.apply(kOfficerKey, override_release(one.name)) == Code::kApproved);
  refuses(one, kSecondOfficerKey, release(one.name), Code::kReasonMissing);
  CHECK(one.chain.apply(kSecondOfficerKey, override_release(one.name)) == Code::kAccepted);
}

TEST_CASE("R7: cancelling what is under control takes an officer") {
  OneDeclaration one(yellow());
  refuses(one, kSubmitterKey, cancel(one.name), Code::kUnderControl);
  CHECK(one.chain.apply(kOfficerKey, cancel(one.name)) == Code::kAccepted);
  for (const auto& statement :
       {cancel(one.name), hold(one.name), release(one.name), inspect(one.name), move(one.name)}) {
    refuses(one, kOfficerKey, statement, Code::kCancelled);
  }
  refuses(one, kSubmitterKey, amend(one.name, yellow()), Code::kCancelled);
  OneDeclaration held(green());
  REQUIRE(held.chain.apply(kOfficerKey, hold(held.name)) == Code::kAccepted);
  refuses(held, kSubmitterKey, cancel(held.name), Code::kUnderControl);
  OneDeclaration free(green());
  CHECK(free.chain.apply(kSubmitterKey, cancel(free.name)) == Code::kAccepted);
}

TEST_CASE("R7: nothing leads out of a seizure") {
  OneDeclaration one(red());
  REQUIRE(one.chain.apply(kOfficerKey, inspect(one.name, InspectionResult::kSeizure)) ==
          Code::kAccepted);
  CHECK(one.phase() == Phase::kSeized);
  for (const auto& statement : {cancel(one.name), hold(one.name), override_release(one.name),
                                inspect(one.name), move(one.name)}) {
    refuses(one, kOfficerKey, statement, Code::kSeized);
  }
  refuses(one, kSubmitterKey, amend(one.name, green()), Code::kSeized);
}

TEST_CASE("R8: goods move on only when released, and then only audits follow") {
  OneDeclaration one(yellow());
  CHECK(one.chain.apply(kSubmitterKey, move(one.name, MoveEvent::kArrived)) == Code::kAccepted);
  refuses(one, kSubmitterKey, move(one.name, MoveEvent::kDeparted), Code::kNotReleased);
  refuses(one, kSubmitterKey, move(one.name), Code::kNotReleased);
  REQUIRE(one.chain.apply(kOfficerKey, release(one.name)) == Code::kAccepted);
  refuses(one, kOfficerKey, release(one.name), Code::kAlreadyReleased);
  CHECK(one.chain.apply(kSubmitterKey, move(one.name, MoveEvent::kDeparted)) == Code::kAccepted);
  CHECK(one.chain.apply(kOfficerKey, move(one.name)) == Code::kAccepted);
  CHECK(one.phase() == Phase::kExited);
  for (const auto& statement :
       {cancel(one.name), hold(one.name), release(one.name), move(one.name)}) {
    refuses(one, kOfficerKey, statement, Code::kExited);
  }
  refuses(one, kSubmitterKey, amend(one.name, yellow()), Code::kExited);
  CHECK(one.chain.apply(kOfficerKey, inspect(one.name, InspectionResult::kOffence)) ==
        Code::kAccepted);
  CHECK(one.phase() == Phase::kExited);
  refuses(one, kOfficerKey, inspect(one.name), Code::kAlreadyInspected);
}

TEST_CASE("statements about what was never declared are refused without a consignment") {
  Chain chain;
  const Hash nothing = crypto::sha256(crypto::as_bytes("nothing"));
  for (const auto& statement :
       {cancel(nothing), hold(nothing), release(nothing), inspect(nothing), move(nothing)}) {
    CHECK(chain.apply(kOfficerKey, statement) == Code::kUnknownDeclaration);
    CHECK(chain.records()[chain.records().size() - 2].consignments.empty());
  }
  CHECK(chain.apply(kSubmitterKey, amend(nothing, green())) == Code::kUnknownDeclaration);
}

// ------------------------------------------------------------------ live identifiers (rule 24)

Lane lane_of(Chain& chain, const Facts& facts, std::uint8_t member = 0) {
  const Outcome outcome = chain.run(kSubmitterKey, declare(facts, kAuthorities[member]), member);
  REQUIRE(outcome.lane.has_value());
  return *outcome.lane;
}
Facts numbered(std::uint64_t number) {
  Facts facts;
  facts.id = "D-" + std::to_string(number);
  facts.ucr = "UCR-" + std::to_string(number);
  facts.salt = number;
  facts.exporter = crypto::to_hex(salt_of(number).view());
  return facts;
}

TEST_CASE("24: a UCR that is live in the same flow is red anywhere, in the other flow it is not") {
  Chain chain;
  Facts first = numbered(1);
  first.flow = "export";
  CHECK(lane_of(chain, first) == Lane::kGreen);
  Facts import_side = numbered(2);
  import_side.ucr = first.ucr;
  CHECK(lane_of(chain, import_side, 1) == Lane::kGreen);
  Facts again = numbered(3);
  again.ucr = first.ucr;
  CHECK(lane_of(chain, again, 2) == Lane::kRed);
}

TEST_CASE("24: an invoice or transport document that is live is red") {
  Chain chain;
  Facts first = numbered(1);
  first.invoice = std::string(64, 'a');
  first.transport_document = "BL-77";
  CHECK(lane_of(chain, first) == Lane::kGreen);
  Facts invoice = numbered(2);
  invoice.invoice = first.invoice;
  CHECK(lane_of(chain, invoice, 1) == Lane::kRed);
  Facts document = numbered(3);
  document.transport_document = first.transport_document;
  CHECK(lane_of(chain, document, 3) == Lane::kRed);
  Facts export_side = first;
  export_side.id = "D-5";
  export_side.flow = "export";
  export_side.salt = 5;
  CHECK(lane_of(chain, export_side) == Lane::kGreen);
  Facts neither = numbered(4);
  neither.invoice = std::string(64, 'b');
  neither.transport_document = "BL-78";
  CHECK(lane_of(chain, neither) == Lane::kGreen);
}

TEST_CASE("24: a duplicate is seen within one block, in either submission") {
  Chain chain;
  Facts first = numbered(1);
  Facts second = numbered(2);
  second.ucr = first.ucr;
  Facts third = numbered(3);
  third.ucr = first.ucr;
  const Effects effects =
      chain.run({chain.sign(key_of(kSubmitterKey, 0), {declare(first), declare(second)}),
                 chain.sign(key_of(kSubmitterKey, 1), {declare(third, "KW")})});
  CHECK(effects.outcomes[0].statements[0].lane == Lane::kGreen);
  CHECK(effects.outcomes[0].statements[1].lane == Lane::kRed);
  CHECK(effects.outcomes[1].statements[0].lane == Lane::kRed);
}

TEST_CASE("24: a cancelled declaration's identifiers are free, an amended one's are the new ones") {
  Chain chain;
  Facts first = numbered(1);
  first.invoice = std::string(64, 'a');
  const auto statement = declare(first);
  const Hash name = name_of(statement);
  REQUIRE(chain.apply(kSubmitterKey, statement) == Code::kAccepted);
  // The same facts amended are no duplicate of themselves.
  Facts amended = first;
  amended.salt = 9;
  amended.invoice = std::string(64, 'b');
  CHECK(chain.run(kSubmitterKey, amend(name, amended)).lane == Lane::kGreen);
  Facts old_invoice = numbered(2);
  old_invoice.invoice = std::string(64, 'a');
  CHECK(lane_of(chain, old_invoice) == Lane::kGreen);
  REQUIRE(chain.apply(kSubmitterKey, cancel(name)) == Code::kAccepted);
  Facts new_invoice = numbered(3);
  new_invoice.invoice = std::string(64, 'b');
  new_invoice.ucr = first.ucr;
  CHECK(lane_of(chain, new_invoice) == Lane::kGreen);
}

// ------------------------------------------------------------------ history (C2, C6)

TEST_CASE("C2: declarations of one block do not see each other in the history") {
  Chain chain;
  std::vector<StatementWithBody> statements;
  for (std::uint64_t i = 1; i <= 5; ++i) {
    Facts facts = numbered(i);
    facts.exporter = std::string(32, 'b');
    statements.push_back(declare(facts));
  }
  const Effects effects = chain.run({chain.sign(key_of(kSubmitterKey, 0), statements)});
  for (const Outcome& outcome : effects.outcomes[0].statements) {
    CHECK(outcome.lane == Lane::kGreen);
  }
  Facts next = numbered(6);
  next.exporter = std::string(32, 'b');
  CHECK(lane_of(chain, next) == Lane::kYellow);
  Facts other = numbered(7);
  CHECK(lane_of(chain, other) == Lane::kGreen);
}

TEST_CASE("C6: a cancelled or amended declaration leaves the history it was counted in") {
  Chain chain;
  std::vector<Hash> names;
  for (std::uint64_t i = 1; i <= 3; ++i) {
    Facts facts = numbered(i);
    facts.exporter = std::string(32, 'b');
    const auto statement = declare(facts);
    names.push_back(name_of(statement));
    REQUIRE(chain.apply(kSubmitterKey, statement) == Code::kAccepted);
  }
  REQUIRE(chain.apply(kSubmitterKey, cancel(names[0])) == Code::kAccepted);
  Facts next = numbered(4);
  next.exporter = std::string(32, 'b');
  CHECK(lane_of(chain, next) == Lane::kGreen);  // two were left
  CHECK(lane_of(chain, [] {
          Facts f = numbered(5);
          f.exporter = std::string(32, 'b');
          return f;
        }()) == Lane::kYellow);  // and then three
  Facts moved = numbered(2);
  moved.salt = 20;
  moved.exporter = std::string(32, 'c');
  REQUIRE(chain.apply(kSubmitterKey, amend(names[1], moved)) == Code::kAccepted);
  REQUIRE(chain.apply(kOfficerKey, cancel(names[2])) == Code::kAccepted);
  Facts after = numbered(6);
  after.exporter = std::string(32, 'b');
  CHECK(lane_of(chain, after) == Lane::kGreen);
}

TEST_CASE("C6: what a filter reads is kept too, were it a bare yes or no") {
  std::string rules(kTestRules);
  const std::string_view plain = "hit rate of declarations with same exporter in";
  rules.replace(rules.find(plain), plain.size(),
                "hit rate of declarations with same exporter where hs_well_formed in");
  Chain chain(rules);
  const auto statement = declare(numbered(1));
  REQUIRE(chain.apply(kSubmitterKey, statement) == Code::kAccepted);
  REQUIRE(chain.apply(kOfficerKey, inspect(name_of(statement), InspectionResult::kOffence)) ==
          Code::kAccepted);
  Facts next = numbered(2);
  next.exporter = numbered(1).exporter;
  CHECK(lane_of(chain, next) == Lane::kYellow);
}

TEST_CASE("C6: an inspection's result counts from the block after it") {
  Chain chain;
  Facts first = numbered(1);
  first.origin = "KP";
  first.exporter = std::string(32, 'd');
  const auto statement = declare(first);
  REQUIRE(chain.apply(kSubmitterKey, statement) == Code::kAccepted);
  Facts second = numbered(2);
  second.exporter = first.exporter;
  CHECK(lane_of(chain, second) == Lane::kGreen);
  REQUIRE(chain.apply(kOfficerKey, inspect(name_of(statement), InspectionResult::kOffence)) ==
          Code::kAccepted);
  Facts third = numbered(3);
  third.exporter = first.exporter;
  CHECK(lane_of(chain, third) == Lane::kYellow);
}

}  // namespace
}  // namespace sanad::tests
