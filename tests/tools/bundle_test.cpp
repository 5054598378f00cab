#include "chaincode/bundle.h"

#include <catch2/catch.hpp>

#include "tests/tools/proved_ledger.h"

namespace sanad::tests {
namespace {

Facts facts(const std::string& id, const std::string& flow, const std::string& ucr,
            std::uint64_t salt) {
  Facts made;
  made.id = id;
  made.flow = flow;
  made.ucr = ucr;
  made.salt = salt;
  made.exporter = std::string(32, static_cast<char>('a' + salt));  // none of them is busy
  return made;
}

// An export at Dubai and its import at Kuwait, both green; other consignments around them.
ProvedLedger two_members() {
  ProvedLedger ledger;
  ledger.act(kSubmitterKey, declare(facts("X-1", "import", "OTHER-1", 1)));
  ledger.act(kSubmitterKey, declare(facts("E-1", "export", "UCR-7", 2)));
  ledger.act(kSubmitterKey, declare(facts("X-2", "import", "OTHER-2", 3)), 2);
  ledger.act(kSubmitterKey, declare(facts("I-1", "import", "UCR-7", 4), "KW"), 1);
  ledger.act(kSubmitterKey, declare(facts("X-3", "import", "OTHER-3", 5)), 3);
  return ledger;
}

std::string refusal(const Bundle& bundle, const Trust& trust) {
  const auto found = verify_bundle(bundle, trust);
  return found ? std::string() : found.error().message();
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

TEST_CASE("F17: one changed byte anywhere is refused") {
  ProvedLedger ledger;
  ledger.act(kSubmitterKey, declare(facts("I-1", "import", "UCR-7", 4)));
  const Trust trust = ledger.trust();
  const std::string text = format_bundle(ledger.bundle("UCR-7"));
  std::size_t tried = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const unsigned mask : {0x01U, 0x20U}) {
      std::string changed = text;
      changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ mask);
      const auto parsed = parse_bundle(changed);
      ++tried;
      if (parsed && verify_bundle(*parsed, trust)) FAIL("byte " << at << " of " << text);
    }
  }
  CHECK(tried == 2 * text.size());
}

