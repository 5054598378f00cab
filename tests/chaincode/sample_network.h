// A small network and its declarations, for whatever runs contracts: keys, genesis, facts.
#pragma once

#include <algorithm>
#include <stdexcept>

#include "chaincode/beacon.h"
#include "chaincode/clearance.h"
#include "chaincode/execute.h"

namespace sanad::tests {

using namespace chaincode;  // the tests speak its words all the time
using crypto::SigningKey;

inline constexpr std::uint64_t kGenesisMs = 1'760'000'000'000;
inline constexpr std::uint32_t kBeaconLength = 1000;

// The lane of a declaration follows from its origin: BR blue, YE yellow, KP red, any other green;
// and what bears a live identifier again is red.
inline constexpr std::string_view kTestRules = R"(rule set "test" version 1 for import, export

list blue_origins of country is BR
list yellow_origins of country is YE
list red_origins of country is KP

rule BLUE_ORIGIN "Blue" owner "t" legal basis "t" review by 2027-06-30
  when origin in blue_origins
  then lane at least blue
  explain origin

rule YELLOW_ORIGIN "Yellow" owner "t" legal basis "t" review by 2027-06-30
  when origin in yellow_origins
  then lane at least yellow
  explain origin

rule RED_ORIGIN "Red" owner "t" legal basis "t" review by 2027-06-30
  when origin in red_origins
  then lane at least red
  explain origin

rule DUPLICATE "Used before" owner "t" legal basis "t" review by 2027-06-30
  when duplicate_ucr or duplicate_invoice or duplicate_transport_document
  then lane at least red

rule BUSY "Many from one exporter" owner "t" legal basis "t" review by 2027-06-30
  when count of declarations with same exporter in the last 30 days >= 3
  then lane at least yellow
  explain count of declarations with same exporter in the last 30 days

rule OFFENDER "Offences before" owner "t" legal basis "t" review by 2027-06-30
  when hit rate of declarations with same exporter in the last 30 days at least 1 >= 50 %
  then lane at least yellow
)";

inline SigningKey key_of(std::uint8_t kind, std::uint8_t member) {
  crypto::Seed seed;
  seed.bytes.fill(kind);
  seed.bytes[0] = member;
  return SigningKey(seed);
}
enum KeyKind : std::uint8_t {
  kConsensusKey = 1,
  kLogKey,
  kCosignerKey,
  kTlsKey,
  kSubmitterKey,
  kOfficerKey,
  kSecondOfficerKey,
  kAuditorKey,
  kGovernanceKey,
  kStrangerKey,
};
// The first ones make up the small network of most tests.
inline const std::vector<std::string> kAuthorities = {"AE-DU", "KW", "QA", "SA"};
inline const std::vector<std::string> kManyAuthorities = {"AE-DU", "KW",    "QA",   "SA", "AE-AZ",
                                                          "AE-FU", "AE-SH", "BH",   "OM", "OM-MS",
                                                          "SA-01", "SA-02", "BH-13"};

inline Hash beacon_seed(std::uint8_t member) {
  Hash seed;
  seed.bytes.fill(static_cast<std::uint8_t>(0xA0 + member));
  return seed;
}

// REQUIRES: members ≤ kManyAuthorities.size().
inline Genesis sample_genesis(std::string_view rules = kTestRules,
                              std::size_t members = kAuthorities.size()) {
  Genesis genesis;
  genesis.network = "test-net";
  genesis.time_ms = kGenesisMs;
  for (std::uint8_t i = 0; i < members; ++i) {
    Member member;
    member.id = kManyAuthorities[i];
    member.name = "Customs of " + member.id;
    member.consensus_key = key_of(kConsensusKey, i).public_key();
    member.log_key = key_of(kLogKey, i).public_key();
    member.cosigner_key = key_of(kCosignerKey, i).public_key();
    member.tls_key = key_of(kTlsKey, i).public_key();
    member.beacon_anchor = beacon_anchor(beacon_seed(i), kBeaconLength);
    member.beacon_length = kBeaconLength;
    genesis.members.push_back(member);
    for (const auto& [kind, role] :
         {std::pair{kSubmitterKey, Role::kSubmitter}, std::pair{kOfficerKey, Role::kOfficer},
          std::pair{kSecondOfficerKey, Role::kOfficer}, std::pair{kAuditorKey, Role::kAuditor}}) {
      genesis.actors.push_back({key_of(kind, i).public_key(), member.id, {role}});
    }
    genesis.governance.push_back(key_of(kGovernanceKey, i).public_key());
  }
  std::sort(genesis.actors.begin(), genesis.actors.end(),
            [](const Actor& a, const Actor& b) { return a.key < b.key; });
  std::sort(genesis.governance.begin(), genesis.governance.end());
  if (!rules.empty()) {
    genesis.rule_sets.push_back({"test", {rules.begin(), rules.end()}});
  }
  return genesis;
}

