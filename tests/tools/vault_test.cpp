#include "tools/vault.h"

#include <leveldb/db.h>

#include <catch2/catch.hpp>
#include <set>

#include "tests/tools/folder.h"
#include "tools/reconciliation.h"
#include "tools/submitter.h"

namespace sanad::tools {
namespace {

using tests::OwnFolder;

crypto::SigningKey test_key() {
  crypto::Seed seed;
  seed.bytes.fill(9);
  return crypto::SigningKey(seed);
}

Member test_member() {
  Member member;
  member.id = "KW";
  member.network_id.bytes.fill(4);
  member.secret.key.bytes.fill(5);
  return member;
}

Declaration sample(const std::string& id) {
  Declaration declaration;
  for (const auto& [name, value] : std::map<std::string, std::string>{{"declaration_id", id},
                                                                      {"flow", "import"},
                                                                      {"date", "2026-03-01"},
                                                                      {"ucr", "UCR-" + id},
                                                                      {"importer", "Al  noor "},
                                                                      {"value", "1250"},
                                                                      {"currency", "KWD"}}) {
    REQUIRE(set_field(declaration, name, value).ok());
  }
  return declaration;
}

Prepared prepare(const Member& member, const std::vector<std::string>& ids) {
  const crypto::SigningKey key = test_key();
  SubmissionBuilder builder(member, key, 100);
  for (const std::string& id : ids) REQUIRE(builder.add_declaration(sample(id)).ok());
  return builder.take();
}

chaincode::SubmissionStatus final_status(const Prepared& prepared) {
  chaincode::SubmissionStatus status;
  status.id = prepared.submission.id;
  status.state = chaincode::SubmissionState::kFinal;
  for (std::size_t i = 0; i < prepared.entries.size(); ++i) {
    status.outcomes.push_back({"accepted", 10 + i, "green"});
  }
  return status;
}

TEST_CASE("a prepared submission is one that every node takes") {
  const Member member = test_member();
  const Prepared prepared = prepare(member, {"1", "2", "3"});
  const auto checked = chaincode::check_submission(prepared.submission.wire, member.network_id);
  if (!checked) FAIL(checked.error().message());
  CHECK(checked->id() == prepared.submission.id);
  REQUIRE(checked->statements().size() == 3);
  CHECK(prepared.entries[2].statement == 2);
  CHECK(chaincode::subject_of(checked->statements()[2]) == prepared.entries[2].declaration);
  CHECK(crypto::commitment_of(prepared.entries[1].body).value() == prepared.entries[1].commitment);
}

TEST_CASE("F8: a full submission is within the ledger's limits, whatever the batch asked for") {
  const Member member = test_member();
  const crypto::SigningKey key = test_key();
  SubmissionBuilder builder(member, key, chaincode::kStatementsMax);
  Declaration large = sample("1");
  REQUIRE(set_field(large, "transport_document", std::string(70, 'T')).ok());
  std::string seals(34, 'S');
  for (int i = 0; i < 63; ++i) seals += "," + std::string(35, 'S');
  REQUIRE(set_field(large, "seals", seals).ok());
  while (!builder.full()) REQUIRE(builder.add_declaration(large).ok());
  CHECK(builder.size() < chaincode::kStatementsMax);
  const Prepared prepared = builder.take();
  CHECK(prepared.submission.wire.size() <= chaincode::kSubmissionBytesMax);
  CHECK(prepared.submission.wire.size() > chaincode::kSubmissionBytesMax / 2);
  CHECK(chaincode::check_submission(prepared.submission.wire, member.network_id).ok());
  CHECK(builder.size() == 0);
}

TEST_CASE("F6: the same trader is the same token however its id is spelt") {
  const Member member = test_member();
  Declaration other = sample("9");
  REQUIRE(set_field(other, "importer", " AL NOOR").ok());
  const auto zero_salt = [] { return crypto::Salt{}; };
  CHECK(make_body(other, member.secret, zero_salt).value() ==
        make_body(sample("9"), member.secret, zero_salt).value());
}

TEST_CASE("what was signed survives a restart until its outcome is known") {
  const OwnFolder folder;
  const Member member = test_member();
  const Prepared prepared = prepare(member, {"1", "2"});
  {
    auto vault = Vault::open(folder.path() / "vault");
    REQUIRE(vault.ok());
    REQUIRE(vault->put(prepared.entries, &prepared.submission).ok());
  }
  auto vault = Vault::open(folder.path() / "vault");
  REQUIRE(vault.ok());
  const auto pending = vault->pending();
  REQUIRE(pending.ok());
  REQUIRE(pending->size() == 1);
  CHECK(pending->front().wire == prepared.submission.wire);
  const auto entries = vault->entries_of(pending->front());
  REQUIRE(entries.ok());
  REQUIRE(entries->size() == 2);
  REQUIRE(vault->settle(final_status(prepared), *entries).ok());
  CHECK(vault->pending()->empty());
  const auto found = vault->find_declaration("2");
  REQUIRE(found.ok());
  REQUIRE(found->size() == 1);
  CHECK(found->front().outcome == "accepted");
  CHECK(found->front().record == 11);
  CHECK(found->front().lane == "green");
  CHECK(vault->find_declaration("3")->empty());
}

TEST_CASE("an expired submission is dropped with its entries; an answer too short is refused") {
  const OwnFolder folder;
  const Member member = test_member();
  const Prepared prepared = prepare(member, {"1", "2"});
  auto vault = Vault::open(folder.path());
  REQUIRE(vault.ok());
  REQUIRE(vault->put(prepared.entries, &prepared.submission).ok());
  chaincode::SubmissionStatus status = final_status(prepared);
  status.outcomes.pop_back();
  CHECK_FALSE(vault->settle(status, prepared.entries).ok());
  CHECK(vault->pending()->size() == 1);
  REQUIRE(vault->drop(prepared.submission.id, prepared.entries).ok());
  CHECK(vault->pending()->empty());
  CHECK(vault->find_declaration("1")->empty());
}

TEST_CASE("a submission of inspections says whose declarations they are") {
  const OwnFolder folder;
  const Member member = test_member();
  const Prepared declared = prepare(member, {"1", "2", "3"});
  auto vault = Vault::open(folder.path());
  REQUIRE(vault.ok());
  REQUIRE(vault->put(declared.entries, nullptr).ok());
  const crypto::SigningKey officer(crypto::Seed{});
  SubmissionBuilder builder(member, officer, 10);
  for (const std::size_t i : {0U, 2U}) {
    builder.add_statement(make_inspection(declared.entries[i].declaration,
                                          chaincode::InspectionResult::kConform, "seen"));
  }
  const Prepared inspections = builder.take();
  REQUIRE(vault->put({}, &inspections.submission).ok());
  CHECK(vault->entries_of(inspections.submission)->empty());
  CHECK(vault->inspected_by(declared.submission)->empty());
  const auto inspected = vault->inspected_by(inspections.submission);
  REQUIRE(inspected.ok());
  REQUIRE(inspected->size() == 2);
  CHECK(inspected->at(0).declaration_id == "1");
  CHECK(inspected->at(1).declaration_id == "3");
}

TEST_CASE("an outcome goes with its declaration: kept by a later put, gone with the entry") {
  const OwnFolder folder;
  const Member member = test_member();
  const Prepared prepared = prepare(member, {"1"});
  auto vault = Vault::open(folder.path());
  REQUIRE(vault.ok());
  VaultEntry entry = prepared.entries[0];
  entry.inspected = true;
  REQUIRE(vault->put({entry}, &prepared.submission).ok());
  REQUIRE(vault->settle(final_status(prepared), {entry}).ok());
  VaultEntry settled = vault->find(entry.commitment).value().value();
  CHECK(settled.inspected);
  CHECK(settled.outcome == "accepted");
  REQUIRE(vault->put({settled}, nullptr).ok());
  std::size_t seen = 0;
  REQUIRE(vault
              ->each([&seen](const VaultEntry& one) {
                seen += one.record == 10 && one.lane == "green" ? 1U : 0U;
                return crypto::Status();
              })
              .ok());
  CHECK(seen == 1);
  REQUIRE(vault->erase(settled).ok());
  // Filed anew, it has no outcome yet.
  REQUIRE(vault->put(prepared.entries, nullptr).ok());
  const VaultEntry anew = vault->find(entry.commitment).value().value();
  CHECK(anew.outcome.empty());
  CHECK_FALSE(anew.inspected);
}

TEST_CASE("a vault of another format is refused by name, not called damaged") {
  const OwnFolder folder;
  leveldb::DB* store = nullptr;
  leveldb::Options options;
  options.create_if_missing = true;
  REQUIRE(leveldb::DB::Open(options, folder.path().string(), &store).ok());
  REQUIRE(store->Put({}, "c" + std::string(32, 'x'), "of old").ok());
  delete store;
  const auto vault = Vault::open(folder.path());
  REQUIRE_FALSE(vault.ok());
  CHECK(vault.error() == make_error_code(Errc::kVault));
  CHECK(vault.error().message().find("another version") != std::string::npos);
}

TEST_CASE("F5: no salt is used twice, over all fields of a submission") {
  const Prepared prepared = prepare(test_member(), {"1", "2", "3", "4", "5", "6", "7", "8", "9",
                                                    "10", "11", "12", "13", "14", "15", "16"});
  std::set<crypto::Salt> salts;
  std::size_t fields = 0;
  for (const VaultEntry& entry : prepared.entries) {
    for (const crypto::OpenedField& field : entry.body.opened) {
      salts.insert(field.salt);
      ++fields;
    }
  }
  CHECK(fields > 64);
  CHECK(salts.size() == fields);
}

TEST_CASE("a vault has one process at a time, and says so") {
  const OwnFolder folder;
  const auto first = Vault::open(folder.path());
  REQUIRE(first.ok());
  const auto second = Vault::open(folder.path());
  REQUIRE_FALSE(second.ok());
  CHECK(second.error() == make_error_code(Errc::kVault));
}

TEST_CASE("declaration ids with a common beginning are kept apart") {
  const OwnFolder folder;
  const Member member = test_member();
  auto vault = Vault::open(folder.path());
  REQUIRE(vault.ok());
  const Prepared prepared = prepare(member, {"1", "11", "111"});
  REQUIRE(vault->put(prepared.entries, nullptr).ok());
  CHECK(vault->find_declaration("1")->size() == 1);
  CHECK(vault->find_declaration("11")->size() == 1);
  REQUIRE(vault->erase(prepared.entries[1]).ok());
  CHECK(vault->find_declaration("11")->empty());
  CHECK(vault->find_declaration("111")->size() == 1);
}

TEST_CASE("fields that were altered, added or removed are told apart") {
  const Prepared prepared = prepare(test_member(), {"1"});
  const crypto::Body& declared = prepared.entries[0].body;
  crypto::Body stored = declared;
  const auto compare = [&] {
    return compare_fields(crypto::field_digests(stored).value(),
                          crypto::field_digests(declared).value());
  };
  CHECK(compare().empty());
  using Faults = std::vector<std::pair<Difference, std::uint8_t>>;
  for (std::size_t i = 0; i < stored.opened.size(); ++i) {
    stored = declared;
    stored.opened[i].salt.bytes[3] ^= 1;
    CHECK(compare() == Faults{{Difference::kAltered, declared.opened[i].id}});
    stored.opened.erase(stored.opened.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(compare() == Faults{{Difference::kRemoved, declared.opened[i].id}});
  }
  stored = declared;
  crypto::OpenedField added;
  added.id = 36;
  added.value = std::string("AEO");
  stored.opened.push_back(std::move(added));
  CHECK(compare() == Faults{{Difference::kAdded, 36}});
}

}  // namespace
}  // namespace sanad::tools
