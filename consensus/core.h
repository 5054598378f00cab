// Orders opaque batch digests among a fixed committee (docs/protocol.md).
//
// Pure: no clock, I/O, threads, keys or randomness. The same inputs in the same order give the same
// actions on every machine; the simulator and recovery rely on it.
//
// Invariants
//   N1  at most one notarize per view.      F1  never finalize and nullify in one view.
//   N2  no notarize after own nullify.      F4  finalised blocks form one chain, each emitted once,
//   C6  only verified messages matter.          parent first.
//
// Contract with the driver: actions are carried out strictly in order, and every Persist is durable
// before any later action that is not a Persist or SetTimer is carried out. One sync per step
// is enough. An input that a step's actions cause (OwnVoteSigned) comes as a later step.
#pragma once

#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "consensus/committee.h"
#include "consensus/evidence.h"
#include "consensus/journal_record.h"
#include "consensus/limits.h"
#include "consensus/messages.h"
#include "consensus/verify.h"

namespace sanad::consensus {

// ------------------------------------------------------------------------------ inputs

// The first input, exactly once. `committed` is the executor's durable height: finalised blocks
// above it are emitted again.
struct Started {
  Height committed = 0;
  Hash nonce;  // fresh randomness (R3)
};
struct PeerMessage {
  MemberIndex from = 0;
  Verified<Message> message;
};
// A CastVote was carried out: signed, and its record durable.
struct OwnVoteSigned {
  Vote vote;
};
// The time asked for by SetTimer has come. Any input at or after that time does the same.
struct TimerFired {};
// A batch is durable and valid here (B2). Given again after a restart for every batch that no
// committed block references, and in answer to a RequestBatch for one that is held.
struct BatchHeld {
  BatchRef ref;
};
// A member asked this one for a batch (B3).
struct BatchMissingAt {
  MemberIndex member = 0;
  Hash digest;
};
struct CheckpointHeld {
  CheckpointRef checkpoint;
};
// The executor committed the finalised block at `height` durably.
struct BlockCommitted {
  Height height = 0;
};
// L3: false while this member must not lead (syncing, draining, disk read-only). Starts as true.
struct CanPropose {
  bool can = true;
};
// W1: something executed waits for blocks up to this height (a draw for its beacon).
struct BlocksWanted {
  Height through = 0;
};
// Whether there is a link to the member; until this says otherwise, there is.
struct LinkKnown {
  MemberIndex member = 0;
  bool up = true;
};
// T2: the measured 99th percentile of the one-way delay between members.
struct DelayMeasured {
  std::uint64_t one_way_p99_ms = 0;
};

using Event = std::variant<Started, PeerMessage, OwnVoteSigned, TimerFired, BatchHeld,
                           BatchMissingAt, CheckpointHeld, BlockCommitted, CanPropose, BlocksWanted,
                           LinkKnown, DelayMeasured>;

struct Input {
  std::uint64_t now_ms = 0;   // monotonic, any origin; never decreases
  std::uint64_t wall_ms = 0;  // UTC since 1970
  Event event;
};

// ----------------------------------------------------------------------------- actions

struct Persist {
  JournalRecord record;
};
// Sign `subject` with the consensus key, broadcast message_of(cast, vote), then give the vote back
// as OwnVoteSigned. Its OwnVote record was persisted before, or (a resend) long ago.
struct CastVote {
  Subject subject;
  // Where this member leads the view: what its proposal carries beside the vote.
  std::optional<BlockHeader> header;
  std::optional<Certificate> entry;
};
[[nodiscard]] Message message_of(const CastVote& cast, const Vote& vote);

// To every other member.
struct Broadcast {
  Message message;
};
struct Send {
  MemberIndex to = 0;
  Message message;
};
// Replaces the timer set before; there is one.
struct SetTimer {
  std::uint64_t at_ms = 0;  // on now_ms's clock
};
// Fetch a batch: ask the candidates in order, one at a time. Repeated every
// batch_request_interval_ms while it is missing, with the candidates known by then.
struct RequestBatch {
  BatchRef ref;
  std::vector<MemberIndex> candidates;  // never this member
};
// Answer from the ledger, as blocks_from() does (consensus/ledger_blocks.h), or not at all.
struct ServeBlocks {
  MemberIndex to = 0;
  GetBlocks request;
};
// Each height once per run of the process, parent first. `finalization` names this block or a
// descendant.
struct Finalized {
  BlockHeader header;
  Hash hash;
  Certificate finalization;
};
struct EvidenceFound {
  Evidence evidence;
};
// B6: `ref` stayed out of every block for 2n views while these members' blocks carried others.
struct CensorshipSuspected {
  BatchRef ref;
  std::vector<MemberIndex> leaders;
};

using Action = std::variant<Persist, CastVote, Broadcast, Send, SetTimer, RequestBatch, ServeBlocks,
                            Finalized, EvidenceFound, CensorshipSuspected>;

// --------------------------------------------------------------------------------- core

// The reveal that this member's block of `view` carries; a pure function of the view.
using BeaconSource = std::function<Hash(View view)>;

struct CoreOptions {
  Committee committee;
  Hash chain_id;
  MemberIndex self = 0;
  Limits limits;
  BeaconSource beacon;
  // R3: whether a member in quarantine may vote again once it knows from where. The operator's
  // word.
  bool leaves_quarantine = false;
};

// What metrics and the API show.
struct CoreStatus {
  Epoch epoch = 0;
  View view = 0;
  View final_view = 0;      // of the highest finalization held
  Height final_height = 0;  // of the newest block emitted as Finalized
  Hash final_block;
  MemberIndex leader = 0;
  bool has_work = false;
  std::uint64_t timeout_ms = 0;  // T′
  std::size_t unfinalised_blocks = 0;
  std::size_t held_batches = 0;  // not yet in a finalised block
  std::size_t missing_batches = 0;
  std::size_t outstanding_requests = 0;
  std::uint64_t nullified_views = 0;  // own nullify votes since the start
  bool in_quarantine = false;         // R3: does not know yet from where it may vote
  View silent_through = 0;            // R3: it casts no vote up to here
};

// Not thread-safe. Never throws.
class Core {
 public:
  // REQUIRES: `recovered` is the fold of every record that reached the disk; options.beacon is set.
  Core(CoreOptions options, RecoveredState recovered);
  ~Core();
  Core(Core&&) noexcept;
  Core& operator=(Core&&) noexcept;

  // Advances by one input. O(committee size) for a message; finalising is O(blocks it makes final).
  [[nodiscard]] std::vector<Action> step(const Input& input);

  [[nodiscard]] Window window() const;
  [[nodiscard]] CoreStatus status() const;
  // Records that fold to the present state: the beginning of a fresh journal segment.
  [[nodiscard]] std::vector<JournalRecord> snapshot() const;

 private:
  class Protocol;
  std::unique_ptr<Protocol> protocol_;
};

}  // namespace sanad::consensus
