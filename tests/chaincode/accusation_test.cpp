#include "chaincode/accusation.h"

#include "sample.h"

namespace sanad::tests {
namespace {

StatementWithBody accusation(std::uint8_t accused, Fault fault = Fault::kConflictingVotes,
                             std::uint8_t number = 7) {
  return {Accuse{sample_evidence(accused, fault, number)}, std::nullopt};
}

const Record& last(const Chain& chain) { return chain.records().at(chain.records().size() - 2); }

TEST_CASE("accuse: a validator's proof is recorded, with who is accused of what") {
  Chain chain;
  const StatementWithBody statement = accusation(2);
  CHECK(chain.apply(kConsensusKey, statement, 1) == Code::kAccepted);
  const Record& record = last(chain);
  CHECK(record.authority == "KW");
  CHECK(record.consignments.empty());
  CHECK(record.n == 0);
  CHECK(std::get<Accused>(record.content) ==
        Accused{"QA", Fault::kConflictingVotes, 1, 7, subject_of(statement.statement)});
  CHECK(declaration_of(record) == nullptr);
  CHECK(wco_response(record).empty());
  CHECK(is_recorded(chain.state(), {2, Fault::kConflictingVotes, 1, 7}));
  CHECK_FALSE(is_recorded(chain.state(), {2, Fault::kConflictingVotes, 1, 8}));
}

TEST_CASE("accuse: one fault is recorded once, whoever proves it again") {
  Chain chain;
  CHECK(chain.apply(kConsensusKey, accusation(2), 1) == Code::kAccepted);
  CHECK(chain.apply(kConsensusKey, accusation(2), 3) == Code::kAlreadyAccused);
  CHECK(std::get<Refused>(last(chain).content).subject ==
        evidence_digest(sample_evidence(2, Fault::kConflictingVotes, 7)));
  CHECK(declaration_of(last(chain)) == nullptr);
  CHECK(wco_response(last(chain)).empty());
  // Another fault, another view, another member: each is news.
  CHECK(chain.apply(kConsensusKey, accusation(2, Fault::kInvalidProposal)) == Code::kAccepted);
  CHECK(chain.apply(kConsensusKey, accusation(2, Fault::kConflictingVotes, 8)) == Code::kAccepted);
  CHECK(chain.apply(kConsensusKey, accusation(3)) == Code::kAccepted);
}

TEST_CASE("accuse: the judge is made once, and asked for no signature where the ledger knows") {
  std::size_t made = 0;
  std::size_t checked = 0;
  Chain chain(kTestRules, [&](const Genesis& genesis, const Hash& network) {
    ++made;
    CHECK(network == network_id(genesis));
    return [&, judge = sample_judge(genesis, network)](ByteView evidence) -> Result<Claim> {
      auto claim = judge(evidence);
      if (!claim) return claim;
      return Claim{claim->accusation, [&checked, check = claim->check] {
                     ++checked;
                     return check();
                   }};
    };
  });
  Bytes forged = sample_evidence(2, Fault::kConflictingVotes, 7);
  forged[0] = 1;
  CHECK(chain.apply(kConsensusKey, {Accuse{forged}, std::nullopt}) == Code::kNotEvidence);
  CHECK(chain.apply(kConsensusKey, accusation(2)) == Code::kAccepted);
  CHECK(checked == 2);
  CHECK(chain.apply(kConsensusKey, accusation(2), 1) == Code::kAlreadyAccused);
  CHECK(chain.apply(kConsensusKey, {Accuse{forged}, std::nullopt}) == Code::kAlreadyAccused);
  CHECK(checked == 2);
  CHECK(made == 1);
}

TEST_CASE("accuse: of one validator a block has so many proofs checked, and no more") {
  Chain chain;
  const auto codes = [](const Effects& effects, Code code) {
    std::size_t count = 0;
    for (const SubmissionOutcome& outcome : effects.outcomes) {
      for (const Outcome& one : outcome.statements) count += one.code == code ? 1 : 0;
    }
    return count;
  };
  std::vector<StatementWithBody> true_ones;
  for (std::uint8_t view = 0; view < kProofsMax - 1; ++view) {
    true_ones.push_back(accusation(2, {}, view));
  }
  Bytes forged = sample_evidence(3, {}, 1);
  forged[0] = 1;
  const SigningKey flooder = key_of(kConsensusKey, 0);
  const Effects effects = chain.run(
      {chain.sign(flooder, true_ones), chain.sign(flooder, {{Accuse{forged}, std::nullopt}}),
       chain.sign(flooder, {accusation(2, {}, 0), accusation(2, {}, 200), accusation(2, {}, 201)}),
       chain.sign(key_of(kConsensusKey, 1), {accusation(2, {}, 202)})});
  CHECK(codes(effects, Code::kAccepted) == kProofsMax);  // another validator's is not touched
  CHECK(codes(effects, Code::kNotEvidence) == 1);        // it was checked all the same
  CHECK(codes(effects, Code::kAlreadyAccused) == 1);
  CHECK(codes(effects, Code::kTooManyAccusations) == 2);
  CHECK(chain.apply(kConsensusKey, accusation(2, {}, 200)) == Code::kAccepted);  // the next block
}

TEST_CASE("accuse: only a validator's key accuses, and it does nothing else") {
  Chain chain;
  for (const KeyKind kind : {kSubmitterKey, kOfficerKey, kAuditorKey}) {
    CHECK(chain.apply(kind, accusation(2)) == Code::kRoleMissing);
  }
  CHECK_FALSE(is_recorded(chain.state(), {2, Fault::kConflictingVotes, 1, 7}));
  CHECK(chain.apply(kConsensusKey, declare({})) == Code::kRoleMissing);
  for (const KeyKind kind : {kLogKey, kCosignerKey, kTlsKey, kGovernanceKey}) {
    const Effects effects = chain.run({chain.sign(key_of(kind, 0), {accusation(2)})});
    CHECK(effects.outcomes.at(0).result == SubmissionResult::kUnknownKey);
  }
}

TEST_CASE("HOSTILE 45: what proves nothing accuses nobody") {
  Chain chain;
  for (const Bytes& evidence :
       {Bytes{}, Bytes(35, 1), Bytes(kEvidenceBytesMax, 0), sample_evidence(4, {}, 1)}) {
    CHECK(chain.apply(kConsensusKey, {Accuse{evidence}, std::nullopt}) == Code::kNotEvidence);
    CHECK(last(chain).kind() == RecordKind::kRefused);
  }
}

TEST_CASE("F8: an accusation is at most as long as a proposal") {
  Chain chain;
  const auto submit = [&](std::size_t evidence_bytes) {
    const Submission wire =
        build_submission(key_of(kConsensusKey, 0), {chain.contracts().network(), 1, 1},
                         {{Accuse{Bytes(evidence_bytes, 0)}, std::nullopt}});
    return check_submission(crypto::encode(wire), chain.contracts().network());
  };
  CHECK(submit(kEvidenceBytesMax).ok());
  CHECK(submit(kEvidenceBytesMax + 1).error() == crypto::Errc::kTooLong);
}

TEST_CASE("F8: an accusation has no body") {
  Chain chain;
  StatementWithBody statement = accusation(1);
  statement.body = crypto::encode(make_reason("because", salt_of(1)));
  const Submission wire =
      build_submission(key_of(kConsensusKey, 0), {chain.contracts().network(), 1, 1}, {statement});
  CHECK(check_submission(crypto::encode(wire), chain.contracts().network()).error() ==
        Errc::kBodyUnexpected);
}

}  // namespace
}  // namespace sanad::tests
