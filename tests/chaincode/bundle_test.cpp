#include "chaincode/bundle.h"

#include <catch2/catch.hpp>

#include "tests/chaincode/proved_ledger.h"

namespace sanad::tests {
namespace {

// An export at Dubai and its import at Kuwait, both green; other consignments around them.
ProvedLedger two_members() {
  ProvedLedger ledger;
  ledger.act(kSubmitterKey, declare(goods("X-1", "import", "OTHER-1", 1)));
  ledger.act(kSubmitterKey, declare(goods("E-1", "export", "UCR-7", 2)));
  ledger.act(kSubmitterKey, declare(goods("X-2", "import", "OTHER-2", 3)), 2);
  ledger.act(kSubmitterKey, declare(goods("I-1", "import", "UCR-7", 4), "KW"), 1);
  ledger.act(kSubmitterKey, declare(goods("X-3", "import", "OTHER-3", 5)), 3);
  return ledger;
}

// The reason's name; empty where the bundle holds.
std::string_view refusal(const Bundle& bundle, const Trust& trust) {
  const auto found = verify_bundle(bundle, trust);
  return found ? std::string_view() : reason_name(found.error());
}

TEST_CASE("F17: a bundle proves a consignment's whole history across two members") {
  const ProvedLedger ledger = two_members();
  const Bundle bundle = ledger.bundle("UCR-7");
  const auto found = verify_bundle(bundle, ledger.trust());
  if (!found) FAIL(found.error().message());
  std::vector<RecordKind> kinds;
  for (const Record& record : found->records) kinds.push_back(record.kind());
  CHECK(kinds == std::vector{RecordKind::kDeclared, RecordKind::kVerdict, RecordKind::kReleased,
                             RecordKind::kDeclared, RecordKind::kVerdict, RecordKind::kReleased});
  CHECK(found->records[0].authority == "AE-DU");
  CHECK(found->records[3].authority == "KW");
  CHECK(found->handle == ProvedLedger::handle("UCR-7"));
  CHECK(found->tree_size == ledger.size());
  CHECK(found->height == 5);
  CHECK(found->cosigned_by == std::vector<std::string>{"AE-DU", "KW", "QA"});
  CHECK(found->proved.size() == 8);
  CHECK(found->not_proved.size() == 2);
  CHECK(found->history_size == 6);
}

TEST_CASE("F17: the text form reads back, and is the only one") {
  const ProvedLedger ledger = two_members();
  const Bundle bundle = ledger.bundle("UCR-7");
  const std::string text = format_bundle(bundle);
  const auto parsed = parse_bundle(text);
  REQUIRE(parsed.ok());
  CHECK(format_bundle(*parsed) == text);
  CHECK(verify_bundle(*parsed, ledger.trust()).ok());
  CHECK_FALSE(parse_bundle(text + "\n").ok());
  CHECK_FALSE(parse_bundle(" " + text).ok());
  CHECK_FALSE(parse_bundle(text.substr(0, text.size() - 1)).ok());
  CHECK_FALSE(parse_bundle("").ok());
  const auto trust = parse_trust(format_trust(ledger.trust()));
  REQUIRE(trust.ok());
  CHECK(format_trust(*trust) == format_trust(ledger.trust()));
}

TEST_CASE("F17: a shorter history is refused even with everything else cut to fit") {
  const ProvedLedger ledger = two_members();
  Bundle cut = ledger.bundle("UCR-7");
  cut.records.pop_back();
  CHECK(verify_bundle(cut, ledger.trust()).error().detail ==
        "consignment UCR-7 has 6 records, the proof has 5");
  cut.records.resize(3);
  cut.statements.resize(1);
  cut.bodies.resize(1);
  cut.details.resize(1);
  CHECK(refusal(cut, ledger.trust()) == "record-count");
  cut.index_proof.leaf->n = 3;
  CHECK(refusal(cut, ledger.trust()) == "index-mismatch");
}

TEST_CASE("F17: an old commit record under a fresh checkpoint is refused") {
  ProvedLedger ledger;
  Facts yellow = goods("I-1", "import", "UCR-7", 4);
  yellow.origin = "YE";
  const auto declared = declare(yellow);
  ledger.act(kSubmitterKey, declared);
  const Bundle old = ledger.bundle("UCR-7");
  const std::uint64_t old_index = ledger.size() - 1;
  REQUIRE(verify_bundle(old, ledger.trust()).ok());
  ledger.act(kOfficerKey, {Hold{name_of(declared), reason()}, std::nullopt});
  const Bundle fresh = ledger.bundle("UCR-7");
  REQUIRE(verify_bundle(fresh, ledger.trust()).ok());
  // The old bundle still proves what was true then.
  CHECK(verify_bundle(old, ledger.trust()).ok());

  Bundle spliced = old;
  spliced.checkpoint = fresh.checkpoint;
  CHECK(refusal(spliced, ledger.trust()) == "commit-not-last");
  spliced.commit_path = ledger.commit_path(old_index);  // truly in the log, but not last
  CHECK(refusal(spliced, ledger.trust()) == "commit-not-last");
  spliced.commit_path = fresh.commit_path;
  CHECK(refusal(spliced, ledger.trust()) == "commit-not-last");
  // Another record in the commit record's place.
  Bundle other = fresh;
  other.commit_record = ledger.leaf(ledger.size() - 2);
  other.commit_path = ledger.commit_path(ledger.size() - 2);
  CHECK(refusal(other, ledger.trust()) == "commit-not-last");
}

TEST_CASE("F14: fewer cosigners than a quorum, or lines of strangers, prove nothing") {
  const ProvedLedger ledger = two_members();
  const auto with = [&](const std::vector<std::uint8_t>& cosigners) {
    Bundle bundle = ledger.bundle("UCR-7");
    bundle.checkpoint = note_lines(ledger.note(cosigners));
    return refusal(bundle, ledger.trust());
  };
  CHECK(with({0, 1, 2}).empty());
  CHECK(with({3, 2, 1, 0}).empty());
  CHECK(with({0, 1}) == "not-cosigned");
  CHECK(with({}) == "not-cosigned");
  CHECK(with({0, 0, 0, 1}) == "stranger-line");
  CHECK(with({0, 1, 4}) == "stranger-line");
  Trust smaller = ledger.trust();
  smaller.validators.erase(smaller.validators.begin());
  CHECK(refusal(ledger.bundle("UCR-7"), smaller) == "stranger-line");
  Trust elsewhere = ledger.trust();
  elsewhere.network = "other-net";
  CHECK(refusal(ledger.bundle("UCR-7"), elsewhere) == "other-network");
  elsewhere = ledger.trust();
  elsewhere.network_id.bytes[0] ^= 1;
  CHECK(refusal(ledger.bundle("UCR-7"), elsewhere) == "other-network");
}

TEST_CASE("F16: absence of a consignment is proved, and cannot be pretended") {
  const ProvedLedger ledger = two_members();
  const auto absent = verify_bundle(ledger.bundle("NEVER-SEEN"), ledger.trust());
  REQUIRE(absent.ok());
  CHECK(absent->records.empty());
  Bundle pretended = ledger.bundle("NEVER-SEEN");
  pretended.subject = ProvedLedger::consignment("UCR-7");
  CHECK(refusal(pretended, ledger.trust()) == "record-count");
  Bundle renamed = ledger.bundle("UCR-7");
  renamed.subject = ProvedLedger::consignment("OTHER-1");
  CHECK(refusal(renamed, ledger.trust()) == "index-mismatch");
}

TEST_CASE("F8: every statement behind the records is signed by the authority they name") {
  const ProvedLedger ledger = two_members();
  Bundle missing = ledger.bundle("UCR-7");
  missing.statements.pop_back();
  CHECK(refusal(missing, ledger.trust()) == "statement-count");
  Bundle swapped = ledger.bundle("UCR-7");
  std::swap(swapped.statements[0], swapped.statements[1]);
  CHECK(refusal(swapped, ledger.trust()) == "statement-origin");
  Trust confused = ledger.trust();
  for (TrustedActor& actor : confused.actors) {
    if (actor.authority == "KW") actor.authority = "QA";
  }
  CHECK(refusal(ledger.bundle("UCR-7"), confused) == "statement-authority");
  confused.actors.clear();
  CHECK(refusal(ledger.bundle("UCR-7"), confused) == "statement-signer");
}

TEST_CASE("F5: facts may be sealed but not altered") {
  const ProvedLedger ledger = two_members();
  Bundle bundle = ledger.bundle("UCR-7");
  auto& body = bundle.bodies[0].body;
  const auto value = std::find_if(body.opened.begin(), body.opened.end(), [](const auto& field) {
    return field.id == static_cast<std::uint8_t>(FieldId::kValue);
  });
  REQUIRE(value != body.opened.end());
  Bundle altered = bundle;
  std::find_if(
      altered.bodies[0].body.opened.begin(), altered.bodies[0].body.opened.end(),
      [](const auto& field) { return field.id == static_cast<std::uint8_t>(FieldId::kValue); })
      ->value = std::int64_t{1};
  CHECK(refusal(altered, ledger.trust()) == "facts-mismatch");
  body.sealed.push_back({value->id, crypto::field_digest(value->salt, value->id, value->value)});
  body.opened.erase(value);
  CHECK(verify_bundle(bundle, ledger.trust()).ok());
  bundle.bodies[0].body.sealed[0].digest.bytes[5] ^= 1;
  CHECK(refusal(bundle, ledger.trust()) == "facts-mismatch");
  Bundle foreign = ledger.bundle("UCR-7");
  foreign.bodies[0].body = ledger.bundle("OTHER-1").bodies[0].body;
  CHECK(refusal(foreign, ledger.trust()) == "facts-mismatch");
}

TEST_CASE("F5: a holder may seal even what names the consignment") {
  const ProvedLedger ledger = two_members();
  for (const bool with_id : {false, true}) {
    Bundle bundle = ledger.bundle("UCR-7");
    auto& body = bundle.bodies[0].body;
    const auto seal = [&body](FieldId id) {
      const auto field =
          std::find_if(body.opened.begin(), body.opened.end(),
                       [id](const auto& one) { return one.id == static_cast<std::uint8_t>(id); });
      REQUIRE(field != body.opened.end());
      body.sealed.push_back(
          {field->id, crypto::field_digest(field->salt, field->id, field->value)});
      body.opened.erase(field);
    };
    if (with_id) seal(FieldId::kDeclarationId);
    seal(FieldId::kUcr);
    CHECK(refusal(bundle, ledger.trust()).empty());
  }
}

TEST_CASE("F17: a consignment without UCR has a bundle, whatever its declaration's id") {
  ProvedLedger ledger;
  Facts unnamed = goods(std::string(64, 'N'), "import", "", 1);
  unnamed.ucr.reset();
  ledger.act(kSubmitterKey, declare(unnamed));
  const auto read = parse_bundle(format_bundle(ledger.bundle("AE-DU:" + unnamed.id)));
  if (!read) FAIL(read.error().message());
  const auto found = verify_bundle(*read, ledger.trust());
  if (!found) FAIL(found.error().message());
  CHECK(found->records.size() == 3);
}

TEST_CASE("F16: an absence is no more than its salt, and says so") {
  // Nobody but a member can tell that this is not the salt of UCR-7, which has records.
  const ProvedLedger ledger = two_members();
  Bundle evading = ledger.bundle("NEVER-SEEN");
  ConsignmentSubject subject{"UCR-7", ProvedLedger::salt("UCR-7")};
  const auto found = [&] {
    for (std::uint8_t i = 0;; ++i) {
      subject.salt.bytes[0] = i;
      evading.subject = subject;
      auto tried = verify_bundle(evading, ledger.trust());
      if (tried) return *tried;
      REQUIRE(i < 255);
    }
  }();
  CHECK(found.records.empty());
  CHECK(found.not_proved.front().find("only a member can tell") != std::string::npos);
}

TEST_CASE("F18: handovers lead from the trusted committee to the one that cosigned") {
  ProvedLedger ledger = two_members();
  ledger.hand_over({1, 2, 3, 4, 5, 6, 7});
  ledger.act(kSubmitterKey, declare(goods("X-9", "import", "OTHER-9", 9)), 3);
  ledger.hand_over({8, 9, 10, 11});
  ledger.act(kSubmitterKey, declare(goods("X-10", "import", "OTHER-10", 10)));
  const Bundle bundle = ledger.bundle("UCR-7");
  const auto read = parse_bundle(format_bundle(bundle));
  REQUIRE(read.ok());
  const auto found = verify_bundle(*read, ledger.trust());
  if (!found) FAIL(found.error().message());
  CHECK(found->epoch == 3);
  CHECK(found->cosigned_by.size() == 3);
  CHECK(found->records.size() == 6);
}

TEST_CASE("F16: growth is proved from the right edge of what was proved before") {
  ProvedLedger ledger;
  ledger.act(kSubmitterKey, declare(goods("E-1", "export", "UCR-7", 2)));
  const auto earlier = verify_bundle(ledger.bundle("UCR-7"), ledger.trust());
  REQUIRE(earlier.ok());
  ledger.act(kSubmitterKey, declare(goods("I-1", "import", "UCR-7", 4), "KW"), 1);
  const Bundle grown = ledger.bundle("UCR-7", 3);
  const auto found = verify_bundle(grown, ledger.trust());
  if (!found) FAIL(found.error().message());
  CHECK(found->since == 3);
  CHECK(found->history_size == 6);
  CHECK(found->records.front().n == 4);
  CHECK(check_growth(*earlier, *found).ok());
  CHECK(reason_name(check_growth(*found, *earlier).error()) == "since-mismatch");
  const auto nothing_new = verify_bundle(ledger.bundle("UCR-7", 6), ledger.trust());
  REQUIRE(nothing_new.ok());
  CHECK(nothing_new->records.empty());

  // Another history of three records before it.
  const auto other = [&] {
    ProvedLedger forked;
    forked.act(kSubmitterKey, declare(goods("E-2", "export", "UCR-7", 3)));
    return *verify_bundle(forked.bundle("UCR-7"), forked.trust());
  }();
  CHECK(reason_name(check_growth(other, *found).error()) == "since-mismatch");
  Bundle forged = grown;
  forged.since = crypto::LogFrontier();
  CHECK(refusal(forged, ledger.trust()) == "since-malformed");
  forged.since.reset();
  CHECK(refusal(forged, ledger.trust()) == "record-count");
  forged = ledger.bundle("UCR-7", 2);
  CHECK(refusal(forged, ledger.trust()) == "");
  forged.records.erase(forged.records.begin());
  forged.since = grown.since;
  forged.since->append(Hash());
  CHECK(refusal(forged, ledger.trust()) == "record-count");
}

TEST_CASE("F16: all records of an authority on a day, and none of another's") {
  const ProvedLedger ledger = two_members();
  const std::uint32_t day = kGenesisMs / kMsPerDay;
  const Bundle bundle = ledger.bundle(AuthorityDaySubject{"KW", day});
  const auto read = parse_bundle(format_bundle(bundle));
  REQUIRE(read.ok());
  const auto found = verify_bundle(*read, ledger.trust());
  if (!found) FAIL(found.error().message());
  CHECK(found->records.size() == 3);
  CHECK_FALSE(found->handle);
  // Ledgers of this version have no such index: that nothing is found in it says nothing.
  CHECK(refusal(ledger.bundle(AuthorityDaySubject{"KW", day + 1}), ledger.trust()) == "subject");
  Bundle renamed = bundle;
  renamed.subject = AuthorityDaySubject{"QA", day};
  CHECK(refusal(renamed, ledger.trust()) == "index-mismatch");
  Bundle with_more = bundle;
  with_more.statements = ledger.bundle("UCR-7").statements;
  CHECK(refusal(with_more, ledger.trust()) == "statement-count");
}

TEST_CASE("F17: what was signed by an actor of the trusted epoch holds under later actors") {
  ProvedLedger ledger = two_members();
  ledger.hand_over({0, 1, 2, 3});
  ledger.act(kSubmitterKey, declare(goods("X-9", "import", "OTHER-9", 9)), 3);
  Trust without = ledger.trust();
  without.actors.clear();
  CHECK(refusal(ledger.bundle("UCR-7"), without).empty());  // they are in the bundle, signed for
  Bundle forged = ledger.bundle("UCR-7");
  forged.actors[0].authority = "SA";
  CHECK(refusal(forged, ledger.trust()) == "actors");
  forged.actors.clear();
  CHECK(refusal(forged, ledger.trust()) == "actors");
}

TEST_CASE("F16: every declaration that named a container, whatever consignment it was for") {
  ProvedLedger ledger;
  Facts first = goods("E-1", "export", "UCR-7", 2);
  first.containers = {"MSCU 123456-7", "TGHU7654321"};
  Facts second = goods("E-2", "export", "UCR-8", 3);
  second.containers = {"mscu1234567"};
  ledger.act(kSubmitterKey, declare(first));
  ledger.act(kSubmitterKey, declare(goods("X-1", "import", "OTHER-1", 1)));
  ledger.act(kSubmitterKey, declare(second));
  const Bundle bundle = ledger.bundle(ProvedLedger::container("MSCU1234567"));
  const auto read = parse_bundle(format_bundle(bundle));
  REQUIRE(read.ok());
  const auto found = verify_bundle(*read, ledger.trust());
  if (!found) FAIL(found.error().message());
  REQUIRE(found->records.size() == 2);
  CHECK(found->records[1].n == 1);  // in its consignment's history
  CHECK(found->not_proved.front().find("consignments' own proofs") != std::string::npos);
  CHECK(refusal(ledger.bundle(ProvedLedger::container("MSCU 1234567")), ledger.trust()) ==
        "subject");
  Bundle foreign = bundle;
  foreign.records[0] = ledger.bundle("OTHER-1").records[0];
  CHECK(refusal(foreign, ledger.trust()) == "record-foreign");
  Bundle swapped = bundle;
  std::swap(swapped.records[0], swapped.records[1]);
  CHECK(refusal(swapped, ledger.trust()) == "record-order");
  Bundle unsealed = ledger.bundle(ProvedLedger::container("TGHU7654321"));
  CHECK(refusal(unsealed, ledger.trust()).empty());
  CHECK(refusal(ledger.bundle(ProvedLedger::container("NONE0000000")), ledger.trust()) ==
        "subject");
}

}  // namespace
}  // namespace sanad::tests
