#include "tools/redaction.h"

#include <catch2/catch.hpp>

#include "crypto/codec_json.h"
#include "tests/tools/folder.h"
#include "tools/submitter.h"

namespace sanad::tools {
namespace {

Declaration small_declaration() {
  Declaration declaration;
  for (const auto& [name, value] : std::map<std::string, std::string>{{"declaration_id", "D-1"},
                                                                      {"flow", "import"},
                                                                      {"date", "2026-03-01"},
                                                                      {"ucr", "UCR-1"},
                                                                      {"importer", "Al  noor "},
                                                                      {"value", "1250"},
                                                                      {"currency", "KWD"}}) {
    REQUIRE(set_field(declaration, name, value).ok());
  }
  return declaration;
}

TEST_CASE("F5: sealed facts are opened from the vault, and only as they were declared") {
  const tests::OwnFolder folder;
  Member member;
  member.id = "KW";
  crypto::Seed seed;
  seed.bytes.fill(9);
  const crypto::SigningKey key(seed);
  SubmissionBuilder builder(member, key, 100);
  REQUIRE(builder.add_declaration(small_declaration()).ok());
  VaultEntry entry = builder.take().entries.at(0);
  chaincode::Bundle whole;
  whole.bodies.push_back({1, entry.body});
  whole.details.push_back({2, {}});
  const std::string opened_form = crypto::to_json(whole.bodies[0]);

  chaincode::Bundle less = whole;
  REQUIRE(seal_fields(less, {"value", "currency"}).ok());
  CHECK(less.bodies[0].body.sealed.size() == 2);
  CHECK(less.details.empty());
  CHECK(*crypto::commitment_of(less.bodies[0].body) == entry.commitment);
  CHECK(seal_fields(less, {"value"}).ok());  // sealed already
  CHECK(seal_fields(less, {"no_such_field"}).error() == make_error_code(Errc::kBadDeclaration));

  auto vault = Vault::open(folder.path() / "vault");
  REQUIRE(vault.ok());
  chaincode::Bundle opened = less;
  CHECK(open_fields(opened, *vault, {"value"}).error() == make_error_code(Errc::kNotFound));
  REQUIRE(vault->put({entry}, nullptr).ok());
  CHECK(*open_fields(opened, *vault, {"value", "currency"}) == 2);
  CHECK(crypto::to_json(opened.bodies[0]) == opened_form);
  CHECK(open_fields(opened, *vault, {"value"}).error() == make_error_code(Errc::kNotFound));

  for (crypto::OpenedField& field : entry.body.opened) {
    if (field.id == static_cast<std::uint8_t>(chaincode::FieldId::kValue)) {
      field.value = std::int64_t{1};
    }
  }
  REQUIRE(vault->put({entry}, nullptr).ok());
  opened = less;
  CHECK(open_fields(opened, *vault, {"value"}).error() == make_error_code(Errc::kDiffers));
}

}  // namespace
}  // namespace sanad::tools
