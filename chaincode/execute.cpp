#include "chaincode/execute.h"

#include <map>

#include "chaincode/beacon.h"
#include "chaincode/block_run.h"

namespace sanad::chaincode {
namespace {

// State key 'O' <submission id>: what is kept of an executed submission.
struct StoredOutcome {
  std::uint64_t height = 0;
  bool unknown_key = false;
  std::vector<Outcome> statements;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(height), SANAD_FIELD(unknown_key), SANAD_FIELD_MAX(statements, kStatementsMax));
  }
};

Bytes outcome_key(const Hash& id) { return state_key('O', id.view()); }

void write_outcome(State& state, const SubmissionOutcome& outcome) {
  const StoredOutcome stored{outcome.height, outcome.result == SubmissionResult::kUnknownKey,
                             outcome.statements};
  state.write(outcome_key(outcome.id), crypto::encode(stored));
}

class BlockRun {
 public:
  BlockRun(const Contracts& contracts, const OrderedBlock& block, const StateReader& previous,
           std::uint64_t first_record_index)
      : contracts_(contracts),
        block_(block),
        previous_(previous),
        first_record_(first_record_index),
        state_(previous_) {}

  Effects run(const JudgeObserver* observer) {
    effects_.beacon = fold_beacon(state_, contracts_.genesis(),
                                  {block_.proposer, block_.view, block_.beacon_reveal});
    for (const auto& submission : block_.submissions) {
      assert(submission != nullptr);
      effects_.outcomes.push_back(run_submission(*submission, observer));
    }
    effects_.writes = state_.take_writes();
    return std::move(effects_);
  }

 private:
  SubmissionOutcome run_submission(const CheckedSubmission& submission,
                                   const JudgeObserver* observer) {
    if (auto first = read_outcome(state_, submission.id())) {
      first->result = SubmissionResult::kDuplicate;
      return std::move(*first);
    }
    SubmissionOutcome outcome;
    outcome.id = submission.id();
    if (!in_window(submission.valid_until_ms())) {
      outcome.result = SubmissionResult::kOutsideWindow;
      return outcome;
    }
    outcome.height = block_.height;
    const Registry::Entry* actor = contracts_.registry().find(submission.key());
    if (actor == nullptr) {
      outcome.result = SubmissionResult::kUnknownKey;
    } else {
      for (std::size_t i = 0; i < submission.statements().size(); ++i) {
        outcome.statements.push_back(run_statement(submission, i, *actor, observer));
      }
    }
    write_outcome(state_, outcome);
    return outcome;
  }

  // LEDGER F8: block time <= valid_until <= block time + window.
  [[nodiscard]] bool in_window(std::uint64_t valid_until_ms) const {
    return block_.time_ms <= valid_until_ms &&
           valid_until_ms - block_.time_ms <= contracts_.genesis().params.submission_window_ms;
  }

  Outcome run_statement(const CheckedSubmission& submission, std::size_t index,
                        const Registry::Entry& actor, const JudgeObserver* observer) {
    const Acting acting{contracts_,
                        previous_,
                        block_.time_ms,
                        actor,
                        {submission.id(), static_cast<std::uint32_t>(index)}};
    const Draft::Place place{block_.height, block_.time_ms, first_record_ + effects_.records.size(),
                             contracts_.registry().authority_id(actor.authority)};
    const Statement& statement = submission.statements()[index];
    Draft draft(state_, place);
    Clearance clearance(acting, draft, observer);
    const auto* accusation = std::get_if<Accuse>(&statement);
    const Code code = accusation != nullptr
                          ? accuse(acting, draft, *accusation, proofs_[actor.authority])
                          : clearance.apply(statement, submission.bodies()[index]);
    if (is_accepted(code)) {
      draft.land(state_, effects_);
      return {code, place.next_record, clearance.lane()};
    }
    Draft refusal(state_, place);
    refuse(refusal, acting, statement, code);
    refusal.land(state_, effects_);
    return {code, place.next_record, std::nullopt};
  }

  // A refusal belongs to the history of the declaration that it is about, if there is one.
  void refuse(Draft& draft, const Acting& acting, const Statement& statement, Code code) const {
    const Hash name = subject_of(statement);
    std::optional<Handle> consignment;
    if (const auto found = read_declaration(state_, acting.actor.authority, name)) {
      consignment = found->consignment;
    }
    draft.add(consignment, acting.origin, Refused{kind_of(statement), code, name});
  }

  const Contracts& contracts_;
  const OrderedBlock& block_;
  const CachedReader previous_;  // the rules and the contracts read many keys twice
  const std::uint64_t first_record_;
  State state_;
  Effects effects_;
  std::map<MemberIndex, std::size_t> proofs_;  // checked, by the validator that accuses
};

}  // namespace

Effects run_block(const Contracts& contracts, const OrderedBlock& block, const StateReader& state,
                  std::uint64_t first_record_index, const JudgeObserver* observer) {
  assert(block.height >= 1);
  return BlockRun(contracts, block, state, first_record_index).run(observer);
}

Effects execute(const Contracts& contracts, const OrderedBlock& block, const StateReader& state,
                std::uint64_t first_record_index) {
  return run_block(contracts, block, state, first_record_index, nullptr);
}

std::optional<SubmissionOutcome> read_outcome(const StateReader& state, const Hash& id) {
  const auto bytes = state.read(outcome_key(id));
  if (!bytes) return std::nullopt;
  auto stored = crypto::decode<StoredOutcome>(*bytes);
  assert(stored);
  SubmissionOutcome outcome;
  outcome.id = id;
  outcome.result =
      stored->unknown_key ? SubmissionResult::kUnknownKey : SubmissionResult::kExecuted;
  outcome.height = stored->height;
  outcome.statements = std::move(stored->statements);
  return outcome;
}

Hash state_digest(const Hash& previous, const Writes& writes) {
  crypto::CborWriter writer;
  writer.begin_array(writes.size());
  for (const auto& [key, value] : writes) {
    writer.begin_array(2);
    writer.write_bytes(key);
    if (value) {
      writer.write_bytes(*value);
    } else {
      writer.write_null();
    }
    writer.end_array();
  }
  writer.end_array();
  struct Step {
    Hash previous;
    Hash writes;
    void serialize(crypto::CborWriter& ar) { ar(SANAD_FIELD(previous), SANAD_FIELD(writes)); }
  };
  const Hash digest = crypto::tagged_hash_bytes("writes", writer.view());
  return crypto::tagged_hash("state", Step{previous, digest});
}

}  // namespace sanad::chaincode
