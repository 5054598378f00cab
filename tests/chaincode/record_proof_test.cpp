#include "chaincode/record_proof.h"

#include <catch2/catch.hpp>

#include "tests/chaincode/proved_ledger.h"

namespace sanad::tests {
namespace {

ProvedLedger small_ledger() {
  ProvedLedger ledger;
  ledger.act(kSubmitterKey, declare(Facts{}));
  return ledger;
}
crypto::TlogProof proof_of(const ProvedLedger& ledger, std::uint64_t index) {
  return {std::nullopt, index, ledger.commit_path(index),
          *crypto::SignedNote::parse(ledger.note({0, 1, 2, 3}))};
}
std::string why(const Result<RecordFindings>& found) {
  return found ? "holds" : std::string(reason_name(found.error()));
}

// A policy's text for the sample's validators.
std::string policy_text(const ProvedLedger& ledger, const std::string& quorum) {
  const Trust trust = ledger.trust();
  std::string text;
  std::string names;
  for (const TrustedValidator& one : trust.validators) {
    text += "log " +
            crypto::VerifierKey{trust.origin(), crypto::NoteKeyType::kEd25519, one.log}.text() +
            "\n";
    text += "witness " + one.id + " " +
            crypto::VerifierKey{cosigner_name(trust.network, one.id),
                                crypto::NoteKeyType::kCosignature, one.cosigner}
                .text() +
            "\n";
    names += " " + one.id;
  }
  return text + "group validators " + quorum + names + "\nquorum validators\n";
}

TEST_CASE("F15: a record's inclusion is proved by a quorum, and nothing else is said to be") {
  const ProvedLedger ledger = small_ledger();
  for (std::uint64_t i = 0; i < ledger.size(); ++i) {
    const auto found = verify_record(proof_of(ledger, i), ledger.leaf(i), ledger.trust());
    if (!found) FAIL(found.error().message());
    CHECK(found->index == i);
    CHECK(found->cosigned_by.size() == 4);
    CHECK(found->not_proved.size() == 3);
  }
  crypto::TlogProof proof = proof_of(ledger, 0);
  CHECK(why(verify_record(proof, ledger.leaf(1), ledger.trust())) == "not-included");
  proof.index = 1;
  CHECK(why(verify_record(proof, ledger.leaf(0), ledger.trust())) == "not-included");
  proof.index = ledger.size();
  CHECK(why(verify_record(proof, ledger.leaf(0), ledger.trust())) == "not-included");
  proof = proof_of(ledger, 0);
  proof.checkpoint = *crypto::SignedNote::parse(ledger.note({0, 1}));
  CHECK(why(verify_record(proof, ledger.leaf(0), ledger.trust())) == "not-cosigned");
  Trust other = ledger.trust();
  other.network = "elsewhere";
  CHECK(why(verify_record(proof_of(ledger, 0), ledger.leaf(0), other)) == "other-network");
}

TEST_CASE("tlog-policy: vouches for the checkpoint of a record or a bundle") {
  const ProvedLedger ledger = small_ledger();
  const auto policy = crypto::TlogPolicy::parse(policy_text(ledger, "3"));
  if (!policy) FAIL(policy.error().message());
  CHECK(why(verify_record(proof_of(ledger, 0), ledger.leaf(0), *policy)) == "holds");
  const Bundle bundle = ledger.bundle("UCR-1");
  const auto found = verify_bundle(bundle, *policy);
  if (!found) FAIL(found.error().message());
  CHECK(found->records.size() == 3);
  CHECK(found->not_proved.front() == "whose keys those are: a policy names no authorities");
  const auto all_four = crypto::TlogPolicy::parse(policy_text(ledger, "all"));
  REQUIRE(all_four.ok());
  CHECK(reason_name(verify_bundle(bundle, *all_four).error()) == "not-cosigned");
  ProvedLedger handed = small_ledger();
  handed.hand_over({0, 1, 2, 3});
  Facts later;
  later.id = "D-2";
  later.ucr = "UCR-2";
  later.salt = 9;
  handed.act(kSubmitterKey, declare(later));
  CHECK(reason_name(verify_bundle(handed.bundle("UCR-1"), *policy).error()) == "policy-handovers");
  ProvedLedger elsewhere = small_ledger();
  Bundle renamed = elsewhere.bundle("UCR-1");
  renamed.checkpoint[0] = "other-net/" + elsewhere.trust().network_id.hex();
  CHECK(reason_name(verify_bundle(renamed, *policy).error()) == "other-network");
}

TEST_CASE("QR: the text of a record's proof reads back and holds") {
  const ProvedLedger ledger = small_ledger();
  for (std::uint64_t i = 0; i < ledger.size(); ++i) {
    const QrProof made = make_qr_proof(proof_of(ledger, i), ledger.leaf(i), ledger.trust());
    const std::string text = format_qr(made);
    const auto read = parse_qr(text);
    if (!read) FAIL(read.error().message());
    CHECK(format_qr(*read) == text);
    const auto found = verify_qr(*read, ledger.trust());
    if (!found) FAIL(found.error().message());
    CHECK(found->index == i);
    CHECK(found->cosigned_by.size() == 3);  // a quorum, no more
  }
}

TEST_CASE("QR: every character changed is refused") {
  const ProvedLedger ledger = small_ledger();
  const Trust trust = ledger.trust();
  const std::string text =
      format_qr(make_qr_proof(proof_of(ledger, 2), ledger.leaf(2), ledger.trust()));
  const std::set<std::string> expected{"unreadable",   "unknown-version", "other-network",
                                       "not-included", "bad-cosignature", "not-cosigned",
                                       "stranger-line"};
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char put : {'0', 'Z', ':', 'a'}) {
      if (text[at] == put) continue;
      std::string changed = text;
      changed[at] = put;
      const auto read = parse_qr(changed);
      const std::string reason =
          read ? why(verify_qr(*read, trust)) : std::string(reason_name(read.error()));
      if (!expected.contains(reason)) FAIL("character " << at << " as " << put << ": " << reason);
    }
  }
  CHECK_FALSE(parse_qr(text + "0").ok());
  CHECK_FALSE(parse_qr(text.substr(0, text.size() - 3)).ok());
  CHECK_FALSE(parse_qr("").ok());
}

TEST_CASE("QR: at most 1,250 bytes for 250 of a record, 10^6 records and five cosignatures") {
  QrProof largest;
  largest.record.assign(250, 0xAB);
  largest.index = 999'999;
  largest.size = 1'000'000;
  largest.path.assign(20 * crypto::Hash::kSize, 0xCD);
  largest.signers = 0b1101101;
  largest.time_s = 1'790'000'000;
  largest.later_s = {0, 1, 2, 3, 23};
  largest.signatures.assign(5 * crypto::Signature::kSize, 0xEF);
  CHECK(crypto::encode(largest).size() <= kQrBytesMax);
  CHECK(format_qr(largest).size() <= kQrTextMax);
}

}  // namespace
}  // namespace sanad::tests
