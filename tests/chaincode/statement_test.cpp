#include "chaincode/statement.h"

#include "crypto/codec_json.h"
#include "crypto/log_tree.h"
#include "sample.h"

namespace sanad::tests {
namespace {

const Hash kNetwork = crypto::sha256(crypto::as_bytes("network"));

SubmissionTerms terms_of(std::uint64_t nonce = 1) { return {kNetwork, kGenesisMs, nonce}; }

std::vector<StatementWithBody> three_statements() {
  std::vector<StatementWithBody> statements;
  statements.push_back(declare({}));
  Facts second;
  second.id = "D-2";
  second.salt = 2;
  statements.push_back(declare(second));
  const Bytes why = crypto::encode(make_reason("seal broken", salt_of(9)));
  const Hash why_digest = body_digest(why);
  statements.push_back({Hold{name_of(statements[0]), why_digest}, why});
  return statements;
}

Submission sample(std::uint64_t nonce = 1) {
  return build_submission(key_of(kSubmitterKey, 0), terms_of(nonce), three_statements());
}

std::error_code refusal(const Submission& wire) {
  const auto checked = check_submission(crypto::encode(wire), kNetwork);
  return checked ? std::error_code() : checked.error().code;
}

// Signs the wire form anew, whatever it holds.
void sign_again(Submission& wire, const SubmissionPayload& changed) {
  wire.cose =
      crypto::encode_cose(crypto::sign_cose(key_of(kSubmitterKey, 0), crypto::encode(changed)));
}
SubmissionPayload payload_of(const Submission& wire) {
  const auto cose = crypto::parse_cose(wire.cose);
  REQUIRE(cose.ok());
  auto payload = crypto::decode<SubmissionPayload>(cose->payload);
  REQUIRE(payload.ok());
  return *payload;
}
void sign_statements(Submission& wire) {
  SubmissionPayload payload = payload_of(wire);
  crypto::LogFrontier tree;
  for (const Bytes& bytes : wire.statements) tree.append(crypto::leaf_hash(bytes));
  payload.root = tree.root();
  payload.count = static_cast<std::uint32_t>(wire.statements.size());
  sign_again(wire, payload);
}

TEST_CASE("F8: what a client builds is accepted and read back") {
  const auto statements = three_statements();
  const Bytes bytes = crypto::encode(sample());
  const auto checked = check_submission(bytes, kNetwork);
  REQUIRE(checked.ok());
  CHECK(checked->key() == key_of(kSubmitterKey, 0).public_key());
  CHECK(checked->valid_until_ms() == kGenesisMs);
  CHECK(checked->raw() == bytes);
  REQUIRE(checked->statements().size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(checked->statements()[i] == statements[i].statement);
    REQUIRE(checked->bodies()[i]);
    CHECK(crypto::encode(*checked->bodies()[i]) == statements[i].body);
    const ByteView view = checked->statement_bytes(i);
    CHECK(Bytes(view.begin(), view.end()) == crypto::encode(statements[i].statement));
  }
}

TEST_CASE("F8: the id is of what was signed: another nonce is another, another signature is not") {
  const auto first = check_submission(crypto::encode(sample(1)), kNetwork);
  const auto same = check_submission(crypto::encode(sample(1)), kNetwork);
  const auto other = check_submission(crypto::encode(sample(2)), kNetwork);
  REQUIRE((first.ok() && same.ok() && other.ok()));
  CHECK(first->id() == same->id());
  CHECK(first->id() != other->id());
  const auto cose = crypto::parse_cose(first->cose_bytes());
  REQUIRE(cose.ok());
  CHECK(first->id() == crypto::cose_id(cose->kid, cose->payload));
}

TEST_CASE("72: a malleated, foreign or small-order signature is refused") {
  Submission wire = sample();
  auto cose = crypto::parse_cose(wire.cose);
  REQUIRE(cose.ok());
  // S + L, the same signature to a verifier that does not reduce.
  const std::array<std::uint8_t, 32> order = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                              0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                              0,    0,    0,    0,    0,    0,    0,    0,
                                              0,    0,    0,    0,    0,    0,    0,    0x10};
  crypto::CoseSign1 malleated = *cose;
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += malleated.signature.bytes[32 + i] + order[i];
    malleated.signature.bytes[32 + i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  wire.cose = crypto::encode_cose(malleated);
  CHECK(refusal(wire) == crypto::Errc::kBadSignature);
  crypto::CoseSign1 foreign = *cose;
  foreign.kid = key_of(kSubmitterKey, 1).public_key();
  wire.cose = crypto::encode_cose(foreign);
  CHECK(refusal(wire) == crypto::Errc::kBadSignature);
  crypto::CoseSign1 small_order = *cose;
  small_order.kid = {};
  small_order.kid.bytes[0] = 1;
  small_order.signature = {};
  small_order.signature.bytes[0] = 1;
  wire.cose = crypto::encode_cose(small_order);
  CHECK(refusal(wire) == crypto::Errc::kBadSignature);
}

TEST_CASE("68: a submission for another network is refused") {
  const auto checked =
      check_submission(crypto::encode(sample()), crypto::sha256(crypto::as_bytes("other")));
  REQUIRE_FALSE(checked.ok());
  CHECK(checked.error() == Errc::kOtherNetwork);
}

TEST_CASE("F8: count, root and order of the statements are the signed ones") {
  Submission dropped = sample();
  dropped.statements.pop_back();
  dropped.bodies.pop_back();
  CHECK(refusal(dropped) == Errc::kStatementCount);
  Submission swapped = sample();
  std::swap(swapped.statements[0], swapped.statements[1]);
  std::swap(swapped.bodies[0], swapped.bodies[1]);
  CHECK(refusal(swapped) == Errc::kWrongRoot);
  Submission empty = sample();
  empty.statements.clear();
  empty.bodies.clear();
  sign_statements(empty);
  CHECK(refusal(empty) == Errc::kStatementCount);
  Submission uneven = sample();
  uneven.bodies.push_back(std::nullopt);
  CHECK(refusal(uneven) == Errc::kStatementCount);
}

TEST_CASE("F5, F11: a body is exactly the one that its statement names") {
  Submission missing = sample();
  missing.bodies[0] = std::nullopt;
  CHECK(refusal(missing) == Errc::kBodyMissing);
  Submission crossed = sample();
  std::swap(crossed.bodies[0], crossed.bodies[1]);
  CHECK(refusal(crossed) == Errc::kBodyMismatch);
  // The reason may stay with the signer.
  Submission without_reason = sample();
  without_reason.bodies[2] = std::nullopt;
  CHECK(!refusal(without_reason));
}

TEST_CASE("F5: nobody but the signer can seal an opened field") {
  Submission wire = sample();
  auto body = crypto::decode<Body>(*wire.bodies[0]);
  REQUIRE(body.ok());
  const crypto::OpenedField origin = body->opened[8];
  REQUIRE(origin.id == static_cast<std::uint8_t>(FieldId::kOrigin));
  body->opened.erase(body->opened.begin() + 8);
  body->sealed.push_back({origin.id, crypto::field_digest(origin.salt, origin.id, origin.value)});
  const auto commitment = crypto::commitment_of(*body);
  REQUIRE(commitment.ok());
  // The commitment is the same, so only the body's digest tells them apart.
  const auto statement = crypto::decode<Statement>(wire.statements[0]);
  REQUIRE(statement.ok());
  CHECK(*commitment == std::get<Declare>(*statement).commitment);
  wire.bodies[0] = crypto::encode(*body);
  CHECK(refusal(wire) == Errc::kBodyMismatch);
}

TEST_CASE("F5: a signed commitment that is not its body's is refused") {
  Submission wire = sample();
  auto statement = crypto::decode<Statement>(wire.statements[0]);
  REQUIRE(statement.ok());
  std::get<Declare>(*statement).commitment.bytes[0] ^= 1;
  wire.statements[0] = crypto::encode(*statement);
  sign_statements(wire);
  CHECK(refusal(wire) == Errc::kBodyMismatch);
}

TEST_CASE("78: a body that breaks its fields is refused, and the text says where") {
  auto statements = three_statements();
  Body body = crypto::decode<Body>(*statements[1].body).value();
  body.opened[1].value = std::string("smuggle");
  auto& broken = std::get<Declare>(statements[1].statement);
  broken.commitment = *crypto::commitment_of(body);
  statements[1].body = crypto::encode(body);
  broken.body = body_digest(*statements[1].body);
  const Submission wire = build_submission(key_of(kSubmitterKey, 0), terms_of(), statements);
  const auto checked = check_submission(crypto::encode(wire), kNetwork);
  REQUIRE_FALSE(checked.ok());
  CHECK(checked.error() == Errc::kFieldValue);
  CHECK_THAT(checked.error().detail, Catch::Contains("statement 1: field flow"));
}

TEST_CASE("71: sizes at the limit are taken, one more is not") {
  std::vector<StatementWithBody> holds(kStatementsMax, {Hold{reason(), reason()}, std::nullopt});
  Submission most = build_submission(key_of(kOfficerKey, 0), terms_of(), holds);
  CHECK(!refusal(most));
  most.statements.push_back(most.statements.back());
  most.bodies.push_back(std::nullopt);
  CHECK(refusal(most) == crypto::Errc::kTooLong);
  const auto large = check_submission(Bytes(kSubmissionBytesMax + 1), kNetwork);
  CHECK(large.error() == Errc::kTooLarge);
  Submission long_statement = sample();
  long_statement.statements[0].assign(kStatementBytesMax + 1, 0);
  sign_statements(long_statement);
  CHECK(refusal(long_statement) == crypto::Errc::kTooLong);
}

TEST_CASE("73: no second encoding of a submission is accepted") {
  const Bytes bytes = crypto::encode(sample());
  Bytes trailing = bytes;
  trailing.push_back(0);
  CHECK(check_submission(trailing, kNetwork).error() == crypto::Errc::kTrailingBytes);
  for (std::size_t length = 0; length < bytes.size(); length += 7) {
    CHECK_FALSE(check_submission(ByteView(bytes).first(length), kNetwork).ok());
  }
  // Every flipped byte is refused: all of it is under the signature, by hash, or the signature
  // itself.
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    Bytes flipped = bytes;
    flipped[at] ^= 0x40;
    CHECK_FALSE(check_submission(flipped, kNetwork).ok());
  }
}

TEST_CASE("F11: bodies are taken out for storage and put back by digest") {
  const Bytes bytes = crypto::encode(sample());
  const auto checked = check_submission(bytes, kNetwork);
  REQUIRE(checked.ok());
  const Bytes core = checked->core_bytes();
  CHECK(core.size() < bytes.size() / 2);
  std::map<Hash, Bytes> store;
  for (const auto& body : checked->stored_bodies()) {
    CHECK(body_digest(body.bytes) == body.digest);
    store[body.digest] = {body.bytes.begin(), body.bytes.end()};
  }
  REQUIRE(store.size() == 3);
  const auto named = named_bodies(core);
  REQUIRE(named.ok());
  for (const Hash& digest : *named) CHECK(store.count(digest) == 1);
  const auto held = [&store](const Hash& digest) -> std::optional<Bytes> {
    const auto found = store.find(digest);
    return found == store.end() ? std::nullopt : std::optional(found->second);
  };
  const auto joined = join_submission(core, held);
  REQUIRE(joined.ok());
  CHECK(*joined == bytes);
  CHECK(join_submission(bytes, held).error() == Errc::kBodyUnexpected);
  store.clear();
  const auto bare = join_submission(core, held);
  REQUIRE(bare.ok());
  CHECK(check_submission(*bare, kNetwork).error() == Errc::kBodyMissing);
}

TEST_CASE("F8: the JSON form gives the same bytes, so the signature holds for both") {
  const Bytes bytes = crypto::encode(sample());
  const auto checked = check_submission(bytes, kNetwork);
  REQUIRE(checked.ok());
  const std::string json = crypto::to_json(submission_document(*checked));
  CHECK_THAT(json, Catch::Contains("\"declare\""));
  const auto read = crypto::from_json<SubmissionDocument>(json);
  REQUIRE(read.ok());
  CHECK(submission_bytes(*read, kNetwork) == bytes);
}

TEST_CASE("F6: a consignment without UCR is named by authority and declaration id") {
  Facts facts;
  CHECK(consignment_reference(body_of(facts), "AE-DU") == "UCR-1");
  facts.ucr.reset();
  CHECK(consignment_reference(body_of(facts), "AE-DU") == "AE-DU:D-1");
  CHECK_FALSE(ucr_ok("AE-DU:D-1"));
  const Handle here = consignment_handle(sample_secret(), body_of(facts), "AE-DU");
  CHECK(here != consignment_handle(sample_secret(), body_of(facts), "KW"));
  facts.ucr = "UCR-1";
  CHECK(consignment_handle(sample_secret(), body_of(facts), "AE-DU") ==
        consignment_handle(sample_secret(), body_of(facts), "KW"));
}

}  // namespace
}  // namespace sanad::tests