TEST_CASE("F17: a dropped, repeated or swapped record is refused, the last one too") {
  const ProvedLedger ledger = two_members();
  const Trust trust = ledger.trust();
  const Bundle whole = ledger.bundle("UCR-7");
  const std::size_t n = whole.records.size();
  for (std::size_t i = 0; i < n; ++i) {
    CAPTURE(i);
    Bundle dropped = whole;
    dropped.records.erase(dropped.records.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK_FALSE(refusal(dropped, trust).empty());
    Bundle repeated = whole;
    repeated.records.insert(repeated.records.begin() + static_cast<std::ptrdiff_t>(i),
                            whole.records[i]);
    CHECK_FALSE(refusal(repeated, trust).empty());
    Bundle overwritten = whole;
    overwritten.records[i] = whole.records[(i + 1) % n];
    CHECK_FALSE(refusal(overwritten, trust).empty());
    for (std::size_t j = i + 1; j < n; ++j) {
      Bundle swapped = whole;
      std::swap(swapped.records[i], swapped.records[j]);
      CHECK_FALSE(refusal(swapped, trust).empty());
    }
  }
}

TEST_CASE("F17: a shorter history is refused even with everything else cut to fit") {
  const ProvedLedger ledger = two_members();
  Bundle cut = ledger.bundle("UCR-7");
  cut.records.pop_back();
  CHECK(refusal(cut, ledger.trust()).find("has 6 records, the bundle 5") != std::string::npos);
  cut.records.resize(3);
  cut.statements.resize(1);
  cut.bodies.resize(1);
  cut.details.resize(1);
  CHECK_FALSE(refusal(cut, ledger.trust()).empty());
  cut.index_proof.leaf->n = 3;
  CHECK_FALSE(refusal(cut, ledger.trust()).empty());
}

TEST_CASE("F17: an old commit record under a fresh checkpoint is refused") {
  ProvedLedger ledger;
  Facts yellow = facts("I-1", "import", "UCR-7", 4);
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
  CHECK(refusal(spliced, ledger.trust()).find("not the last record") != std::string::npos);
  spliced.commit_path = ledger.commit_path(old_index);  // truly in the log, but not last
  CHECK(refusal(spliced, ledger.trust()).find("not the last record") != std::string::npos);
  spliced.commit_path = fresh.commit_path;
  CHECK_FALSE(refusal(spliced, ledger.trust()).empty());
  // Another record in the commit record's place.
  Bundle other = fresh;
  other.commit_record = ledger.leaf(ledger.size() - 2);
  other.commit_path = ledger.commit_path(ledger.size() - 2);
  CHECK_FALSE(refusal(other, ledger.trust()).empty());
}

TEST_CASE("F14: fewer cosigners than a quorum, or lines of strangers, prove nothing") {
  const ProvedLedger ledger = two_members();
  const auto with = [&](const std::vector<std::uint8_t>& cosigners) {
    Bundle bundle = ledger.bundle("UCR-7");
    bundle.checkpoint = note_lines(ledger.note(cosigners));
    return verify_bundle(bundle, ledger.trust());
  };
  CHECK(with({0, 1, 2}).ok());
  CHECK(with({3, 2, 1, 0}).ok());
  REQUIRE_FALSE(with({0, 1}).ok());
  CHECK(with({0, 1}).error() == make_error_code(crypto::Errc::kNotQuorum));
  CHECK_FALSE(with({}).ok());
  CHECK_FALSE(with({0, 0, 0, 1}).ok());
  Trust smaller = ledger.trust();
  smaller.validators.erase(smaller.validators.begin());
  CHECK_FALSE(verify_bundle(ledger.bundle("UCR-7"), smaller).ok());
  Trust elsewhere = ledger.trust();
  elsewhere.network = "other-net";
  CHECK_FALSE(verify_bundle(ledger.bundle("UCR-7"), elsewhere).ok());
  elsewhere = ledger.trust();
  elsewhere.network_id.bytes[0] ^= 1;
  CHECK_FALSE(verify_bundle(ledger.bundle("UCR-7"), elsewhere).ok());
}

TEST_CASE("F16: absence of a consignment is proved, and cannot be pretended") {
  const ProvedLedger ledger = two_members();
  const auto absent = verify_bundle(ledger.bundle("NEVER-SEEN"), ledger.trust());
  REQUIRE(absent.ok());
  CHECK(absent->records.empty());
  Bundle pretended = ledger.bundle("NEVER-SEEN");
  pretended.ucr = "UCR-7";
  pretended.handle_salt = ProvedLedger::salt("UCR-7");
  CHECK_FALSE(refusal(pretended, ledger.trust()).empty());
  Bundle renamed = ledger.bundle("UCR-7");
  renamed.ucr = "OTHER-1";
  renamed.handle_salt = ProvedLedger::salt("OTHER-1");
  CHECK_FALSE(refusal(renamed, ledger.trust()).empty());
}

TEST_CASE("F8: every statement behind the records is signed by the authority they name") {
  const ProvedLedger ledger = two_members();
  Bundle missing = ledger.bundle("UCR-7");
  missing.statements.pop_back();
  CHECK_FALSE(refusal(missing, ledger.trust()).empty());
  Bundle swapped = ledger.bundle("UCR-7");
  std::swap(swapped.statements[0], swapped.statements[1]);
  CHECK_FALSE(refusal(swapped, ledger.trust()).empty());
  Trust confused = ledger.trust();
  for (TrustedActor& actor : confused.actors) {
    if (actor.authority == "KW") actor.authority = "QA";
  }
  CHECK(refusal(ledger.bundle("UCR-7"), confused).find("names KW") != std::string::npos);
  confused.actors.clear();
  CHECK_FALSE(refusal(ledger.bundle("UCR-7"), confused).empty());
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
  CHECK(refusal(altered, ledger.trust()).find("not those declared") != std::string::npos);
  body.sealed.push_back({value->id, crypto::field_digest(value->salt, value->id, value->value)});
  body.opened.erase(value);
  CHECK(verify_bundle(bundle, ledger.trust()).ok());
  bundle.bodies[0].body.sealed[0].digest.bytes[5] ^= 1;
  CHECK_FALSE(refusal(bundle, ledger.trust()).empty());
  Bundle foreign = ledger.bundle("UCR-7");
  foreign.bodies[0].body = ledger.bundle("OTHER-1").bodies[0].body;
  CHECK_FALSE(refusal(foreign, ledger.trust()).empty());
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
  Facts unnamed = facts(std::string(64, 'N'), "import", "", 1);
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
  evading.ucr = "UCR-7";
  const auto found = [&] {
    for (std::uint8_t i = 0;; ++i) {
      evading.handle_salt.bytes[0] = i;
      auto tried = verify_bundle(evading, ledger.trust());
      if (tried) return *tried;
      REQUIRE(i < 255);
    }
  }();
  CHECK(found.records.empty());
  CHECK(found.proved.back().find("only a member can tell") != std::string::npos);
}

}  // namespace
}  // namespace sanad::tests
