// A ledger in memory for the tests of the contracts.
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "tests/chaincode/sample_network.h"

namespace sanad::tests {

// A ledger in memory: blocks are executed one after the other and everything is kept.
class Chain {
 public:
  explicit Chain(std::string_view rules = kTestRules, const JudgeMaker& judge = sample_judge,
                 std::uint64_t window_ms = Parameters{}.submission_window_ms)
      : contracts_(make(rules, judge, window_ms)), now_ms_(kGenesisMs) {}

  const Contracts& contracts() const { return contracts_; }
  const MemoryState& state() const { return state_; }
  const std::vector<Record>& records() const { return records_; }
  std::uint64_t now_ms() const { return now_ms_; }
  void pass_ms(std::uint64_t ms) { now_ms_ += ms; }

  std::shared_ptr<const CheckedSubmission> sign(const SigningKey& key,
                                                std::vector<StatementWithBody> statements) {
    const SubmissionTerms terms{contracts_.network(), now_ms_ + 60'000, nonce_++};
    return check(crypto::encode(build_submission(key, terms, statements)));
  }
  std::shared_ptr<const CheckedSubmission> check(const Bytes& bytes) {
    auto checked = check_submission(bytes, contracts_.network());
    if (!checked) FAIL(checked.error().message());
    return std::make_shared<const CheckedSubmission>(std::move(*checked));
  }

  OrderedBlock next_block(std::vector<std::shared_ptr<const CheckedSubmission>> submissions) const {
    OrderedBlock block;
    block.height = height_ + 1;
    block.time_ms = now_ms_ + 100;
    block.view = block.height;
    block.proposer = static_cast<MemberIndex>((block.view - 1) % kAuthorities.size());
    block.beacon_reveal =
        beacon_reveal(beacon_seed(static_cast<std::uint8_t>(block.proposer)), kBeaconLength,
                      beacon_turn(block.view, kAuthorities.size()));
    block.submissions = std::move(submissions);
    return block;
  }
  Effects run(const OrderedBlock& block) {
    Effects effects = execute(contracts_, block, state_, records_.size());
    state_.apply(effects.writes);
    records_.insert(records_.end(), effects.records.begin(), effects.records.end());
    CommitRecord commit;
    commit.height = block.height;
    records_.push_back(make_commit_record(commit));
    height_ = block.height;
    now_ms_ = block.time_ms;
    return effects;
  }
  Effects run(std::vector<std::shared_ptr<const CheckedSubmission>> submissions) {
    return run(next_block(std::move(submissions)));
  }
  // One statement in a block of its own.
  Outcome run(KeyKind kind, StatementWithBody statement, std::uint8_t member = 0) {
    std::vector<StatementWithBody> statements;
    statements.push_back(std::move(statement));
    const Effects effects = run({sign(key_of(kind, member), std::move(statements))});
    REQUIRE(effects.outcomes.size() == 1);
    REQUIRE(effects.outcomes[0].result == SubmissionResult::kExecuted);
    return effects.outcomes[0].statements.at(0);
  }
  Code apply(KeyKind kind, StatementWithBody statement, std::uint8_t member = 0) {
    return run(kind, std::move(statement), member).code;
  }

  std::optional<Declaration> declaration(const Hash& name, MemberIndex authority = 0) const {
    return read_declaration(state_, authority, name);
  }
  // The kinds of all records of the consignment, in order.
  std::vector<RecordKind> history(const Handle& consignment) const {
    std::vector<RecordKind> kinds;
    for (const Record& record : records_) {
      if (std::find(record.consignments.begin(), record.consignments.end(), consignment) !=
          record.consignments.end()) {
        REQUIRE(record.n == kinds.size() + 1);
        kinds.push_back(record.kind());
      }
    }
    return kinds;
  }

 private:
  static Contracts make(std::string_view rules, const JudgeMaker& judge, std::uint64_t window_ms) {
    Genesis genesis = sample_genesis(rules);
    genesis.params.submission_window_ms = window_ms;
    auto contracts = Contracts::create(std::move(genesis), sample_secret(), judge);
    if (!contracts) FAIL(contracts.error().message());
    return std::move(*contracts);
  }

  Contracts contracts_;
  MemoryState state_;
  std::vector<Record> records_;
  std::uint64_t height_ = 0;
  std::uint64_t now_ms_;
  std::uint64_t nonce_ = 1;
};

}  // namespace sanad::tests