inline crypto::NetworkSecret sample_secret() {
  crypto::NetworkSecret secret;
  secret.version = 1;
  secret.key.bytes.fill(0x5E);
  return secret;
}

// What proves a fault to the sample's contracts: 32 zeros, then who, what, and number, a byte each.
inline Bytes sample_evidence(std::uint8_t accused, Fault fault, std::uint8_t number) {
  Bytes bytes(32, 0);
  bytes.insert(bytes.end(), {accused, static_cast<std::uint8_t>(fault), number});
  return bytes;
}
inline EvidenceJudge sample_judge(const Genesis& genesis, const Hash&) {
  return [members = genesis.members.size()](ByteView evidence) -> Result<Claim> {
    if (evidence.size() != 35) return Error{crypto::Errc::kOutOfRange};
    const bool holds = evidence[0] == 0 && evidence[32] < members;
    return Claim{{evidence[32], static_cast<Fault>(evidence[33]), 1, evidence[34]},
                 [holds] { return holds ? Status{} : Error{crypto::Errc::kOutOfRange}; }};
  };
}

// A salt that differs for every number; tests need no randomness.
inline crypto::Salt salt_of(std::uint64_t number) {
  crypto::Bytes bytes;
  crypto::append_u64be(bytes, number);
  const Hash hash = crypto::sha256(bytes);
  return *crypto::Salt::from(hash.view().first(16));
}

// What a test says of a declaration; the rest is filled in.
struct Facts {
  std::string id = "D-1";
  std::string flow = "import";
  std::string origin = "DE";
  std::optional<std::string> ucr = "UCR-1";
  std::optional<std::string> invoice;
  std::optional<std::string> transport_document;
  std::string exporter = std::string(32, 'e');
  std::vector<std::string> containers;
  std::uint64_t salt = 0;
};

inline void open(Body& body, FieldId id, crypto::FieldValue value, std::uint64_t salt) {
  body.opened.push_back({static_cast<std::uint8_t>(id), std::move(value),
                         salt_of(salt * 64 + static_cast<std::uint64_t>(id))});
}

inline Body body_of(const Facts& facts) {
  Body body;
  body.schema = kDeclarationSchema;
  open(body, FieldId::kDeclarationId, facts.id, facts.salt);
  open(body, FieldId::kFlow, facts.flow, facts.salt);
  open(body, FieldId::kDate, std::int64_t{20370}, facts.salt);
  open(body, FieldId::kOffice, std::string("AEJEA"), facts.salt);
  open(body, FieldId::kMode, std::string("sea"), facts.salt);
  open(body, FieldId::kImporter, std::string(32, 'a'), facts.salt);
  open(body, FieldId::kExporter, facts.exporter, facts.salt);
  open(body, FieldId::kHs, std::string("851712"), facts.salt);
  open(body, FieldId::kOrigin, facts.origin, facts.salt);
  open(body, FieldId::kNetMass, std::int64_t{1'250'000}, facts.salt);
  open(body, FieldId::kValue, std::int64_t{4'200'000}, facts.salt);
  open(body, FieldId::kCurrency, std::string("AED"), facts.salt);
  if (facts.ucr) open(body, FieldId::kUcr, *facts.ucr, facts.salt);
  if (facts.transport_document) {
    open(body, FieldId::kTransportDocument, *facts.transport_document, facts.salt);
  }
  if (!facts.containers.empty()) open(body, FieldId::kContainers, facts.containers, facts.salt);
  if (facts.invoice) open(body, FieldId::kInvoiceHash, *facts.invoice, facts.salt);
  return body;
}

// A sample that its own rules refuse ends the program.
template <class T>
T checked(Result<T> result) {
  if (!result) throw std::logic_error(result.error().message());
  return std::move(*result);
}

inline StatementWithBody declare(const Facts& facts, std::string_view authority = "AE-DU") {
  const Body body = body_of(facts);
  const Handle handle = consignment_handle(sample_secret(), body, authority);
  return checked(make_declare(handle, body));
}
inline StatementWithBody amend(const Hash& declaration, const Facts& facts,
                               std::string_view authority = "AE-DU") {
  const Body body = body_of(facts);
  const Handle handle = consignment_handle(sample_secret(), body, authority);
  return checked(make_amend(declaration, handle, body));
}
inline Hash name_of(const StatementWithBody& statement) { return subject_of(statement.statement); }
inline Hash reason() { return crypto::sha256(crypto::as_bytes("a reason")); }

}  // namespace sanad::tests
