// Writes what the browser verifier is tested with: proofs, good and spoilt, each with the reason
// for which verify_bundle() refuses it. The page must say the same.
//
//   SANAD_CASES=FOLDER verifier_cases
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include "crypto/codec_json.h"
#include "tests/chaincode/proved_ledger.h"

namespace sanad::tests {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHolds = "holds";
const std::string kContainer = "CSQU3054383";

Facts shipped(const std::string& id, const std::string& flow, const std::string& ucr,
              std::uint64_t salt) {
  Facts made = goods(id, flow, ucr, salt);
  if (ucr == "UCR-7") made.containers = {kContainer};
  return made;
}

std::string reason_of(const std::string& text, const Trust& trust) {
  const auto bundle = parse_bundle(text);
  if (!bundle) return std::string(reason_name(bundle.error()));
  const auto found = verify_bundle(*bundle, trust);
  return std::string(found ? kHolds : reason_name(found.error()));
}

// Text files in one folder. A table has a line for each row, its fields between tabs.
class Cases {
 public:
  explicit Cases(fs::path folder) : folder_(std::move(folder)) { fs::create_directories(folder_); }
  void write(const std::string& name, std::string_view text) const {
    std::ofstream file(folder_ / name, std::ios::binary);
    file << text;
    REQUIRE(file.good());
  }
  [[nodiscard]] std::string read(const std::string& proof) const {
    std::ifstream file(folder_ / (proof + ".sanad.json"), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void add_trust(const std::string& name, const Trust& trust) {
    write(name + ".trust.json", format_trust(trust));
    trusts_.emplace(name, trust);
  }
  // A file of its own, for people and the page.
  void add(const std::string& name, const std::string& trust, const std::string& text) {
    write(name + ".sanad.json", text);
    rows_ += name + "\t" + trust + "\t" + reason_of(text, trusts_.at(trust)) + "\n";
  }
  // One of many.
  void add_spoilt(const std::string& trust, const std::string& text) {
    spoilt_ += trust + "\t" + reason_of(text, trusts_.at(trust)) + "\t" +
               crypto::to_base64(crypto::as_bytes(text)) + "\n";
  }
  void finish() const {
    write("proofs.tsv", rows_);
    write("spoilt.tsv", spoilt_);
  }

 private:
  fs::path folder_;
  std::map<std::string, Trust> trusts_;
  std::string rows_;
  std::string spoilt_;
};

// ------------------------------------------------------------------ proofs

// The salt makes another ledger of the same form.
void first_member(ProvedLedger& ledger, std::uint64_t salt = 1) {
  ledger.act(kSubmitterKey, declare(shipped("X-1", "import", "OTHER-1", salt)));
  ledger.act(kSubmitterKey, declare(shipped("E-1", "export", "UCR-7", 2)));
}
// An export and its import, which is held.
void two_members(ProvedLedger& ledger) {
  first_member(ledger);
  ledger.act(kSubmitterKey, declare(shipped("X-2", "import", "OTHER-2", 3)), 2);
  const auto filed = declare(shipped("I-1", "import", "UCR-7", 4), "KW");
  ledger.act(kSubmitterKey, filed, 1);
  ledger.act(kOfficerKey, {Hold{name_of(filed), reason()}, std::nullopt}, 1);
}

// The first block of the second epoch is signed by five of these.
void seven_take_over(ProvedLedger& ledger) {
  ledger.hand_over({1, 2, 3, 4, 5, 6, 7});
  ledger.act(kSubmitterKey, declare(shipped("X-3", "import", "OTHER-3", 5)), 3);
}

Trust trust_in(const ProvedLedger& ledger) {
  Trust trust = ledger.trust();
  const Signers signers = ledger.committee().signers(trust.actors);
  trust.epoch = signers.epoch;
  trust.validators = signers.validators;
  return trust;
}

// The fields after the third sealed, as a holder shows them to somebody who need not see them.
Bundle sealed(Bundle bundle) {
  for (BundleBody& one : bundle.bodies) {
    std::vector<crypto::OpenedField> kept;
    for (const crypto::OpenedField& field : one.body.opened) {
      if (field.id <= 3) {
        kept.push_back(field);
      } else {
        one.body.sealed.push_back(
            {field.id, crypto::field_digest(field.salt, field.id, field.value)});
      }
    }
    one.body.opened = std::move(kept);
  }
  return bundle;
}

// What the ledger says of each of these as the continuation of each other one.
void add_growth(const Cases& cases, const Trust& trust) {
  const std::vector<std::string> names = {"consignment", "grown", "earlier", "forked", "absent"};
  std::string rows;
  for (const std::string& earlier : names) {
    for (const std::string& later : names) {
      const auto before = verify_bundle(*parse_bundle(cases.read(earlier)), trust);
      const auto after = verify_bundle(*parse_bundle(cases.read(later)), trust);
      const Status grows = check_growth(*before, *after);
      rows += earlier + "\t" + later + "\t" +
              std::string(grows ? kHolds : reason_name(grows.error())) + "\n";
    }
  }
  cases.write("growth.tsv", rows);
}

void add_proofs(Cases& cases) {
  ProvedLedger ledger;
  cases.add_trust("first", ledger.trust());
  two_members(ledger);
  const Subject day = AuthorityDaySubject{"AE-DU", kGenesisMs / kMsPerDay};
  cases.add("consignment", "first", format_bundle(ledger.bundle("UCR-7")));
  cases.add("sealed", "first", format_bundle(sealed(ledger.bundle("UCR-7"))));
  cases.add("absent", "first", format_bundle(ledger.bundle("NEVER-SEEN")));
  cases.add("day", "first", format_bundle(ledger.bundle(day)));
  cases.add("grown", "first", format_bundle(ledger.bundle("UCR-7", 3)));
  const Subject container = ProvedLedger::container(kContainer);
  cases.add("container", "first", format_bundle(ledger.bundle(container)));

  ProvedLedger earlier;
  first_member(earlier);
  cases.add("earlier", "first", format_bundle(earlier.bundle("UCR-7")));
  ProvedLedger forked;
  first_member(forked, 9);
  cases.add("forked", "first", format_bundle(forked.bundle("UCR-7")));
  add_growth(cases, ledger.trust());

  seven_take_over(ledger);
  cases.add_trust("second", trust_in(ledger));
  Bundle seven = ledger.bundle("UCR-7");
  cases.add("handed", "first", format_bundle(seven));
  cases.add("older", "second", format_bundle(seven));
  seven.handovers.clear();
  seven.actors.clear();
  cases.add("seven", "second", format_bundle(seven));
  cases.add("newer", "first", format_bundle(seven));
}

// ------------------------------------------------------------------ what is done to them

using Change = std::function<void(Bundle&)>;

std::vector<Change> changes() {
  return {
      [](Bundle& b) { b.version = 3; },
      [](Bundle& b) { b.records.pop_back(); },
      [](Bundle& b) { b.records.erase(b.records.begin()); },
      [](Bundle& b) { b.records.push_back(b.records.back()); },
      [](Bundle& b) { std::swap(b.records[0], b.records[1]); },
      [](Bundle& b) { b.records[0] = b.commit_record; },
      [](Bundle& b) { b.records[0].push_back(0); },
      [](Bundle& b) { b.statements.pop_back(); },
      [](Bundle& b) { std::swap(b.statements[0], b.statements[1]); },
      [](Bundle& b) { b.statements[0].index = 7; },
      [](Bundle& b) { b.statements[0].cose.back() ^= 1; },
      [](Bundle& b) { b.statements[0].cose[10] ^= 1; },
      [](Bundle& b) { b.statements[0].cose[60] ^= 1; },
      [](Bundle& b) { b.statements[0].statement.back() ^= 1; },
      [](Bundle& b) { b.statements[0].path.push_back(Hash()); },
      [](Bundle& b) { b.bodies[0].n = 2; },
      [](Bundle& b) { b.bodies[0].body.opened.pop_back(); },
      [](Bundle& b) { b.bodies[0].body.opened[0].salt.bytes[0] ^= 1; },
      [](Bundle& b) { std::swap(b.bodies[0].body.opened[0], b.bodies[0].body.opened[1]); },
      [](Bundle& b) { std::swap(b.bodies[0], b.bodies[1]); },
      [](Bundle& b) { b.details[0].n = 1; },
      [](Bundle& b) { b.details[0].stored.back() ^= 1; },
      [](Bundle& b) { b.commit_path.pop_back(); },
      [](Bundle& b) { b.commit_path.push_back(Hash()); },
      [](Bundle& b) { b.commit_record = b.records[0]; },
      [](Bundle& b) { b.index_proof.turns.clear(); },
      [](Bundle& b) { b.index_proof.leaf->n = 0; },
      [](Bundle& b) { b.index_proof.leaf.reset(); },
      [](Bundle& b) { b.since.emplace(); },
      [](Bundle& b) { b.since.emplace().append(Hash()); },
      [](Bundle& b) { b.subject = ConsignmentSubject{}; },
      [](Bundle& b) { std::get<ConsignmentSubject>(b.subject).salt.bytes[3] ^= 1; },
      [](Bundle& b) { b.subject = ProvedLedger::container(kContainer); },
      [](Bundle& b) {
        b.subject = AuthorityDaySubject{"KW", kGenesisMs / kMsPerDay};
      },
      [](Bundle& b) { b.checkpoint.pop_back(); },
      [](Bundle& b) { b.checkpoint.push_back(b.checkpoint.back()); },
      [](Bundle& b) { b.checkpoint.clear(); },
      [](Bundle& b) { b.checkpoint[1] = "0"; },
      [](Bundle& b) { b.checkpoint[1] = "0" + b.checkpoint[1]; },
      [](Bundle& b) { b.checkpoint[0] += "0"; },
      [](Bundle& b) { b.checkpoint.insert(b.checkpoint.begin() + 3, "extension"); },
      [](Bundle& b) { b.checkpoint.back().replace(4, 2, "XX"); },
      [](Bundle& b) { b.handovers.emplace_back(); },
      [](Bundle& b) { b.actors.emplace_back(); },
  };
}

std::vector<Change> handover_changes() {
  return {
      [](Bundle& b) { b.handovers.clear(); },
      [](Bundle& b) { b.handovers.pop_back(); },
      [](Bundle& b) { b.handovers.push_back(b.handovers.back()); },
      [](Bundle& b) { b.handovers[0].committee.epoch = 5; },
      [](Bundle& b) { b.handovers[0].committee.validators.pop_back(); },
      [](Bundle& b) { b.handovers[0].committee.actors.bytes[0] ^= 1; },
      [](Bundle& b) { b.handovers[0].checkpoint.pop_back(); },
      [](Bundle& b) { b.handovers[0].checkpoint = b.checkpoint; },
      [](Bundle& b) { b.actors.pop_back(); },
      [](Bundle& b) { std::swap(b.actors[0], b.actors[1]); },
      [](Bundle& b) { b.checkpoint = b.handovers[0].checkpoint; },
  };
}

void add_spoilt(Cases& cases) {
  ProvedLedger ledger;
  two_members(ledger);
  const Bundle good = ledger.bundle("UCR-7");
  for (const Change& change : changes()) {
    Bundle spoilt = good;
    change(spoilt);
    cases.add_spoilt("first", format_bundle(spoilt));
  }
  seven_take_over(ledger);
  for (const Change& change : handover_changes()) {
    Bundle spoilt = ledger.bundle("UCR-7");
    change(spoilt);
    cases.add_spoilt("first", format_bundle(spoilt));
    cases.add_spoilt("second", format_bundle(spoilt));
  }
  const std::string text = format_bundle(good);
  const std::vector<std::string> rewritten = {"",
                                              "{}",
                                              "[]",
                                              "null",
                                              "\n",
                                              text + "\n",
                                              " " + text,
                                              text.substr(0, text.size() - 1),
                                              text.substr(0, text.size() / 2),
                                              "\xEF\xBB\xBF" + text,
                                              text + text,
                                              "{\"version\":2" + text.substr(12, 1),
                                              "{\"more\":0," + text.substr(1)};
  for (const std::string& one : rewritten) cases.add_spoilt("first", one);
}

// The reason for every byte of the text changed, in order.
void add_flips(const Cases& cases) {
  ProvedLedger ledger;
  ledger.act(kSubmitterKey, declare(shipped("E-1", "export", "UCR-7", 2)));
  const Trust trust = ledger.trust();
  const std::string text = format_bundle(ledger.bundle("UCR-7"));
  REQUIRE(reason_of(text, trust) == kHolds);
  std::string reasons;
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string flipped = text;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    const std::string why = reason_of(flipped, trust);
    REQUIRE(why != kHolds);
    reasons += why + "\n";
  }
  cases.write("small.sanad.json", text);
  cases.write("small.flips", reasons);
}

// ------------------------------------------------------------------ gates

// Bytes of records with a few changed, and whether they are still one.
void add_records(const Cases& cases) {
  ProvedLedger ledger;
  two_members(ledger);
  std::mt19937 random(7);
  std::string rows;
  for (std::uint64_t i = 0; i < ledger.size(); ++i) {
    for (int variant = 0; variant < 200; ++variant) {
      Bytes bytes = ledger.leaf(i);
      if (variant > 0)
        bytes[random() % bytes.size()] ^= static_cast<std::uint8_t>(1U << random() % 8);
      if (variant % 50 == 49) bytes.resize(random() % bytes.size());
      rows += std::string(decode_record(bytes) ? "1" : "0") + "\t" + crypto::to_hex(bytes) + "\n";
    }
  }
  cases.write("records.tsv", rows);
}

void add_signature(std::string& rows, const PublicKey& key, ByteView message,
                   const crypto::Signature& signature) {
  rows += std::string(crypto::verify(key, message, signature) ? "1" : "0") + "\t" + key.hex() +
          "\t" + crypto::to_hex(message) + "\t" + signature.hex() + "\n";
}

// Keys and R with a part of order 8, so that verifying with a cofactor accepts what verifying
// without one refuses (F4). Made with the formulas of RFC 8032 §5.1 and L·P for a point P.
struct Torsion {
  const char* key;
  const char* message;
  const char* signature;
  bool valid;
};
constexpr Torsion kTorsion[] = {
    {"7767a3242dc9b58bbc68488c1265cc6cc5f26c6f3c88a5d55e901b0734dca572", "73616e6164",
     "6b12d4d055bd943206034b402ebe601bf715a3bbe772cdac6ab65b94d9a07bf6"
     "7374571c5832aa3f54c9cfc83e1a586675efa998a521b1e8815f806b35bd960e",
     true},
    {"6a84d583f06569edb3f5ed77df65544b27d6948b4f0b2cb76f33dd8413b20719", "73616e61642030",
     "6b12d4d055bd943206034b402ebe601bf715a3bbe772cdac6ab65b94d9a07bf6"
     "3e4d27ebe0ae6b6ade76285c8ac98b2df32e5d48af773d10776d198cc3d12301",
     false},
    {"6a84d583f06569edb3f5ed77df65544b27d6948b4f0b2cb76f33dd8413b20719", "73616e61642039",
     "6b12d4d055bd943206034b402ebe601bf715a3bbe772cdac6ab65b94d9a07bf6"
     "de36654ed464dc28fd9718bde4ba53b60516cd10678fd161d416bf2472ae5207",
     true},
    {"7767a3242dc9b58bbc68488c1265cc6cc5f26c6f3c88a5d55e901b0734dca572", "73616e6164",
     "e9c6aa47f2c1dc30d08679feb45162ca38dfa1e557af575b803e03f30110eff5"
     "38d558162089a1539468574ddfe206e61cf853f16b53fec35d077bad1c784200",
     false},
    {"6a84d583f06569edb3f5ed77df65544b27d6948b4f0b2cb76f33dd8413b20719", "73616e61642032",
     "e9c6aa47f2c1dc30d08679feb45162ca38dfa1e557af575b803e03f30110eff5"
     "c2570d8632776a9cd7b1a84e68925350f5903664d14fcf0a5d321f17128a8401",
     true},
};

void add_signatures(const Cases& cases) {
  std::string rows;
  for (const Torsion& one : kTorsion) {
    const auto key = PublicKey::from_hex(one.key).value();
    const Bytes message = crypto::from_hex(one.message).value();
    const auto signature = crypto::Signature::from_hex(one.signature).value();
    CHECK(crypto::verify(key, message, signature) == one.valid);
    add_signature(rows, key, message, signature);
  }
  const SigningKey& key = key_of(kSubmitterKey, 0);
  const Bytes message = {1, 2, 3};
  const crypto::Signature good = key.sign(message);
  add_signature(rows, key.public_key(), message, good);
  for (std::size_t bit = 0; bit < 8 * crypto::Signature::kSize; bit += 5) {
    crypto::Signature bad = good;
    bad.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    add_signature(rows, key.public_key(), message, bad);
  }
  cases.write("signatures.tsv", rows);
}

// Trust files come in any spelling.
void add_trusts(const Cases& cases) {
  const std::string text = format_trust(ProvedLedger().trust());
  const auto with = [&text](std::string_view from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.substr(0, at) + to + text.substr(at + from.size());
  };
  const std::vector<std::string> texts = {
      text,
      " \t\r\n" + text + "  \n",
      text.substr(0, text.size() - 2),
      text + "x",
      with("\"version\":2", "\"version\": 2"),
      with("\"version\":2", "\"version\":2.0"),
      with("\"version\":2", "\"version\":2e0"),
      with("\"version\":2", "\"version\":02"),
      with("\"version\":2", "\"version\":-0"),
      with("\"version\":2", "\"version\":+2"),
      with("\"version\":2", "\"version\":\"2\""),
      with("\"version\":2", "\"version\":1"),
      with("\"version\":2", "\"version\":4294967298"),
      with("\"version\":2", "\"version\":true"),
      with("\"version\":2", "\"version\":2,\"version\":2"),
      with("\"version\":2,", ""),
      with("\"version\":2", "\"version\":2,\"more\":null"),
      with("{", "{,"),
      with("\"version\":2", "\"version\":2,"),
      with("\"version\":2", "/**/\"version\":2"),
      with("test-net", "test\\u002dnet"),
      with("test-net", "test\\net"),
      with("test-net", "test\tnet"),
      with("test-net", ""),
      with("test-net", "\\ud83d\\ude00"),
      with("test-net", "\\ud83d"),
      with("test-net", "\xC3\xA9"),
      with("test-net", "\xC3"),
      with("test-net", "\xED\xA0\x80"),
      with("test-net", "\x7F"),
      with("test-net", "\\u0085"),
      with("test-net", std::string(128, 'n')),
      with("test-net", std::string(129, 'n')),
      with("\"epoch\":\"1\"", "\"epoch\":\"0\""),
      with("\"epoch\":\"1\"", "\"epoch\":\"01\""),
      with("\"epoch\":\"1\"", "\"epoch\":1"),
      with("\"epoch\":\"1\"", "\"epoch\":\"-1\""),
      with("\"epoch\":\"1\"", "\"epoch\":\"18446744073709551615\""),
      with("\"epoch\":\"1\"", "\"epoch\":\"18446744073709551616\""),
      "",
      "{}",
      "[]",
      "nul",
      "\"x\"",
      std::string(40, '['),
  };
  std::string rows;
  for (const std::string& one : texts) {
    rows += std::string(parse_trust(one) ? "1" : "0") + "\t" +
            crypto::to_base64(crypto::as_bytes(one)) + "\n";
  }
  cases.write("trusts.tsv", rows);
}

}  // namespace

TEST_CASE("Cases for the browser verifier", "[verifier]") {
  const char* folder = std::getenv("SANAD_CASES");
  REQUIRE(folder != nullptr);
  Cases cases(folder);
  add_proofs(cases);
  add_spoilt(cases);
  cases.finish();
  add_flips(cases);
  add_records(cases);
  add_signatures(cases);
  add_trusts(cases);
}

}  // namespace sanad::tests
