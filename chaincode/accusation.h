// Accusations: a validator shows what another one signed and no honest member can have signed.
//
// The contracts do not know what such a proof looks like: votes, proposals and batches belong to
// consensus. Whoever makes Contracts hands in the judge. An accusation is recorded once; what
// follows from it people decide (governance), never the ledger by itself.
#pragma once

#include <functional>

#include "chaincode/genesis.h"
#include "chaincode/refusal.h"

namespace sanad::chaincode {

struct Acting;
struct Accuse;
class Draft;
class StateReader;

enum class Fault : std::uint8_t { kConflictingVotes, kInvalidProposal, kConflictingBatches };
inline constexpr std::array<std::string_view, 3> kFaultNames = {
    "conflicting-votes", "invalid-proposal", "conflicting-batches"};
constexpr const std::array<std::string_view, 3>& enum_names(Fault) { return kFaultNames; }

// Who did what, where: two proofs of one accusation are worth no more than one.
struct Accusation {
  MemberIndex accused = 0;
  Fault fault = Fault::kConflictingVotes;
  std::uint64_t epoch = 0;
  std::uint64_t number = 0;  // the view, or the batches' sequence number
  friend bool operator==(const Accusation&, const Accusation&) = default;
};

// What evidence says, and what tells whether it is true: that costs signatures.
struct Claim {
  Accusation accusation;
  std::function<Status()> check;  // ok: nobody honest can have signed it
};

// Reads evidence; an error of any kind means that it shows nothing. Pure, as is the claim's check:
// the same bytes give the same answer everywhere.
using EvidenceJudge = std::function<Result<Claim>(crypto::ByteView evidence)>;
// Of the network with this genesis and id. Contracts have it made once.
using JudgeMaker = std::function<EvidenceJudge(const Genesis& genesis, const Hash& network)>;

// Proofs of one validator that are checked in one block: two signatures each, on the one thread
// that executes. An honest one is far from it (node/replica/accuser.h).
inline constexpr std::size_t kProofsMax = 32;

// H("evidence", evidence): what the record names.
Hash evidence_digest(crypto::ByteView evidence);

// kRoleMissing (a validator's key accuses, nobody else's), kNotEvidence, kAlreadyAccused,
// kTooManyAccusations. `proofs`: of this validator, checked in this block so far.
Code accuse(const Acting& acting, Draft& draft, const Accuse& statement, std::size_t& proofs);

// True if it was recorded.
bool is_recorded(const StateReader& state, const Accusation& accusation);

}  // namespace sanad::chaincode
