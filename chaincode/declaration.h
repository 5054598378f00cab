// What the state keeps of a declaration, and how it is found again.
//
// State keys (docs/formats.md)
//   'C' <handle>                    → number of records in the consignment's history
//   'D' <u16be authority> <commitment> → Declaration
//   'V' <live key>                  → number of live declarations with that identifier
#pragma once

#include "chaincode/contracts.h"
#include "chaincode/lane.h"
#include "chaincode/phase.h"
#include "chaincode/state.h"
#include "chaincode/statement.h"

namespace sanad::chaincode {

// An identifier that only one live declaration should bear: H("live", [kind and flow,
// text])[0..16).
using LiveKey = crypto::Fixed<struct LiveKeyTag, 16>;
// UCR, invoice hash and transport document, each within one flow; a field that is absent or sealed
// has none.
struct LiveKeys {
  std::optional<LiveKey> ucr;
  std::optional<LiveKey> invoice;
  std::optional<LiveKey> transport_document;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(ucr), SANAD_FIELD(invoice), SANAD_FIELD(transport_document));
  }
  friend bool operator==(const LiveKeys&, const LiveKeys&) = default;
};
LiveKeys live_keys(const Body& body);

// A fact that the rules' history will need again.
struct KeptField {
  std::uint8_t id = 0;
  crypto::FieldValue value;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(id), SANAD_FIELD(value));
  }
  friend bool operator==(const KeptField&, const KeptField&) = default;
};
// What the history was told of a declaration (RULES C6): an amendment or cancellation retracts
// exactly that, an inspection counts under it. Only the fields that some measure reads are kept.
struct KeptFacts {
  std::vector<KeptField> fields;            // ascending ids
  std::vector<std::optional<bool>> yes_no;  // by rules::Fact
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD_MAX(fields, kFieldIdMax), SANAD_FIELD_MAX(yes_no, rules::kFactCount));
  }
  friend bool operator==(const KeptFacts&, const KeptFacts&) = default;
};
KeptFacts kept_facts(const Contracts& contracts, const rules::Facts& facts);
rules::Facts facts_of(const KeptFacts& kept);

// About 200 bytes.
struct Declaration {
  Handle consignment;
  Flow flow = Flow::kImport;
  Phase phase = Phase::kLodged;
  bool held = false;
  std::optional<Lane> lane;  // the highest of its verdicts; nothing before the first
  std::optional<InspectionResult> inspection;  // of the facts as they stand
  std::optional<PublicKey> approver;           // the first of two officers
  std::int64_t ledger_day = 0;                 // of the block that declared it first
  LiveKeys live;
  KeptFacts facts;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(SANAD_FIELD(consignment), SANAD_FIELD(flow), SANAD_FIELD(phase), SANAD_FIELD(held),
       SANAD_FIELD(lane), SANAD_FIELD(inspection), SANAD_FIELD(approver), SANAD_FIELD(ledger_day),
       SANAD_FIELD(live), SANAD_FIELD(facts));
  }
  friend bool operator==(const Declaration&, const Declaration&) = default;
};

// Nothing if that authority has filed no declaration of that name.
std::optional<Declaration> read_declaration(const StateReader& state, MemberIndex authority,
                                            const Hash& declaration);
void write_declaration(State& state, MemberIndex authority, const Hash& name,
                       const Declaration& declaration);

// The number of records in the consignment's history.
std::uint64_t read_history_length(const StateReader& state, const Handle& consignment);
void write_history_length(State& state, const Handle& consignment, std::uint64_t records);

// True if a live declaration bears the identifier.
bool is_live(const StateReader& state, const LiveKey& key);
void add_live(State& state, const LiveKeys& keys);
// REQUIRES: each key was added.
void remove_live(State& state, const LiveKeys& keys);

}  // namespace sanad::chaincode
