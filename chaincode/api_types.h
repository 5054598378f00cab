// The answers of the /v1 API, as both the node writes them and the tools read them: one struct, one
// JSON form (crypto/codec_json.h).
#pragma once

#include <array>

#include "chaincode/lane.h"
#include "chaincode/phase.h"
#include "chaincode/statement.h"

namespace sanad::chaincode {

enum class SubmissionState : std::uint8_t {
  kPending,  // accepted here, not yet in a finalised block
  kFinal,    // executed; `outcomes` has one entry per statement
  kExpired,  // its valid_until passed before any block took it: it can never execute
};
constexpr auto enum_names(SubmissionState) {
  return std::array<std::string_view, 3>{"pending", "final", "expired"};
}

// What became of one statement.
struct StatementOutcome {
  std::string code;                     // "accepted", or why it was refused
  std::optional<std::uint64_t> record;  // index in the log; null where nothing was recorded
  std::optional<std::string> lane;      // of the verdict that a declare or amend got

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(code, 64), SANAD_FIELD(record), SANAD_FIELD(lane));
  }
};

struct SubmissionStatus {
  crypto::Hash id;
  SubmissionState state = SubmissionState::kPending;
  std::uint64_t height = 0;  // 0 while not final
  std::uint64_t time_ms = 0;
  std::vector<StatementOutcome> outcomes;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(id), SANAD_FIELD(state), SANAD_FIELD(height), SANAD_FIELD(time_ms),
       SANAD_FIELD(outcomes));
  }
};

// A record with what this node may show beside it: the declaration's body, the verdict's detail
// (both empty where there is none, or it is not held).
struct RecordAnswer {
  std::uint64_t index = 0;
  crypto::Bytes record;  // canonical bytes (record.h)
  crypto::Bytes body;    // CBOR of crypto::Body
  crypto::Bytes detail;  // CBOR of the verdict's detail

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(index), SANAD_FIELD(record), SANAD_FIELD(body), SANAD_FIELD(detail));
  }
};

struct RecordPage {
  std::uint64_t size = 0;  // records in the log now
  std::vector<RecordAnswer> records;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(size), SANAD_FIELD(records));
  }
};

// Where a declaration stands as of the answer's block: what its records came to.
struct DeclarationState {
  std::string authority;
  Hash declaration;  // its name on the ledger
  Flow flow = Flow::kImport;
  Phase phase = Phase::kLodged;
  bool held = false;
  bool approved = false;     // by the first of two officers
  std::optional<Lane> lane;  // the highest of its verdicts; null where none was given
  std::optional<InspectionResult> inspection;  // of the facts as they stand

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(authority, 16), SANAD_FIELD(declaration), SANAD_FIELD(flow),
       SANAD_FIELD(phase), SANAD_FIELD(held), SANAD_FIELD(approved), SANAD_FIELD(lane),
       SANAD_FIELD(inspection));
  }
};

struct ConsignmentAnswer {
  crypto::Hash handle;
  std::uint64_t height = 0;  // as of this block
  std::uint64_t size = 0;
  std::vector<DeclarationState> declarations;  // in the order in which they were filed
  std::vector<RecordAnswer> records;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(handle), SANAD_FIELD(height), SANAD_FIELD(size), SANAD_FIELD(declarations),
       SANAD_FIELD(records));
  }
};

struct NetworkMember {
  std::string id;
  std::string name;
  bool connected = false;  // to the node that answers; true for itself

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(id, 16), SANAD_FIELD_MAX(name, 128), SANAD_FIELD(connected));
  }
};

struct NetworkAnswer {
  std::string network;
  crypto::Hash network_id;
  std::string member;  // who answers
  std::uint64_t epoch = 0;
  std::uint64_t view = 0;
  std::uint64_t finalized_height = 0;
  std::uint64_t executed_height = 0;  // lag = finalized − executed
  std::uint64_t time_ms = 0;          // of the executed block
  std::uint64_t tree_size = 0;
  crypto::Hash root;
  crypto::Hash index_root;
  crypto::Hash state_digest;
  std::uint64_t checkpoint_size = 0;  // of the latest one with a quorum
  std::uint64_t pending_submissions = 0;
  std::vector<NetworkMember> members;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(network, 64), SANAD_FIELD(network_id), SANAD_FIELD_MAX(member, 16),
       SANAD_FIELD(epoch), SANAD_FIELD(view), SANAD_FIELD(finalized_height),
       SANAD_FIELD(executed_height), SANAD_FIELD(time_ms), SANAD_FIELD(tree_size),
       SANAD_FIELD(root), SANAD_FIELD(index_root), SANAD_FIELD(state_digest),
       SANAD_FIELD(checkpoint_size), SANAD_FIELD(pending_submissions), SANAD_FIELD(members));
  }
};

}  // namespace sanad::chaincode
