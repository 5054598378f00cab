// The life of a declaration: lodged → verdict → inspected → released → gone by the gate.
//
// Rules, all checked at execution (docs/decisions/0002-naming-and-release.md)
//   R1  Nothing is released without a verdict. A declaration whose flow no rule set judges waits.
//   R2  Its lane is the highest of its verdicts: an amendment never leads out of yellow or red.
//   R3  Green and blue are released in the block of their verdict, unless held.
//   R4  Yellow takes one officer of the authority. Red takes an inspection result and two officers
//       with different keys: the first is recorded as `approved`, the second releases.
//   R5  An amendment, a hold and an inspection end an approval given before; an amendment also ends
//   the
//       inspection, and reopens a release if its lane is yellow or red.
//   R6  An override (lifting a hold, releasing after an offence) carries the digest of a reason.
//   R7  Cancelling what is yellow, red or held takes an officer. Nothing leads out of a seizure.
//   R8  Goods depart and pass the gate only when released and not held; after the gate a
//   declaration
//       takes inspections (audit) only.
// State keys: 'C' consignment, 'D' declaration, 'V' live identifier (docs/formats.md).
#pragma once

#include "chaincode/contracts.h"
#include "chaincode/record.h"
#include "chaincode/state.h"

namespace sanad::chaincode {

enum class Phase : std::uint8_t { kLodged, kReleased, kExited, kSeized, kCancelled };
inline constexpr std::array<std::string_view, 5> kPhaseNames = {"lodged", "released", "exited",
                                                                "seized", "cancelled"};
constexpr const std::array<std::string_view, 5>& enum_names(Phase) { return kPhaseNames; }

using LiveKey = crypto::Fixed<struct LiveKeyTag, 16>;

// What the state keeps of a declaration; about 200 bytes. Facts are kept only where the rules'
// history needs them again, to retract (RULES C6).
struct Declaration {
  Handle consignment;
  Flow flow = Flow::kImport;
  Phase phase = Phase::kLodged;
  bool held = false;
  std::optional<Lane> lane;  // the highest of its verdicts (R2); nothing before the first
  std::optional<InspectionResult> inspection;  // of the facts as they stand
  std::optional<PublicKey> approver;           // the first of two officers
  std::int64_t ledger_day = 0;                 // of the block that declared it first
  std::vector<LiveKey> live;                   // UCR and flow, invoice, transport document
  std::vector<std::pair<std::uint8_t, crypto::FieldValue>> facts;  // ascending ids
  template <class Archive>
  void serialize(Archive& ar);
};

// Nothing if that authority has filed no declaration of that name.
std::optional<Declaration> read_declaration(const StateReader& state, MemberIndex authority,
                                            const Hash& declaration);
// The number of records in the consignment's history.
std::uint64_t read_history_length(const StateReader& state, const Handle& consignment);

}  // namespace sanad::chaincode
