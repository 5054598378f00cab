#include "chaincode/log_policy.h"

#include <catch2/catch.hpp>

#include <sstream>

namespace sanad::tests {
namespace {

crypto::PublicKey numbered_key(std::uint8_t number) {
  crypto::Seed seed;
  seed.bytes.fill(number);
  return crypto::SigningKey(seed).public_key();
}

chaincode::Trust four_validators() {
  chaincode::Trust trust;
  trust.network = "gcc-dev";
  std::uint8_t number = 0;
  for (const char* id : {"AE-DU", "KW", "OM", "QA"}) {
    trust.validators.push_back({id, id, numbered_key(++number), numbered_key(++number)});
  }
  return trust;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST_CASE("F14: the policy names every log key, every witness and the quorum") {
  const chaincode::Trust trust = four_validators();
  const auto lines = lines_of(chaincode::log_policy_text(trust));
  REQUIRE(lines.size() == 10);
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& one = trust.validators[i];
    REQUIRE(lines[i].starts_with("log "));
    const auto log = crypto::VerifierKey::parse(lines[i].substr(4));
    REQUIRE(log.ok());
    CHECK(*log == crypto::VerifierKey{trust.origin(), crypto::NoteKeyType::kEd25519, one.log});
    const std::string start = "witness " + one.id + " ";
    REQUIRE(lines[4 + i].starts_with(start));
    const auto witness = crypto::VerifierKey::parse(lines[4 + i].substr(start.size()));
    REQUIRE(witness.ok());
    CHECK(*witness == crypto::VerifierKey{one.id + ".gcc-dev", crypto::NoteKeyType::kCosignature,
                                          one.cosigner});
  }
  CHECK(lines[8] == "group validators 3 AE-DU KW OM QA");
  CHECK(lines[9] == "quorum validators");
}

TEST_CASE("F14: the keys are one a line, the logs' first") {
  const auto keys = chaincode::log_keys(four_validators());
  const auto lines = lines_of(chaincode::log_keys_text(four_validators()));
  REQUIRE(keys.size() == 8);
  REQUIRE(lines.size() == 8);
  for (std::size_t i = 0; i < 8; ++i) CHECK(lines[i] == keys[i].text());
}

}  // namespace
}  // namespace sanad::tests
