// Ordered block → effects: the one way the ledger's meaning advances.
//
// Pure: the same contracts, block and state give the same effects, byte for byte, on every machine.
// Verdicts are evaluated on the state as of the end of the previous block (RULES C2); each
// statement's effects land whole or not at all.
#pragma once

#include <memory>

#include "chaincode/contracts.h"
#include "chaincode/record.h"
#include "chaincode/rules/evaluate.h"
#include "chaincode/state.h"

namespace sanad::chaincode {

struct OrderedBlock {
  std::uint64_t height = 0;
  Hash block_hash;
  std::uint64_t time_ms = 0;
  std::uint64_t epoch = 0;
  std::uint64_t view = 0;  // the origin view, whose leader chose the content
  MemberIndex proposer = 0;
  Hash beacon_reveal;  // zeros: none
  // In block order. Null entries are not allowed.
  std::vector<std::shared_ptr<const CheckedSubmission>> submissions;
};

// What became of one statement.
struct Outcome {
  Code code = Code::kAccepted;
  std::uint64_t record_index = 0;  // of its own record (a verdict's and a release's follow it)
  std::optional<Lane> lane;        // of the verdict that a declare or amend got
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(code), SANAD_FIELD(record_index), SANAD_FIELD(lane));
  }
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

enum class SubmissionResult : std::uint8_t {
  kExecuted,       // each statement has its outcome
  kDuplicate,      // executed before: the first outcome is repeated, nothing was done now
  kUnknownKey,     // signed by a key of nobody; kept as an outcome, not as a record
  kOutsideWindow,  // not (block time <= valid_until <= block time + window); nothing is kept
};
inline constexpr std::array<std::string_view, 4> kSubmissionResultNames = {
    "executed", "duplicate", "unknown-key", "outside-window"};
constexpr const std::array<std::string_view, 4>& enum_names(SubmissionResult) {
  return kSubmissionResultNames;
}

struct SubmissionOutcome {
  Hash id;
  SubmissionResult result = SubmissionResult::kExecuted;
  std::uint64_t height = 0;         // of the block that executed it first; 0 for kOutsideWindow
  std::vector<Outcome> statements;  // one per statement if executed (or a duplicate of such)
  friend bool operator==(const SubmissionOutcome&, const SubmissionOutcome&) = default;
};

// Bytes for the body store, bound by their digest.
struct DetailBody {
  Hash digest;  // detail_digest(bytes)
  Bytes bytes;  // canonical StoredDetail
  friend bool operator==(const DetailBody&, const DetailBody&) = default;
};

struct Effects {
  std::vector<Record> records;  // without the commit record; records[i] has index first + i
  Writes writes;
  std::vector<SubmissionOutcome> outcomes;  // one per submission of the block, in order
  std::vector<DetailBody> details;
  Hash beacon;
};

// `first_record_index`: the log's size before this block. REQUIRES: height >= 1.
Effects execute(const Contracts& contracts, const OrderedBlock& block, const StateReader& state,
                std::uint64_t first_record_index);

// The outcome of an executed submission (kExecuted or kUnknownKey), or nothing if it never was.
// "Dead" is only what a finalised block's time has passed: LEDGER F8.
std::optional<SubmissionOutcome> read_outcome(const StateReader& state, const Hash& id);

// LEDGER F21: H("state", [previous, H("writes", the writes in key order)]).
Hash state_digest(const Hash& previous, const Writes& writes);

}  // namespace sanad::chaincode
